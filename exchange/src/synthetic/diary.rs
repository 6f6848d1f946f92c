//! The diary of one family: what happened, and when each entry was made in the source system.
//!
//! A [`Strand`] is one line of work; an entry that later work waits for moves the strand on, so that at any
//! past moment a process is known before what belongs to it. What would be entered after the last day of the
//! file is left out: the source does not know it yet. Invariant: no entry is made before what it tells.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::{Body, CaseEvent, Entities, EntityRole, Kind};
use domain::ids::{CommandId, EntityId, EventId, StreamId};
use domain::time::{Occurred, SourceTime, london_day};
use serde::Serialize;
use uuid::Uuid;

use super::case::Member;
use super::days::is_summer;
use super::dice::Dice;
use super::facts_text::facts_text;
use super::rates;
use super::world::{Desk, World};
use crate::jsonl::{Outgoing, push_line};

/// About as long as a line is.
const LINE_BYTES: usize = 640;

/// The lines of one command, ready to be written.
#[derive(Debug)]
pub(super) struct Sheet {
    /// When it was entered.
    pub(super) at: DateTime<Utc>,
    pub(super) lines: Vec<u8>,
    pub(super) events: u32,
}

/// How an entry is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filing {
    /// Role of whoever enters it; empty means the worker's own.
    pub(super) role: &'static str,
    /// Whether later work waits for it.
    pub(super) prompt: bool,
    /// Whether its day may be typed wrongly and corrected later.
    pub(super) may_slip: bool,
}

impl Filing {
    /// A step that later work waits for, entered by the worker.
    pub(super) const STEP: Self = Self { role: "", prompt: true, may_slip: false };
    /// A step entered by a manager.
    pub(super) const MANAGER: Self = Self { role: "team_manager", ..Self::STEP };
    /// A conference or review, entered by its chair.
    pub(super) const CHAIR: Self = Self { role: "conference_chair", ..Self::STEP };
    /// A visit, a meeting or a check.
    pub(super) const NOTE: Self = Self { role: "", prompt: false, may_slip: true };
    /// The same, entered by business support.
    pub(super) const SUPPORT: Self = Self { role: "business_support", prompt: false, may_slip: true };
}

/// One line of work on a case: who has it, and when its last step was entered.
#[derive(Clone, Debug)]
pub(super) struct Strand {
    pub(super) floor: DateTime<Utc>,
    pub(super) worker: StreamId,
    pub(super) desk: Desk,
    team: Arc<str>,
    pub(super) correlation: Option<Uuid>,
    /// The last thing on it that was told to the minute.
    told: Option<DateTime<Utc>>,
}

impl Strand {
    /// Waits for another strand as well.
    pub(super) fn join(&mut self, other: &Self) {
        self.floor = self.floor.max(other.floor);
    }
}

/// Facts of one child's line in an entry.
pub(super) struct Told<F> {
    facts: F,
    entities: Entities,
    sealed: SealedFields,
}

impl<F> Told<F> {
    pub(super) fn new<const N: usize>(facts: F, roles: [(EntityRole, EntityId); N]) -> Self {
        let mut entities = Entities::none();
        for (role, id) in roles {
            entities.insert(role, id);
        }
        Self { facts, entities, sealed: SealedFields::none() }
    }

    pub(super) fn event(&self, occurred: Occurred) -> CaseEvent
    where
        F: Clone + Into<Body>,
    {
        CaseEvent { entities: self.entities.clone(), ..CaseEvent::new(occurred, self.facts.clone()) }
    }

    pub(super) fn sealing(mut self, sealed: SealedFields) -> Self {
        self.sealed = sealed;
        self
    }
}

/// The diary of one family.
pub(super) struct Diary<'w> {
    pub(super) world: &'w World,
    pub(super) dice: Dice,
    pub(super) sheets: Vec<Sheet>,
}

/// An entry that is being made.
pub(super) struct Entry<'d, 'w> {
    diary: &'d mut Diary<'w>,
    sheet: Sheet,
    command_id: CommandId,
    context: EventContext,
    occurred: Occurred,
    known: bool,
}

impl<'w> Diary<'w> {
    pub(super) fn new(world: &'w World, dice: Dice) -> Self {
        Self { world, dice, sheets: Vec::new() }
    }

    /// A strand that starts on a day, in the hands of a worker of the desk.
    pub(super) fn strand(&mut self, desk: Desk, day: NaiveDate) -> Strand {
        let worker = self.world.worker(desk, &mut self.dice);
        Strand {
            floor: at_time(day, 7 * 3600),
            worker: worker.stream,
            desk,
            team: Arc::clone(&worker.team),
            correlation: None,
            told: None,
        }
    }

    /// Gives the strand to a worker of another desk.
    pub(super) fn hand_over(&mut self, strand: &mut Strand, desk: Desk) {
        let worker = self.world.worker(desk, &mut self.dice);
        strand.worker = worker.stream;
        strand.desk = desk;
        strand.team = Arc::clone(&worker.team);
    }

    /// On a day, or, seldom, an estimate of it.
    pub(super) fn roughly(&mut self, day: NaiveDate) -> Occurred {
        Occurred { estimated: self.dice.chance(700), ..Occurred::on(day) }
    }

    /// At a minute of a day, after what the strand already told to the minute: in office hours, or in the evening.
    /// Where the day is over by then, only the day is told.
    pub(super) fn minute(&mut self, strand: &mut Strand, day: NaiveDate) -> Occurred {
        let late = self.dice.chance(600);
        let (low, high) = if late { (18 * 60, 23 * 60 - 1) } else { (8 * 60 + 30, 17 * 60) };
        let drawn = at_time(day, self.dice.between(low, high) * 60);
        let wait = TimeDelta::minutes(i64::from(self.dice.between(15, 60)));
        let at = strand.told.map_or(drawn, |told| drawn.max(told + wait));
        if at >= at_time(day, 24 * 3600) {
            return Occurred::on(day);
        }
        strand.told = Some(at);
        Occurred::at_minute(at.with_timezone(&offset(day)))
    }

    /// One entry with one line for every one of `members`; `false` where the source does not know it yet.
    /// Notes are sometimes entered wrongly, and put right later.
    pub(super) fn shared<F: Serialize + Clone + Into<Body>>(
        &mut self,
        strand: &mut Strand,
        filing: Filing,
        occurred: Occurred,
        members: &[Member],
        mut tell: impl FnMut(&Member) -> Told<F>,
    ) -> bool {
        let at = self.entry_time(strand, filing, occurred);
        let mishap = self.draw_mishap(filing, occurred, at);
        let mut entry = self.begin_at(strand, filing, mishap.told_first(occurred), at);
        let mut lines = Vec::new();
        for member in members {
            let told = tell(member);
            let right = mishap.needs_the_truth().then(|| told.event(occurred));
            lines.push((member.stream, entry.line(member.stream, told), right));
        }
        let known = entry.close();
        if known {
            self.put_right(strand, mishap, lines);
        }
        known
    }

    /// The same for one child.
    pub(super) fn single<F: Serialize + Clone + Into<Body>>(
        &mut self,
        strand: &mut Strand,
        filing: Filing,
        occurred: Occurred,
        member: &Member,
        told: Told<F>,
    ) -> bool {
        let mut told = Some(told);
        self.shared(strand, filing, occurred, std::slice::from_ref(member), |_| {
            told.take().expect("one child, one line")
        })
    }

    /// A note about one child that nothing waits for, entered under a role (empty: the worker's own).
    pub(super) fn note<F: Serialize + Clone + Into<Body>, const N: usize>(
        &mut self,
        strand: &Strand,
        role: &'static str,
        occurred: Occurred,
        member: &Member,
        facts: F,
        roles: [(EntityRole, EntityId); N],
    ) -> bool {
        let filing = Filing { role, prompt: false, may_slip: false };
        self.single(&mut strand.clone(), filing, occurred, member, Told::new(facts, roles))
    }

    /// A step about one child that later entries on the strand wait for.
    pub(super) fn step<F: Serialize + Clone + Into<Body>, const N: usize>(
        &mut self,
        strand: &mut Strand,
        occurred: Occurred,
        member: &Member,
        facts: F,
        roles: [(EntityRole, EntityId); N],
    ) -> bool {
        self.single(strand, Filing::STEP, occurred, member, Told::new(facts, roles))
    }

    /// A step in a stream that is no child's: a household's, an adopter household's, the authority's.
    pub(super) fn step_in<F: Serialize + Into<Body>, const N: usize>(
        &mut self,
        strand: &mut Strand,
        (category, stream): (Category, StreamId),
        occurred: Occurred,
        facts: F,
        roles: [(EntityRole, EntityId); N],
    ) -> bool {
        let mut entry = self.begin(strand, Filing::MANAGER, occurred);
        entry.line_in(category, stream, Told::new(facts, roles));
        entry.close()
    }

    /// Starts an entry of several lines.
    pub(super) fn begin(&mut self, strand: &mut Strand, filing: Filing, occurred: Occurred) -> Entry<'_, 'w> {
        let at = self.entry_time(strand, filing, occurred);
        self.begin_at(strand, filing, occurred, at)
    }

    pub(super) fn begin_at(
        &mut self,
        strand: &mut Strand,
        filing: Filing,
        occurred: Occurred,
        at: DateTime<Utc>,
    ) -> Entry<'_, 'w> {
        if filing.prompt {
            strand.floor = at;
        }
        let role = if filing.role.is_empty() { strand.desk.role() } else { filing.role };
        let mut context = EventContext::new(strand.worker.0, role);
        context.team = Some(strand.team.as_ref().to_owned());
        context.correlation = strand.correlation;
        let only_day = !filing.prompt && self.dice.chance(1500);
        context.source_recorded_at =
            Some(if only_day { SourceTime::On(london_day(at)) } else { SourceTime::At(at) });
        let command_id = self.dice.command(millis(at));
        let known = at < self.world.closing;
        Entry {
            sheet: Sheet { at, lines: Vec::with_capacity(LINE_BYTES), events: 0 },
            command_id,
            context,
            occurred,
            known,
            diary: self,
        }
    }

    /// When something is entered: some working days after it happened, and after what the strand waits for.
    pub(super) fn entry_time(
        &mut self,
        strand: &Strand,
        filing: Filing,
        occurred: Occurred,
    ) -> DateTime<Utc> {
        let told = occurred.latest_day().unwrap_or_else(|| london_day(strand.floor));
        let after = occurred.instant().unwrap_or(DateTime::<Utc>::MIN_UTC);
        if filing.prompt && told <= london_day(strand.floor) {
            // Steps that are already late when the one before is entered are entered with it.
            let at = strand.floor.max(after) + self.seconds(20, 300);
            return at;
        }
        let delay = self.dice.curve(if filing.prompt { rates::PROMPT_ENTRY } else { rates::RELAXED_ENTRY });
        let at = match (delay, occurred.instant()) {
            (0, Some(instant)) => instant + self.seconds(120, 3600),
            _ => {
                let day = self.world.days.working(self.world.days.at_or_after(told), delay);
                at_time(day, self.dice.between(8 * 3600 + 600, 18 * 3600)) + self.micros()
            }
        };
        let waited = strand.floor + self.seconds(20, 300);
        at.max(waited).max(after)
    }

    /// Some working days after another entry, at most `most`.
    pub(super) fn later(&mut self, at: DateTime<Utc>, most: i32) -> DateTime<Utc> {
        let days = self.dice.between(1, most);
        let day = self.world.days.working(london_day(at), days);
        at_time(day, self.dice.between(8 * 3600 + 600, 18 * 3600)) + self.micros()
    }

    fn seconds(&mut self, low: i32, high: i32) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.dice.between(low, high))) + self.micros()
    }

    fn micros(&mut self) -> TimeDelta {
        TimeDelta::microseconds(i64::from(self.dice.below(1_000_000)))
    }
}

impl Entry<'_, '_> {
    /// A line in the usual stream of its kind: mostly about a child.
    pub(super) fn line<F: Serialize + Into<Body>>(&mut self, stream: StreamId, told: Told<F>) -> EventId {
        self.write(None, stream, told)
    }

    /// A line in a stream of this category.
    pub(super) fn line_in<F: Serialize + Into<Body>>(
        &mut self,
        category: Category,
        stream: StreamId,
        told: Told<F>,
    ) -> EventId {
        self.write(Some(category), stream, told)
    }

    fn write<F: Serialize + Into<Body>>(
        &mut self,
        category: Option<Category>,
        stream: StreamId,
        told: Told<F>,
    ) -> EventId {
        let Told { facts, entities, sealed } = told;
        let event_id = self.diary.dice.event(millis(self.sheet.at));
        if !self.known {
            return event_id;
        }
        let plain = facts_text(&facts, &entities);
        let event = CaseEvent { entities, ..CaseEvent::new(self.occurred, facts) };
        let text = plain.or_else(|_| event.facts()).expect("facts of this room are canonical");
        let kind = event.body.kind();
        self.push((category.unwrap_or(kind.category()), stream), kind, event_id, &text, &sealed);
        event_id
    }

    /// A line whose facts are there already.
    pub(super) fn copy(&mut self, stream: StreamId, event: CaseEvent) -> EventId {
        let event_id = self.diary.dice.event(millis(self.sheet.at));
        let facts = event.facts().expect("facts of this room are canonical");
        let kind = event.body.kind();
        self.push((kind.category(), stream), kind, event_id, &facts, &SealedFields::none());
        event_id
    }

    fn push(
        &mut self,
        (category, stream): (Category, StreamId),
        kind: Kind,
        event_id: EventId,
        facts: &str,
        sealed: &SealedFields,
    ) {
        let line = Outgoing {
            stream,
            category,
            event_id,
            command_id: self.command_id,
            kind: kind.name(),
            schema: kind.schema_version(),
            occurred: self.occurred,
            context: &self.context,
            facts,
            sealed,
            sealed_destroyed: false,
            stored: None,
        };
        push_line(&mut self.sheet.lines, &line);
        self.sheet.events += 1;
    }

    /// Ends the entry; `false` where the source does not know it yet, or where it holds no line.
    pub(super) fn close(self) -> bool {
        let known = self.known && self.sheet.events > 0;
        if known {
            self.diary.sheets.push(self.sheet);
        }
        known
    }
}

fn millis(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp_millis()).unwrap_or(0)
}

fn offset(day: NaiveDate) -> FixedOffset {
    FixedOffset::east_opt(if is_summer(day) { 3600 } else { 0 }).expect("an hour is an offset")
}

/// An instant, told to the minute.
pub(super) fn at_instant(at: DateTime<Utc>) -> Occurred {
    Occurred::at_minute(at.with_timezone(&offset(london_day(at))))
}

/// A minute, counted from the midnight at which a day begins; it may lie on a later day.
pub(super) fn moment(day: NaiveDate, minutes: i32) -> Occurred {
    let on = super::days::plus(day, minutes.div_euclid(24 * 60));
    let at = at_time(on, minutes.rem_euclid(24 * 60) * 60);
    Occurred::at_minute(at.with_timezone(&offset(on)))
}

/// The instant that is so many seconds after midnight by the London clock; not meant for the hours of a change.
fn at_time(day: NaiveDate, seconds: i32) -> DateTime<Utc> {
    let summer = if is_summer(day) { 3600 } else { 0 };
    (day.and_time(NaiveTime::MIN) + TimeDelta::seconds(i64::from(seconds - summer))).and_utc()
}
