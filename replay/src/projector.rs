//! The live projector: folds every touched child again and writes rows and checkpoint in one transaction.
//!
//! Exactly once: the checkpoint moves by compare-and-set inside the transaction that writes the rows, so two
//! projectors, a crash or a repeated batch change nothing twice. An event that cannot be understood stops it
//! loudly and is named; nothing is skipped.
//!
//! The checkpoint is a cursor. Where it does not fit the log (a restored older copy, another database) the projector
//! stops; after a lawful break, which a later epoch shows, it takes its rows away and folds the log again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::clocks::Why;
use domain::envelope::{Category, StoredEvent};
use domain::events::{Body, Kind, RecordedEvent};
use domain::ids::{Position, Revision, StreamId};
use domain::journey::{Group, Journey, KnownAt, RecordedKinds};
use ledger::{Batch, Clock, Cursor, CursorFault, EventFilter, Leap, SubscribeFault};
use projections::read_models::{self, Checkpoint, ChildRow, ClockRow, child_row, clock_rows};
use projections::summary::summarise;
use thiserror::Error;
use tokio_postgres::Client;

use crate::disposed::{Understood, understand};
use crate::knowledge::Asked;
use crate::{Knowledge, ReplayFault, Replayer};

/// Name of the projection's checkpoint.
pub const PROJECTION: &str = "children-3";

/// Events read in one step.
const STEP: u32 = 5_000;
/// How long one wait for news lasts before the projector looks by itself.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// Why the projector stopped.
#[derive(Debug, Error)]
pub enum ProjectorFault {
    /// The ledger could not be read, or an event not be understood.
    #[error("fold the ledger")]
    Replay {
        /// Why.
        #[from]
        source: ReplayFault,
    },
    /// The read models could not be written.
    #[error("write the read models")]
    Database {
        /// What the database says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// The ledger could not be followed.
    #[error("follow the ledger")]
    Follow {
        /// Why.
        source: SubscribeFault,
    },
    /// The read models were folded from another log than the one that is there now.
    #[error(
        "the read models were folded from another log than this one. Restore the newer copy, or open a new epoch with \
         `caseledger epoch open`, after which they are folded again"
    )]
    OtherLog {
        /// What does not fit.
        source: CursorFault,
    },
}

impl From<SubscribeFault> for ProjectorFault {
    fn from(fault: SubscribeFault) -> Self {
        match fault {
            SubscribeFault::Cursor { source } => Self::OtherLog { source },
            SubscribeFault::Read { .. } => Self::Follow { source: fault },
        }
    }
}

/// Keeps the read models up with the ledger.
pub struct Projector {
    replayer: Replayer,
    client: Client,
    clock: Clock,
}

impl Projector {
    /// A projector that writes through `client`, which should be connected as `caseledger_projector`.
    pub fn new(replayer: Replayer, client: Client, clock: Clock) -> Self {
        Self { replayer, client, clock }
    }

    /// Applies everything up to the head as it is when the call begins; gives the position reached.
    ///
    /// # Errors
    /// [`ProjectorFault`]; what was applied before stays, and the checkpoint says how far.
    pub async fn catch_up(&mut self) -> Result<Position, ProjectorFault> {
        let head = self.replayer.ledger().head().await.map_err(ReplayFault::from)?.position;
        loop {
            let reached = self.step(head).await?;
            if reached >= head {
                return Ok(reached);
            }
        }
    }

    /// Follows the ledger until the caller drops the future.
    ///
    /// # Errors
    /// [`ProjectorFault`] when it has to stop.
    pub async fn follow(&mut self) -> Result<std::convert::Infallible, ProjectorFault> {
        loop {
            let reached = self.catch_up().await?;
            self.replayer.ledger().wait_for(Position(reached.0 + 1), LONGEST_WAIT).await;
        }
    }

    async fn step(&mut self, head: Position) -> Result<Position, ProjectorFault> {
        let held = read_models::load_checkpoint(&self.client, PROJECTION).await?;
        let cursor = self.cursor(held).await?;
        match (self.replayer.ledger().check_cursor(&cursor).await.map_err(ProjectorFault::from), held) {
            (Err(ProjectorFault::OtherLog { source: CursorFault::OtherEpoch { .. } }), Some(held)) => {
                return self.start_over(held).await;
            }
            (checked, _) => checked?,
        }
        if cursor.position() >= head {
            return Ok(cursor.position());
        }
        let mut following = self.replayer.ledger().subscribe(cursor, EventFilter::ALL).await?;
        let batch = following.next_batch(STEP).await?;
        self.apply(held, &batch).await?;
        Ok(batch.cursor.position())
    }

    /// The place that a checkpoint stands for. One without a leaf hash is taken at its word for ledger and epoch.
    async fn cursor(&self, held: Option<Checkpoint>) -> Result<Cursor, ProjectorFault> {
        let ledger = self.replayer.ledger();
        let Some(held) = held else { return Ok(Cursor::beginning(ledger.id())) };
        let leaf_hash = match held.leaf_hash {
            Some(leaf_hash) => leaf_hash,
            None => ledger.cursor_at(held.position).await?.leaf_hash().unwrap_or_default(),
        };
        Ok(Cursor::from_parts(held.ledger, held.epoch, held.position, leaf_hash))
    }

    async fn apply(&mut self, held: Option<Checkpoint>, batch: &Batch) -> Result<(), ProjectorFault> {
        let cursor = batch.cursor;
        let from = held.map_or(Position(0), |held| held.position);
        let mut streams = touched(&batch.events);
        streams.extend(self.reached(&batch.events).await?);
        streams.extend(self.otherwise_timed(&batch.events).await?);
        streams.extend(self.no_longer_left_out(from, cursor.position()).await?);
        let Folded { gone, children, clocks } = self.fold(&streams).await?;
        let to = Checkpoint {
            ledger: cursor.ledger(),
            epoch: cursor.epoch(),
            position: cursor.position(),
            leaf_hash: cursor.leaf_hash(),
        };
        let now = self.clock.now();
        let transaction = self.client.transaction().await?;
        // Another projector may have been faster: then its rows stand and ours are dropped.
        if read_models::save_checkpoint(&transaction, PROJECTION, held, to, now).await? {
            read_models::remove(&transaction, &gone).await?;
            read_models::replace(&transaction, &children, &clocks).await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(())
    }

    /// Children whom acts of groups, and amendments of acts that others share, reach.
    async fn reached(&self, events: &[StoredEvent]) -> Result<BTreeSet<StreamId>, ReplayFault> {
        let of_group = |event: &&StoredEvent| Group::has_members(event.category);
        let mut groups: BTreeSet<StreamId> =
            events.iter().filter(of_group).map(|event| event.stream).collect();
        let amends = |event: &&StoredEvent| {
            let kind = Kind::from_name(&event.kind);
            let amends = kind.is_ok_and(|kind| kind.is_amendment() || kind == Kind::SourceClaimDisputed);
            event.category == Category::Child && amends
        };
        let amended: BTreeSet<StreamId> = events.iter().filter(amends).map(|event| event.stream).collect();
        let knowledge = self.knowledge().await?;
        if !amended.is_empty() {
            let own = self.journeys(&amended, knowledge).await?;
            let children: Vec<_> = own.iter().map(|(child, (_, journey))| (*child, journey)).collect();
            let of_amended = self.replayer.groups_of(&children, knowledge).await?;
            groups.extend(of_amended.iter().map(|group| group.stream));
        }
        Ok(self.replayer.groups_in(groups, knowledge).await?.members(false).collect())
    }

    /// Children of whom something was recorded at another time than was read so far, because officers have told of a clock
    /// that was ahead.
    async fn otherwise_timed(&self, events: &[StoredEvent]) -> Result<BTreeSet<StreamId>, ReplayFault> {
        let mut streams = BTreeSet::new();
        for leap in events.iter().filter_map(told_leap) {
            let positions = self.replayer.ledger().positions_in(leap).await?;
            let mut from = *positions.start();
            while from <= *positions.end() {
                let mut page = self.replayer.ledger().read_positions(Position(from), STEP).await?;
                let Some(last) = page.last().map(|last| last.position.0) else { break };
                page.retain(|event| positions.contains(&event.position.0));
                streams.extend(touched(&page));
                streams.extend(self.reached(&page).await?);
                from = last + 1;
            }
        }
        Ok(streams)
    }

    async fn knowledge(&self) -> Result<Knowledge, ReplayFault> {
        let asked = Asked { known: KnownAt::NOW, as_at: None, now: self.clock.now() };
        self.replayer.resolve(asked).await
    }

    /// What is recorded of each child, and known from the own stream; without those of whom nothing is left.
    async fn journeys(
        &self,
        children: &BTreeSet<StreamId>,
        knowledge: Knowledge,
    ) -> Result<BTreeMap<StreamId, (Understood, Journey)>, ReplayFault> {
        let mut journeys = BTreeMap::new();
        for child in children {
            let understood = understand(self.replayer.ledger().read_stream(*child, Revision(1)).await?)?;
            if !understood.recorded.is_empty() {
                let own = Journey::known(&understood.recorded, knowledge.known);
                journeys.insert(*child, (understood, own));
            }
        }
        Ok(journeys)
    }

    /// Children with a clock that waited for a kind of event which nobody had recorded, and whose first one stands after
    /// `from` and not after `to`: now its absence says something of them.
    async fn no_longer_left_out(
        &self,
        from: Position,
        to: Position,
    ) -> Result<Vec<StreamId>, ProjectorFault> {
        let first = self.replayer.ledger().first_of_each_kind().await.map_err(ReplayFault::from)?;
        let is_new = |(_, first): &&(String, Position)| from < *first && *first <= to;
        let new: Vec<Kind> =
            first.iter().filter(is_new).filter_map(|(name, _)| Kind::from_name(name).ok()).collect();
        let new: RecordedKinds = new.into_iter().filter(|kind| !Kind::RETURNED.contains(kind)).collect();
        let rules: Vec<&str> = self.replayer.book().stopped_by(new).map(|rule| rule.id.as_str()).collect();
        if rules.is_empty() || from == Position(0) {
            return Ok(Vec::new());
        }
        let why = Why::NotRecordedHere.sentence();
        Ok(read_models::left_out(&self.client, &rules, why).await?)
    }

    /// Takes every row away, after the log has lawfully gone on from an older copy.
    async fn start_over(&mut self, held: Checkpoint) -> Result<Position, ProjectorFault> {
        let (epoch, position) = (held.epoch, held.position.0);
        tracing::warn!(epoch, position, "the log goes on in a later epoch; the read models are folded again");
        let transaction = self.client.transaction().await?;
        if read_models::start_over(&transaction, PROJECTION, held).await? {
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(Position(0))
    }

    async fn fold(&self, streams: &BTreeSet<StreamId>) -> Result<Folded, ProjectorFault> {
        let knowledge = self.knowledge().await?;
        let journeys = self.journeys(streams, knowledge).await?;
        let own: Vec<(StreamId, &Journey)> =
            journeys.iter().map(|(child, (_, journey))| (*child, journey)).collect();
        let groups = self.replayer.groups_of(&own, knowledge).await?;
        let mut folded = Folded::default();
        for stream in streams {
            let held = journeys.get(stream);
            let Some(journey) = held.and_then(|(held, _)| held.journey(*stream, knowledge, &groups)) else {
                folded.gone.push(*stream);
                continue;
            };
            let question = knowledge.question().without_members();
            let answers = self.replayer.engine(Category::Child).run(&journey, &question);
            folded.children.push(child_row(
                *stream,
                &summarise(&journey, self.replayer.book().endings(), knowledge.as_at),
            ));
            folded.clocks.append(&mut clock_rows(*stream, &answers));
        }
        Ok(folded)
    }
}

/// Rows of the children that a step touched.
#[derive(Default)]
struct Folded {
    /// Children of whom nothing is left: their rows go.
    gone: Vec<StreamId>,
    children: Vec<ChildRow>,
    clocks: Vec<ClockRow>,
}

/// Children with a new event, and those whose record was disposed of.
fn touched(events: &[StoredEvent]) -> BTreeSet<StreamId> {
    let own = |event: &StoredEvent| (event.category == Category::Child).then_some(event.stream);
    events.iter().filter_map(|event| own(event).or_else(|| disposed_stream(event))).collect()
}

fn told_leap(event: &StoredEvent) -> Option<Leap> {
    if event.kind != Kind::LedgerTimeSet.name() {
        return None;
    }
    let Body::LedgerTimeSet(facts) = RecordedEvent::try_from(event.clone()).ok()?.event.body else {
        return None;
    };
    Leap::of(&facts)
}

fn disposed_stream(event: &StoredEvent) -> Option<StreamId> {
    if event.kind != Kind::RecordDisposed.name() {
        return None;
    }
    let Body::RecordDisposed(facts) = RecordedEvent::try_from(event.clone()).ok()?.event.body else {
        return None;
    };
    Some(facts.stream)
}
