//! What is measured of a member, and under which heading it stands.

use chrono::NaiveDate;

use crate::journey::{KnownEvent, Lateness, entered_on};
use crate::rules::{By, EventMatch, Field, Tally, Value};

use super::members::Member;
use super::turned::turned;
use super::{Heading, Teller};

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
        let others = self.index.matching(&has.events).into_iter();
        let days = others
            .filter(|event| event.event_id != member.event.event_id)
            .filter_map(|event| event.occurred.day());
        i64::try_from(days.filter(|day| from <= *day && *day <= to).count()).ok()
    }

    /// The latest event before the member from which its length counts: of its own process, or else of the child.
    pub(super) fn since(&self, since: &[EventMatch], member: &Member<'_, 'b, 'j>) -> Option<&'j KnownEvent> {
        let events = self.index.of_kinds(since);
        let role = member.event.kind().own_role();
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
            By::Field(field) => match Field::of(&member.event.body, field) {
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
