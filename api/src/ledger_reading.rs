//! Answers from a ledger, through `replay`.
//!
//! Lists over all children are folded when first asked and kept for the last few questions: an answer belongs
//! to a position and a knowledge, so it is never stale, only superseded.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use domain::clocks::Answers;
use domain::envelope::Category;
use domain::ids::{EventId, Revision, StreamId};
use domain::journey::{Group, Journey};
use domain::rules::{Endings, RuleBook};
use ledger::proof::Checkpoint;
use ledger::witness::Policy;
use projections::indicators::{Indicators, Period};
use projections::summary::summarise;
use replay::{Asked, ChildFold, ChildReplay, Found, Knowledge, ReplayFault, Replayer};

use crate::reading::{Answer, ChildLine, ClockLine, Covered, LedgerState, Provenance, Reading, ReadingFault};

/// Questions whose lists are kept.
const KEPT: usize = 4;

/// Parts in which all children are folded at the same time.
const PARTS: u32 = 4;

type Lines = Arc<Vec<ChildLine>>;

/// A question's lists. What was folded before a disposal is not shown after it, whatever moment is asked about.
struct Kept {
    knowledge: Knowledge,
    disposal_steps: usize,
    lines: Lines,
}

/// Answers from one ledger.
pub struct LedgerReading {
    replayer: Replayer,
    witnesses: Option<Policy>,
    kept: Mutex<VecDeque<Kept>>,
}

impl LedgerReading {
    /// Answers from the ledger of a replayer.
    pub fn new(replayer: Replayer) -> Self {
        Self { replayer, witnesses: None, kept: Mutex::new(VecDeque::new()) }
    }

    /// The same, which knows whose countersignatures are enough.
    #[must_use]
    pub fn with_witnesses(self, witnesses: Option<Policy>) -> Self {
        Self { witnesses, ..self }
    }

    async fn coverage(&self, now: DateTime<Utc>) -> Result<Covered, ReadingFault> {
        let ledger = self.replayer.ledger();
        let note = ledger.checkpoint().await.map_err(fault)?;
        let signed = note.map(|note| Checkpoint::of_note(&note)).transpose().map_err(fault)?;
        let witnessed = match &self.witnesses {
            Some(policy) => Some(ledger.witnessed_size(policy, now).await.map_err(fault)?),
            None => None,
        };
        Ok(Covered { signed: signed.map(|(checkpoint, _)| checkpoint.tree_size), witnessed })
    }

    async fn state(&self) -> Result<LedgerState, ReadingFault> {
        let ledger = self.replayer.ledger();
        let head = ledger.head().await.map_err(ReplayFault::from)?;
        let genesis = ledger.genesis();
        Ok(LedgerState {
            id: genesis.ledger,
            epoch: head.epoch,
            authority: genesis.authority.to_string(),
            began: genesis.opened_at,
            head: head.position,
            head_recorded_at: head.recorded_at,
        })
    }

    fn held(&self, knowledge: &Knowledge, disposal_steps: usize) -> Option<Lines> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|held| held.disposal_steps == disposal_steps);
        kept.iter().find(|held| held.knowledge == *knowledge).map(|held| Arc::clone(&held.lines))
    }

    fn keep(&self, knowledge: Knowledge, disposal_steps: usize, lines: &Lines) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front(Kept { knowledge, disposal_steps, lines: Arc::clone(lines) });
    }
}

/// What failed: for good, or only for now.
fn fault(source: impl std::error::Error + Send + Sync + 'static) -> ReadingFault {
    let passing = ledger::may_pass(&source);
    let source = Box::new(source);
    if passing { ReadingFault::Away { source } } else { ReadingFault::Fault { source } }
}

impl std::fmt::Debug for LedgerReading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LedgerReading").finish_non_exhaustive()
    }
}

impl Reading for LedgerReading {
    fn book(&self) -> &'static RuleBook {
        self.replayer.book()
    }

    fn ledger(&self) -> Answer<'_, LedgerState> {
        Box::pin(self.state())
    }

    fn covered(&self, now: DateTime<Utc>) -> Answer<'_, Covered> {
        Box::pin(self.coverage(now))
    }

    fn resolve(&self, asked: Asked) -> Answer<'_, Knowledge> {
        Box::pin(async move { Ok(self.replayer.resolve(asked).await?) })
    }

    fn find<'a>(&'a self, reference: &'a str) -> Answer<'a, Vec<StreamId>> {
        Box::pin(async move {
            Ok(match self.replayer.find_child(reference).await? {
                Found::Nobody => Vec::new(),
                Found::One(stream) => vec![stream],
                Found::Several(streams) => streams,
            })
        })
    }

    fn child(&self, stream: StreamId, knowledge: Knowledge) -> Answer<'_, Option<ChildReplay>> {
        Box::pin(async move {
            // Other streams hold no journey of a child.
            if matches!(self.replayer.find_child(&stream.to_string()).await?, Found::Nobody) {
                return Ok(None);
            }
            Ok(self.replayer.child(stream, knowledge).await?)
        })
    }

    fn reference(&self, stream: StreamId) -> Answer<'_, Option<String>> {
        Box::pin(async move { Ok(self.replayer.reference(stream).await?) })
    }

    fn provenance(&self, stream: StreamId, event: EventId) -> Answer<'_, Option<Provenance>> {
        Box::pin(async move {
            let events = self.replayer.ledger().read_stream(stream, Revision(1)).await;
            let events = events.map_err(ReplayFault::from)?;
            let held =
                events.into_iter().find(|held| held.event_id == event && held.category == Category::Child);
            let held = match held {
                Some(held) => Some(held),
                // An act of the child's household or set stands in that one's stream.
                None => {
                    let found = self.replayer.ledger().read_events(&[event]).await;
                    let found = found.map_err(ReplayFault::from)?;
                    found.into_iter().find(|held| Group::has_members(held.category))
                }
            };
            Ok(held.map(|held| Provenance {
                revision: held.revision,
                schema_version: held.schema_version,
                leaf_hash: None,
            }))
        })
    }

    fn population(&self, knowledge: Knowledge) -> Answer<'_, Lines> {
        Box::pin(async move {
            let custody = self.replayer.ledger().custody().await.map_err(ReplayFault::from)?;
            let steps = custody.disposal_steps();
            if let Some(lines) = self.held(&knowledge, steps) {
                return Ok(lines);
            }
            let as_at = knowledge.as_at;
            let endings = self.replayer.book().endings();
            let start = move || Listing { as_at, endings, lines: Vec::new() };
            let mut lines = self.replayer.fold_children(knowledge, PARTS, start).await?.lines;
            lines.sort_by_key(|line| line.stream);
            let lines = Arc::new(lines);
            self.keep(knowledge, steps, &lines);
            Ok(lines)
        })
    }

    fn indicators(&self, knowledge: Knowledge, period: Period) -> Answer<'_, Indicators> {
        Box::pin(async move { Ok(self.replayer.indicators(knowledge, period, PARTS).await?) })
    }
}

/// One line a child.
struct Listing {
    as_at: chrono::NaiveDate,
    endings: &'static Endings,
    lines: Vec<ChildLine>,
}

impl ChildFold for Listing {
    const ASKS_MEMBERS: bool = false;

    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>) {
        let clocks = answers.clocks.iter().filter(|clock| !clock.marks.repeated).map(ClockLine::of).collect();
        self.lines.push(ChildLine { stream, summary: summarise(journey, self.endings, self.as_at), clocks });
    }

    fn merge(&mut self, other: Self) {
        self.lines.extend(other.lines);
    }
}

impl From<ReplayFault> for ReadingFault {
    fn from(failed: ReplayFault) -> Self {
        match failed {
            ReplayFault::Malformed { position, stream, source } => {
                Self::MalformedHistory { stream, position, source: Box::new(source) }
            }
            failed @ (ReplayFault::Read { .. }
            | ReplayFault::Custody { .. }
            | ReplayFault::Unseal { .. }
            | ReplayFault::WrongLookUp { .. }
            | ReplayFault::GivenUp) => fault(failed),
        }
    }
}
