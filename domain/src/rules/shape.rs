//! Which events start, stop, excuse and extend a clock, as a rule states it.

use std::fmt;

use super::{Condition, Field, RuleId, Tally};
use crate::calendar::Limit;
use crate::events::{Body, EntityRole, Kind};

/// What a rule answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// One clock per process, each with a last day in time. Several where one rule covers several kinds of process.
    Deadline(Vec<ClockShape>),
    /// Whether an event has earlier ones of the same child within the limit before it.
    Flag(LookBack),
    /// How long before an event the latest earlier one was, in bands.
    Bands(LookBack, Vec<Band>),
    /// A count, a share or a rate: what is looked at, and what of it counts.
    Tally(Box<Tally>),
}

/// Whose clock it is: what start and stop must have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One clock per process in this role.
    Process(EntityRole),
    /// One clock for the whole of the stream.
    Child,
    /// One clock for each event that starts it.
    Event,
}

/// A clock: one per process, per child, or per event that starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockShape {
    /// Whose it is; start and stop belong to the same one.
    pub per: Subject,
    /// What starts it: the first of these alternatives that the record holds, in this order.
    pub start: Vec<EventMatch>,
    /// Where the clock starts on a birthday instead of on the day of the start event.
    pub birthday: Option<Birthday>,
    /// What stops it: the earliest of any of these.
    pub stop: Vec<EventMatch>,
    /// What a stop before the start means.
    pub early_stop: EarlyStop,
    /// Where a stop before the start says something: only one within so long before the last day.
    pub early_within: Option<Limit>,
    /// Only what comes after so long from the start stops it: the second checkpoint is one that lies after the day of the
    /// first.
    pub stop_after: Option<Limit>,
    /// Events without one of which there is no clock at all; empty where there always is one.
    pub asked_by: Vec<EventMatch>,
    /// What makes it not applicable where its process began so, such as a series of short breaks.
    pub not_applicable: Vec<EventMatch>,
    /// Whether it is not asked in a series of short breaks ([`super::ShortBreaks`]). Where a series became care, from when on
    /// it runs is not settled.
    pub leaves_out_short_breaks: bool,
    /// What makes it not applicable while one of these stands when the clock starts.
    pub not_applicable_while: Vec<Standing>,
    /// While a process that one of these began runs, another rule asks in the place of this one. A link of a chain goes on
    /// when that process has ended, and is not due before.
    pub replaced_while: Vec<EventMatch>,
    /// What sets another last day in the course of a run.
    pub turned: Option<Turned>,
    /// Whether a start that a row of a return told says nothing where no stop is recorded: the returns have no place for it.
    pub rows_are_silent: bool,
    /// What makes it not applicable unless it is stopped all the same, such as a conference found not to be required.
    pub not_required: Vec<EventMatch>,
    /// What undoes a stop, such as a placement that broke down: one that came before it does not count where a later one
    /// stands.
    pub undone_by: Vec<EventMatch>,
    /// What shows that it had been stopped by then, on a day that is not known, where no stop stands: a pathway plan shows
    /// that the needs were assessed.
    pub shown_by: Vec<EventMatch>,
    /// What closes it without an answer, such as the end of the plan whose review it awaits.
    pub ended_by: Vec<EventMatch>,
    /// What extends it, each with a new last day of its own.
    pub extension: Option<Extending>,
    /// What stops the count for a while.
    pub pause: Option<Pause>,
    /// Where the last day is set by another event, and the limit is counted back from it.
    pub due_by: Option<DueBy>,
    /// Where the start event states the day from which the limit counts: name of its field.
    pub due_field: Option<Box<str>>,
    /// Set where the clock runs from one occurrence of the stop event to the next.
    pub chain: Option<Chain>,
    /// The event from which occurrences are counted; a history that does not reach back to it cannot say which is the first.
    pub counted_from: Vec<EventMatch>,
    /// Whether only the *first* stop event counts, so that an incomplete history cannot answer.
    pub first_of: bool,
    /// What a stop event without a process in the role means.
    pub unlinked_stops: UnlinkedStops,
}

/// A start on the day on which the child reaches an age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birthday {
    /// Completed years.
    pub age: u32,
    /// Where given, the clock starts later: on the day on which the child has been looked after so long.
    pub after_care: Option<AfterCare>,
}

/// A length of care since a birthday, in one or several periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AfterCare {
    /// Weeks looked after, in total.
    pub weeks: u32,
    /// Counted from this birthday on.
    pub since_age: u32,
}

/// What a stop before the start means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlyStop {
    /// The record contradicts itself.
    CannotTell,
    /// It was done already, which is in time.
    Met,
    /// It was done too early, which the rule forbids.
    TooEarly,
}

/// An extension: the event, and the field of its facts that holds the new last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extending {
    /// The event.
    pub event: EventMatch,
    /// Name of the field.
    pub field: Box<str>,
    /// How long one extension may be: counted from the later of the running end and the day on which it is granted.
    pub at_most: Option<Limit>,
}

/// What stops the count for a while; the days between do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// What begins a pause.
    pub from: Vec<EventMatch>,
    /// What ends it.
    pub to: Vec<EventMatch>,
}

/// A turn in the course of a run: an event up to its last day puts another in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// Only where all of these stand when the run starts.
    pub when: Vec<Standing>,
    /// The events; the first one counts.
    pub by: Vec<EventMatch>,
    /// The last day is then so long after it.
    pub limit: Limit,
}

/// A last day set by another event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueBy {
    /// The event.
    pub events: Vec<EventMatch>,
    /// Which of them, from 1.
    pub occurrence: usize,
    /// The rules by which the events are due themselves, in order of their occurrences. While the one that sets the day has
    /// not come, its own last day does; empty where nothing says when it is due.
    pub due_under: Vec<RuleId>,
    /// The rules that ask for the next of the events where those do not apply: an open clock of one of them sets the day.
    pub due_else: Vec<RuleId>,
    /// Whether nothing can be done any more once the event has come: what was not done by then is late.
    pub lapses: bool,
}

/// A chained clock restarts from the actual previous event, never from its due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The occurrence, from 1, at which the first link starts.
    pub from_occurrence: usize,
    /// Whether every later occurrence starts a link too.
    pub repeats: bool,
}

/// What a stop event means that belongs to no process in the clock's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlinkedStops {
    /// It may belong here: an open clock that it could have stopped cannot be told.
    CannotTell,
    /// The rule says that it never stops this clock.
    Ignore,
}

/// Another length of a limit, for some processes or some time. The first interval that fits is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The limit.
    pub limit: Limit,
    /// All of these must stand when the clock starts.
    pub when: Vec<Standing>,
    /// Only while none of these has happened by the last day that this interval gives.
    pub before: Vec<EventMatch>,
    /// Where given, only those of them count that lie on the beginning of the process in this role or after it: the clock's
    /// own process, or the one to which that belongs.
    pub before_in: Option<EntityRole>,
    /// Only where the clock starts within so long of the beginning of its process.
    pub within_first: Option<Limit>,
    /// Only where the clock starts after so long since the beginning of its process.
    pub after_first: Option<Limit>,
    /// Only where the child is still younger than this, in completed years, on the last day that this interval gives.
    pub below_age: Option<u32>,
}

/// How things stand: the latest event of the kinds named is one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing(pub Vec<EventMatch>);

/// An event kind with conditions on its facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventMatch {
    /// The kind.
    pub kind: Kind,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// The event is found through another process in this role, which an event of the clock's own process names.
    pub through: Option<EntityRole>,
    /// Where no process names that other one, the event belongs to the only process that it can belong to.
    pub only_one: bool,
    /// Any such event of the child counts: it need not name the process. One that names another placement which ran on its day
    /// was done there.
    pub of_child: bool,
    /// Only an event of which this field differs from the one that the event of the kind before it states.
    pub changed: Option<Box<str>>,
    /// Only an event that names no process in this role.
    pub without: Option<EntityRole>,
    /// Only an event after which the next of its kind meets all of these.
    pub next: Vec<Condition>,
    /// It says only what takes the place of the others where it is asked how things stand, and is none of them itself.
    pub over: bool,
    /// Only what is about care and no series of short breaks: an entry or an exit, or the change that made care of a series.
    pub care: bool,
    /// Only the change that made care of what is known to have begun as a series of short breaks.
    pub made_care: bool,
    /// Only an event of a process of which the beginning, where it is known, meets all of these.
    pub opened: Vec<Condition>,
}

impl EventMatch {
    /// Every event of a kind.
    #[must_use]
    pub fn of_kind(kind: Kind) -> Self {
        Self {
            kind,
            conditions: Vec::new(),
            through: None,
            only_one: false,
            of_child: false,
            changed: None,
            without: None,
            next: Vec::new(),
            over: false,
            care: false,
            made_care: false,
            opened: Vec::new(),
        }
    }

    /// What it asks of an event alone, whoever asks it and whatever process that must belong to.
    #[must_use]
    pub(crate) fn of_event_alone(&self) -> Self {
        Self { through: None, only_one: false, of_child: false, ..self.clone() }
    }

    /// Whether the facts are of this kind and all conditions hold.
    #[must_use]
    pub fn matches(&self, body: &Body) -> bool {
        body.kind() == self.kind && self.holds(body)
    }

    /// Whether all conditions hold, for an event that is of this kind; `None` where a field that one of them asks about is
    /// not stated and none of the others fails.
    #[must_use]
    pub fn check(&self, body: &Body) -> Option<bool> {
        let mut settled = true;
        if self.over {
            return Some(false);
        }
        for condition in &self.conditions {
            match condition.check(body) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => settled = false,
            }
        }
        settled.then_some(true)
    }

    /// Whether all conditions hold, for an event that is of this kind.
    #[must_use]
    pub fn holds(&self, body: &Body) -> bool {
        !self.over && self.conditions.iter().all(|condition| condition.holds(body))
    }

    /// Whether every condition holds or asks for a field that the event does not state. An event of this kind may then be
    /// the one that is meant: an optional field that nobody filled says neither yes nor no.
    #[must_use]
    pub fn may_hold(&self, body: &Body) -> bool {
        !self.over
            && self.conditions.iter().all(|condition| condition.holds(body) || condition.is_unstated(body))
    }
}

impl fmt::Display for EventMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        for (place, condition) in self.conditions.iter().enumerate() {
            write!(f, "{} {condition}", if place == 0 { " where" } else { " and" })?;
        }
        if let Some(field) = &self.changed {
            write!(f, " that changes {field}")?;
        }
        if let Some(role) = self.without {
            write!(f, " that names no {}", role.name())?;
        }
        for (place, condition) in self.next.iter().enumerate() {
            write!(f, "{} {condition}", if place == 0 { " before one where" } else { " and" })?;
        }
        for (place, condition) in self.opened.iter().enumerate() {
            write!(f, "{} {condition}", if place == 0 { " of one begun with" } else { " and" })?;
        }
        if self.over {
            f.write_str(" (which ends that)")?;
        }
        if self.care {
            f.write_str(" (no series of short breaks)")?;
        }
        if self.made_care {
            f.write_str(" (that made care of a series of short breaks)")?;
        }
        match self.through {
            Some(role) if self.only_one => {
                write!(f, " (found through the {}, or as the only one)", role.name())
            }
            Some(role) => write!(f, " (found through the {})", role.name()),
            None if self.of_child => f.write_str(" (of the child: it need not name its process)"),
            None => Ok(()),
        }
    }
}

impl Standing {
    /// Whether `body` is one of the events that make it so.
    #[must_use]
    pub fn holds(&self, body: &Body) -> bool {
        self.0.iter().any(|one| one.matches(body))
    }
}

impl Extending {
    /// The new last day that an event states.
    #[must_use]
    pub fn new_end(&self, body: &Body) -> Option<chrono::NaiveDate> {
        Field::of(body, &self.field).day()
    }
}

impl Subject {
    /// The name, as stored and printed: the role of the process, `child` or `event`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Process(role) => role.name(),
            Self::Child => "child",
            Self::Event => "event",
        }
    }

    /// The subject with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "child" => Some(Self::Child),
            "event" => Some(Self::Event),
            role => EntityRole::from_name(role).map(Self::Process),
        }
    }

    /// The role of the process, where it is one.
    #[must_use]
    pub fn role(self) -> Option<EntityRole> {
        if let Self::Process(role) = self { Some(role) } else { None }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A look back from an event of a child to earlier events of the same child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookBack {
    /// The event that is asked about.
    pub event: EventMatch,
    /// Other events that are asked about in the same way, of the same kind of process.
    pub also: Vec<EventMatch>,
    /// What is looked for before it.
    pub previous: Vec<EventMatch>,
    /// What makes known that there is an earlier one, without saying how long ago it was: the start of an earlier plan of
    /// which no end is recorded.
    pub known_by: Vec<EventMatch>,
    /// What makes an earlier one count for nothing where it is of the same process: a conference that was held after all.
    pub unless: Vec<EventMatch>,
    /// Whether an earlier one lies on the day on which its process began, and not on its own.
    pub dated_by_opening: bool,
    /// How many earlier ones there must be, at least 1.
    pub at_least: usize,
}

/// A band of time before an event: `[from, below)` in months, by corresponding dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// As printed.
    pub label: String,
    /// First month, inclusive.
    pub from_months: u32,
    /// Exclusive end; `None` is open.
    pub below_months: Option<u32>,
    /// Whether an earlier event in this band counts; one that does not is shown and stands in no numerator.
    pub counts: bool,
}
