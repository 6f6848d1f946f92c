//! The two ends between which something uncertain lies.
//!
//! Invariant: an answer drawn from ends is only given where it is the same at both.

use crate::journey::KnownEvent;
use chrono::NaiveDate;

/// Earliest and latest value; `None` is without bound on that side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends<T> {
    pub(super) earliest: Option<T>,
    pub(super) latest: Option<T>,
}

impl<T: Copy + Ord> Ends<T> {
    pub(super) fn exact(value: T) -> Self {
        Self { earliest: Some(value), latest: Some(value) }
    }

    /// The value where both ends agree on it.
    pub(super) fn certain(self) -> Option<T> {
        self.earliest.filter(|_| self.earliest == self.latest)
    }

    /// Whether it certainly lies before `other`.
    pub(super) fn surely_before(self, other: Self) -> bool {
        self.latest.zip(other.earliest).is_some_and(|(latest, earliest)| latest < earliest)
    }
}

impl Ends<NaiveDate> {
    /// The civil days between which an event happened.
    pub(super) fn of(event: &KnownEvent) -> Self {
        Self { earliest: event.occurred.earliest_day(), latest: event.occurred.latest_day() }
    }

    /// The days between which the first of several events happened: whichever is first, it is not before the earliest of
    /// their earliest days and not after the earliest of their latest days. `None` where there is no event.
    pub(super) fn of_first(events: &[&KnownEvent]) -> Option<Self> {
        events.iter().map(|event| Self::of(event)).reduce(Self::or_earlier)
    }

    /// From the earliest day of both to the latest: it is one of the two.
    pub(super) fn hull(self, other: Self) -> Self {
        Self {
            earliest: self.earliest.zip(other.earliest).map(|(a, b)| a.min(b)),
            latest: self.latest.zip(other.latest).map(|(a, b)| a.max(b)),
        }
    }

    /// The days between which the first of two lies.
    pub(super) fn or_earlier(self, next: Self) -> Self {
        Self {
            earliest: self.earliest.zip(next.earliest).map(|(a, b)| a.min(b)),
            latest: match (self.latest, next.latest) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (one, other) => one.or(other),
            },
        }
    }
}
