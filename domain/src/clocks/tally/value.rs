//! What is measured of a member, and under which heading it stands.

use chrono::NaiveDate;

use crate::journey::{KnownEvent, Lateness, entered_on};
use crate::rules::{By, EventMatch, Field, Has, Tally, Value};

use super::members::Member;
use super::turned::turned;
use super::{Heading, Teller};
use crate::clocks::ends::Ends;

impl<'b, 'j> Teller<'_, 'b, 'j> {
    pub(super) fn value(&self, value: &Value, tally: &Tally, member: &Member<'_, 'b, 'j>) -> Option<i64> {
        match value {
            Value::Lag => Lateness::of(member.event).map(|late| late.days),
            Value::Number => self.number(tally, member),
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

    /// How many there are of what the rule counts, where that is certain.
    fn number(&self, tally: &Tally, member: &Member<'_, 'b, 'j>) -> Option<i64> {
        let counts = tally.counts.as_ref()?;
        if let Some(held) = &counts.held {
            let number = self.number_held(held)?;
            return i64::try_from(number.least).ok().filter(|_| number.least == number.most);
        }
        let has = counts.has.as_ref()?;
        let (from, to) = self.reach(has.lies, member)?;
        if has.changed.as_ref().is_some_and(|field| self.changes_are_untold(has, field)) {
            return None;
        }
        let others = self.others(has).into_iter();
        let spans = others.filter(|event| event.event_id != member.event.event_id).map(Ends::of);
        let (mut number, mut settled) = (0, true);
        for at in spans {
            let is_out = at.latest.is_some_and(|latest| latest < from)
                || at.earliest.is_some_and(|earliest| earliest > to);
            let is_in = at.earliest.is_some_and(|earliest| earliest >= from)
                && at.latest.is_some_and(|latest| latest <= to);
            number += i64::from(is_in);
            settled &= is_in || is_out;
        }
        settled.then_some(number)
    }

    /// Whether two that state different things of one day stand in no order, so that it is not told which changed what.
    fn changes_are_untold(&self, has: &Has, field: &str) -> bool {
        let found = self.index.matching(&has.events);
        let differs = |one: &KnownEvent, other: &KnownEvent| {
            one.is_level_with(other) && Field::of(&one.body, field) != Field::of(&other.body, field)
        };
        found.iter().enumerate().any(|(at, one)| found.iter().skip(at + 1).any(|other| differs(one, other)))
    }

    /// The latest event before the member from which its length counts: of its own process, or else of the child.
    pub(super) fn since(&self, since: &[EventMatch], member: &Member<'_, 'b, 'j>) -> Option<&'j KnownEvent> {
        let events = self.index.of_kinds(since);
        let role = member.role;
        let own = |event: &&&'j KnownEvent| {
            role.is_some_and(|role| event.entities.get(role).is_some_and(|it| member.entity == Some(it)))
        };
        let of_child = since.iter().any(|one| one.of_child);
        let not_later = |event: &&&'j KnownEvent| {
            event.occurred.latest_day().zip(member.day.latest).is_some_and(|(one, other)| one <= other)
        };
        let mut own = events.iter().filter(|event| of_child || own(event));
        own.rfind(|event| not_later(event) && self.index.is_named(since, event)).copied()
    }

    /// The headings together; `None` where the record states none of them.
    pub(super) fn group(&self, by: &[By], member: &Member<'_, 'b, 'j>, day: NaiveDate) -> Option<Heading> {
        let mut stated = by.iter().filter_map(|by| self.heading(by, member, day));
        let first = stated.next()?;
        Some(stated.fold(first, |held, next| Heading::Words(format!("{held} {next}").into())))
    }

    fn heading(&self, by: &By, member: &Member<'_, 'b, 'j>, day: NaiveDate) -> Option<Heading> {
        let words = match by {
            By::Kind => member.event.kind().name().into(),
            By::Month => day.format("%Y-%m").to_string().into(),
            By::Age => self.index.age_on(day)?.to_string().into(),
            By::DayRecorded => return entered_on(member.event).map(Heading::Day),
            By::TurnedBy => turned(member)?.name().into(),
            // What ended it by the table is another act, which says nothing of its reason.
            By::Field(_) if member.role != member.event.kind().own_role() => return None,
            By::Field(field) => match Field::of(&member.stated().body, field) {
                Field::Text(text) => text,
                Field::Flag(flag) => if flag { "yes" } else { "no" }.into(),
                Field::Number(number) => number.to_string().into(),
                Field::Several(several) => several.join("+").into(),
                Field::Absent | Field::Other => return None,
            },
        };
        Some(Heading::Words(words))
    }
}
