//! What is asked about the ledger's own keeping: officers, legal holds, disposal, keys, disclosure.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{ArgGroup, Args, Subcommand};
use domain::events::Code;
use domain::ids::EventId;
use ledger::notes::VerifierKey;

/// Manage officers, whose two signatures are needed for disposal and epochs.
#[derive(Clone, Debug, Args)]
pub(crate) struct OfficerArguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) what: OfficerWhat,
}

/// What to do with officers.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum OfficerWhat {
    /// Make a key for an officer; needs no ledger. Prints the public half, to be registered.
    Keygen {
        /// The officer: a role with its authority, never a person's name, for instance caldicott-guardian.E09000001.
        name: String,
        /// The new file of the private key (mode 0400).
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show a prepared request and sign it; needs no ledger. One officer signs a request once.
    Sign {
        /// The request's file; the signature line is added to it.
        request: PathBuf,
        /// The officer's private key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Register an officer's public key. The first two need no request.
    Register(KeyRequest),
    /// Take the right to sign from a key; at least two officers stay.
    Revoke(KeyRequest),
    /// The officers who can sign now, and entries that nobody authorised.
    List,
}

/// Something about an officer's key that two officers ask for.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeyRequest {
    /// The public key, name+hash+base64.
    pub(crate) key: VerifierKey,
    /// Write the request that two officers have to sign, and do nothing else.
    #[arg(long, value_name = "FILE", conflicts_with = "request")]
    pub(crate) prepare: Option<PathBuf>,
    /// Carry out a request that two officers signed.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
}

/// Legal holds: while one stands, a record is not disposed of and its key not destroyed.
#[derive(Clone, Debug, Args)]
pub(crate) struct HoldArguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) what: HoldWhat,
}

/// What to do with legal holds.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum HoldWhat {
    /// Place a hold on a child's record.
    Place {
        /// The authority's own id of the child, or the stream id.
        child: String,
        /// Why: a code of the authority's list.
        #[arg(long, value_name = "CODE")]
        reason: Code,
    },
    /// Lift a hold; two officers have to ask for it.
    #[command(group = ArgGroup::new("step").required(true))]
    Lift {
        /// The event that placed the hold, as `hold list` prints it.
        #[arg(required_unless_present = "request")]
        hold: Option<EventId>,
        /// Write the request that two officers have to sign, and do nothing else.
        #[arg(long, value_name = "FILE", group = "step")]
        prepare: Option<PathBuf>,
        /// Carry out a request that two officers signed.
        #[arg(long, value_name = "FILE", group = "step")]
        request: Option<PathBuf>,
    },
    /// The holds that stand.
    List,
}

/// Dispose of a child's record: what is in it goes for good, its place in the log and every proof stay.
#[derive(Clone, Debug, Args)]
#[command(group = ArgGroup::new("step").required(true))]
pub(crate) struct DisposeArguments {
    /// The authority's own id of the child, or the stream id (only to prepare).
    #[arg(required_unless_present = "request")]
    pub(crate) child: Option<String>,
    /// The rule of the retention schedule under which it is due (only to prepare).
    #[arg(long, value_name = "CODE", required_unless_present = "request")]
    pub(crate) rule: Option<Code>,
    /// Write the request that two officers have to sign, and do nothing else.
    #[arg(long, value_name = "FILE", group = "step")]
    pub(crate) prepare: Option<PathBuf>,
    /// Carry out a request that two officers signed; the same again goes on where it stopped.
    #[arg(long, value_name = "FILE", group = "step")]
    pub(crate) request: Option<PathBuf>,
    /// Rewrite tables and log files, so that the database's files hold nothing of the record, and conclude. Locks the
    /// log of events while it is copied.
    #[arg(long, requires = "request", requires = "backups_until")]
    pub(crate) rewrite: bool,
    /// The last day on which a backup or an archived log file may still hold the record; it is recorded.
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub(crate) backups_until: Option<NaiveDate>,
}

/// Show one sealed field of one event, with the proof that it was sealed with it.
#[derive(Clone, Debug, Args)]
pub(crate) struct DiscloseArguments {
    /// The authority's own id of the child, or the stream id.
    pub(crate) child: String,
    /// The event.
    pub(crate) event: EventId,
    /// The field; several times for several fields. The others stay sealed.
    #[arg(long = "field", value_name = "NAME", required = true)]
    pub(crate) fields: Vec<String>,
    /// Also show what happened, when, and who recorded it.
    #[arg(long)]
    pub(crate) with_envelope: bool,
    /// The file; `-` is standard output.
    #[arg(long, default_value = "-", value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// The key store.
#[derive(Clone, Debug, Args)]
pub(crate) struct KeysArguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) what: KeysWhat,
}

/// What to do with keys.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum KeysWhat {
    /// Make a new master key and wrap every key with it; no event changes. After a crash, run it again.
    RotateMaster,
    /// Destroy the key of a child: what it sealed is unreadable for ever. Two officers have to ask for it.
    #[command(group = ArgGroup::new("step").required(true))]
    Destroy {
        /// The authority's own id of the child, or the stream id (only to prepare).
        #[arg(required_unless_present = "request")]
        child: Option<String>,
        /// Why: a code of the authority's list (only to prepare).
        #[arg(long, value_name = "CODE", required_unless_present = "request")]
        reason: Option<Code>,
        /// Write the request that two officers have to sign, and do nothing else.
        #[arg(long, value_name = "FILE", group = "step")]
        prepare: Option<PathBuf>,
        /// Carry out a request that two officers signed.
        #[arg(long, value_name = "FILE", group = "step")]
        request: Option<PathBuf>,
    },
    /// Check that the key store is this ledger's and whole, and that no file of it holds a destroyed key; one that is back
    /// is destroyed again.
    Check,
    /// Take the key store at hand for this ledger's, after a lawful restore. What is missing in it is given up for ever.
    Adopt {
        /// Number of subjects whose keys are lost, as the command says without this option.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        without: u64,
    },
}
