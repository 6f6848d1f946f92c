//! How much of a child's history the ledger holds, per kind of event.
//!
//! Annex A gives only the latest visit and review; a clock that needs the one before cannot say `met` or
//! `late`. A kind is covered on a stretch of days only where a source states it to be complete.

use chrono::NaiveDate;

use crate::events::Kind;
use crate::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use crate::ids::ImportId;

/// What is known of the completeness of one child's history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    statements: Vec<HistoryCoverageStated>,
}

/// Whether a stretch of days is covered for a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    /// A source holds every such event of these days.
    Complete,
    /// Sources hold only the latest one.
    LatestOnly,
    /// No source says that it holds them all.
    NotStated,
}

impl Coverage {
    /// Adds a statement.
    pub fn add(&mut self, statement: HistoryCoverageStated) {
        self.statements.push(statement);
    }

    /// Whether every event of `kind` from day `from` to day `to` (both included) is held.
    pub fn of(&self, kind: Kind, from: NaiveDate, to: NaiveDate) -> Covered {
        if covers_without_gap(self.about(kind), from, to) {
            return Covered::Complete;
        }
        let latest = self.about(kind).any(|statement| statement.extent == CoverageExtent::LatestOnly);
        if latest { Covered::LatestOnly } else { Covered::NotStated }
    }

    /// Whether every event of `kind` from day `from` to day `to` would be held of any child with an event on day `to`: what a
    /// file of other days tells counts for the children alone whom it names, and it names those of whom it has something to
    /// tell.
    pub fn is_whole_of_all(&self, kind: Kind, from: NaiveDate, to: NaiveDate) -> bool {
        let names_all = |statement: &&HistoryCoverageStated| {
            let of_one_file = |other: &HistoryCoverageStated| other.import == statement.import;
            statement.import.is_none()
                || self.about(kind).any(|other| of_one_file(other) && is_complete_on(other, to))
        };
        covers_without_gap(self.about(kind).filter(names_all), from, to)
    }

    /// The last day up to which a complete history of `kind` is stated from day `from` on without a gap;
    /// `Some(None)` means without end, `None` means that day `from` itself is not covered.
    pub fn complete_until(&self, kind: Kind, from: NaiveDate) -> Option<Option<NaiveDate>> {
        let mut reached = None;
        let mut next = from;
        loop {
            let ends = self
                .about(kind)
                .filter(|statement| is_complete_on(statement, next))
                .map(|statement| statement.to);
            let Some(end) = ends.fold(None, later_end) else { return reached };
            reached = Some(end);
            match end.and_then(|day| day.succ_opt()) {
                Some(day) => next = day,
                None => return Some(None),
            }
        }
    }

    /// Whether an import states that it holds every event of `kind` on a day.
    pub fn is_stated_by(&self, import: ImportId, kind: Kind, day: NaiveDate) -> bool {
        self.about(kind).any(|statement| statement.import == Some(import) && is_complete_on(statement, day))
    }

    /// Whether an import states that it could not say whether an event of `kind` happened.
    pub fn is_left_open_by(&self, import: ImportId, kind: Kind) -> bool {
        self.gaps(kind).any(|gap| gap.import == Some(import))
    }

    /// Whether a source names this kind as one that it holds. A statement about every kind names none: it says that
    /// the record is whole, not what is recorded.
    pub fn names(&self, kind: Kind) -> bool {
        let holds = |statement: &&HistoryCoverageStated| {
            statement.extent != CoverageExtent::None && statement.kinds.contains(kind.name())
        };
        self.statements.iter().any(|statement| holds(&statement))
    }

    /// Kinds of which a source could not say what happened on some days: a cell that could not be read.
    pub fn unsaid(&self) -> impl Iterator<Item = Kind> + '_ {
        let gaps = self.statements.iter().filter(|statement| statement.extent == CoverageExtent::None);
        gaps.flat_map(|gap| &gap.kinds).filter_map(|name| Kind::from_name(name).ok())
    }

    /// The first day, from day `from` on, on which a stretch begins of which a source could not say whether an event of
    /// `kind` happened.
    pub fn first_gap(&self, kind: Kind, from: NaiveDate) -> Option<NaiveDate> {
        self.gaps(kind).filter_map(|gap| gap.from).filter(|day| *day >= from).min()
    }

    /// Whether an event of `kind` may have happened between two days (both included) although none is held: a source
    /// could not say so, and no other one holds these days whole.
    pub fn may_hide(&self, kind: Kind, from: NaiveDate, to: NaiveDate) -> bool {
        self.gaps(kind).any(|gap| {
            let from = gap.from.map_or(from, |day| day.max(from));
            let to = gap.to.map_or(to, |day| day.min(to));
            from <= to && self.of(kind, from, to) != Covered::Complete
        })
    }

    /// Whether the last source that tells of `beside` by a day could not say whether there was an event of `kind`: of a state
    /// that holds on the day, such as a worker, what earlier sources said is no answer, and neither is silence.
    pub fn is_unsaid_last(&self, kind: Kind, beside: Kind, day: NaiveDate) -> bool {
        let told = self.about(beside).filter(|statement| statement.extent == CoverageExtent::Complete);
        let last = told.filter_map(|statement| statement.to).filter(|to| *to <= day).max();
        self.gaps(kind).any(|gap| {
            let began = gap.from.is_none_or(|from| from <= day);
            began && gap.to.is_none_or(|to| last.is_none_or(|last| to >= last))
        })
    }

    fn gaps(&self, kind: Kind) -> impl Iterator<Item = &HistoryCoverageStated> {
        let of_kind = self.statements.iter().filter(move |statement| statement.kinds.contains(kind.name()));
        of_kind.filter(|statement| statement.extent == CoverageExtent::None)
    }

    /// Whether nothing is stated at all.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    fn about(&self, kind: Kind) -> impl Iterator<Item = &HistoryCoverageStated> + Clone {
        self.statements
            .iter()
            .filter(move |statement| statement.kinds.is_empty() || statement.kinds.contains(kind.name()))
    }
}

fn is_complete_on(statement: &HistoryCoverageStated, day: NaiveDate) -> bool {
    statement.extent == CoverageExtent::Complete
        && statement.from.is_none_or(|from| from <= day)
        && statement.to.is_none_or(|to| day <= to)
}

/// The later of two ends, where `None` inside means without end.
fn later_end(held: Option<Option<NaiveDate>>, end: Option<NaiveDate>) -> Option<Option<NaiveDate>> {
    match (held, end) {
        (None, end) => Some(end),
        (Some(None), _) | (_, None) => Some(None),
        (Some(Some(a)), Some(b)) => Some(Some(a.max(b))),
    }
}

fn covers_without_gap<'a>(
    about: impl Iterator<Item = &'a HistoryCoverageStated> + Clone,
    from: NaiveDate,
    to: NaiveDate,
) -> bool {
    let mut next = from;
    while next <= to {
        let about = about.clone();
        let ends = about.filter(|statement| is_complete_on(statement, next)).map(|statement| statement.to);
        match ends.fold(None, later_end) {
            None => return false,
            Some(None) => return true,
            Some(Some(end)) => match end.succ_opt() {
                Some(day) => next = day,
                None => return true,
            },
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn stated(kind: &str, extent: CoverageExtent, from: &str, to: &str) -> HistoryCoverageStated {
        HistoryCoverageStated {
            kinds: BTreeSet::from([kind.to_owned()]),
            extent,
            from: from.parse().ok(),
            to: to.parse().ok(),
            import: None,
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn two_complete_stretches_without_a_gap_cover_the_whole() {
        let mut coverage = Coverage::default();
        coverage.add(stated("core_group_held", CoverageExtent::Complete, "2020-01-01", "2020-06-30"));
        coverage.add(stated("core_group_held", CoverageExtent::Complete, "2020-07-01", "2020-12-31"));
        let of = |from, to| coverage.of(Kind::CoreGroupHeld, day(from), day(to));
        assert_eq!(of("2020-01-01", "2020-12-31"), Covered::Complete);
        assert_eq!(of("2019-12-31", "2020-12-31"), Covered::NotStated);
        assert_eq!(of("2020-06-01", "2021-01-01"), Covered::NotStated);
        assert_eq!(
            coverage.complete_until(Kind::CoreGroupHeld, day("2020-02-01")),
            Some(Some(day("2020-12-31")))
        );
        assert_eq!(coverage.complete_until(Kind::CoreGroupHeld, day("2019-02-01")), None);
        assert_eq!(
            coverage.of(Kind::ReviewConferenceHeld, day("2020-02-01"), day("2020-02-01")),
            Covered::NotStated
        );
    }

    #[test]
    fn what_a_source_could_not_say_is_hidden_until_another_says_it() {
        let mut coverage = Coverage::default();
        let hidden = |coverage: &Coverage, from, to| {
            coverage.may_hide(Kind::ChildProtectionPlanEnded, day(from), day(to))
        };
        coverage.add(stated("child_protection_plan_ended", CoverageExtent::None, "2024-01-10", "2024-06-30"));
        assert!(hidden(&coverage, "2024-01-10", "2024-03-01"));
        assert!(hidden(&coverage, "2024-06-30", "2024-12-31"));
        assert!(!hidden(&coverage, "2023-01-01", "2024-01-09"));
        assert!(!hidden(&coverage, "2024-07-01", "2024-12-31"));
        assert!(!coverage.names(Kind::ChildProtectionPlanEnded));
        let first_gap = |from| coverage.first_gap(Kind::ChildProtectionPlanEnded, day(from));
        assert_eq!((first_gap("2024-01-10"), first_gap("2024-01-11")), (Some(day("2024-01-10")), None));
        let unsaid: Vec<Kind> = coverage.unsaid().collect();
        assert_eq!(unsaid, [Kind::ChildProtectionPlanEnded]);
        // An earlier file told of the first months, a later one tells of them all.
        let complete = |to| stated("child_protection_plan_ended", CoverageExtent::Complete, "2024-01-01", to);
        coverage.add(complete("2024-03-31"));
        assert!(!hidden(&coverage, "2024-01-10", "2024-03-31"));
        assert!(hidden(&coverage, "2024-01-10", "2024-04-01"));
        coverage.add(complete("2024-07-31"));
        assert!(!hidden(&coverage, "2024-01-10", "2024-12-31"));
    }

    #[test]
    fn a_state_is_unsaid_until_a_later_source_tells_of_its_record() {
        let mut coverage = Coverage::default();
        let unsaid = |coverage: &Coverage, on| {
            coverage.is_unsaid_last(Kind::WorkerAllocated, Kind::ReferralReceived, day(on))
        };
        coverage.add(stated("referral_received", CoverageExtent::Complete, "2024-01-01", "2024-06-30"));
        assert!(!unsaid(&coverage, "2024-06-30"));
        coverage.add(stated("worker_allocated", CoverageExtent::None, "2024-02-01", "2024-06-30"));
        assert!(unsaid(&coverage, "2024-06-30") && unsaid(&coverage, "2024-07-05"));
        assert!(!unsaid(&coverage, "2024-01-31"));
        coverage.add(stated("referral_received", CoverageExtent::Complete, "2024-02-01", "2024-07-31"));
        assert!(unsaid(&coverage, "2024-07-30") && !unsaid(&coverage, "2024-07-31"));
    }

    #[test]
    fn latest_only_is_not_a_history() {
        let mut coverage = Coverage::default();
        coverage.add(stated("review_conference_held", CoverageExtent::LatestOnly, "", ""));
        assert_eq!(
            coverage.of(Kind::ReviewConferenceHeld, day("2020-02-01"), day("2020-02-02")),
            Covered::LatestOnly
        );
    }
}
