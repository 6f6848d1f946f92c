//! How a member of a family or a set ended: by a death, a birthday, an adoption, as the table says.
//!
//! What it does not do: it knows no group. Only the few events that may end a member are looked at.

use chrono::NaiveDate;

use crate::events::Kind;
use crate::journey::{Journey, KnownEvent, MembersEnded, RecordedKinds};
use crate::rules::{Cause, Ending, Endings};

use super::{Processes, derived};

/// The lines of a table that end members, and the kinds of event that they ask about.
#[derive(Clone, Debug)]
pub struct MemberEnds {
    endings: &'static Endings,
    kinds: RecordedKinds,
}

impl MemberEnds {
    /// The lines of a table.
    #[must_use]
    pub fn of(endings: &'static Endings) -> Self {
        let lines = endings.lines().iter().filter(|line| line.of_group);
        let births = [Kind::ChildRegistered, Kind::BirthRecorded];
        Self { endings, kinds: lines.flat_map(asks).chain(births).collect() }
    }

    /// What ended a member first; `None` where nothing did. A birthday counts also where it has not come yet.
    #[must_use]
    pub fn end_of(&self, member: &Journey) -> Option<MembersEnded> {
        let events: Vec<&KnownEvent> =
            member.events.iter().filter(|event| self.kinds.contains(event.kind())).collect();
        let derived = derived(&events, self.endings, NaiveDate::MAX);
        let processes = Processes::of(&events, &derived, self.endings);
        let ends = processes.of_line(|line| line.of_group);
        let dated = ends.filter_map(|end| Some((end.event.occurred.latest_day()?, end.event, end.line?)));
        let (_, event, line) = dated.min_by_key(|(day, _, _)| *day)?;
        Some(MembersEnded { event: event.clone(), line: line.id.clone() })
    }
}

/// The kinds of event on which it depends whether a line happened.
fn asks(line: &Ending) -> Vec<Kind> {
    let causes = if let Cause::Events(events) = &line.cause { events.as_slice() } else { &[] };
    let standing = line.unless.iter().flat_map(|standing| &standing.0);
    causes.iter().chain(&line.undone_by).chain(standing).map(|one| one.kind).collect()
}
