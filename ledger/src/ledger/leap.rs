//! The way out after a clock leapt ahead: two officers say when the newest row was recorded in truth.

use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::envelope::EventContext;
use domain::events::custody::LedgerTimeSet;
use domain::ids::Position;
use thiserror::Error;

use super::Ledger;
use crate::append::Recorded;
use crate::ledger_time::{Leap, LedgerTime, TOLERANCE};
use crate::officers::{Action, CarryOutFault, CustodyFault, RequestFault, instant};
use crate::read::ReadFault;

/// Why the ledger's time is not set right.
#[derive(Debug, Error)]
pub enum LeapFault {
    /// The newest row has a time that has come.
    #[error(
        "the newest event is at position {position}, recorded {recorded_at}: that is not ahead of the database's clock \
         ({database}), and there is nothing to set right"
    )]
    NotAhead {
        /// Where.
        position: Position,
        /// When.
        recorded_at: DateTime<Utc>,
        /// The database's clock.
        database: DateTime<Utc>,
    },
    /// The clock that the true time is measured by is wrong itself.
    #[error(
        "the clock of this machine and the database's are {apart_ms} ms apart; at most 5000 ms are taken. Set the wrong one right first"
    )]
    Apart {
        /// How far, in milliseconds.
        apart_ms: i64,
    },
    /// The true time lies outside of what can be.
    #[error(
        "the true time must lie between {earliest}, when the last event with a right time was recorded, and now ({latest})"
    )]
    Outside {
        /// When the last event with a right time was recorded.
        earliest: DateTime<Utc>,
        /// The database's clock.
        latest: DateTime<Utc>,
    },
    /// The request is about another row, or about another time.
    #[error(
        "the request is about another row than the newest; prepare a new one with `caseledger clock prepare`"
    )]
    OtherLeap,
    /// The ledger cannot be read.
    #[error("reading the time of the newest event")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// It is not carried out.
    #[error(transparent)]
    Refused(#[from] CarryOutFault),
}

impl From<CustodyFault> for LeapFault {
    fn from(fault: CustodyFault) -> Self {
        Self::Refused(fault.into())
    }
}

impl Ledger {
    /// What is known of times of rows that had not come when they were written.
    pub fn time(&self) -> Arc<LedgerTime> {
        self.reader.time().known()
    }

    /// The database's clock, which the ledger's time follows.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn database_clock(&self) -> Result<DateTime<Utc>, ReadFault> {
        self.reader.database_clock().await
    }

    /// The positions with a time that had not come, before a leap was told; both ends included.
    ///
    /// # Errors
    /// [`ReadFault`].
    pub async fn positions_in(&self, leap: Leap) -> Result<RangeInclusive<u64>, ReadFault> {
        let before = self.time().before(leap).stamp_at(leap.moment);
        let right = self.reader.raw_head_at(before).await?.map_or(0, |head| head.position.0);
        Ok(right + 1..=leap.last.0)
    }

    /// The newest row with a time that has not come, and when it was recorded in truth: as stated, or now at the latest.
    ///
    /// # Errors
    /// [`LeapFault`].
    pub async fn find_leap(&self, stated: Option<DateTime<Utc>>) -> Result<Leap, LeapFault> {
        let database = self.reader.database_clock().await?;
        let apart = self.now() - database;
        if apart.abs() > TOLERANCE {
            return Err(LeapFault::Apart { apart_ms: apart.num_milliseconds() });
        }
        let head = self.head().await?;
        if head.recorded_at <= database + TOLERANCE {
            let (position, recorded_at) = (head.position, head.recorded_at);
            return Err(LeapFault::NotAhead { position, recorded_at, database });
        }
        let before = self.head_at(database).await?;
        let earliest = before.map_or(self.genesis().opened_at, |head| head.recorded_at);
        let moment = stated.unwrap_or(database);
        if moment < earliest || moment > database + TOLERANCE {
            return Err(LeapFault::Outside { earliest, latest: database });
        }
        let stamp = self.reader.stamp(head.position).await?;
        Ok(Leap { last: head.position, stamp, moment })
    }

    /// What two officers have to sign to have rows go on from this one.
    pub fn leap_action(leap: Leap) -> Action {
        Action::SetTime { leap }
    }

    /// Records what two officers say of the newest row's time. From there on events can be recorded again.
    ///
    /// # Errors
    /// [`LeapFault`]; nothing is recorded then.
    pub async fn set_time(&self, request: &str) -> Result<(Leap, Recorded), LeapFault> {
        let custody = self.checked_custody().await?;
        let signed = custody.check_new(request).map_err(CarryOutFault::from)?;
        let Action::SetTime { leap } = &signed.request.action else {
            let other =
                RequestFault::OtherAction { expected: "set-time", found: signed.request.action.name() };
            return Err(CarryOutFault::from(other).into());
        };
        if self.find_leap(Some(leap.moment)).await? != *leap {
            return Err(LeapFault::OtherLeap);
        }
        let said = LedgerTimeSet {
            position: leap.last.0,
            recorded_at: instant(leap.stamp),
            true_time: instant(leap.moment),
            request: signed.text.clone(),
        };
        let by = EventContext::new(self.id().0, "ledger");
        // Nothing may come before it, not even a note about the key store: it could not be recorded.
        let command = self.custody_command(&custody, vec![said.into()], &by, self.now())?;
        let time = self.reader.time();
        let before = time.known();
        time.set(before.and(*leap));
        let recorded = self.append_admitted(command).await;
        if recorded.is_err() {
            time.set(LedgerTime::clone(&before));
        }
        Ok((*leap, recorded.map_err(CarryOutFault::from)?))
    }
}
