//! With what knowledge a question is asked, and what is printed about it on every answer.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::ids::Position;
use domain::journey::{Basis, KnownAt};
use domain::time::{end_of_london_day, london_day};

use crate::reading::{LedgerState, Reading, ReadingFault};

/// A moment of knowledge as it was typed: a whole day or an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The end of a London day.
    EndOf(NaiveDate),
    /// Up to and including an instant.
    At(DateTime<Utc>),
}

impl Moment {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Ok(day) = text.parse() {
            // Beyond these years no clock and no calendar has an answer.
            let plausible = text.len() == 10;
            return plausible.then_some(Self::EndOf(day));
        }
        // A '+' in an address is a space.
        let instant = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok()?;
        Some(Self::At(instant.with_timezone(&Utc)))
    }

    /// The moment of an instant: the last instant of a London day stands for the end of that day.
    pub(crate) fn of(instant: DateTime<Utc>) -> Self {
        let day = Self::At(instant).day();
        if end_of_london_day(day) == instant { Self::EndOf(day) } else { Self::At(instant) }
    }

    pub(crate) fn until(self) -> DateTime<Utc> {
        match self {
            Self::EndOf(day) => end_of_london_day(day),
            Self::At(instant) => instant,
        }
    }

    /// The London day that it belongs to; midnight belongs to the day that it begins.
    pub(crate) fn day(self) -> NaiveDate {
        match self {
            Self::EndOf(day) => day,
            Self::At(instant) => london_day(instant),
        }
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::EndOf(day) => write!(f, "{day}"),
            Self::At(instant) => f.write_str(&instant.to_rfc3339_opts(SecondsFormat::Micros, true)),
        }
    }
}

/// With what knowledge something is asked, as typed: what is absent has a default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) known_at: Option<Moment>,
    pub(crate) basis: Basis,
    pub(crate) as_at: Option<NaiveDate>,
}

/// The knowledge of an answer, resolved: printed on every one.
#[derive(Clone, Debug)]
pub(crate) struct Knowledge {
    /// As typed.
    pub(crate) asked: Asked,
    /// As resolved.
    pub(crate) resolved: replay::Knowledge,
    /// The ledger that it was resolved against.
    pub(crate) ledger: LedgerState,
}

impl Knowledge {
    pub(crate) async fn resolve(
        reading: &dyn Reading,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Result<Self, ReadingFault> {
        let known = KnownAt { basis: asked.basis, until: asked.known_at.map(Moment::until) };
        let resolved = reading.resolve(replay::Asked { known, as_at: asked.as_at, now }).await?;
        Ok(Self { asked, resolved, ledger: reading.ledger().await? })
    }

    pub(crate) fn as_at(&self) -> NaiveDate {
        self.resolved.as_at
    }

    /// Whether later recording can still change the answer. On a source's word it always can: a later extract
    /// may tell of an earlier entry.
    pub(crate) fn is_provisional(&self) -> bool {
        self.resolved.provisional || self.asked.basis != Basis::Ledger
    }

    /// Whether the moment lies before the ledger's first event, so that nothing of it is proved.
    pub(crate) fn is_before_the_ledger(&self) -> bool {
        self.resolved.is_before_ledger()
    }

    /// The position up to which the ledger was read; 0 where it had not begun.
    pub(crate) fn position(&self) -> Position {
        self.resolved.position.unwrap_or(Position(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_day_or_an_instant() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (text, expected) in [
            ("2025-06-03", Some(day("2025-06-03"))),
            ("2025-06-03T10:00:00Z", Some(day("2025-06-03"))),
            ("2025-06-03T22:59:59.999999Z", Some(day("2025-06-03"))),
            ("2025-06-03T23:00:00.000000Z", Some(day("2025-06-04"))),
            ("2025-06-03T10:00:00 01:00", Some(day("2025-06-03"))),
            ("3 June 2025", None),
            ("2025-02-30", None),
            ("", None),
        ] {
            assert_eq!(Moment::parse(text).map(Moment::day), expected, "{text}");
        }
    }
}
