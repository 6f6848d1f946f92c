//! Position 1: what a ledger is and how it is written.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::envelope::{Category, EventContext, NewEvent, SealedFields};
use domain::events::record_keeping::LedgerOpened;
use domain::events::{Body, CaseEvent, Code};
use domain::ids::{CommandId, EventId, LedgerId, StreamId};
use domain::time::{Occurred, london_day};
use serde::Deserialize;
use thiserror::Error;
use uuid::Uuid;

use crate::append::{Command, Expected, StreamAppend};
use crate::keys::Fingerprint;
use crate::notes::VerifierKey;

/// Version of `docs/ledger-format.md` that this program writes.
pub const FORMAT: u16 = 1;

/// A ledger whose genesis asks for a higher reader version is refused by this program.
pub const READER_VERSION: u16 = 3;
/// The first version whose ledgers have a MAC on each batch.
const FIRST_WITH_MACS: u64 = 3;

const ALGORITHMS: [&str; 6] =
    ["ed25519", "hkdf-sha-256", "hmac-sha-256", "rfc6962-sha-256", "sha-256", "xchacha20-poly1305"];

/// What a new ledger is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Code of the authority.
    pub authority: Code,
    /// Origin line of the log's checkpoints: a name without scheme, such as `caseledger.example/E09000001/events`.
    pub origin: String,
    /// The key that signs the log, as a C2SP verifier key; without one the log is not signed until a key is registered.
    pub log_key: Option<VerifierKey>,
}

/// What the genesis says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The ledger.
    pub ledger: LedgerId,
    /// Code of the authority.
    pub authority: Code,
    /// Origin line of the log's checkpoints.
    pub origin: String,
    /// Epoch, from 1.
    pub epoch: u32,
    /// When it was recorded: knowledge before this moment is only what sources claim.
    pub opened_at: DateTime<Utc>,
    /// Whether every batch of it has a MAC.
    pub macs_from_the_start: bool,
}

/// A first event that this program must not go on from.
#[derive(Debug, Error)]
pub enum GenesisFault {
    /// A newer program is needed.
    #[error(
        "this ledger needs reader version {needed}, this program has {READER_VERSION}; use a newer program"
    )]
    TooNew {
        /// The version that the genesis asks for.
        needed: u64,
    },
    /// Position 1 is not a genesis that can be read.
    #[error("position 1 is not a genesis that this program can read: {reason}")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
}

#[derive(Deserialize)]
struct AnyVersion {
    details: AnyDetails,
}

#[derive(Deserialize)]
struct AnyDetails {
    minimum_reader: u64,
}

impl Genesis {
    /// Reads the genesis from its row. The minimum reader version is read first and leniently, because the
    /// rest may have a shape that this program does not know.
    pub(crate) fn read(
        kind: &str,
        version: u16,
        occurred: Occurred,
        facts: &str,
        recorded_at: DateTime<Utc>,
    ) -> Result<Self, GenesisFault> {
        let malformed = |reason: String| GenesisFault::Malformed { reason };
        let any: AnyVersion = serde_json::from_str(facts).map_err(|error| malformed(error.to_string()))?;
        let needed = any.details.minimum_reader;
        if needed > u64::from(READER_VERSION) {
            return Err(GenesisFault::TooNew { needed });
        }
        let event =
            CaseEvent::read(occurred, kind, version, facts).map_err(|error| malformed(error.to_string()))?;
        let Body::LedgerOpened(opened) = event.body else {
            return Err(malformed(format!("it is a {kind}")));
        };
        Ok(Self {
            ledger: LedgerId(opened.ledger),
            authority: opened.authority,
            origin: opened.origin,
            epoch: opened.epoch,
            opened_at: recorded_at,
            macs_from_the_start: needed >= FIRST_WITH_MACS,
        })
    }
}

/// The command that opens a ledger.
pub(crate) fn command(
    ledger: LedgerId,
    opening: &Opening,
    key_store: Option<&Fingerprint>,
    now: DateTime<Utc>,
    ids: [Uuid; 3],
) -> Command {
    let opened = LedgerOpened {
        ledger: ledger.0,
        authority: opening.authority.clone(),
        origin: opening.origin.clone(),
        epoch: 1,
        format: FORMAT,
        algorithms: ALGORITHMS.iter().map(|&name| name.to_owned()).collect::<BTreeSet<_>>(),
        public_keys: opening.log_key.iter().map(ToString::to_string).collect(),
        minimum_reader: READER_VERSION,
        key_store: key_store.map(ToString::to_string),
    };
    let [stream, event, command] = ids;
    let event: NewEvent = CaseEvent::new(Occurred::on(london_day(now)), opened)
        .to_new(EventId(event), SealedFields::none(), EventContext::new(ledger.0, "ledger"))
        .expect("the opening's code and origin are checked before");
    let append = StreamAppend::new(StreamId(stream), Category::System, Expected::NoStream, vec![event]);
    Command { command_id: CommandId(command), appends: vec![append] }
}

/// Whether an origin can stand as the first line of a checkpoint: visible ASCII without spaces or `+`.
pub(crate) fn is_origin(origin: &str) -> bool {
    (1..=255).contains(&origin.len()) && origin.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
}
