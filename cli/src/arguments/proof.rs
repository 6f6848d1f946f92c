//! The command line of signing, witnessing, new epochs and the ledger's time.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

/// The newest signed head.
#[derive(Clone, Debug, Args)]
pub(crate) struct CheckpointArguments {
    /// Whose countersignatures make a head good enough (C2SP tlog-policy); says how far the log is witnessed.
    #[arg(long, value_name = "FILE", env = "CASELEDGER_WITNESSES")]
    pub(crate) witnesses: Option<PathBuf>,
    /// Write the folder of tiles and signed heads anew from the database, where it is lost and has no backup. Compare
    /// with a checkpoint that somebody kept before: the database alone cannot say what it has lost.
    #[arg(long)]
    pub(crate) rebuild_proof: bool,
}

/// The key that signs the log.
#[derive(Clone, Debug, Args)]
pub(crate) struct LogKeyArguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) what: LogKeyWhat,
}

/// What to do with the key that signs the log.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum LogKeyWhat {
    /// The log's name and the public keys that have signed it, the present one last.
    Show,
    /// Make a first key for a ledger that was created without one.
    Register,
    /// Make a new key, have it registered by the signatures of both, and sign with it from now on.
    Rotate,
}

/// A new epoch after a break.
#[derive(Clone, Debug, Args)]
pub(crate) struct EpochArguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) what: EpochWhat,
}

/// What to do about a break.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum EpochWhat {
    /// Compare the log with what was signed, and write the request that two officers have to sign.
    Prepare {
        /// Why, as a code of the authority's list, for instance `restored-backup`.
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// Where the request is written to.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Go on under a new name. The break stays in the log for ever.
    Open {
        /// The request with the signatures of two officers.
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
    },
}

/// The ledger's time.
#[derive(Clone, Debug, Args)]
pub(crate) struct ClockArguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) what: ClockWhat,
}

/// What to do about the ledger's time.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ClockWhat {
    /// The database's clock, this machine's, the time of the newest event, and what officers said of a clock that was ahead.
    Show,
    /// Where a clock was ahead and nothing can be recorded: write the request that two officers have to sign.
    Prepare {
        /// When the newest event was recorded in truth, at the latest (RFC 3339); now, where it is not given.
        #[arg(long, value_name = "TIME")]
        true_time: Option<DateTime<Utc>>,
        /// Where the request is written to.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Record what the officers signed; events can be recorded again at once. No row is changed.
    Set {
        /// The request with the signatures of two officers.
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
    },
}

/// Be a witness of somebody else's log.
#[derive(Clone, Debug, Args)]
pub(crate) struct WitnessArguments {
    /// Name of the witness, for instance `witness.example/partner`; stands in its countersignatures.
    #[arg(long)]
    pub(crate) name: String,
    /// Folder for the witness's key and for what it remembers of each log. To be kept: it is what makes a witness.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// Public key of a log to witness; may be given several times.
    #[arg(long = "log", value_name = "KEY", required = true)]
    pub(crate) logs: Vec<String>,
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8090", value_parser = super::address)]
    pub(crate) listen: SocketAddr,
}
