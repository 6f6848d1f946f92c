//! Whether anything of some roles runs on a day, as far as the record tells: in every reading, in some, or in none.
//!
//! An end of an uncertain day, or one that may be of either of two processes, has readings that differ. Where fewer ends are
//! told than processes that they may have ended, one of these runs in every reading; two entries without a number of one day
//! may tell of one process twice, and count once here.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{EntityRole, Stage};
use crate::ids::EventId;

use super::{Process, Processes, may_have_happened, own_of};

/// Whether something runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// In no reading.
    No,
    /// In some readings only.
    CannotTell,
    /// In every reading.
    Yes,
}

impl<'j> Processes<'j> {
    /// Whether a process in one of these roles runs on a day.
    #[must_use]
    pub fn runs(&self, roles: &[EntityRole], day: NaiveDate) -> Runs {
        let mut found = Runs::No;
        for role in roles {
            let may_run: Vec<&Process<'j>> = self.in_role(*role).filter(|it| it.may_run_on(day)).collect();
            if may_run.iter().any(|it| it.surely_runs_on(day)) || one_is_left(&may_run, *role, day) {
                return Runs::Yes;
            }
            if !may_run.is_empty() {
                found = Runs::CannotTell;
            }
        }
        found
    }
}

impl Process<'_> {
    /// Whether it may have begun by a day and may not be over on it.
    fn may_run_on(&self, day: NaiveDate) -> bool {
        self.opened.is_some_and(|opened| may_have_happened(opened, day)) && !self.is_surely_over(day)
    }

    fn surely_runs_on(&self, day: NaiveDate) -> bool {
        self.has_surely_begun(day) && !self.may_be_over(day)
    }

    fn has_surely_begun(&self, day: NaiveDate) -> bool {
        self.opened.is_some_and(|opened| opened.occurred.latest_day().is_some_and(|begun| begun <= day))
    }
}

/// Whether fewer ends are told than processes of which each may have ended one.
fn one_is_left(may_run: &[&Process<'_>], role: EntityRole, day: NaiveDate) -> bool {
    let begun: Vec<&&Process<'_>> =
        may_run.iter().filter(|it| it.has_surely_begun(day) && !it.is_over(day)).collect();
    let may_have = begun.iter().flat_map(|it| it.ends());
    let may_have = may_have.filter(|end| end.may_end(role) && may_have_happened(end.event, day));
    let mut ends: BTreeSet<EventId> = BTreeSet::new();
    for end in may_have {
        if end.event.kind().own_role() != Some(role) || end.event.kind().stage() != Stage::Ends {
            // It may have ended several at once.
            return false;
        }
        ends.insert(end.event.event_id);
    }
    number_told_apart(&begun) > ends.len()
}

/// How many there are in every reading.
fn number_told_apart(begun: &[&&Process<'_>]) -> usize {
    let is_unnamed = |it: &&&&Process<'_>| it.opened.is_some_and(|opened| own_of(opened) == it.entity);
    let (unnamed, named): (Vec<&&&Process<'_>>, Vec<_>) = begun.iter().partition(is_unnamed);
    let days: BTreeSet<Option<NaiveDate>> =
        unnamed.iter().filter_map(|it| it.opened).map(|opened| opened.occurred.day()).collect();
    named.len() + days.len()
}
