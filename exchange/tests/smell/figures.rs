//! What is expected of each figure, read from `figures.toml`, and the figure itself.

use std::sync::OnceLock;

use projections::indicators::{Indicator, Indicators};
use serde::Deserialize;

/// What a figure rests on, at least, where the entry states no base of its own.
const BASE: u64 = 30;
/// Below this base a share may leave its range by what chance alone does to so few.
const FEW: u64 = 100;

/// One rule's or tally's entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: String,
    measure: Option<Measure>,
    /// For a ratio: the rule whose count is divided by.
    to: Option<String>,
    range: Option<(f64, f64)>,
    base: Option<u64>,
    pub(crate) source: Option<String>,
    pub(crate) verified: Option<bool>,
    pub(crate) reason: Option<String>,
    not_exercised: Option<String>,
}

/// Which figure of a rule.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Of the clocks that closed, those in time, in per cent.
    InTime,
    /// Of the base, what counts, in per cent.
    Share,
    /// Of the events looked at, those with an earlier one, in per cent.
    Earlier,
    /// What counts, for each 10,000 children under 18.
    Rate,
    /// Mean length of what closed, in the rule's unit.
    Mean,
    /// Median length, or median value, in the rule's unit.
    Median,
    /// What counts, for each 100 children of the file.
    #[serde(rename = "per_100")]
    Per100,
    /// What counts, for each one of another rule.
    Ratio,
    /// What counts, of all clocks of all rules that closed in time, in per cent.
    OfInTime,
}

impl Measure {
    pub(crate) fn is_share(self) -> bool {
        matches!(self, Self::InTime | Self::Share | Self::Earlier | Self::OfInTime)
    }
}

/// What an entry says, where it makes sense.
pub(crate) enum Expectation<'e> {
    NotExercised(&'e str),
    Figure { measure: Measure, low: f64, high: f64 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    figure: Vec<Entry>,
}

/// Every entry, in the order of the file.
pub(crate) fn expectations() -> &'static [Entry] {
    static HELD: OnceLock<Vec<Entry>> = OnceLock::new();
    HELD.get_or_init(|| {
        toml::from_str::<File>(include_str!("figures.toml")).expect("the file of ranges").figure
    })
}

impl Entry {
    pub(crate) fn expectation(&self) -> Result<Expectation<'_>, String> {
        match (&self.not_exercised, self.measure, self.range) {
            (Some(why), None, None) => Ok(Expectation::NotExercised(why)),
            (None, Some(measure), Some((low, high))) => Ok(Expectation::Figure { measure, low, high }),
            _ => Err("an entry has a measure and a range, or says why it is not exercised".to_owned()),
        }
    }

    /// What is wrong with the figure; `None` where it lies in its range on a base that is large enough, or so few were
    /// drawn that a rate within the range gives this share in more than one of a hundred authorities.
    pub(crate) fn complaint(&self, figured: &Figured) -> Option<String> {
        let Ok(Expectation::Figure { measure, low, high }) = self.expectation() else { return None };
        let (least, base) = (self.base.unwrap_or(BASE), figured.base(&self.id));
        if base < least {
            return Some(format!("{}: a base of {base}, at least {least} expected", self.id));
        }
        let Some(found) = figured.figure(&self.id, measure, self.to.as_deref()) else {
            return Some(format!("{}: no figure on a base of {base}", self.id));
        };
        let inside = (low..=high).contains(&found)
            || measure.is_share() && base < FEW && by_chance(found, base, low.max(found.min(high)));
        (!inside).then(|| format!("{}: {found:.2}, expected {low} to {high} (base {base})", self.id))
    }
}

/// The indicators of an authority, and how many children it has.
pub(crate) struct Figured {
    pub(crate) indicators: Indicators,
    pub(crate) children: u32,
}

impl Figured {
    fn of(&self, rule: &str) -> Option<&Indicator> {
        self.indicators.by_rule.get(rule)
    }

    /// How much a rule's figure rests on: what closed, what was looked at, or the base of a tally.
    pub(crate) fn base(&self, rule: &str) -> u64 {
        self.of(rule).map_or(0, |it| it.closed() + it.asked + it.figures.base)
    }

    /// A rule's figure; `None` where nothing of it can be told.
    pub(crate) fn figure(&self, rule: &str, measure: Measure, to: Option<&str>) -> Option<f64> {
        let it = self.of(rule)?;
        match measure {
            Measure::InTime => share(it.met, it.closed()),
            Measure::Share => share(it.figures.counted, it.figures.base),
            Measure::Earlier => share(it.earlier, it.asked),
            Measure::Rate => {
                it.figures.rate(self.indicators.population?.children.into()).map(|it| exact(it) / 10.0)
            }
            Measure::Mean => it.mean_tenths().map(|tenths| exact(tenths.unsigned_abs()) / 10.0),
            Measure::Median => {
                it.median_value().or_else(|| it.median()).map(|value| exact(value.unsigned_abs()))
            }
            Measure::Per100 => share(it.figures.counted, self.children.into()),
            Measure::OfInTime => {
                share(it.figures.counted, self.indicators.by_rule.values().map(|it| it.met).sum())
            }
            Measure::Ratio => share(it.figures.counted, self.of(to?)?.figures.counted).map(|it| it / 100.0),
        }
    }
}

/// Whether as few, or as many, as were found of a base are drawn in more than one case of a hundred where the rate is
/// `rate`: the binomial distribution, summed.
fn by_chance(found: f64, base: u64, rate: f64) -> bool {
    let (below, rate) = (found < rate, rate / 100.0);
    let mut one = (1.0 - rate).powf(exact(base));
    let mut tail = 0.0;
    for drawn in 0..=base {
        let drawn_share = exact(drawn) * 100.0 / exact(base);
        if below && drawn_share <= found + 1e-9 || !below && drawn_share >= found - 1e-9 {
            tail += one;
        }
        one *= exact(base - drawn) / exact(drawn + 1) * rate / (1.0 - rate);
    }
    tail > 0.01
}

#[test]
fn a_dozen_may_leave_a_range_by_chance_and_not_by_much() {
    assert!(by_chance(100.0, 15, 99.0) && by_chance(53.85, 13, 50.0));
    assert!(!by_chance(100.0, 30, 80.0) && !by_chance(0.0, 13, 50.0) && !by_chance(100.0, 99, 90.0));
}

fn share(part: u64, base: u64) -> Option<f64> {
    (base > 0).then(|| exact(part) * 100.0 / exact(base))
}

fn exact(number: u64) -> f64 {
    f64::from(u32::try_from(number).expect("a small count"))
}
