//! Processes of which a child can have only one at a time: two rows, lists or files that tell of one with different days.
//!
//! The second one is in dispute, and what follows it belongs to the one that stands. Only what the files say for certain
//! counts: two run at one time where both are known to run on a day. One that begins before the end that is stated of
//! the other, and outlasts it, is the next one with a slip in a day: it is recorded, and observed as an overlap.

use chrono::NaiveDate;
use domain::events::{EntityRole, Kind, Stage};
use domain::ids::{EntityId, EventId};
use domain::journey::Dispute;
use domain::observations::is_exclusive;

use super::absence;
use super::claims::{Emptied, Follow, Record};
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::records::{Resolution, process_of};
use crate::layout::List;

/// The days on which a process is known to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Its first day.
    pub(super) from: NaiveDate,
    /// The day after the last one on which it is known to run; its end, where one is stated.
    until: NaiveDate,
    /// Whether its end is stated.
    ended: bool,
    /// Whether a row is this process, rather than naming it by its day.
    pub(super) own_row: bool,
}

/// A process that stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    kind: Kind,
    run: Run,
    /// Its opening; `None` where it stands in the same file.
    held: Option<EventId>,
    process: Option<EntityId>,
}

impl Run {
    /// Whether both cannot be true: they run on one day, and neither follows the other.
    pub(super) fn excludes(&self, other: &Run) -> bool {
        let (first, second) = if other.from < self.from { (other, self) } else { (self, other) };
        let at_once = second.from < first.until && second.from < second.until;
        at_once && !(first.ended && second.until > first.until && first.from < second.from)
    }
}

impl Planner<'_> {
    /// The runs of the records that open exclusive processes, as the whole file states them.
    pub(super) fn runs_of(&self, records: &[Record]) -> Vec<Option<Run>> {
        records.iter().enumerate().map(|(index, record)| self.run_of(records, index, record)).collect()
    }

    pub(super) fn run(&self, index: usize) -> Option<Run> {
        self.runs.get(index).copied().flatten()
    }

    fn run_of(&self, records: &[Record], index: usize, record: &Record) -> Option<Run> {
        let kind = record.opening.body.kind();
        let from = record.key.filter(|_| is_exclusive(kind))?;
        let ends = ends_of(kind.own_role()?);
        let twins = || {
            let same = |other: &&Record| other.key == record.key && other.opening.body.kind() == kind;
            records.iter().filter(same).flat_map(|twin| &twin.then)
        };
        let stated = twins().filter_map(Follow::claim).filter(|claim| ends.contains(&claim.body.kind()));
        let end = stated.filter_map(|claim| claim.occurred.earliest_day()).min();
        let row = self.rows.rows.get(record.row)?;
        let is_open = self.is_open(row.list, &ends, twins());
        let named = records.iter().filter(|other| other.links.contains(&index)).filter_map(|other| other.key);
        let seen = if is_open { Some(self.import.as_at) } else { named.max() };
        let until = end.or_else(|| seen?.min(self.import.as_at).max(from).succ_opt()).or(from.succ_opt())?;
        let own_row = row.list.events.iter().any(|rule| rule.kind == kind && row.list.is_own_key(rule));
        Some(Run { from, until, ended: end.is_some(), own_row })
    }

    /// Whether the rows of a process say that it has not ended. A return that leaves out what is empty says so by silence.
    fn is_open<'f>(&self, list: &List, ends: &[Kind], follows: impl Iterator<Item = &'f Follow>) -> bool {
        let silent = self.import.format.layout().is_some_and(|layout| layout.leaves_out_empty)
            && list.events.iter().any(|rule| ends.contains(&rule.kind));
        let mut open = silent;
        for follow in follows {
            match follow {
                Follow::Nothing { rule, meaning: Emptied::ValueWithdrawn, .. } => {
                    open |= ends.contains(&rule.kind)
                }
                Follow::Unsaid { rule, .. } if ends.contains(&rule.kind) => return false,
                Follow::Nothing { .. }
                | Follow::Once(_)
                | Follow::State { .. }
                | Follow::Undated(_)
                | Follow::Unsaid { .. }
                | Follow::Silent { .. }
                | Follow::Doubtful { .. } => {}
            }
        }
        open
    }

    /// Notes that the process stands which a record opens.
    pub(super) fn begin(
        &mut self,
        kind: Kind,
        index: usize,
        held: Option<EventId>,
        process: Option<EntityId>,
    ) {
        if let Some(run) = self.run(index) {
            self.running.push(Running { kind, run, held, process });
        }
    }

    /// Notes the held processes that a group names again.
    pub(super) fn begin_held(
        &mut self,
        records: &[Record],
        group: &[usize],
        resolved: &[Option<Resolution>],
    ) {
        for &index in group {
            let resolution = resolved.get(index).copied().flatten();
            if let (Some(record), Some(Resolution::Held { opening, process })) =
                (records.get(index), resolution)
                && !self.is_overturned(records, index, opening)
            {
                self.begin(record.opening.body.kind(), index, Some(opening), process);
            }
        }
    }

    /// What a new record is where another process of an exclusive kind runs at the same time.
    pub(super) fn running_beside(&self, (kind, row): (Kind, usize), index: usize) -> Option<Resolution> {
        let run = self.run(index)?;
        let here = self.running.iter().find(|other| other.kind == kind && other.run.excludes(&run));
        if let Some(Running { held, process, .. }) = here {
            return Some(Resolution::Exclusive { held: *held, process: *process });
        }
        let named = |event: &&HeldEvent| self.running.iter().any(|other| other.held == Some(event.id));
        let may_exclude = |event: &&HeldEvent| {
            !event.withdrawn && !named(event) && !self.is_of_newer_alone(event, (kind, row), run.from)
        };
        let mut others = self.held.of_kind(kind, None).filter(may_exclude);
        let beside =
            others.find(|event| self.run_of_held(event).is_some_and(|other| other.excludes(&run)))?;
        Some(Resolution::Exclusive { held: Some(beside.id), process: process_of(beside, kind.own_role()) })
    }

    /// Whether a held process is a newer file's, which does not tell of this one beside it: that file settles by its absence
    /// what becomes of this one.
    fn is_of_newer_alone(&self, event: &HeldEvent, (kind, row): (Kind, usize), from: NaiveDate) -> bool {
        // A file without the list says nothing by it, and a list that only names such a process nothing by its absence.
        let list = self.rows.rows.get(row).map(|row| row.list);
        let is_held = |list: &&List| {
            self.newer.iter().any(|file| {
                event.asserted.import().is_some_and(|import| file.is(import))
                    && file.extract.lists.contains_key(&self.import.sheet(list))
            })
        };
        let is_listed =
            list.filter(is_held).is_some_and(|list| absence::listed(list).any(|rule| rule.kind == kind));
        let told = |dispute: &Dispute| {
            dispute.claim.body.kind() == kind && dispute.claim.occurred.day() == Some(from)
        };
        is_listed && self.is_of_newer(event.asserted) && !self.held.disputes.iter().any(told)
    }

    /// The run of a held process that this file does not name; `None` where its absence is judged instead.
    fn run_of_held(&self, event: &HeldEvent) -> Option<Run> {
        if self.import.lists().iter().any(|list| absence::could_name(self, event, list)) {
            return None;
        }
        let from = event.occurred.day()?;
        let role = event.kind().own_role()?;
        let process = (role, event.entities.get(role)?);
        let ends = ends_of(role);
        let held = ends.iter().flat_map(|end| self.held.of_kind(*end, Some(process)));
        let end = held.filter(|end| !end.withdrawn).filter_map(|end| end.occurred.earliest_day()).min();
        let last = match event.asserted {
            Asserted::ByHand => self.import.as_at,
            Asserted::ByExtract { as_at, .. } => {
                let told = ends.iter().filter_map(|end| self.held.coverage.complete_until(*end, from)).min();
                told.map_or(as_at, |day| day.unwrap_or(NaiveDate::MAX)).max(as_at)
            }
        };
        let until = end.or_else(|| last.min(self.import.as_at).succ_opt())?;
        Some(Run { from, until, ended: end.is_some(), own_row: true })
    }
}

/// The kinds of event that end a process of a role.
fn ends_of(role: EntityRole) -> Vec<Kind> {
    let ends = |kind: &Kind| kind.stage() == Stage::Ends && kind.own_role() == Some(role);
    Kind::ALL.iter().copied().filter(ends).collect()
}
