//! One child: everything that is known, folded.

use domain::clocks::Answers;
use domain::envelope::{Category, SealedFields};
use domain::events::RecordedEvent;
use domain::ids::{EventId, Revision, StreamId};
use domain::journey::Journey;
use domain::observations::{Observation, observe};
use projections::episodes::{Episode, episodes};
use projections::summary::{ChildSummary, summarise};

use crate::disposed::{DisposedEvent, explain, understand};
use crate::{Knowledge, ReplayFault, Replayer};

/// A child's journey with everything folded from it.
#[derive(Clone, Debug)]
pub struct ChildReplay {
    /// The child.
    pub stream: StreamId,
    /// With which knowledge.
    pub knowledge: Knowledge,
    /// Every recorded event of the stream, whatever the knowledge; for stops of a known-at control.
    pub recorded: Vec<RecordedEvent>,
    /// What is known.
    pub journey: Journey,
    /// One line.
    pub summary: ChildSummary,
    /// Processes with their ends.
    pub episodes: Vec<Episode>,
    /// Clocks, flags and bands.
    pub answers: Answers<'static>,
    /// What is irregular.
    pub observations: Vec<Observation>,
    /// Events whose facts were disposed of, in order; whatever the knowledge.
    pub disposed: Vec<DisposedEvent>,
}

/// What a search for a child gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Exactly one child.
    One(StreamId),
    /// No child.
    Nobody,
    /// Several children share the identifier; ascending.
    Several(Vec<StreamId>),
}

/// Identifiers by which a child is found, most usual first.
const SEARCHED: [&str; 3] = ["la_child_id", "upn", "former_upn"];

impl Replayer {
    /// Finds a child by stream id or by an identifier of the authority.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read.
    pub async fn find_child(&self, reference: &str) -> Result<Found, ReplayFault> {
        if let Ok(stream) = reference.parse::<StreamId>() {
            let first = self.ledger.read_stream(stream, Revision(1)).await?;
            let is_child = first.first().is_some_and(|event| event.category == Category::Child);
            return Ok(if is_child { Found::One(stream) } else { Found::Nobody });
        }
        for kind in SEARCHED {
            let streams = self.ledger.find_by_identifier(kind, reference).await?;
            match streams.as_slice() {
                [] => {}
                [one] => return Ok(Found::One(*one)),
                _ => return Ok(Found::Several(streams)),
            }
        }
        Ok(Found::Nobody)
    }

    /// A child's journey with the given knowledge; `None` where the stream holds no event at all.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read or an event not be understood.
    pub async fn child(
        &self,
        stream: StreamId,
        knowledge: Knowledge,
    ) -> Result<Option<ChildReplay>, ReplayFault> {
        let stored = self.ledger.read_stream(stream, Revision(1)).await?;
        if stored.is_empty() {
            return Ok(None);
        }
        let mut understood = understand(stored)?;
        if !understood.disposed.is_empty() {
            explain(&mut understood.disposed, stream, &self.ledger.custody().await?);
        }
        let replay = self.fold(stream, understood.recorded, knowledge);
        Ok(Some(ChildReplay { disposed: understood.disposed, ..replay }))
    }

    /// Folds a child's recorded events with the given knowledge.
    pub fn fold(&self, stream: StreamId, recorded: Vec<RecordedEvent>, knowledge: Knowledge) -> ChildReplay {
        let journey = Journey::known(&recorded, knowledge.known);
        let answers = self.engine.run(&journey, &knowledge.question());
        let endings = self.book.endings();
        ChildReplay {
            stream,
            knowledge,
            summary: summarise(&journey, endings, knowledge.as_at),
            episodes: episodes(&journey, endings, knowledge.as_at),
            observations: observe(&journey, knowledge.as_at, endings),
            answers,
            journey,
            recorded,
            disposed: Vec::new(),
        }
    }

    /// The sealed fields of an event of a stream; `None` where the event is not held or sealed nothing.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read or the key is gone.
    pub async fn sealed(
        &self,
        stream: StreamId,
        event: EventId,
    ) -> Result<Option<SealedFields>, ReplayFault> {
        let stored = self.ledger.read_stream(stream, Revision(1)).await?;
        match stored.iter().find(|held| held.event_id == event) {
            Some(held) => Ok(self.ledger.unseal(held).await?),
            None => Ok(None),
        }
    }

    /// The authority's own id of a child, from its sealed fields; `None` where none is held.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read or the key is gone.
    pub async fn reference(&self, stream: StreamId) -> Result<Option<String>, ReplayFault> {
        for event in self.ledger.read_stream(stream, Revision(1)).await? {
            let Some(sealed) = self.ledger.unseal(&event).await? else { continue };
            if let Some(reference) = sealed.get("la_child_id") {
                return Ok(Some(reference.to_owned()));
            }
        }
        Ok(None)
    }
}
