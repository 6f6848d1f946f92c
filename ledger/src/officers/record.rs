//! The system stream: read, folded, and continued by what two officers asked for.

use chrono::{DateTime, Utc};
use domain::envelope::{Category, EventContext, SealedFields, StoredEvent};
use domain::events::custody::{
    DisposalAuthorised, KeyDestroyed, LegalHoldLifted, OfficerKeyRegistered, OfficerKeyRevoked, PositionRange,
};
use domain::events::{Body, CaseEvent, MalformedEvent, RecordedEvent};
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use domain::time::{Occurred, london_day};
use thiserror::Error;

use super::check::{RequestFault, Signed};
use super::custody::{Custody, IrregularCause};
use super::particulars::Particulars;
use super::recognise::RecogniseFault;
use super::request::{Action, Request};
use crate::append::{AppendError, Command, Expected, Recorded, StreamAppend};
use crate::disposal::{RANGES_PER_EVENT, ranges};
use crate::keys::{KeyFault, KeyId, KeyPurpose};
use crate::ledger::{Ledger, on_blocking_thread, random_uuid};
use crate::proof::{LogName, ProofFault};
use crate::read::ReadFault;

/// Why the system stream cannot be folded.
#[derive(Debug, Error)]
pub enum CustodyFault {
    /// There is no first event.
    #[error("the ledger has no first event")]
    Empty,
    /// The ledger cannot be read.
    #[error("reading the system stream")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// A row of it is not what was recorded.
    #[error(
        "somebody changed the ledger's record of officers, holds or keys in the database: the row at position {position} is not \
         what was recorded. Nothing was done; run `caseledger verify` to see what was changed"
    )]
    Changed {
        /// Where.
        position: Position,
    },
    /// An event of it cannot be understood; a newer program may have written it.
    #[error("the system stream at position {position}")]
    Malformed {
        /// Where.
        position: Position,
        /// Why.
        source: MalformedEvent,
    },
}

/// Why a request was not carried out.
#[derive(Debug, Error)]
pub enum CarryOutFault {
    /// The system stream cannot be folded.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// Two officers did not ask for it.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// It must not be recorded.
    #[error(transparent)]
    Irregular(#[from] IrregularCause),
    /// It could not be recorded.
    #[error("recording what the officers asked for")]
    Append {
        /// Why.
        #[from]
        source: AppendError,
    },
    /// The key store refused.
    #[error("the key store")]
    Key {
        /// Why.
        #[from]
        source: KeyFault,
    },
    /// The record cannot be recognised as the one that the officers saw.
    #[error(transparent)]
    Record(#[from] RecogniseFault),
}

impl Ledger {
    /// Folds the system stream.
    ///
    /// # Errors
    /// [`CustodyFault`].
    pub async fn custody(&self) -> Result<Custody, CustodyFault> {
        let first = self.read_positions(Position(1), 1).await?;
        let Some(first) = first.first() else { return Err(CustodyFault::Empty) };
        let mut custody = Custody::new(self.id(), first.stream);
        self.system_events(first.stream).await?.iter().for_each(|event| custody.apply(event));
        if *custody.time() != *self.reader().time().known() {
            self.reader().look_at_time().await?;
        }
        Ok(custody)
    }

    /// The same, after each row was compared with the hash under which it was recorded: for steps that cannot be undone.
    ///
    /// # Errors
    /// [`CustodyFault`].
    pub async fn checked_custody(&self) -> Result<Custody, CustodyFault> {
        let custody = self.custody().await?;
        let changed = |position| CustodyFault::Changed { position };
        match self.check_leaves_of(custody.system_stream()).await {
            Ok(()) => {}
            Err(ProofFault::Read { source: ReadFault::Malformed { source } }) => {
                return Err(changed(Position(source.position.unsigned_abs())));
            }
            Err(ProofFault::Read { source }) => return Err(source.into()),
            Err(ProofFault::Nodes { .. } | ProofFault::OutOfRange { .. }) => {
                return Err(changed(Position(1)));
            }
        }
        Ok(custody)
    }

    /// Who may sign this log, and under which name.
    ///
    /// # Errors
    /// [`CustodyFault`].
    pub async fn log_name(&self) -> Result<LogName, CustodyFault> {
        let first = self.read_positions(Position(1), 1).await?;
        let Some(first) = first.first() else { return Err(CustodyFault::Empty) };
        Ok(LogName::of(self.id(), &self.system_events(first.stream).await?))
    }

    async fn system_events(&self, system: StreamId) -> Result<Vec<RecordedEvent>, CustodyFault> {
        let read = |stored: StoredEvent| {
            let position = stored.position;
            RecordedEvent::try_from(stored).map_err(|source| CustodyFault::Malformed { position, source })
        };
        self.read_stream(system, Revision(1)).await?.into_iter().map(read).collect()
    }

    /// Appends events to the system stream behind what was folded; refused where the fold does not admit one.
    ///
    /// # Errors
    /// [`CarryOutFault`]; [`AppendError::Conflict`] where the stream went on meanwhile: fold again.
    pub async fn record_custody(
        &self,
        custody: &Custody,
        bodies: Vec<Body>,
        by: &EventContext,
        now: DateTime<Utc>,
    ) -> Result<Recorded, CarryOutFault> {
        Ok(self.append(self.custody_command(custody, bodies, by, now)?).await?)
    }

    /// What [`Self::record_custody`] appends.
    pub(crate) fn custody_command(
        &self,
        custody: &Custody,
        bodies: Vec<Body>,
        by: &EventContext,
        now: DateTime<Utc>,
    ) -> Result<Command, CarryOutFault> {
        let mut events = Vec::with_capacity(bodies.len());
        for body in bodies {
            custody.admits(&body)?;
            let event = CaseEvent::new(Occurred::on(london_day(now)), body);
            let id = EventId(time_ordered(now)?);
            let new = event.to_new(id, SealedFields::none(), by.clone());
            events.push(new.map_err(|source| AppendError::NotCanonical { event_id: id, source })?);
        }
        let expected = Expected::Exactly(custody.revision());
        let append = StreamAppend::new(custody.system_stream(), Category::System, expected, events);
        let command_id = CommandId(time_ordered(now)?);
        Ok(Command { command_id, appends: vec![append] })
    }

    /// Checks a signed request that was not carried out before, and records the event that it stands for. The
    /// destruction of a key follows at once. (A new epoch is opened elsewhere: it needs more than the request says.)
    /// A request about a record needs the particulars that its officers saw.
    ///
    /// # Errors
    /// [`CarryOutFault`]; nothing is recorded then, but for a key store that fails after the event: the next
    /// opening of the ledger destroys the key.
    pub async fn carry_out(
        &self,
        (request, particulars): (&str, Option<&Particulars>),
        by: &EventContext,
        now: DateTime<Utc>,
    ) -> Result<(Signed, Recorded), CarryOutFault> {
        let custody = self.checked_custody().await?;
        let signed = custody.check_new(request)?;
        self.check_particulars(&signed.request, particulars).await?;
        let sealed_salt = self.seal_salt(&signed.request, particulars).await?;
        let positions = self.positions_of(&signed.request).await.map_err(RecogniseFault::from)?;
        let body = self.event_of(&signed, sealed_salt, positions)?;
        let recorded = self.record_custody(&custody, vec![body], by, now).await?;
        if let Action::DestroyKey { stream, .. } = &signed.request.action {
            self.destroy_key(KeyId::new(self.id(), KeyPurpose::Subject(*stream))).await?;
        }
        Ok((signed, recorded))
    }

    /// The positions of the record that is to be disposed of; `None` where there are too many stretches for one event.
    async fn positions_of(&self, request: &Request) -> Result<Option<Vec<PositionRange>>, ReadFault> {
        let (Some(stream), Some(up_to)) = (request.action.record(), request.action.up_to()) else {
            return Ok(None);
        };
        let events = self.read_stream(stream, Revision(1)).await?;
        let within = events.iter().map(|event| event.position).filter(|position| *position <= up_to);
        Ok(Some(ranges(&within.collect::<Vec<_>>())).filter(|ranges| ranges.len() <= RANGES_PER_EVENT))
    }

    /// Destroys a key in the key store; again is no error.
    pub(crate) async fn destroy_key(&self, id: KeyId) -> Result<(), KeyFault> {
        let keys = self.keys();
        on_blocking_thread(move || keys.destroy(id)).await
    }

    fn event_of(
        &self,
        signed: &Signed,
        sealed_salt: Option<String>,
        positions: Option<Vec<PositionRange>>,
    ) -> Result<Body, RequestFault> {
        let request = signed.text.clone();
        Ok(match &signed.request.action {
            Action::RegisterOfficer { key } => {
                OfficerKeyRegistered { key: key.to_string(), request: Some(request) }.into()
            }
            Action::RevokeOfficer { key } => OfficerKeyRevoked { key: key.to_string(), request }.into(),
            Action::Dispose { stream, up_to, rule } => {
                let (stream, up_to, rule) = (*stream, up_to.0, rule.clone());
                DisposalAuthorised { stream, up_to, rule, request, sealed_salt, positions }.into()
            }
            Action::DestroyKey { stream, .. } => {
                let key = KeyId::new(self.id(), KeyPurpose::Subject(*stream));
                KeyDestroyed { key_id: key.to_string(), subject: *stream, request }.into()
            }
            Action::LiftHold { stream, hold } => {
                LegalHoldLifted { stream: *stream, hold: *hold, request, sealed_salt }.into()
            }
            Action::OpenEpoch { .. } | Action::SetTime { .. } => {
                return Err(RequestFault::OtherAction {
                    expected: "a change of officers, holds or keys",
                    found: signed.request.action.name(),
                });
            }
        })
    }
}

fn time_ordered(now: DateTime<Utc>) -> Result<uuid::Uuid, KeyFault> {
    let random = random_uuid()?;
    let mut bytes = [0; 10];
    bytes.iter_mut().zip(random.as_bytes()).for_each(|(to, from)| *to = *from);
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
}
