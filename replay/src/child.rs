//! One stream: everything that is known of a child, a family, a set of proceedings or another subject, folded.

use domain::clocks::Answers;
use domain::envelope::{Category, SealedFields};
use domain::events::identity::{IDENTIFYING, identifiers};
use domain::events::{Kind, RecordedEvent};
use domain::identifier::normal_form;
use domain::ids::{EventId, Revision, StreamId};
use domain::journey::{Acts, Journey};
use domain::observations::{Observation, observe};
use projections::episodes::{Episode, episodes};
use projections::summary::{ChildSummary, summarise};

use crate::disposed::{DisposedEvent, Understood, explain, understand};
use crate::{Knowledge, ReplayFault, Replayer};

/// A journey with everything folded from it.
#[derive(Clone, Debug)]
pub struct ChildReplay {
    /// The child, or whoever the stream is about.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
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

/// Identifiers by which another subject is found.
const SEARCHED_ELSEWHERE: [&str; 2] = ["adopter_id", "court_reference"];

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
        self.find_by(&SEARCHED, reference).await
    }

    /// The stream of any subject but the system, by its id or by an identifier of the authority.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read.
    pub async fn find(&self, reference: &str) -> Result<Found, ReplayFault> {
        if let Ok(stream) = reference.parse::<StreamId>() {
            let first = self.ledger.read_stream(stream, Revision(1)).await?;
            let is_subject = first.first().is_some_and(|event| event.category != Category::System);
            return Ok(if is_subject { Found::One(stream) } else { Found::Nobody });
        }
        match self.find_child(reference).await? {
            Found::Nobody => self.find_by(&SEARCHED_ELSEWHERE, reference).await,
            found @ (Found::One(_) | Found::Several(_)) => Ok(found),
        }
    }

    async fn find_by(&self, kinds: &[&str], reference: &str) -> Result<Found, ReplayFault> {
        for kind in kinds {
            let streams = self.ledger.find_by_identifier(kind, reference).await?;
            for stream in &streams {
                self.confirm(*stream, kind, reference).await?;
            }
            match streams.as_slice() {
                [] => {}
                [one] => return Ok(Found::One(*one)),
                _ => return Ok(Found::Several(streams)),
            }
        }
        Ok(Found::Nobody)
    }

    /// Makes sure that the events of a stream say an identifier: the table that leads there is no part of the proof. What can no
    /// longer be opened is not asked.
    async fn confirm(&self, stream: StreamId, kind: &str, reference: &str) -> Result<(), ReplayFault> {
        let wanted = normal_form(reference);
        for stored in self.ledger.read_of_stream(stream, &IDENTIFYING.map(Kind::name)).await? {
            let position = stored.position;
            let Some(sealed) = self.ledger.unseal_what_is_left(&stored).await? else { return Ok(()) };
            let read = RecordedEvent::try_from(stored);
            let event = read.map_err(|source| ReplayFault::Malformed { position, stream, source })?.event;
            if identifiers(&event, &sealed)
                .iter()
                .any(|(held, value)| *held == kind && normal_form(value) == wanted)
            {
                return Ok(());
            }
        }
        Err(ReplayFault::WrongLookUp { stream })
    }

    /// What is known of a stream, of whatever category; `None` where the stream holds no event at all.
    ///
    /// # Errors
    /// [`ReplayFault`] where the ledger cannot be read or an event not be understood.
    pub async fn child(
        &self,
        stream: StreamId,
        knowledge: Knowledge,
    ) -> Result<Option<ChildReplay>, ReplayFault> {
        let stored = self.ledger.read_stream(stream, Revision(1)).await?;
        let Some(category) = stored.first().map(|first| first.category) else { return Ok(None) };
        let mut understood = understand(stored)?;
        if !understood.disposed.is_empty() {
            explain(&mut understood.disposed, stream, &self.ledger.custody().await?);
        }
        let journey = match category {
            Category::Child => self.of_child(stream, &understood, knowledge).await?,
            Category::Household | Category::Proceedings => self.of_group(stream, category, knowledge).await?,
            Category::Adopter | Category::Worker | Category::Authority | Category::System => None,
        };
        let journey = journey.unwrap_or_else(|| Journey::known(&understood.recorded, knowledge.known));
        let Understood { recorded, disposed } = understood;
        Ok(Some(self.answered(stream, category, knowledge, journey, (recorded, disposed))))
    }

    async fn of_child(
        &self,
        child: StreamId,
        understood: &Understood,
        knowledge: Knowledge,
    ) -> Result<Option<Journey>, ReplayFault> {
        let own = Journey::known(&understood.recorded, knowledge.known);
        let groups = self.groups_of(&[(child, &own)], knowledge).await?;
        Ok(understood.journey(child, knowledge, &groups))
    }

    /// A family's or a set's journey with the acts of its members that its figures ask about.
    async fn of_group(
        &self,
        stream: StreamId,
        category: Category,
        knowledge: Knowledge,
    ) -> Result<Option<Journey>, ReplayFault> {
        let groups = self.groups_in([stream].into(), knowledge).await?;
        let mut acts = Acts::of(category, self.book.asked_of(category), self.book.endings());
        for child in groups.members(false) {
            let understood = understand(self.ledger.read_stream(child, Revision(1)).await?)?;
            if let Some(journey) = understood.journey(child, knowledge, &groups) {
                acts.take(child, &journey, &groups);
            }
        }
        let mut journeys = acts.journeys(&groups).into_iter();
        Ok(journeys.find(|(held, _)| *held == stream).map(|(_, journey)| journey))
    }

    /// Folds what is recorded of a child, without the acts of groups.
    pub fn fold(&self, child: StreamId, recorded: Vec<RecordedEvent>, knowledge: Knowledge) -> ChildReplay {
        let journey = Journey::known(&recorded, knowledge.known);
        self.answered(child, Category::Child, knowledge, journey, (recorded, Vec::new()))
    }

    fn answered(
        &self,
        stream: StreamId,
        category: Category,
        knowledge: Knowledge,
        journey: Journey,
        (recorded, disposed): (Vec<RecordedEvent>, Vec<DisposedEvent>),
    ) -> ChildReplay {
        let answers = self.engine(category).run(&journey, &knowledge.question().without_members());
        let endings = self.book.endings();
        ChildReplay {
            stream,
            category,
            knowledge,
            summary: summarise(&journey, endings, knowledge.as_at),
            episodes: episodes(&journey, endings, knowledge.as_at),
            observations: observe(&journey, knowledge.as_at, endings),
            answers,
            journey,
            recorded,
            disposed,
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
