//! Counts, shares and rates of a period, and the population by which rates are divided.

use async_graphql::{Enum, SimpleObject};
use domain::rules;
use projections::indicators::Indicator;
use projections::populations::Population as Known;

/// Children under 18 in the authority's area.
#[derive(SimpleObject)]
pub(super) struct Population {
    /// The year that the estimate is about.
    year: u32,
    /// How many children.
    children: u32,
}

impl From<Known> for Population {
    fn from(Known { year, children }: Known) -> Self {
        Self { year, children }
    }
}

/// What a figure is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum Figure {
    /// What counts, out of the base.
    Share,
    /// What counts, out of the base; nothing should.
    Check,
    /// How many.
    Count,
    /// How many for each 10,000 children of the population.
    Rate,
    /// How long: the values' median and 90th percentile.
    Lengths,
}

impl From<rules::Figure> for Figure {
    fn from(figure: rules::Figure) -> Self {
        match figure {
            rules::Figure::Share => Self::Share,
            rules::Figure::Check => Self::Check,
            rules::Figure::Count => Self::Count,
            rules::Figure::Rate => Self::Rate,
            rules::Figure::Lengths => Self::Lengths,
        }
    }
}

/// What counts under one heading.
#[derive(SimpleObject)]
pub(super) struct Heading {
    /// The heading: a month as `YYYY-MM`, an age, a code, a day, a band.
    name: String,
    /// How many.
    counted: u64,
    /// For shares: of how many; null where nothing is divided.
    base: Option<u64>,
}

impl Heading {
    pub(super) fn new(name: &str, counted: u64, base: Option<u64>) -> Self {
        Self { name: name.to_owned(), counted, base }
    }
}

/// What a count, a share or a rate comes to. What cannot be told stands beside the base, never in it.
#[derive(SimpleObject)]
pub(super) struct Figures {
    /// What the figure is.
    figure: Figure,
    /// What was looked at and can be told.
    base: u64,
    /// Of the base, what counts.
    counted: u64,
    /// The dates do not settle whether it counts.
    cannot_tell: u64,
    /// The history has a gap where the answer would lie.
    history_incomplete: u64,
    /// For shares and checks: of the base, what counts, in hundredths of a per cent; null where the base is 0.
    share: Option<u64>,
    /// For rates: what counts for each 10,000 children, in tenths; null where no population is recorded.
    per10000_tenths: Option<u64>,
    /// Median of the values of what counts, in days or as a number, as the rule says; null where nothing is measured.
    median: Option<i64>,
    /// The value within which 90 of 100 that count lie.
    ninetieth_percentile: Option<i64>,
    /// What counts, by the rule's heading, in order; empty where it has none.
    groups: Vec<Heading>,
}

impl Figures {
    pub(super) fn of(figure: rules::Figure, indicator: &Indicator, population: Option<Known>) -> Self {
        let figures = &indicator.figures;
        let out_of_all = matches!(figure, rules::Figure::Share | rules::Figure::Check);
        let rate = population.filter(|_| figure == rules::Figure::Rate);
        let base = |name: &str| figures.bases.get(name).copied().filter(|_| out_of_all);
        let counted = |name: &str| figures.groups.get(name).copied().unwrap_or(0);
        let named = if out_of_all { &figures.bases } else { &figures.groups };
        Self {
            figure: figure.into(),
            base: figures.base,
            counted: figures.counted,
            cannot_tell: figures.cannot_tell,
            history_incomplete: figures.history_incomplete,
            share: figures.share().filter(|_| out_of_all),
            per10000_tenths: rate.and_then(|population| figures.rate(u64::from(population.children))),
            median: indicator.median_value(),
            ninetieth_percentile: indicator.ninetieth_value(),
            groups: named.keys().map(|name| Heading::new(name, counted(name), base(name))).collect(),
        }
    }
}
