//! What ends what: events and birthdays that end processes, statuses and clocks, whatever rule looks at them.
//!
//! The table is data (`domain/rules/endings.toml`, explained in `docs/rules.md`). Everything that asks whether a process
//! runs reads it through [`crate::processes`], so that a journey, a clock, a figure and an observation cannot disagree.
//! What a kind of event does to its *own* process is told by the kinds ([`crate::events::Stage`]).
//!
//! Invariant: an ending closes a clock as its rule's own `ended_by` does. What was due before it stays late.

use super::{ClockShape, EventMatch, InForce, RuleId, RuleKind, Standing, Subject, Verified};
use crate::calendar::Limit;
use crate::events::{EntityRole, Kind, Stage};

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Unique in a rule book.
    pub id: Box<str>,
    /// One line for lists and pages.
    pub title: String,
    /// What makes it happen.
    pub cause: Cause,
    /// Where given, it ends only what belongs to the process that its event names in this role.
    pub within: Option<EntityRole>,
    /// What ends. Clocks of the processes in these roles end with them.
    pub ends: Vec<Ends>,
    /// Where given, it ends only processes that began with one of these.
    pub begun_with: Vec<EventMatch>,
    /// Rules beyond the roles whose clocks and open members end.
    pub rules: Vec<RuleId>,
    /// Rules whose clocks are not asked for any more, unless they are stopped all the same.
    pub not_required: Vec<RuleId>,
    /// Rules whose clocks go on although their process ends.
    pub spares: Vec<RuleId>,
    /// Whether the clocks of what ends go on, but for the rules that are named.
    pub clocks_go_on: bool,
    /// Whether nothing of the kind can begin again afterwards, as after a death.
    pub lasting: bool,
    /// Whether it ends the processes of a family or a set of which every member has ended so, or as another such line says.
    pub of_group: bool,
    /// It does not happen where this is how things are on its day.
    pub unless: Option<Standing>,
    /// Any of these on its day or later, and it is undone.
    pub undone_by: Vec<EventMatch>,
    /// Whether what is decided here is often decided anew while the process goes on: of an act that names none, and comes after
    /// another process of the role began, it is not known which of the two it is about. Elsewhere it is about the newer one.
    pub decided_anew: bool,
    /// It happens only while a process in this role runs.
    pub while_running: Option<EntityRole>,
    /// It happens only while no process in any of these roles runs.
    pub unless_running: Vec<EntityRole>,
    /// How long after its event it takes effect.
    pub after: Option<Limit>,
    /// The field in which its event states the last day, such as that of an order; it then ends the process as its own end
    /// would.
    pub on_day: Option<Box<str>>,
    /// Processes in these roles should not run any more on its day; where they do, they go on and are observed.
    pub contradicts: Vec<EntityRole>,
    /// Whether a process that it ends should have an end of its own; where it has none, that is observed.
    pub observed: bool,
    /// What goes on or begins, for the reader.
    pub goes_on: String,
    /// Where it is written.
    pub source: String,
    /// Paragraph, section or regulation.
    pub paragraph: Option<String>,
    /// What sort of authority that is.
    pub kind: RuleKind,
    /// Whether the source was read.
    pub verified: Verified,
    /// The days on which an ending falls under the line.
    pub in_force: InForce,
}

/// What makes an ending happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// One of these events.
    Events(Vec<EventMatch>),
    /// The child reaches an age, in completed years.
    Birthday(u32),
}

/// What can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ends {
    /// Processes in a role.
    Process(EntityRole),
    /// What has no process of its own.
    Support(Support),
}

/// What lasts without a process of its own: the last event that begins or ends it decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// A worker holds the case.
    Allocation,
    /// The young person is supported as a care leaver.
    CareLeaver,
}

/// Rules about past acts, which no ending closes unless it names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The rules.
    pub rules: Vec<RuleId>,
    /// Why they survive.
    pub why: String,
    /// Where it is written.
    pub source: String,
    /// Whether the source was read.
    pub verified: Verified,
}

/// The table of a rule book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endings {
    lines: Vec<Ending>,
    duties: Vec<Duty>,
    /// Places in `lines`, by kind of event.
    by_kind: Vec<Vec<usize>>,
}

/// What an ending does to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It closes it: late where it was due before, not applicable otherwise.
    Closes,
    /// It is not asked for any more.
    NotRequired,
    /// It stops it, as the recorded end of its process would.
    Stops,
}

impl Support {
    /// The support that an event of this kind begins.
    #[must_use]
    pub fn begun_by(kind: Kind) -> Option<Self> {
        if kind == Kind::WorkerAllocated {
            return Some(Self::Allocation);
        }
        let leaver = matches!(
            kind,
            Kind::CareLeaverEligibilityRecorded
                | Kind::CareLeaverContactRecorded
                | Kind::CareLeaverAccommodationRecorded
                | Kind::CareLeaverActivityRecorded
        );
        leaver.then_some(Self::CareLeaver)
    }

    /// The name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allocation => "allocation",
            Self::CareLeaver => "care_leaver",
        }
    }
}

impl Ends {
    /// The name in rule files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Process(role) => role.name(),
            Self::Support(support) => support.name(),
        }
    }
}

impl Ending {
    /// Whether it ends processes in this role.
    #[must_use]
    pub fn ends_role(&self, role: EntityRole) -> bool {
        self.ends.contains(&Ends::Process(role))
    }

    /// Whether it ends something that has no process of its own.
    #[must_use]
    pub fn ends_support(&self, support: Support) -> bool {
        self.ends.contains(&Ends::Support(support))
    }
}

impl Endings {
    pub(super) fn new(lines: Vec<Ending>, duties: Vec<Duty>) -> Self {
        let mut by_kind: Vec<Vec<usize>> = Kind::ALL.iter().map(|_| Vec::new()).collect();
        for (place, line) in lines.iter().enumerate() {
            let Cause::Events(events) = &line.cause else { continue };
            for event in events {
                let places = by_kind.get_mut(event.kind as usize);
                places.into_iter().filter(|places| !places.contains(&place)).for_each(|it| it.push(place));
            }
        }
        Self { lines, duties, by_kind }
    }

    /// Every line, in the order of the file.
    #[must_use]
    pub fn lines(&self) -> &[Ending] {
        &self.lines
    }

    /// The line with this id.
    #[must_use]
    pub fn line(&self, id: &str) -> Option<&Ending> {
        self.lines.iter().find(|line| line.id.as_ref() == id)
    }

    /// Duties about past acts.
    #[must_use]
    pub fn duties(&self) -> &[Duty] {
        &self.duties
    }

    /// The lines that an event of this kind may set off.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Ending> + '_ {
        self.placed_of_kind(kind).map(|(_, line)| line)
    }

    /// The same, each with its place in the table.
    pub(crate) fn placed_of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Ending)> + '_ {
        let places = self.by_kind.get(kind as usize).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| Some((*place, self.lines.get(*place)?)))
    }

    /// Roles that limit the reach of a line.
    pub(crate) fn withins(&self) -> impl Iterator<Item = EntityRole> + '_ {
        self.lines.iter().filter_map(|line| line.within)
    }

    /// What a line does to the clocks of a rule; `None` where it leaves them alone.
    #[must_use]
    pub fn effect(&self, line: &Ending, rule: &RuleId, shape: &ClockShape) -> Option<Effect> {
        if line.not_required.contains(rule) {
            return Some(Effect::NotRequired);
        }
        if line.rules.contains(rule) {
            return Some(Effect::Closes);
        }
        if line.on_day.is_some() && matches!(shape.per, Subject::Process(role) if line.ends_role(role)) {
            return Some(Effect::Stops);
        }
        let survives = self.duties.iter().any(|duty| duty.rules.contains(rule));
        let of_role = matches!(shape.per, Subject::Process(role) if line.ends_role(role));
        let closes = of_role && !line.clocks_go_on && !line.spares.contains(rule);
        (closes && !survives && !starts_it(line, shape)).then_some(Effect::Closes)
    }
}

/// Whether what ends the process is what starts the clock, as leaving care starts the clock of the health summary. What
/// begins another process of the role ends this one and starts no clock of it; nor does what ends a process ask for another
/// link of a chain of it.
fn starts_it(line: &Ending, shape: &ClockShape) -> bool {
    let (Cause::Events(events), None) = (&line.cause, &shape.chain) else { return false };
    let begins_another = |kind: Kind| {
        kind.stage() == Stage::Opens && kind.own_role() == shape.per.role() && shape.per.role().is_some()
    };
    let mut starts = shape.start.iter().filter(|start| !begins_another(start.kind));
    starts.any(|start| events.iter().any(|event| event.kind == start.kind))
}
