//! Whether a member counts.

use std::cell::OnceCell;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::events::Kind;
use crate::journey::{Covered, KnownEvent, Lateness};
use crate::rules::{Counts, EventMatch, Field, Has, Lasted, Lies};

use super::members::Member;
use super::open::{IsOpen, after, before, corresponding_before};
use super::turned::turned;
use super::{Others, Teller, Tick};
use crate::clocks::ends::Ends;
use crate::clocks::index::possibly_last;
use crate::clocks::{Clock, State, Why};

impl<'b, 'j> Teller<'_, 'b, 'j> {
    /// All conditions together; `None` where the member is not asked at all.
    pub(super) fn tick(
        &self,
        counts: &Counts,
        others: &Others<'_, 'j>,
        member: &Member<'_, 'b, 'j>,
        value: Option<i64>,
    ) -> Option<Tick> {
        let as_at = self.question.as_at;
        let mut tick = is_one_of(&counts.is, member.stated());
        let plain = [
            !counts.with_reason || member.clock.is_some_and(|clock| !clock.delay_reasons.is_empty()),
            !counts.turned || turned(member).is_some(),
            counts.value_at_least.is_none_or(|least| value.is_some_and(|value| value >= least)),
            counts.overlaps.as_ref().is_none_or(|open| self.overlaps(member, open)),
            counts.on_weekend.as_ref().is_none_or(|field| is_on_weekend(member, field.as_deref())),
        ];
        tick = tick.and(Tick::of(!plain.contains(&false)));
        if counts.recorded_late {
            let late = Lateness::of(member.event).map(|late| Tick::of(late.is_late()));
            tick = tick.and(late.unwrap_or(Tick::CannotTell(Why::NotStated)));
        }
        if let Some(open) = &counts.open {
            tick = tick.and(any_open(&self.open_on(open, as_at)));
        }
        if let Some(open) = &counts.none_open {
            let unsaid = open
                .start
                .iter()
                .any(|start| self.coverage.is_unsaid_last(start.kind, member.event.kind(), as_at));
            tick = tick.and(none_open(&self.open_on(open, as_at), unsaid));
        }
        if let Some(lasted) = &counts.lasted {
            tick = tick.and(self.lasted(lasted, member));
        }
        if let Some(held) = &counts.held {
            tick = tick.and(self.held(held)?);
        }
        if tick == Tick::NotCounted {
            return Some(tick);
        }
        if !counts.in_time.is_empty() {
            tick = tick.and(self.every_clock_in_time(counts, others.in_time, member)?);
        }
        match &counts.has {
            None => Some(tick),
            Some(has) => Some(tick.and(self.has(has, &others.has, member)?)),
        }
    }

    /// `None` where nothing was due yet, or is asked at all: what nobody had to do was not done in time.
    fn every_clock_in_time(
        &self,
        counts: &Counts,
        tracks: &[usize],
        member: &Member<'_, 'b, 'j>,
    ) -> Option<Tick> {
        let mut worst = None;
        let clocks = tracks.iter().flat_map(|track| self.judged.of_track(*track)).map(|(clock, _)| clock);
        let own = clocks.filter(|clock| {
            member.entity.is_none_or(|entity| clock.entity == entity)
                && counts.in_time_last.is_none_or(|limit| ends_in(clock, before(self.question.as_at, limit)))
        });
        for clock in own {
            worst = match clock.state {
                State::Late | State::Overdue | State::TooEarly => return Some(Tick::NotCounted),
                State::CannotTell(why) => Some(Tick::CannotTell(why)),
                state
                    if (state == State::HistoryIncomplete || clock.marks.in_gap)
                        && matches!(worst, None | Some(Tick::Counted)) =>
                {
                    Some(Tick::HistoryIncomplete)
                }
                State::Met if clock.marks.in_gap => worst,
                State::Met => worst.or(Some(Tick::Counted)),
                State::HistoryIncomplete | State::Running | State::DueSoon | State::NotApplicable => worst,
            };
        }
        worst
    }

    /// Whether the member's process has lasted so long: on the corresponding day it has.
    fn lasted(&self, lasted: &Lasted, member: &Member<'_, 'b, 'j>) -> Tick {
        let Some(start) = self.since(&lasted.since, member) else {
            return Tick::CannotTell(Why::StartNotKnown);
        };
        let start = Ends::of(start);
        let reached = |start: Option<NaiveDate>| start.and_then(|day| after(day, lasted.at_least));
        let reached = Ends { earliest: reached(start.earliest), latest: reached(start.latest) };
        let (surely, maybe) = (
            reached.latest.zip(member.day.earliest).is_some_and(|(reached, day)| reached <= day),
            reached.earliest.zip(member.day.latest).is_none_or(|(reached, day)| reached <= day),
        );
        match (surely, maybe) {
            (true, _) => Tick::Counted,
            (false, false) => Tick::NotCounted,
            (false, true) => Tick::CannotTell(Why::DatesNotSettled),
        }
    }

    /// Whether the member has other events as the rule asks; `found` keeps those for which it looks.
    pub(super) fn has(
        &self,
        has: &Has,
        found: &OnceCell<Vec<&'j KnownEvent>>,
        member: &Member<'_, 'b, 'j>,
    ) -> Option<Tick> {
        let since_uncertain = member.previous.is_some_and(|previous| previous.certain().is_none());
        if has.lies == Lies::SincePrevious && since_uncertain {
            return Some(Tick::CannotTell(Why::DatesNotSettled));
        }
        let (from, to) = self.reach(has.lies, member)?;
        // What happens soon and what is seen only at the end enter the figure together; and of a window that is not over
        // nobody knows the latest yet.
        let is_told_at_the_end = match has.lies {
            Lies::After(within) => within.is_some(),
            Lies::Later(_) => true,
            Lies::AroundBirthday { .. } => has.latest,
            Lies::Anywhere | Lies::Before(_) | Lies::SincePrevious | Lies::Last(_) => false,
        };
        if is_told_at_the_end && to > self.question.as_at {
            return Some(Tick::CannotTell(Why::PeriodNotOver));
        }
        let found = found.get_or_init(|| match has.latest {
            true => self.index.of_kinds(&has.events),
            false => self.others(has),
        });
        // A span counts as a day does where the whole of it lies there.
        let since_ever = matches!(has.lies, Lies::Anywhere | Lies::Before(None));
        let is_there = |at: Ends<NaiveDate>| {
            let begins = since_ever || at.earliest.is_some_and(|earliest| earliest >= from);
            begins && at.latest.is_some_and(|latest| latest <= to)
        };
        let lies = |event: &&'j KnownEvent| is_there(Ends::of(event));
        let may_lie = |event: &&'j KnownEvent| {
            let at = Ends::of(event);
            !lies(event)
                && at.latest.is_none_or(|latest| latest >= from)
                && at.earliest.is_none_or(|earliest| earliest <= to)
        };
        // What names no process may be of the member's or of another.
        let perhaps = found.iter().filter(|event| self.may_be_linked(has, member, event));
        let perhaps = perhaps.filter(|event| lies(event) || may_lie(event)).count();
        let found: Vec<&KnownEvent> =
            found.iter().copied().filter(|event| is_linked(has, member, event)).collect();
        let within = found.iter().copied().filter(lies);
        let uncertain = perhaps + found.iter().filter(|event| may_lie(event)).count();
        if has.latest {
            let asked: Vec<&KnownEvent> =
                found.iter().copied().filter(|event| lies(event) || may_lie(event)).collect();
            let mut told = possibly_last(&asked, |event| is_there(Ends::of(event)))
                .map(|event| is_one_of(&has.events, event));
            let latest = told.next();
            return Some(match latest {
                Some(latest) if told.any(|other| other != latest) => Tick::CannotTell(Why::OrderNotKnown),
                Some(Tick::Counted) if uncertain == asked.len() => Tick::CannotTell(Why::DatesNotSettled),
                Some(latest @ (Tick::Counted | Tick::CannotTell(_) | Tick::HistoryIncomplete)) => latest,
                Some(Tick::NotCounted) | None => self.none_of(has, from, to),
            });
        }
        let number = within.count();
        let wanted = has.at_least.unwrap_or(1);
        let enough = |number: usize| if wanted == 0 { number == 0 } else { number >= wanted };
        if enough(number) != enough(number + uncertain) {
            return Some(Tick::CannotTell(Why::DatesNotSettled));
        }
        Some(match (enough(number), wanted) {
            (true, 0) => match self.none_of(has, from, to) {
                Tick::NotCounted => Tick::Counted,
                unsettled @ (Tick::Counted | Tick::CannotTell(_) | Tick::HistoryIncomplete) => unsettled,
            },
            (true, _) => Tick::Counted,
            (false, 0) => Tick::NotCounted,
            (false, _) => self.none_of(has, from, to),
        })
    }

    /// Whether an event that names no process of the kind that the member and the others have in common may be of the member's.
    fn may_be_linked(&self, has: &Has, member: &Member<'_, 'b, 'j>, event: &KnownEvent) -> bool {
        let Some(role) = has.same else { return false };
        match (member.event.entities.get(role), event.entities.get(role)) {
            (Some(own), None) => self.processes.may_be_of(event, role, own),
            (None, Some(other)) => self.processes.may_be_of(member.event, role, other),
            (None, None) => true,
            (Some(_), Some(_)) => false,
        }
    }

    /// The events that a rule asks for, in practice order; of several in a row that state the same, the first.
    pub(super) fn others(&self, has: &Has) -> Vec<&'j KnownEvent> {
        let mut found = self.index.matching(&has.events);
        if let Some(field) = &has.changed {
            let stated =
                |event: &KnownEvent| Some(Field::of(&event.body, field)).filter(|it| *it != Field::Absent);
            found.dedup_by(|event, before| stated(before).is_some_and(|it| Some(it) == stated(event)));
        }
        found
    }

    /// What it means that something is not there, where the time over which the rule looks may not be over.
    fn none_of(&self, has: &Has, from: NaiveDate, to: NaiveDate) -> Tick {
        let waits = has.at_least == Some(0) || matches!(has.lies, Lies::AroundBirthday { .. });
        if to > self.question.as_at && waits {
            return Tick::CannotTell(Why::PeriodNotOver);
        }
        self.absent(&has.events, from, to)
    }

    /// What it means that something is not there: nothing, where the history is whole or nothing is stated of it.
    pub(super) fn absent(&self, events: &[EventMatch], from: NaiveDate, to: NaiveDate) -> Tick {
        let recorded = |kind: Kind| self.question.recorded.contains(kind) || self.coverage.names(kind);
        if !events.iter().any(|one| recorded(one.kind)) {
            return Tick::CannotTell(Why::NotRecordedHere);
        }
        let to = to.min(self.question.as_at);
        let whole = self.coverage.is_empty()
            || from > to
            || events.iter().all(|one| self.coverage.of(one.kind, from, to) == Covered::Complete);
        if whole { Tick::NotCounted } else { Tick::HistoryIncomplete }
    }

    /// First and last day between which other events lie; `None` where the member is not asked.
    pub(super) fn reach(&self, lies: Lies, member: &Member<'_, 'b, 'j>) -> Option<(NaiveDate, NaiveDate)> {
        let as_at = self.question.as_at;
        let day = member.day.certain().or(member.day.latest).unwrap_or(as_at);
        let first = self.index.events.first().and_then(|event| Ends::of(event).earliest).unwrap_or(day);
        Some(match lies {
            Lies::Anywhere => (first.min(day), as_at),
            Lies::After(None) => (day, as_at),
            Lies::After(Some(limit)) => (day, after(day, limit)?),
            Lies::Later(limit) => (day.succ_opt()?, after(day, limit)?),
            Lies::Before(None) => (first.min(day), day),
            Lies::Before(Some(limit)) => (before(day, limit)?, day),
            Lies::SincePrevious => (member.previous?.earliest?, day),
            Lies::Last(limit) => (before(as_at, limit)?, as_at),
            Lies::AroundBirthday { before, after: until } => {
                let birthday = self.index.birthday_by(day)?;
                (corresponding_before(birthday, before)?, after(birthday, until)?)
            }
        })
    }
}

/// Whether an event is one of the others for which a member is asked. Among them the member itself is left out; where the
/// latest decides, it may be the member.
pub(super) fn is_linked(has: &Has, member: &Member<'_, '_, '_>, event: &KnownEvent) -> bool {
    (has.latest || event.event_id != member.event.event_id)
        && has.same.is_none_or(|role| {
            let own = member.event.entities.get(role);
            own.is_some() && event.entities.get(role) == own
        })
}

/// Whether an event is one of these, by its facts; where a fact that is asked for is not stated, that cannot be told.
pub(super) fn is_one_of(matches: &[EventMatch], event: &KnownEvent) -> Tick {
    let mut tick = Tick::of(matches.is_empty());
    for one in matches.iter().filter(|one| one.kind == event.kind()) {
        match one.check(&event.body) {
            Some(true) => return Tick::Counted,
            Some(false) => {}
            None => tick = Tick::CannotTell(Why::NotStated),
        }
    }
    tick
}

/// Whether a clock is open, or ended on a day or later.
fn ends_in(clock: &Clock<'_>, first: Option<NaiveDate>) -> bool {
    let end = clock.ended().map(|end| end.latest_day());
    end.is_none_or(|day| day.is_none_or(|day| first.is_none_or(|first| day >= first)))
}

fn any_open(found: &[IsOpen<'_>]) -> Tick {
    match found {
        [] => Tick::NotCounted,
        some if some.iter().any(|is_open| is_open.sure) => Tick::Counted,
        _ => Tick::CannotTell(Why::DatesNotSettled),
    }
}

/// Whether none runs; `unsaid` says that the last source could not tell whether one does.
fn none_open(found: &[IsOpen<'_>], unsaid: bool) -> Tick {
    match any_open(found) {
        Tick::Counted => Tick::NotCounted,
        Tick::NotCounted if unsaid => Tick::CannotTell(Why::NotStated),
        Tick::NotCounted => Tick::Counted,
        unsettled @ (Tick::CannotTell(_) | Tick::HistoryIncomplete) => unsettled,
    }
}

/// Whether the member's day, or the day in a field of its event, is a Saturday or a Sunday.
fn is_on_weekend(member: &Member<'_, '_, '_>, field: Option<&str>) -> bool {
    let day = field.map_or(member.day.certain(), |field| Field::of(&member.event.body, field).day());
    day.is_some_and(|day| matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
}
