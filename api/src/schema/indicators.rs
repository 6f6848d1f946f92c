//! Indicators of a period, with their base and what cannot be told beside them.

use async_graphql::{InputObject, Object, Result, SimpleObject};
use chrono::NaiveDate;
use domain::rules::InForce;
use projections::indicators::{Indicator as Counted, Period};
use projections::populations::Population as Known;
use uuid::Uuid;

use super::failure::{fail, of_reading};
use super::figures::{Figures, Heading, Population};
use super::knowledge::{Knowledge, versions};
use super::rules::Rule;
use super::scalars::Date;
use crate::asked;
use crate::errors::Code;
use crate::state::AppState;

/// First and last day, both included.
#[derive(InputObject)]
pub(super) struct PeriodInput {
    /// First day.
    from: Date,
    /// Last day.
    to: Date,
}

impl PeriodInput {
    /// The period in order; the day of the answer is its last day.
    pub(super) fn checked(&self, as_at: Option<NaiveDate>) -> Result<Period> {
        let period = Period { from: self.from.0, to: self.to.0 };
        if period.from > period.to {
            return Err(fail(Code::BadArgument, "the period ends before it begins"));
        }
        if as_at.is_some_and(|as_at| as_at != period.to) {
            return Err(fail(Code::BadArgument, "asAt of indicators is the period's last day: leave it out"));
        }
        Ok(period)
    }
}

/// The indicators of a period.
#[derive(SimpleObject)]
#[graphql(name = "Indicators")]
pub(super) struct IndicatorsAnswer {
    /// First day.
    from: Date,
    /// Last day.
    to: Date,
    /// One for each rule that has something to say, in order of ids.
    indicators: Vec<Indicator>,
    /// By what rates are divided; null where no estimate is recorded that the period may use.
    population: Option<Population>,
    /// The knowledge that they rest on.
    knowledge: Knowledge,
}

/// What one rule says of a period. Shares are in thousandths and null where their base is 0.
struct Indicator {
    rule: &'static domain::rules::Rule,
    counted: Counted,
    population: Option<Known>,
}

/// What one rule says of a period. Shares are in thousandths and null where their base is 0.
#[Object]
impl Indicator {
    /// The rule.
    async fn rule(&self) -> Rule {
        Rule(self.rule)
    }
    /// Closed in the period, in time.
    async fn met(&self) -> u64 {
        self.counted.met
    }
    /// Closed in the period after the last day of the limit itself, and in time only as extended.
    async fn extended(&self) -> u64 {
        self.counted.extended
    }
    /// Ended in the period after their last day without having been done: a part of `late`, unless the share is of what was done.
    async fn never_done(&self) -> u64 {
        self.counted.never_done
    }
    /// Of what was stopped: the stop does not state what the rule shows apart, such as whether the child was seen.
    async fn not_stated(&self) -> u64 {
        self.counted.not_stated
    }
    /// Closed in the period, after their last day.
    async fn late(&self) -> u64 {
        self.counted.late
    }
    /// Closed in the period, before the first day that the rule allows.
    async fn too_early(&self) -> u64 {
        self.counted.too_early
    }
    /// Open on the last day, in time.
    async fn running(&self) -> u64 {
        self.counted.running
    }
    /// Open on the last day, past their last day in time.
    async fn overdue(&self) -> u64 {
        self.counted.overdue
    }
    /// It cannot be told, for instance because the dates do not settle it.
    async fn cannot_tell(&self) -> u64 {
        self.counted.cannot_tell
    }
    /// Of those: nothing of the kind that would stop the clock is recorded by this authority.
    async fn not_recorded(&self) -> u64 {
        self.counted.not_recorded
    }
    /// The history has a gap.
    async fn history_incomplete(&self) -> u64 {
        self.counted.history_incomplete
    }
    /// The rule does not ask for it.
    async fn not_applicable(&self) -> u64 {
        self.counted.not_applicable
    }
    /// For flags and bands: events that were asked about and can be told.
    async fn asked(&self) -> u64 {
        self.counted.asked
    }
    /// For flags and bands: of those, with an earlier one that counts.
    async fn earlier(&self) -> u64 {
        self.counted.earlier
    }
    /// The base of `shareInTime`: what closed and can be told.
    async fn closed(&self) -> u64 {
        self.counted.closed()
    }
    /// Of what closed and can be told, the share in time, in thousandths: 667 is 66.7 %.
    async fn share_in_time(&self) -> Option<u64> {
        self.counted.share_in_time()
    }
    /// The base of `shareInTimeWithOpen`: what closed and can be told, and what is open and overdue.
    async fn closed_and_overdue(&self) -> u64 {
        self.counted.closed_and_overdue()
    }
    /// The same with open overdue clocks in the base, in thousandths.
    async fn share_in_time_with_open(&self) -> Option<u64> {
        self.counted.share_in_time_with_open()
    }
    /// For flags: of what was asked about, the share with an earlier one, in thousandths.
    async fn share_earlier(&self) -> Option<u64> {
        self.counted.share_earlier()
    }
    /// For bands: events by the band of the latest earlier one, also bands that do not count.
    async fn bands(&self) -> Vec<Heading> {
        let bands =
            if let domain::rules::Shape::Bands(_, bands) = &self.rule.shape { bands.as_slice() } else { &[] };
        let number = |label: &str| self.counted.bands.get(label).copied().unwrap_or(0);
        bands.iter().map(|band| Heading::new(&band.label, number(&band.label), None)).collect()
    }
    /// Median length of what closed, in the rule's unit.
    async fn median(&self) -> Option<i64> {
        self.counted.median()
    }
    /// The length within which 90 of 100 closed, in the rule's unit.
    async fn ninetieth_percentile(&self) -> Option<i64> {
        self.counted.ninetieth()
    }
    /// Mean length of what closed, in tenths of the rule's unit.
    async fn mean_tenths(&self) -> Option<i64> {
        self.counted.mean_tenths()
    }
    /// Length by which half were done; an open clock counts as at least its age, what ended too late without the act as never done; null where fewer than half were done.
    async fn median_with_open(&self) -> Option<i64> {
        self.counted.median_with_open()
    }
    /// For counts, shares and rates; null for clocks, flags and bands.
    async fn figures(&self) -> Option<Figures> {
        let domain::rules::Shape::Tally(tally) = &self.rule.shape else { return None };
        Some(Figures::of(tally.figure, &self.counted, self.population))
    }
    /// What the figures are about: children, families, sets of proceedings, adopters, actions.
    async fn counts(&self) -> &'static str {
        self.rule.counted()
    }
    /// Streams of the children, families, sets or others behind `late` and `overdue`, and behind what counts, ascending, at most 100.
    #[graphql(complexity = 100)]
    async fn children(&self) -> Vec<Uuid> {
        self.counted.children.iter().take(100).map(|stream| stream.as_uuid()).collect()
    }
    /// How many children, families, sets or others are behind `late` and `overdue`, and behind what counts.
    async fn children_count(&self) -> usize {
        self.counted.children.len()
    }
}

pub(super) async fn answer(
    state: &AppState,
    knowledge: asked::Knowledge,
    period: Period,
) -> Result<IndicatorsAnswer> {
    let counted = state.reading.indicators(knowledge.resolved, period).await.map_err(of_reading)?;
    let (book, population) = (state.reading.book(), counted.population);
    let indicators: Vec<Indicator> = counted
        .by_rule
        .into_iter()
        .filter_map(|(id, counted)| Some(Indicator { rule: book.rule(&id)?, counted, population }))
        .collect();
    let in_force = indicators.iter().flat_map(|indicator| {
        let overlapping = indicator.rule.versions.iter().filter(|version| {
            let period = InForce { from: Some(period.from), to: Some(period.to), not_commenced: false };
            version.in_force.overlaps(period)
        });
        overlapping.map(|version| (indicator.rule.id.as_str(), version.name.as_ref()))
    });
    let knowledge = Knowledge::of(&knowledge, versions(in_force));
    let population = population.map(Population::from);
    Ok(IndicatorsAnswer { from: Date(period.from), to: Date(period.to), indicators, population, knowledge })
}
