//! From a request to its receipt.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::decider::{Command, Refusal};
use domain::envelope::{Category, SealedFields, StoredEvent};
use domain::events::identity::identifiers;
use domain::events::record_keeping::CorrectionReason;
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent, Stage};
use domain::identifier::normal_form;
use domain::ids::{CommandId, EntityId, EventId, KeyedIds as _, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt, KnownEvent};
use domain::time::{end_of_london_day, london_day};
use exchange::actions::{Amendment, Amends, Change};
use ledger::{AppendError, Clock, Ledger, Recorded};
use serde_json::{Map, Value};

use crate::act::{Act, Request, To};
use crate::decided::{Given, Touched, is_disposed};
use crate::fault::RecordFault;
use crate::receipt::{Receipt, RecordedAct};

/// How often a request is decided again because others recorded on its streams meanwhile.
const ATTEMPTS: u32 = 20;

/// Records what is asked, if it can be true.
#[derive(Clone, Debug)]
pub struct Recorder {
    pub(crate) ledger: Ledger,
    clock: Clock,
}

impl Recorder {
    /// A recorder over a ledger.
    pub fn new(ledger: Ledger, clock: Clock) -> Self {
        Self { ledger, clock }
    }

    /// Records a request: all its acts, durably, or nothing.
    ///
    /// # Errors
    /// [`RecordFault`]; only [`AppendError::Unavailable`] leaves open whether it was recorded, and asking again with the same
    /// command id tells.
    pub async fn record(&self, request: &Request) -> Result<Receipt, RecordFault> {
        for _ in 0..ATTEMPTS {
            let held = self.ledger.read_command(request.command_id).await?;
            if let Some(first) = held.first() {
                return self.again(request, first, &held).await;
            }
            let decided = self.decide(request, self.clock.now(), None).await?;
            match self.append(request.command_id, &decided).await {
                Ok(recorded) => return Ok(receipt(&decided, Some(recorded))),
                Err(RecordFault::Append(AppendError::Conflict { .. })) => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(RecordFault::Contended { command_id: request.command_id })
    }

    /// What [`Self::record`] would record, without recording it.
    ///
    /// # Errors
    /// As for [`Self::record`].
    pub async fn check(&self, request: &Request) -> Result<Receipt, RecordFault> {
        let held = self.ledger.read_command(request.command_id).await?;
        match held.first() {
            Some(first) => self.again(request, first, &held).await,
            None => Ok(receipt(&self.decide(request, self.clock.now(), None).await?, None)),
        }
    }

    /// The first answer to a request that was recorded before: decided as it was then, it must be the same.
    async fn again(
        &self,
        request: &Request,
        first: &StoredEvent,
        held: &[StoredEvent],
    ) -> Result<Receipt, RecordFault> {
        let reused = || RecordFault::CommandIdReused { command_id: request.command_id };
        let decided = self.decide(request, decided_at(first, held), Some(first.position)).await;
        let decided = decided.map_err(|fault| if fault.is_of_the_machine() { fault } else { reused() })?;
        let recorded = self.append(request.command_id, &decided).await.map_err(|fault| {
            let is_another = matches!(fault, RecordFault::Append(AppendError::CommandIdReused { .. }));
            if is_another { reused() } else { fault }
        })?;
        let mut receipt = receipt(&decided, Some(recorded));
        for (told, stored) in receipt.events.iter_mut().zip(held) {
            (told.event, told.revision) = (stored.event_id, stored.revision);
        }
        Ok(receipt)
    }

    async fn append(&self, command_id: CommandId, decided: &[Touched]) -> Result<Recorded, RecordFault> {
        let changed = decided.iter().filter(|touched| !touched.decided().is_empty());
        let appends: Vec<_> = changed.map(Touched::append).collect::<Result<_, _>>()?;
        Ok(self.ledger.append(ledger::Command { command_id, appends }).await?)
    }

    /// The streams of a request with what is decided for each; over what stood before a position, where one is given.
    async fn decide(
        &self,
        request: &Request,
        now: DateTime<Utc>,
        before: Option<Position>,
    ) -> Result<Vec<Touched>, RecordFault> {
        if request.acts.is_empty() {
            return Err(RecordFault::Empty);
        }
        let mut deciding = Deciding {
            recorder: self,
            request,
            now,
            before,
            touched: Vec::new(),
            claimed: Vec::new(),
            amended: BTreeSet::new(),
            events: 0,
        };
        for (at, act) in request.acts.iter().enumerate() {
            deciding.act(at, act).await?;
        }
        Ok(deciding.touched)
    }
}

/// A request on its way.
pub(crate) struct Deciding<'r> {
    pub(crate) recorder: &'r Recorder,
    request: &'r Request,
    now: DateTime<Utc>,
    /// Only what stood before this position counts.
    before: Option<Position>,
    pub(crate) touched: Vec<Touched>,
    /// Identifiers that acts of the request say, and of whom.
    claimed: Vec<((String, String), StreamId)>,
    /// What was withdrawn or reinstated as the copy of another event, by an act before.
    amended: BTreeSet<(EventId, bool)>,
    /// How many events were decided.
    events: usize,
}

impl Deciding<'_> {
    async fn act(&mut self, at: usize, act: &Act) -> Result<(), RecordFault> {
        match act {
            Act::Record { to, event, sealed } => {
                let stream = self.stream_of(at, *to, event).await?;
                self.claim(at, stream, event, sealed).await?;
                let event = Box::new(self.with_own_process(at, event));
                self.decide(at, stream, Command::Record { event }, sealed)
            }
            Act::Amend(Amendment { event, what, reason, authorised_by }) => {
                let why = (*reason, *authorised_by);
                match what {
                    Amends::Correct(change) => self.correct(at, *event, change, why).await,
                    Amends::Withdraw => self.amend(at, *event, true, why).await,
                    Amends::Reinstate => self.amend(at, *event, false, why).await,
                }
            }
        }
    }

    fn decide(
        &mut self,
        at: usize,
        stream: StreamId,
        command: Command,
        sealed: &SealedFields,
    ) -> Result<(), RecordFault> {
        let parts = ["recorded", &self.request.command_id.to_string(), &self.events.to_string()];
        let event_id = self.recorder.ledger.ids().event(london_day(self.now), &parts);
        let given = Given { event_id, sealed, context: &self.request.context, now: self.now };
        let touched = self.touched.iter_mut().find(|touched| touched.stream == stream);
        let touched = touched.ok_or(RecordFault::NoStream { act: at, stream })?;
        touched.decide(command, &given).map_err(|refusal| RecordFault::Refused { act: at, refusal })?;
        self.events += 1;
        Ok(())
    }

    /// The stream that an event goes to, loaded.
    async fn stream_of(&mut self, at: usize, to: To, event: &CaseEvent) -> Result<StreamId, RecordFault> {
        let (stream, category) = match to {
            To::Held(stream) => {
                let held = self.load(stream).await?;
                return if held { Ok(stream) } else { Err(RecordFault::NoStream { act: at, stream }) };
            }
            To::New { stream, category } => (stream.unwrap_or_else(|| self.made_stream(at)), category),
        };
        if self.load(stream).await? {
            return Err(RecordFault::Held { act: at, by: "the stream id", stream });
        }
        if !begins(event.body.kind(), category) {
            return Err(RecordFault::NotABeginning { act: at, category });
        }
        self.touched.push(Touched::new(stream, category, Vec::new()));
        Ok(stream)
    }

    /// Makes sure that what an event says of its subject leads to nobody else, here or in another act of the request.
    async fn claim(
        &mut self,
        at: usize,
        stream: StreamId,
        event: &CaseEvent,
        sealed: &SealedFields,
    ) -> Result<(), RecordFault> {
        for (kind, value) in identifiers(event, sealed) {
            let claimed = (kind.to_owned(), normal_form(value));
            // Where it is decided again, what was recorded since is no matter.
            let held = match self.before {
                Some(_) => Vec::new(),
                None => self.recorder.ledger.find_by_identifier(kind, value).await?,
            };
            let here = self.claimed.iter().filter(|(other, _)| *other == claimed).map(|(_, stream)| *stream);
            if let Some(other) = held.into_iter().chain(here).find(|other| *other != stream) {
                return Err(RecordFault::Held { act: at, by: name_of(kind), stream: other });
            }
            self.claimed.push((claimed, stream));
        }
        Ok(())
    }

    fn made_stream(&self, at: usize) -> StreamId {
        let parts = ["recorded", &self.request.command_id.to_string(), &at.to_string()];
        self.recorder.ledger.ids().stream(&parts)
    }

    /// The event with an id for the process that it begins, where it names none.
    fn with_own_process(&self, at: usize, event: &CaseEvent) -> CaseEvent {
        let kind = event.body.kind();
        let begins = (kind.stage() == Stage::Opens).then(|| kind.own_role()).flatten();
        let missing = begins.filter(|role| event.entities.get(*role).is_none());
        let Some(role) = missing else { return event.clone() };
        let parts = ["recorded", &self.request.command_id.to_string(), &at.to_string(), role.name()];
        event.clone().of(role, self.recorder.ledger.ids().entity(&parts))
    }

    /// Loads a stream, unless it is there; whether it holds or gets an event.
    pub(crate) async fn load(&mut self, stream: StreamId) -> Result<bool, RecordFault> {
        if self.touched.iter().any(|touched| touched.stream == stream) {
            return Ok(true);
        }
        let mut stored = self.recorder.ledger.read_stream(stream, Revision(1)).await?;
        stored.retain(|event| self.before.is_none_or(|before| event.position < before));
        let Some(category) = stored.first().map(|first| first.category) else { return Ok(false) };
        if is_disposed(&stored) {
            return Err(RecordFault::Disposed { stream });
        }
        let held = stored.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        self.touched.push(Touched::new(stream, category, held));
        Ok(true)
    }

    /// Withdraws (`away`) or reinstates an event and its copies. What was recorded on the wrong child is right on the others: then
    /// the event alone.
    async fn amend(
        &mut self,
        at: usize,
        event: EventId,
        away: bool,
        (reason, authorised_by): (CorrectionReason, Option<StreamId>),
    ) -> Result<(), RecordFault> {
        if self.amended.contains(&(event, away)) {
            return Ok(());
        }
        let mut copies = self.copies(at, event).await?;
        if reason == CorrectionReason::WrongChild {
            copies.truncate(1);
        }
        for (stream, target) in copies {
            let command = if away {
                Command::Withdraw { target, reason, authorised_by }
            } else {
                Command::Reinstate { target, reason, authorised_by }
            };
            match self.decide(at, stream, command, &SealedFields::none()) {
                Ok(()) => {
                    self.amended.insert((target, away));
                }
                // Somebody amended this copy alone before.
                Err(RecordFault::Refused { refusal: Refusal::NotAmendable { .. }, .. })
                    if target != event => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    /// Corrects an event, and carries what changed to its copies. A copy that was withdrawn, or says so already, is left.
    async fn correct(
        &mut self,
        at: usize,
        event: EventId,
        change: &Change,
        (reason, authorised_by): (CorrectionReason, Option<StreamId>),
    ) -> Result<(), RecordFault> {
        let mut carried: Option<(CaseEvent, CaseEvent)> = None;
        for (stream, target) in self.copies(at, event).await? {
            let held = self.known(stream, target);
            let (held, replacement) = match (held, &carried) {
                (Some(held), None) => {
                    let after = replaced(&held, change);
                    (held, after.map_err(|source| RecordFault::NotFacts { act: at, source })?)
                }
                (Some(held), Some((before, after))) => {
                    let replacement = held.carrying(before, after);
                    if replacement == held {
                        continue;
                    }
                    (held, replacement)
                }
                (None, Some(_)) => continue,
                // The decider says why it cannot be corrected.
                (None, None) => match self.recorded(stream, target) {
                    Some(held) => (held.clone(), held),
                    None => return Err(RecordFault::NoEvent { act: at, event }),
                },
            };
            carried.get_or_insert_with(|| (held, replacement.clone()));
            let replacement = Box::new(replacement);
            let command = Command::Correct { target, replacement, reason, authorised_by };
            self.decide(at, stream, command, &SealedFields::none())?;
        }
        Ok(())
    }

    fn touched(&self, stream: StreamId) -> &[RecordedEvent] {
        self.touched.iter().find(|touched| touched.stream == stream).map_or(&[], Touched::events)
    }

    /// An event as it stands now.
    fn known(&self, stream: StreamId, event: EventId) -> Option<CaseEvent> {
        Journey::known(self.touched(stream), KnownAt::NOW).event(event).map(KnownEvent::to_case_event)
    }

    fn recorded(&self, stream: StreamId, event: EventId) -> Option<CaseEvent> {
        self.touched(stream).iter().find(|held| held.event_id == event).map(|held| held.event.clone())
    }
}

/// When a request was decided that was recorded: its amendments happened on that day, which may be the one before the ledger
/// recorded them.
fn decided_at(first: &StoredEvent, held: &[StoredEvent]) -> DateTime<Utc> {
    let amends = |event: &&StoredEvent| Kind::from_name(&event.kind).is_ok_and(Kind::is_amendment);
    let day = held.iter().find(amends).and_then(|event| event.occurred.day());
    day.map_or(first.recorded_at, end_of_london_day).min(first.recorded_at)
}

/// Whether a record of a category may begin with an event of a kind: a child, an adopter, a worker and a set of proceedings are
/// registered first.
fn begins(kind: Kind, category: Category) -> bool {
    let registers: &[Kind] = match category {
        Category::Child => &[Kind::ChildRegistered, Kind::UnbornChildRegistered],
        Category::Adopter => &[Kind::AdopterRegistered],
        Category::Worker => &[Kind::WorkerRegistered],
        Category::Proceedings => &[Kind::ProceedingsOpened],
        Category::Household | Category::Authority | Category::System => return true,
    };
    registers.contains(&kind)
}

/// The event with what a correction says otherwise.
fn replaced(held: &CaseEvent, change: &Change) -> Result<CaseEvent, domain::events::MalformedEvent> {
    let kind = held.body.kind();
    let facts = held.facts().ok().and_then(|facts| serde_json::from_str::<Map<String, Value>>(&facts).ok());
    let mut facts = facts.unwrap_or_default();
    facts.extend(change.facts.clone());
    let occurred = change.occurred.unwrap_or(held.occurred);
    CaseEvent::read(occurred, kind.name(), kind.schema_version(), &Value::Object(facts).to_string())
}

pub(crate) fn read(stored: StoredEvent) -> Result<RecordedEvent, RecordFault> {
    let position = stored.position;
    RecordedEvent::try_from(stored).map_err(|source| RecordFault::Malformed { position, source })
}

fn receipt(decided: &[Touched], recorded: Option<Recorded>) -> Receipt {
    let first = recorded.as_ref().map(|recorded| recorded.first_position.0);
    let events = decided.iter().flat_map(Touched::decided);
    let events = events.zip(0_u64..).map(|(event, place)| RecordedAct {
        event: event.recorded.event_id,
        kind: event.recorded.event.body.kind(),
        process: process_of(&event.recorded.event),
        stream: event.recorded.stream,
        revision: event.recorded.revision,
        position: first.map(|first| Position(first + place)),
        observed: event.observed.clone(),
    });
    Receipt { events: events.collect(), recorded }
}

fn process_of(event: &CaseEvent) -> Option<(EntityRole, EntityId)> {
    Some((event.body.kind().own_role()?, event.own_entity()?))
}

/// What an identifier is called in a sentence.
fn name_of(kind: &str) -> &'static str {
    match kind {
        "la_child_id" => "the authority's id of the child",
        "upn" => "the unique pupil number",
        "former_upn" => "the former unique pupil number",
        "adopter_id" => "the id of the adopter",
        "court_reference" => "the court's reference",
        _ => "the identifier",
    }
}
