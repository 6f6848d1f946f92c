//! How much of a child's history the ledger holds, per kind of event.
//!
//! Annex A gives only the latest visit and review; a clock that needs the one before cannot say `met` or
//! `late`. A kind is covered on a stretch of days only where a source states it to be complete.

use chrono::NaiveDate;

use crate::events::Kind;
use crate::events::record_keeping::{CoverageExtent, HistoryCoverageStated};

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

    /// Whether a source names this kind as one that it holds. A statement about every kind names none: it says that
    /// the record is whole, not what is recorded.
    pub fn names(&self, kind: Kind) -> bool {
        let holds = |statement: &&HistoryCoverageStated| statement.kinds.contains(kind.name());
        self.statements.iter().any(|statement| holds(&statement))
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
    fn latest_only_is_not_a_history() {
        let mut coverage = Coverage::default();
        coverage.add(stated("review_conference_held", CoverageExtent::LatestOnly, "", ""));
        assert_eq!(
            coverage.of(Kind::ReviewConferenceHeld, day("2020-02-01"), day("2020-02-02")),
            Covered::LatestOnly
        );
    }
}
