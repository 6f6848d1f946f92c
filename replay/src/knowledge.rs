//! With which knowledge a question is asked, resolved once to a place in the ledger.
//!
//! A known-at time includes what was recorded at or before it. It is resolved to (ledger, epoch, position), and
//! that is printed and cited; while it lies after the head it is provisional.

use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::KnownDay;
use domain::clocks::Question;
use domain::ids::{LedgerId, Position};
use domain::journey::{Basis, KnownAt, RecordedKinds};
use domain::time::london_day;

use crate::{ReplayFault, Replayer};

/// A question's knowledge as it was asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// What may be known.
    pub known: KnownAt,
    /// The day that the question is about; `None` is the day of the knowledge.
    pub as_at: Option<NaiveDate>,
    /// Now: the time is passed in.
    pub now: DateTime<Utc>,
}

/// A question's knowledge, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// What may be known.
    pub known: KnownAt,
    /// The day that the question is about.
    pub as_at: NaiveDate,
    /// The ledger.
    pub ledger: LedgerId,
    /// The epoch in which the event at that position was recorded, from 1.
    pub epoch: u32,
    /// The last position that may count; `None` where the ledger had not begun.
    pub position: Option<Position>,
    /// Whether more may still be recorded that this question would include.
    pub provisional: bool,
    /// When the ledger began: earlier knowledge is only what sources claim.
    pub ledger_began: DateTime<Utc>,
    /// The day whose knowledge of the calendar counts.
    pub calendar_known: KnownDay,
    /// The kinds of event that the authority records: those that it must return, and those of which an event stands at or
    /// below `position`.
    pub recorded: RecordedKinds,
}

impl Knowledge {
    /// Whether the question goes back before the ledger's first event, on the ledger's own word.
    pub fn is_before_ledger(&self) -> bool {
        self.known.until.is_some_and(|until| until < self.ledger_began)
    }

    /// The question to put to the clocks.
    pub fn question(&self) -> Question<'static> {
        Question::as_at(self.as_at).with_calendar_known(self.calendar_known).with_recorded(self.recorded)
    }
}

impl Replayer {
    /// Resolves a question's knowledge against the head of the ledger.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read.
    pub async fn resolve(&self, asked: Asked) -> Result<Knowledge, ReplayFault> {
        let genesis = self.ledger.genesis();
        let head = self.ledger.head().await?;
        let last = match (asked.known.basis, asked.known.until) {
            (Basis::Ledger, Some(until)) => self.ledger.head_at(until).await?,
            (Basis::Ledger | Basis::Source | Basis::Extract, _) => Some(head),
        };
        let moment = asked.known.until.map_or(asked.now, |until| until.min(asked.now));
        let position = last.map(|last| last.position);
        let day = london_day(moment);
        Ok(Knowledge {
            known: asked.known,
            as_at: asked.as_at.unwrap_or(day),
            ledger: genesis.ledger,
            epoch: last.map_or(genesis.epoch, |last| last.epoch),
            position,
            provisional: asked.known.until.is_none_or(|until| until > head.recorded_at),
            ledger_began: genesis.opened_at,
            calendar_known: KnownDay::new(day),
            recorded: self.recorded(head.position, position).await?,
        })
    }

    /// The kinds of event that the authority records, as known at a position.
    async fn recorded(&self, head: Position, up_to: Option<Position>) -> Result<RecordedKinds, ReplayFault> {
        let kinds = self.kinds.at(head, || self.ledger.first_of_each_kind()).await?;
        let seen = kinds.iter().filter(|(_, first)| Some(*first) <= up_to).map(|(kind, _)| *kind);
        Ok(RecordedKinds::of_any_authority().and(seen.collect()))
    }
}
