//! Populations: how many children live in an area, by which rates are divided.
//!
//! They are recorded as `population_set` in the streams of the authority. An estimate counts from the year that it is
//! about: a rate of 2017 is not divided by the children of 2019.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use domain::events::Body;
use domain::journey::Journey;

/// The ages of "children under 18", both inclusive.
const UNDER_18: (u32, u32) = (0, 17);

/// An estimate of how many children live in an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// The year that it is about.
    pub year: u32,
    /// How many children.
    pub children: u32,
}

/// Every estimate that is known, by area and year. Mergeable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Populations(BTreeMap<(String, u32), u32>);

impl Populations {
    /// Takes the estimates of children under 18 out of one of the authority's streams; of two for the same area and year,
    /// the later in practice order stands.
    pub fn take(&mut self, journey: &Journey) {
        for event in &journey.events {
            if let Body::PopulationSet(set) = &event.body
                && (set.ages_from, set.ages_to) == UNDER_18
            {
                self.0.insert((set.area.as_str().to_owned(), set.year), set.children);
            }
        }
    }

    /// The newest estimate of an area that is about the day's year or an earlier one.
    #[must_use]
    pub fn under_18(&self, area: &str, day: NaiveDate) -> Option<Population> {
        let year = u32::try_from(day.year()).ok()?;
        let range = (area.to_owned(), 0)..=(area.to_owned(), year);
        let ((_, year), children) = self.0.range(range).next_back()?;
        Some(Population { year: *year, children: *children })
    }

    /// Adds another part of the same ledger.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
