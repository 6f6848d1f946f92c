//! Disposal of a record: facts, sealed fields and salts of a stream go for good; its leaf hashes and every proof stay.
//!
//! Four steps, each of which may be done again after a crash: the request of two officers is recorded; the rows are
//! emptied by the one database function that can; tables and write-ahead log are rewritten, because an emptied row's
//! former version stays readable in the files until then; the disposal is recorded and the subject's key destroyed.
//! It cannot reach backups: the recorded horizon says until when one may still hold the record.
//! Invariant: nothing is emptied before the event that authorises it is in the ledger.

mod rewrite;

pub use rewrite::{LogFiles, Rewritten, rewrite};

use chrono::{DateTime, NaiveDate, Utc};
use domain::envelope::EventContext;
use domain::events::Body;
use domain::events::custody::{KeyDestroyed, PositionRange, RecordDisposed};
use domain::ids::{EventId, Position, Revision, StreamId};
use thiserror::Error;
use tokio_postgres::{Client, Config, NoTls};

use crate::keys::{KeyId, KeyPurpose};
use crate::ledger::Ledger;
use crate::officers::{
    Action, Authorisation, CarryOutFault, Custody, CustodyFault, Particulars, ParticularsFault,
    RecogniseFault, Request, RequestFault,
};
use crate::proof::ProofFault;
use crate::read::ReadFault;

/// Ranges of positions in one event; a record of more takes several events.
pub(crate) const RANGES_PER_EVENT: usize = 4_000;

/// Why a disposal did not go on. What was done before stays done, and the same request goes on from there.
#[derive(Debug, Error)]
pub enum DisposalFault {
    /// The request, or what it asks for, was refused.
    #[error(transparent)]
    Refused(#[from] CarryOutFault),
    /// The system stream cannot be folded.
    #[error(transparent)]
    Custody(#[from] CustodyFault),
    /// The ledger cannot be read.
    #[error("reading the record")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// The leaves cannot be kept.
    #[error("keeping the leaves of the record")]
    Leaves {
        /// Why.
        #[from]
        source: ProofFault,
    },
    /// The stream has no event.
    #[error("stream {stream} has no event")]
    NoSuchStream {
        /// The stream.
        stream: StreamId,
    },
    /// Something was recorded after the request was prepared.
    #[error("stream {stream} went on to position {last}, the request ends at {up_to}; prepare a new request")]
    WentOn {
        /// The stream.
        stream: StreamId,
        /// Where the request ends.
        up_to: Position,
        /// Where the stream ends.
        last: Position,
    },
    /// What is empty is not what was authorised.
    #[error(
        "the empty rows of stream {stream} are not those that the officers had disposed of: somebody moved rows in the database. \
         Nothing more is recorded; `caseledger verify` shows what was changed"
    )]
    OtherRows {
        /// The stream.
        stream: StreamId,
    },
    /// A transaction that began before the disposal is still open and can still see the rows.
    #[error(
        "transactions that began before the disposal are still open (server processes {pids:?}); end them and go on with the same request"
    )]
    HeldBack {
        /// Process ids of the database server; 0 stands for a prepared transaction or a replication slot.
        pids: Vec<i32>,
    },
    /// The database refused or is away.
    #[error("disposing in the database")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
}

/// What became of the data subject's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOutcome {
    /// It is destroyed.
    Destroyed,
    /// Events after the disposed ones are sealed with it.
    KeptForLaterEvents,
}

impl Ledger {
    /// The last position of a stream: what a request for its disposal names.
    ///
    /// # Errors
    /// [`DisposalFault::NoSuchStream`], or what stopped the reading.
    pub async fn last_position(&self, stream: StreamId) -> Result<Position, DisposalFault> {
        let events = self.read_stream(stream, Revision(1)).await?;
        events.last().map(|event| event.position).ok_or(DisposalFault::NoSuchStream { stream })
    }

    /// Records that two officers authorised a disposal, or finds where their request was recorded before. The leaves
    /// of the record are kept, so that the log can still be followed entry by entry. While nothing is emptied, the record is
    /// held against what the officers saw of it, again at each call.
    ///
    /// # Errors
    /// [`DisposalFault`]; nothing is recorded then.
    pub async fn authorise_disposal(
        &self,
        (request, particulars): (&str, Option<&Particulars>),
        by: &EventContext,
        now: DateTime<Utc>,
    ) -> Result<Authorisation, DisposalFault> {
        let custody = self.checked_custody().await?;
        if let Some(known) = custody.authorisations().iter().find(|known| known.request == request) {
            self.check_again(known).await?;
            self.keep_leaves(known.stream, known.up_to).await?;
            return Ok(known.clone());
        }
        let signed = custody.check_new(request).map_err(CarryOutFault::from)?;
        let Action::Dispose { stream, up_to, .. } = signed.request.action else {
            let found = signed.request.action.name();
            let other = RequestFault::OtherAction { expected: "dispose", found };
            return Err(CarryOutFault::from(other).into());
        };
        let last = self.last_position(stream).await?;
        if last > up_to {
            return Err(DisposalFault::WentOn { stream, up_to, last });
        }
        self.carry_out((request, particulars), by, now).await?;
        self.keep_leaves(stream, up_to).await?;
        let custody = self.custody().await?;
        let recorded = custody.authorisations().iter().find(|known| known.request == request).cloned();
        recorded.ok_or(DisposalFault::NoSuchStream { stream })
    }

    /// Holds a record that is still there against what its officers saw, by the salt that stands with the authorisation.
    async fn check_again(&self, known: &Authorisation) -> Result<(), DisposalFault> {
        let events = self.read_stream(known.stream, Revision(1)).await?;
        let whole =
            events.iter().filter(|event| event.position <= known.up_to).all(|event| event.facts.is_some());
        let asked = Request::of_note(&known.request).zip(known.sealed_salt.as_deref()).filter(|_| whole);
        let Some((request, sealed_salt)) = asked else { return Ok(()) };
        let found = self.sealed_particulars(&request, (sealed_salt, known.up_to)).await;
        match found.map_err(CarryOutFault::from)? {
            Some(found) if request.particulars != Some(found.commitment()) => {
                let other = ParticularsFault::OtherRecord { stream: known.stream };
                Err(CarryOutFault::from(RecogniseFault::from(other)).into())
            }
            _ => Ok(()),
        }
    }

    /// Records which positions are disposed of, then destroys the subject's key. Doing it again adds nothing.
    ///
    /// # Errors
    /// [`DisposalFault`].
    pub async fn conclude_disposal(
        &self,
        authorisation: EventId,
        disposed: &[Position],
        backup_horizon: NaiveDate,
        by: &EventContext,
        now: DateTime<Utc>,
    ) -> Result<KeyOutcome, DisposalFault> {
        let custody = self.checked_custody().await?;
        let find = |custody: &Custody| {
            let known = custody.authorisations().iter().find(|known| known.event == authorisation);
            known.cloned().ok_or(CarryOutFault::from(crate::officers::IrregularCause::NotAuthorised))
        };
        let known = find(&custody)?;
        if known.backup_horizon.is_none() {
            if known.positions.as_ref().is_some_and(|positions| *positions != ranges(disposed)) {
                return Err(DisposalFault::OtherRows { stream: known.stream });
            }
            let bodies = record_of(&known, disposed, backup_horizon);
            self.record_custody(&custody, bodies, by, now).await?;
        }
        self.destroy_key_of(&known, by, now).await
    }

    async fn destroy_key_of(
        &self,
        known: &Authorisation,
        by: &EventContext,
        now: DateTime<Utc>,
    ) -> Result<KeyOutcome, DisposalFault> {
        let events = self.read_stream(known.stream, Revision(1)).await?;
        if events.iter().any(|event| event.sealed.is_some()) {
            return Ok(KeyOutcome::KeptForLaterEvents);
        }
        let custody = self.custody().await?;
        let id = KeyId::new(self.id(), KeyPurpose::Subject(known.stream));
        if !custody.is_destroyed(id) {
            let (key_id, subject, request) = (id.to_string(), known.stream, known.request.clone());
            let body = Body::from(KeyDestroyed { key_id, subject, request });
            self.record_custody(&custody, vec![body], by, now).await?;
        }
        self.destroy_key(id).await.map_err(CarryOutFault::from)?;
        Ok(KeyOutcome::Destroyed)
    }
}

fn record_of(known: &Authorisation, disposed: &[Position], backup_horizon: NaiveDate) -> Vec<Body> {
    let ranges = ranges(disposed);
    let event = |positions: &[PositionRange]| {
        let (authorisation, stream, positions) = (known.event, known.stream, positions.to_vec());
        Body::from(RecordDisposed { authorisation, stream, positions, backup_horizon })
    };
    ranges.chunks(RANGES_PER_EVENT).map(event).collect()
}

/// Ascending positions as ranges.
pub(crate) fn ranges(positions: &[Position]) -> Vec<PositionRange> {
    let mut ranges: Vec<PositionRange> = Vec::new();
    for position in positions {
        match ranges.last_mut() {
            Some(range) if range.last + 1 == position.0 => range.last = position.0,
            _ => ranges.push(PositionRange { first: position.0, last: position.0 }),
        }
    }
    ranges
}

/// Empties the rows that an event of the ledger authorises, and forgets the subject's identifiers; gives the
/// positions that are empty, ascending. `admin` is the connection that installs the ledger: no role of the server
/// may do this.
///
/// # Errors
/// [`DisposalFault::Database`]: the database finds no such event, or a legal hold stands.
pub async fn empty_rows(admin: &Config, authorisation: EventId) -> Result<Vec<Position>, DisposalFault> {
    let client = connect(admin).await?;
    let rows = client.query("SELECT caseledger.dispose($1)", &[&authorisation.0]).await?;
    let position = |row: &tokio_postgres::Row| Ok(Position(row.try_get::<_, i64>(0).map(i64::unsigned_abs)?));
    rows.iter().map(position).collect()
}

async fn connect(admin: &Config) -> Result<Client, DisposalFault> {
    let (client, connection) = admin.connect(NoTls).await?;
    // The client sees the same error at its next statement.
    drop(tokio::spawn(connection));
    Ok(client)
}
