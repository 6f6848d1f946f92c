//! When something was recorded, also where a clock once leapt ahead.
//!
//! The time in a row never goes back, so that a database whose clock was once 400 days ahead would take nothing until that day. Two
//! officers may then say which event was the last one with a wrong time, and when it was recorded in truth. From there on the
//! rows go on from that wrong time a thousand times slower than time, until time has caught up with them. So each row still
//! says to the millisecond when it was recorded, nothing in a row is ever changed, and positions and times stay in one order.

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use domain::envelope::StoredEvent;
use domain::events::custody::LedgerTimeSet;
use domain::events::{Body, RecordedEvent};
use domain::ids::{LedgerId, Position};
use tokio_postgres::Client;

use crate::clock::Clock;
use crate::officers::Custody;
use crate::proof::entries::{leaf, rows_with_leaves};
use crate::read::ReadFault;
use crate::rows::event;

/// How many times slower than time rows go on after a leap.
const SLOWER: i32 = 1_000;

/// How far a row may be ahead of this process's clock before it is asked whether officers have spoken of it.
pub(crate) const TOLERANCE: TimeDelta = TimeDelta::seconds(5);

/// The end of a stretch of rows with times that had not come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leap {
    /// The last position with such a time.
    pub last: Position,
    /// The time in its row.
    pub stamp: DateTime<Utc>,
    /// When it was recorded in truth, at the latest.
    pub moment: DateTime<Utc>,
}

impl Leap {
    /// What an event says; `None` where its times cannot be read, or the clock had not leapt ahead.
    pub fn of(facts: &LedgerTimeSet) -> Option<Self> {
        let (stamp, moment) = (facts.recorded_at.parse().ok()?, facts.true_time.parse().ok()?);
        (moment < stamp).then_some(Self { last: Position(facts.position), stamp, moment })
    }

    /// The time that a row gets at a moment after the leap, as far as this leap goes.
    fn stamp_at(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        self.stamp + (moment - self.moment) / SLOWER
    }

    /// The moment of a row behind the leap.
    fn moment_of(&self, stamp: DateTime<Utc>) -> DateTime<Utc> {
        // Beyond the day on which time has caught up the row says the moment itself, which is then the earlier one.
        (stamp - self.stamp).checked_mul(SLOWER).map_or(stamp, |since| (self.moment + since).min(stamp))
    }

    /// When time will have caught up with the rows.
    pub fn caught_up_at(&self) -> DateTime<Utc> {
        self.stamp + (self.stamp - self.moment) / (SLOWER - 1)
    }
}

/// The leaps of a ledger's time, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerTime {
    leaps: Vec<Leap>,
}

impl LedgerTime {
    /// The leaps, oldest first.
    pub fn leaps(&self) -> &[Leap] {
        &self.leaps
    }

    /// The same with one leap more.
    #[must_use]
    pub fn and(&self, leap: Leap) -> Self {
        Self { leaps: self.leaps.iter().copied().chain([leap]).collect() }
    }

    /// What was known before a leap was told.
    pub(crate) fn before(&self, leap: Leap) -> Self {
        Self { leaps: self.leaps.iter().copied().filter(|one| one.last < leap.last).collect() }
    }

    /// The time in a row that is recorded at a moment. It never goes back.
    pub fn stamp_at(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let past = self.leaps.iter().filter(|leap| leap.moment <= moment);
        past.map(|leap| leap.stamp_at(moment)).fold(moment, DateTime::max)
    }

    /// When a row was recorded, by the time in it.
    pub fn moment_of(&self, position: Position, stamp: DateTime<Utc>) -> DateTime<Utc> {
        let before = self.leaps.iter().rev().find(|leap| leap.last < position);
        let moment = before.map_or(stamp, |leap| leap.moment_of(stamp));
        let after = self.leaps.iter().filter(|leap| position <= leap.last);
        after.map(|leap| leap.moment).fold(moment, DateTime::min)
    }

    /// Gives a row that was read the time when it was recorded; the time that stands in it is kept beside.
    pub(crate) fn tell(&self, event: &mut StoredEvent) {
        let moment = self.moment_of(event.position, event.recorded_at);
        if moment != event.recorded_at {
            event.context.stamped_at = Some(event.recorded_at);
            event.recorded_at = moment;
        }
    }
}

/// The kind of event with which officers speak of a leap.
const KIND: &str = "ledger_time_set";
/// A field of its facts, by which it is known also where its kind was changed.
const FIELD: &str = "true_time";

/// Reads the leaps that two officers have spoken of, oldest first. Where any was ever spoken of, each row of the system stream
/// has to be the one that was recorded: one that was changed or taken away would move every answer about what was known when.
pub(crate) async fn read(client: &Client) -> Result<LedgerTime, ReadFault> {
    let sql = rows_with_leaves("e.stream = (SELECT stream FROM caseledger.events WHERE position = 1)");
    let rows = client.query(&sql, &[]).await?;
    let sql = "SELECT EXISTS (SELECT FROM caseledger.kinds WHERE kind = $1)";
    let is_listed: bool = client.query_one(sql, &[&KIND]).await?.try_get(0)?;
    let events = rows.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    let speaks = |event: &StoredEvent| {
        event.kind == KIND || event.facts.as_deref().is_some_and(|facts| facts.contains(FIELD))
    };
    if is_listed || events.iter().any(speaks) {
        for ((row, event), revision) in rows.iter().zip(&events).zip(1..) {
            if leaf(row).is_err() || event.revision.0 != revision {
                return Err(ReadFault::TimeInDoubt { position: event.position });
            }
        }
        // The last row may be the one that is gone.
        if !events.iter().any(|event| event.kind == KIND) {
            let end = events.last().map_or(Position(1), |event| event.position);
            return Err(ReadFault::TimeInDoubt { position: end });
        }
    }
    let events: Vec<RecordedEvent> = events.into_iter().filter_map(|stored| stored.try_into().ok()).collect();
    let Some((first, opened)) = events.first().and_then(|first| Some((first, opened(first)?))) else {
        return Ok(LedgerTime::default());
    };
    let mut custody = Custody::new(opened, first.stream);
    events.iter().for_each(|event| custody.apply(event));
    Ok(custody.time().clone())
}

fn opened(first: &RecordedEvent) -> Option<LedgerId> {
    if let Body::LedgerOpened(facts) = &first.event.body { Some(LedgerId(facts.ledger)) } else { None }
}

/// What this process knows of the ledger's time; all that read and write share it.
#[derive(Debug)]
pub(crate) struct SharedTime {
    clock: Clock,
    known: RwLock<Arc<LedgerTime>>,
}

impl SharedTime {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self { clock, known: RwLock::default() })
    }

    pub(crate) fn known(&self) -> Arc<LedgerTime> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set(&self, time: LedgerTime) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(time);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Whether a moment lies so far ahead that the row was written while a clock was wrong.
    pub(crate) fn is_ahead(&self, moment: DateTime<Utc>) -> bool {
        moment > self.clock.now() + TOLERANCE
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}Z").parse().unwrap()
    }

    /// A clock 400 days ahead for an hour on 1 March, told on 3 March; again two days ahead on 10 April.
    fn leapt() -> LedgerTime {
        let leap = |last, stamp, moment| Leap { last: Position(last), stamp: at(stamp), moment: at(moment) };
        let first = LedgerTime::default().and(leap(20, "2027-04-05T10:00:00", "2026-03-03T09:00:00"));
        // By then the rows had come to 2027-04-05T10:54:43.2 by themselves.
        first.and(leap(40, "2028-01-01T00:00:00", "2026-04-10T09:00:00"))
    }

    #[test]
    fn a_row_says_when_it_was_recorded_also_after_a_leap() {
        let time = leapt();
        let moment = |position, stamp| time.moment_of(Position(position), at(stamp));
        assert_eq!(moment(10, "2026-02-28T12:00:00"), at("2026-02-28T12:00:00"), "before any leap");
        assert_eq!(
            moment(20, "2027-04-05T10:00:00"),
            at("2026-03-03T09:00:00"),
            "with a time that had not come"
        );
        assert_eq!(moment(21, "2027-04-05T10:00:03.600"), at("2026-03-03T10:00:00"), "an hour later");
        assert_eq!(moment(40, "2028-01-01T00:00:00"), at("2026-04-10T09:00:00"), "the second leap");
        assert_eq!(moment(41, "2028-01-01T00:00:00"), at("2026-04-10T09:00:00"));
        assert_eq!(moment(60, "2029-01-01T00:00:00"), at("2029-01-01T00:00:00"), "time has caught up");
        let caught_up = time.leaps()[1].caught_up_at();
        assert_eq!(caught_up.date_naive(), "2028-01-01".parse().unwrap());
        assert_eq!(time.stamp_at(caught_up), caught_up, "from then on a row says the moment itself");
    }

    #[test]
    fn what_is_not_ahead_is_no_leap() {
        let facts = |recorded_at: &str, true_time: &str| LedgerTimeSet {
            position: 9,
            recorded_at: recorded_at.to_owned(),
            true_time: true_time.to_owned(),
            request: String::new(),
        };
        assert!(Leap::of(&facts("2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z")).is_some());
        assert_eq!(Leap::of(&facts("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")), None);
        assert_eq!(Leap::of(&facts("soon", "2026-01-01T00:00:00Z")), None);
    }

    proptest! {
        /// Whatever is asked as known at a moment finds just the rows that were recorded by then.
        #[test]
        fn rows_keep_their_order_and_are_found_by_the_moment(
            steps in prop::collection::vec((0_i64..200_000_000, 0_u8..12, 1_i64..40_000_000), 1..30),
            asked in 0_i64..3_000_000_000,
        ) {
            let begin = at("2026-01-01T00:00:00");
            let (mut time, mut now, mut rows) = (LedgerTime::default(), begin, Vec::new());
            let mut newest = begin;
            for (milliseconds, leaps, ahead) in steps {
                now += TimeDelta::milliseconds(milliseconds);
                let position = Position(u64::try_from(rows.len()).unwrap() + 1);
                if leaps == 0 {
                    // A clock is ahead while one row is written; then two officers say so.
                    newest = time.stamp_at(now).max(now + TimeDelta::seconds(ahead)).max(newest);
                    rows.push((position, newest, now));
                    time = time.and(Leap { last: position, stamp: newest, moment: now });
                } else {
                    newest = time.stamp_at(now).max(newest);
                    rows.push((position, newest, now));
                }
            }
            let asked = begin + TimeDelta::milliseconds(asked);
            for (position, stamp, recorded) in rows {
                let moment = time.moment_of(position, stamp);
                prop_assert!((recorded - moment).abs() <= TimeDelta::milliseconds(1), "{moment} for {recorded}");
                prop_assert_eq!(stamp <= time.stamp_at(asked), moment <= asked, "{} at {}", position.0, asked);
            }
        }
    }
}
