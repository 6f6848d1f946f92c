//! Counts, shares and rates of one journey: each member of the base, its day, and whether it counts.
//!
//! What it does not do: it chooses no period and divides nothing; [`super::Figures`] adds up what callers choose.
//!
//! Invariant: a member whose dates or whose history do not settle it is neither counted nor dropped: it says so.

use std::borrow::Cow;

use chrono::{Datelike, Months, NaiveDate, Weekday};

use crate::calendar::{Limit, Unit};
use crate::events::{EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::{Coverage, Covered, KnownEvent};
use crate::processes::{Process, Processes};
use crate::rules::{
    By, Counts, Field, Figure, Has, Lies, Members, Open, Rule, RuleVersion, Support, Tally, Value,
};
use crate::time::london_day;

use super::compiled::Count;
use super::ends::Ends;
use super::index::{Index, possibly_last};
use super::{Clock, Evidence, Question, State, Why};

/// One member of a tally's base.
#[derive(Debug, Clone)]
pub struct Tallied<'b> {
    /// The rule.
    pub rule: &'b Rule,
    /// Its version for the member's day.
    pub version: &'b RuleVersion,
    /// The event that makes it a member; for a clock its start.
    pub member: Evidence,
    /// Its process.
    pub entity: Option<EntityId>,
    /// The day by which it belongs to a period; the day asked about for what is open then; `None` where it is not known.
    pub day: Option<NaiveDate>,
    /// Whether it counts.
    pub tick: Tick,
    /// What was measured of it, in days or as a number.
    pub value: Option<i64>,
    /// Under which heading it stands, where the rule lists members apart.
    pub group: Option<Cow<'static, str>>,
}

/// Whether a member counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// It does.
    Counted,
    /// It does not.
    NotCounted,
    /// The dates do not settle it.
    CannotTell(Why),
    /// The history has a gap where the answer would lie.
    HistoryIncomplete,
}

impl Tick {
    /// The answer in words, as printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::NotCounted => "not_counted",
            Self::CannotTell(_) => "cannot_tell",
            Self::HistoryIncomplete => "history_incomplete",
        }
    }
}

/// A member before it is judged.
#[derive(Clone, Copy)]
struct Member<'a, 'b, 'j> {
    event: &'j KnownEvent,
    entity: Option<EntityId>,
    day: Ends<NaiveDate>,
    clock: Option<&'a Clock<'b>>,
    /// The member before it; `None` for the first.
    previous: Option<Ends<NaiveDate>>,
}

pub(super) struct Teller<'a, 'b, 'j> {
    pub(super) index: &'a Index<'j>,
    pub(super) processes: &'a Processes<'j>,
    pub(super) clocks: &'a [Clock<'b>],
    pub(super) coverage: &'a Coverage,
    pub(super) question: &'a Question<'a>,
}

impl<'b, 'j> Teller<'_, 'b, 'j> {
    pub(super) fn tell(&self, count: &Count<'b>, to: &mut Vec<Tallied<'b>>) {
        let (rule, tally) = (count.rule, count.tally);
        self.each_member(tally, |member| to.extend(self.tallied(rule, tally, member)));
    }

    fn each_member(&self, tally: &Tally, mut each: impl FnMut(Member<'_, 'b, 'j>)) {
        // Where only what counts is listed, a clock that has not turned need not be looked up.
        let only_turned = tally.figure == Figure::Count && tally.counts.as_ref().is_some_and(|it| it.turned);
        match &tally.members {
            Members::Events(events) => self.of_events(tally, &self.index.matching(events), each),
            Members::AnyEvent => self.of_events(tally, &self.index.events, each),
            Members::Open(open) => {
                let as_at = Ends::exact(self.question.as_at);
                let member = |event: &'j KnownEvent| Member {
                    event,
                    entity: open.per.and_then(|role| event.entities.get(role)),
                    day: as_at,
                    clock: None,
                    previous: None,
                };
                let one = if open.one_per_child { 1 } else { usize::MAX };
                self.open_on(open, self.question.as_at).into_iter().take(one).map(member).for_each(each);
            }
            Members::Clocks { rules, states } => {
                let named = |clock: &&Clock<'b>| {
                    (rules.is_empty() || rules.contains(&clock.rule.id))
                        && (states.is_empty() || states.iter().any(|state| state == clock.state.name()))
                        && (!only_turned || has_turned(clock))
                };
                let members = self.clocks.iter().filter(named).filter_map(|clock| self.of_clock(clock));
                members.for_each(&mut each);
            }
        }
    }

    fn of_events(&self, tally: &Tally, events: &[&'j KnownEvent], mut each: impl FnMut(Member<'_, 'b, 'j>)) {
        let has = tally.counts.as_ref().and_then(|counts| counts.has.as_ref());
        let since_previous = has.is_some_and(|has| has.lies == Lies::SincePrevious);
        // Of several whose order is not known, none is the previous one of another.
        let (mut previous, mut last): (Option<Ends<NaiveDate>>, Option<&'j KnownEvent>) = (None, None);
        for event in events.iter().copied() {
            let before = last.replace(event).filter(|_| since_previous);
            if let Some(before) = before.filter(|before| !before.is_level_with(event)) {
                previous = Some(Ends::of(before));
            }
            each(Member { event, entity: event.own_entity(), day: Ends::of(event), clock: None, previous });
        }
    }

    fn of_clock<'c>(&self, clock: &'c Clock<'b>) -> Option<Member<'c, 'b, 'j>> {
        let event = self.index.events.iter().find(|event| event.event_id == clock.start.event_id)?;
        let end = clock.stop.or(clock.closed_by).map(|end| end.occurred);
        let day = match end {
            Some(end) => Ends { earliest: end.earliest_day(), latest: end.latest_day() },
            None => Ends::exact(self.question.as_at),
        };
        Some(Member { event, entity: Some(clock.entity), day, clock: Some(clock), previous: None })
    }

    fn tallied(&self, rule: &'b Rule, tally: &Tally, member: Member<'_, 'b, 'j>) -> Option<Tallied<'b>> {
        let day = member.day.certain();
        let known = day.or(member.day.latest).unwrap_or(self.question.as_at);
        let version = rule.version_for(known, Some(known), self.question.working())?;
        let value = tally.value.as_ref().and_then(|value| self.value(value, tally, &member));
        let tick = match self.is_of_age(tally, known) {
            Err(why) => Tick::CannotTell(why),
            Ok(false) => return None,
            Ok(true) if self.is_contested(tally, &member, known) => Tick::CannotTell(Why::OrderNotKnown),
            Ok(true) => match &tally.counts {
                None => Tick::Counted,
                Some(counts) => self.tick(counts, &member, value)?,
            },
        };
        let only_counted = matches!(tally.figure, Figure::Count | Figure::Rate);
        if only_counted && tick == Tick::NotCounted {
            return None;
        }
        let group = tally.by.as_ref().and_then(|by| self.group(by, &member, known));
        let evidence = Evidence::from(member.event);
        Some(Tallied { rule, version, member: evidence, entity: member.entity, day, tick, value, group })
    }

    fn is_of_age(&self, tally: &Tally, day: NaiveDate) -> Result<bool, Why> {
        if tally.age_from.is_none() && tally.age_below.is_none() {
            return Ok(true);
        }
        let age = self.index.age_on(day).ok_or(Why::AgeNotKnown)?;
        Ok(tally.age_from.is_none_or(|from| age >= from) && tally.age_below.is_none_or(|below| age < below))
    }

    /// All conditions together; `None` where the member is not asked at all.
    fn tick(&self, counts: &Counts, member: &Member<'_, 'b, 'j>, value: Option<i64>) -> Option<Tick> {
        let body = &member.event.body;
        let as_at = self.question.as_at;
        let plain = [
            counts.is.is_empty() || counts.is.iter().any(|one| one.matches(body)),
            counts.open.as_ref().is_none_or(|open| !self.open_on(open, as_at).is_empty()),
            counts.none_open.as_ref().is_none_or(|open| self.open_on(open, as_at).is_empty()),
            !counts.with_reason || member.clock.is_some_and(|clock| !clock.delay_reasons.is_empty()),
            !counts.turned || member.clock.is_some_and(has_turned),
            counts.value_at_least.is_none_or(|least| value.is_some_and(|value| value >= least)),
            counts.overlaps.as_ref().is_none_or(|open| self.overlaps(member, open)),
        ];
        if plain.contains(&false) {
            return Some(Tick::NotCounted);
        }
        if let Some(field) = &counts.on_weekend {
            let day = field.as_ref().map_or(member.day.certain(), |field| Field::of(body, field).day());
            if !day.is_some_and(is_weekend) {
                return Some(Tick::NotCounted);
            }
        }
        if !counts.in_time.is_empty() {
            let tick = self.every_clock_in_time(counts, member);
            if tick != Tick::Counted {
                return Some(tick);
            }
        }
        match &counts.has {
            None => Some(Tick::Counted),
            Some(has) => self.has(has, member),
        }
    }

    fn every_clock_in_time(&self, counts: &Counts, member: &Member<'_, 'b, 'j>) -> Tick {
        let mut worst = Tick::Counted;
        let own = self.clocks.iter().filter(|clock| {
            counts.in_time.contains(&clock.rule.id)
                && member.entity.is_none_or(|entity| clock.entity == entity)
        });
        for clock in own {
            match clock.state {
                State::Late | State::Overdue | State::TooEarly => return Tick::NotCounted,
                State::CannotTell(why) => worst = Tick::CannotTell(why),
                State::HistoryIncomplete if worst == Tick::Counted => worst = Tick::HistoryIncomplete,
                State::HistoryIncomplete
                | State::Met
                | State::Running
                | State::DueSoon
                | State::NotApplicable => {}
            }
        }
        worst
    }

    fn has(&self, has: &Has, member: &Member<'_, 'b, 'j>) -> Option<Tick> {
        let since_uncertain = member.previous.is_some_and(|previous| previous.certain().is_none());
        if has.lies == Lies::SincePrevious && since_uncertain {
            return Some(Tick::CannotTell(Why::DatesNotSettled));
        }
        let (from, to) = self.reach(has.lies, member)?;
        let found =
            if has.latest { self.index.of_kinds(&has.events) } else { self.index.matching(&has.events) };
        // Among others the member itself is left out; where the latest decides, it may be the member.
        let linked = |event: &&'j KnownEvent| {
            (has.latest || event.event_id != member.event.event_id)
                && has.same.is_none_or(|role| {
                    let own = member.event.entities.get(role);
                    own.is_some() && event.entities.get(role) == own
                })
        };
        let lies =
            |event: &&'j KnownEvent| Ends::of(event).certain().is_some_and(|day| from <= day && day <= to);
        let may_lie = |event: &&'j KnownEvent| {
            let at = Ends::of(event);
            at.certain().is_none()
                && at.latest.is_none_or(|latest| latest >= from)
                && at.earliest.is_none_or(|earliest| earliest <= to)
        };
        let found: Vec<&KnownEvent> = found.into_iter().filter(linked).collect();
        let within = found.iter().copied().filter(lies);
        let uncertain = found.iter().filter(|event| may_lie(event)).count();
        if has.latest {
            let asked: Vec<&KnownEvent> =
                found.iter().copied().filter(|event| lies(event) || may_lie(event)).collect();
            let counts = |event: &KnownEvent| has.events.iter().any(|one| one.matches(&event.body));
            let mut told = possibly_last(&asked, |event| Ends::of(event).certain().is_some()).map(counts);
            let latest = told.next();
            return Some(match latest {
                Some(latest) if told.any(|other| other != latest) => Tick::CannotTell(Why::OrderNotKnown),
                Some(true) if uncertain < asked.len() => Tick::Counted,
                Some(true) => Tick::CannotTell(Why::DatesNotSettled),
                Some(false) | None => self.absent(has, from, to),
            });
        }
        let number = within.count();
        let wanted = has.at_least.unwrap_or(1);
        let enough = |number: usize| if wanted == 0 { number == 0 } else { number >= wanted };
        if enough(number) != enough(number + uncertain) {
            return Some(Tick::CannotTell(Why::DatesNotSettled));
        }
        Some(match (enough(number), wanted) {
            (true, 0) => match self.absent(has, from, to) {
                Tick::NotCounted => Tick::Counted,
                unsettled @ (Tick::Counted | Tick::CannotTell(_) | Tick::HistoryIncomplete) => unsettled,
            },
            (true, _) => Tick::Counted,
            (false, 0) => Tick::NotCounted,
            (false, _) => self.absent(has, from, to),
        })
    }

    /// What it means that something is not there: nothing, where the history is whole or nothing is stated of it.
    fn absent(&self, has: &Has, from: NaiveDate, to: NaiveDate) -> Tick {
        if to > self.question.as_at && has.at_least == Some(0) {
            return Tick::CannotTell(Why::PeriodNotOver);
        }
        let recorded = |kind: Kind| self.question.recorded.contains(kind) || self.coverage.names(kind);
        if !has.events.iter().any(|one| recorded(one.kind)) {
            return Tick::CannotTell(Why::NotRecordedHere);
        }
        let to = to.min(self.question.as_at);
        let whole = self.coverage.is_empty()
            || from > to
            || has.events.iter().all(|one| self.coverage.of(one.kind, from, to) == Covered::Complete);
        if whole { Tick::NotCounted } else { Tick::HistoryIncomplete }
    }

    /// First and last day between which other events lie; `None` where the member is not asked.
    fn reach(&self, lies: Lies, member: &Member<'_, 'b, 'j>) -> Option<(NaiveDate, NaiveDate)> {
        let as_at = self.question.as_at;
        let day = member.day.certain().or(member.day.latest).unwrap_or(as_at);
        let first = self.index.events.first().and_then(|event| Ends::of(event).earliest).unwrap_or(day);
        Some(match lies {
            Lies::Anywhere => (first.min(day), as_at),
            Lies::After(None) => (day, as_at),
            Lies::After(Some(limit)) => (day, after(day, limit)?),
            Lies::Before(None) => (first.min(day), day),
            Lies::Before(Some(limit)) => (before(day, limit)?, day),
            Lies::SincePrevious => (member.previous?.earliest?, day),
            Lies::Last(limit) => (before(as_at, limit)?, as_at),
        })
    }

    fn value(&self, value: &Value, tally: &Tally, member: &Member<'_, 'b, 'j>) -> Option<i64> {
        match value {
            Value::Lag => {
                let day = member.event.occurred.day()?;
                Some(london_day(member.event.known_since).signed_duration_since(day).num_days())
            }
            Value::Number => {
                let has = tally.counts.as_ref()?.has.as_ref()?;
                let (from, to) = self.reach(has.lies, member)?;
                let days =
                    self.index.matching(&has.events).into_iter().filter_map(|event| event.occurred.day());
                i64::try_from(days.filter(|day| from <= *day && *day <= to).count()).ok()
            }
            Value::Days { since, working } => {
                let to = member.day.certain()?;
                let from = if since.is_empty() { Some(member.event) } else { self.since(since, member) };
                let from = from?.occurred.day()?;
                if *working {
                    return self.question.working().working_days_between(from, to).ok();
                }
                Some(to.signed_duration_since(from).num_days())
            }
            Value::DaysOpen(open) => self.days_open(open),
        }
    }

    /// The latest event before the member from which its length counts: of its own process, or else of the child.
    fn since(
        &self,
        since: &[crate::rules::EventMatch],
        member: &Member<'_, 'b, 'j>,
    ) -> Option<&'j KnownEvent> {
        let events = self.index.matching(since);
        let role = member.event.kind().own_role();
        let own = |event: &&&'j KnownEvent| {
            role.is_some_and(|role| event.entities.get(role).is_some_and(|it| member.entity == Some(it)))
        };
        let of_child = since.iter().any(|one| one.of_child);
        let not_later = |event: &&&'j KnownEvent| {
            event.occurred.day().zip(member.day.certain()).is_some_and(|(one, other)| one <= other)
        };
        events.iter().filter(|event| of_child || own(event)).rfind(not_later).copied()
    }

    /// Events that opened what is open on `day`, in practice order.
    fn open_on(&self, open: &Open, day: NaiveDate) -> Vec<&'j KnownEvent> {
        let happened =
            |event: &&'j KnownEvent| Ends::of(event).earliest.is_none_or(|earliest| earliest <= day);
        let started = self.index.matching(&open.start).into_iter().filter(happened);
        let open_events: Vec<&'j KnownEvent> = match open.per {
            Some(role) => {
                let ends = self.index.matching(&open.end);
                let over = |start: &KnownEvent| {
                    start.entities.get(role).is_some_and(|entity| self.processes.is_over(role, entity, day))
                };
                started.filter(|start| !is_ended(start, &ends, role, day) && !over(start)).collect()
            }
            None => {
                let over = |begun: &&KnownEvent| {
                    let support = Support::begun_by(begun.kind());
                    support.is_some_and(|support| self.processes.support_is_over(support, begun, day))
                };
                self.last_of_child(open, day).filter(|begun| !over(begun)).into_iter().collect()
            }
        };
        let long_enough = |event: &&'j KnownEvent| {
            let Some(limit) = open.at_least else { return true };
            let since = event.occurred.day().and_then(|start| after(start, limit));
            since.is_some_and(|since| since <= day)
        };
        open_events.into_iter().filter(long_enough).collect()
    }

    /// The opening event, where the last event that opens or ends something of the child opens it.
    fn last_of_child(&self, open: &Open, day: NaiveDate) -> Option<&'j KnownEvent> {
        let both: Vec<_> = open.start.iter().chain(&open.end).cloned().collect();
        let mut held: Option<&'j KnownEvent> = None;
        for event in self.index.matching(&both) {
            if Ends::of(event).earliest.is_some_and(|earliest| earliest > day) {
                continue;
            }
            let opens = open.start.iter().any(|one| one.matches(&event.body));
            // What ends one and opens the next, such as an allocation, takes the place of what was open.
            let ends = open.end.iter().any(|one| one.matches(&event.body));
            held = held.filter(|_| !ends).or(opens.then_some(event));
        }
        held
    }

    /// Whether another event that fell on the same day may be the one that opened what is open, and would be told
    /// differently.
    fn is_contested(&self, tally: &Tally, member: &Member<'_, 'b, 'j>, day: NaiveDate) -> bool {
        let Members::Open(open @ Open { per: None, .. }) = &tally.members else { return false };
        let told = |event: &'j KnownEvent| {
            let group = tally.by.as_ref().and_then(|by| self.group(by, &Member { event, ..*member }, day));
            let counts =
                tally.counts.as_ref().map(|counts| counts.is.iter().any(|one| one.matches(&event.body)));
            (group, counts)
        };
        let own = told(member.event);
        let level = |event: &&'j KnownEvent| event.is_level_with(member.event);
        self.index.matching(&open.start).into_iter().filter(level).any(|event| told(event) != own)
    }

    /// Whether the member's process shares a day with such a process; both count to the day before their end.
    fn overlaps(&self, member: &Member<'_, 'b, 'j>, open: &Open) -> bool {
        let Some(role) = member.event.kind().own_role() else { return false };
        let ends_of_member = |event: &&&'j KnownEvent| {
            event.event_id != member.event.event_id
                && event.entities.get(role) == member.entity
                && member.entity.is_some()
        };
        let Some(from) = member.event.occurred.day() else { return false };
        let last = self.index.events.iter().filter(ends_of_member).filter_map(|event| event.occurred.day());
        let to = last.filter(|day| *day >= from).min().unwrap_or(NaiveDate::MAX);
        let ends = self.index.matching(&open.end);
        self.index.matching(&open.start).into_iter().any(|start| {
            let Some(other_from) = start.occurred.day() else { return false };
            let end = open.per.and_then(|role| self.end_of(start, &ends, role));
            let other_to = end.and_then(|end| end.occurred.day()).unwrap_or(NaiveDate::MAX);
            other_from < to && from < other_to
        })
    }

    /// Days of the last 12 months on which such a process was open, each process's own days added up.
    fn days_open(&self, open: &Open) -> Option<i64> {
        let as_at = self.question.as_at;
        let first = as_at.checked_sub_months(Months::new(12))?.succ_opt()?;
        let ends = self.index.matching(&open.end);
        let days = self.index.matching(&open.start).into_iter().filter_map(|start| {
            let from = start.occurred.day()?.max(first);
            let end = open.per.and_then(|role| self.end_of(start, &ends, role));
            let to = end.map_or(Some(as_at), |end| end.occurred.day())?.min(as_at);
            Some(to.signed_duration_since(from).num_days().max(0))
        });
        Some(days.sum())
    }

    /// What ended the process that an event began: an end that the rule names, or what ends it by the table.
    fn end_of(&self, start: &KnownEvent, ends: &[&'j KnownEvent], role: EntityRole) -> Option<&'j KnownEvent> {
        let named = end_of(start, ends, role);
        let process = start.entities.get(role).and_then(|entity| self.processes.get(role, entity));
        let by_table = process.and_then(Process::end).map(|end| end.event);
        match (named, by_table) {
            (Some(one), Some(other)) if other.occurred.latest_day() < one.occurred.earliest_day() => Some(other),
            (one, other) => one.or(other),
        }
    }

    fn group(&self, by: &By, member: &Member<'_, 'b, 'j>, day: NaiveDate) -> Option<Cow<'static, str>> {
        match by {
            By::Kind => Some(member.event.kind().name().into()),
            By::Month => Some(day.format("%Y-%m").to_string().into()),
            By::Age => self.index.age_on(day).map(|age| age.to_string().into()),
            By::DayRecorded => Some(london_day(member.event.known_since).to_string().into()),
            By::Field(field) => match Field::of(&member.event.body, field) {
                Field::Text(text) => Some(text),
                Field::Flag(flag) => Some(if flag { "yes".into() } else { "no".into() }),
                Field::Number(number) => Some(number.to_string().into()),
                Field::Several(several) => Some(several.join("+").into()),
                Field::Absent | Field::Other => None,
            },
        }
    }
}

/// Whether a clock was late as it was known on its last day, and is in time as it is known now: what stopped it became
/// known, or was corrected, only after that day.
fn has_turned(clock: &Clock<'_>) -> bool {
    let due = clock.due_on;
    let known = clock.stop.map(|stop| london_day(stop.known_since));
    clock.state == State::Met && due.zip(known).is_some_and(|(due, known)| due < known)
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn end_of<'j>(start: &KnownEvent, ends: &[&'j KnownEvent], role: EntityRole) -> Option<&'j KnownEvent> {
    let entity = start.entities.get(role)?;
    // An end that surely lies before the start ends nothing: a placeholder, or a slip.
    let ends_it = |end: &&KnownEvent| {
        end.entities.get(role) == Some(entity) && !Ends::of(end).surely_before(Ends::of(start))
    };
    ends.iter().copied().find(ends_it)
}

fn is_ended(start: &KnownEvent, ends: &[&KnownEvent], role: EntityRole, day: NaiveDate) -> bool {
    end_of(start, ends, role).is_some_and(|end| Ends::of(end).earliest.is_none_or(|earliest| earliest <= day))
}

fn after(day: NaiveDate, limit: Limit) -> Option<NaiveDate> {
    match limit.unit {
        Unit::Months => day.checked_add_months(Months::new(limit.amount)),
        Unit::Weeks => day.checked_add_days(chrono::Days::new(u64::from(limit.amount) * 7)),
        Unit::CalendarDays => day.checked_add_days(chrono::Days::new(u64::from(limit.amount))),
        // The loader refuses them for a tally.
        Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms => None,
    }
}

/// The first day that lies within so long before a day: the day after the corresponding date.
fn before(day: NaiveDate, limit: Limit) -> Option<NaiveDate> {
    match limit.unit {
        Unit::Months => day.checked_sub_months(Months::new(limit.amount)),
        Unit::Weeks => day.checked_sub_days(chrono::Days::new(u64::from(limit.amount) * 7)),
        Unit::CalendarDays => day.checked_sub_days(chrono::Days::new(u64::from(limit.amount))),
        Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms => None,
    }?
    .succ_opt()
}
