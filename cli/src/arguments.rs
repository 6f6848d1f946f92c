//! The command line: what can be asked, in the words of the people who ask.

mod custody;
mod files;
pub(crate) mod proof;
mod questions;
mod recording;
mod rules;
mod values;

pub(crate) use custody::*;
pub(crate) use files::*;
pub(crate) use questions::*;
pub(crate) use recording::*;
pub(crate) use rules::*;
pub(crate) use values::*;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

use crate::output::Format;

/// Variables that no option stands for: a password has no place on a command line, which others can read.
const ENVIRONMENT: &str = "Environment:
  CASELEDGER_DATABASE_URL  A PostgreSQL of your own instead of the private one, as postgresql://USER:PASSWORD@HOST:PORT/DATABASE.
                           Its user must be a superuser for set-up. DATABASE_URL is ignored.
  RUST_LOG                 What is logged on standard error, for instance debug [default: errors of serve and demo]";

/// A provable journal of children's social care journeys: what happened, in what order, and what was known when.
#[derive(Debug, Parser)]
#[command(name = "caseledger", version, max_term_width = 110, after_help = ENVIRONMENT)]
pub(crate) struct Arguments {
    /// Which ledger, and where.
    #[command(flatten)]
    pub(crate) place: Place,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which ledger, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Data folder of the private PostgreSQL and the key store [default: the user's data directory].
    #[arg(long, global = true, env = "CASELEDGER_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Folder of PostgreSQL's server programs, where they are not in the usual places.
    #[arg(long, global = true, env = "CASELEDGER_PG_BIN", value_name = "DIR")]
    pub(crate) pg_bin: Option<PathBuf>,
    /// Name of the ledger in the data folder; one ledger per authority.
    #[arg(long, global = true, default_value = "main", value_name = "NAME", value_parser = ledger_name)]
    pub(crate) ledger: String,
    /// The authority's own rule file, on top of the built-in rules, for every answer (docs/rules.md).
    #[arg(long, global = true, env = "CASELEDGER_RULES", value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Standards of other councils that count here as well: ids of rules, merton, dorset, somerset, or all, with commas
    /// between them.
    #[arg(long, global = true, env = "CASELEDGER_ADOPT", value_name = "NAMES", value_delimiter = ',')]
    pub(crate) adopt: Vec<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Whatever needs an open ledger for a moment.
    #[command(flatten)]
    OnLedger(OnLedger),
    /// Whatever runs until it is told to stop.
    #[command(flatten)]
    Standing(Standing),
    /// Whatever needs no ledger.
    #[command(flatten)]
    Apart(Apart),
}

/// Commands on an open ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum OnLedger {
    /// Create an empty ledger for an authority.
    Init(InitArguments),
    /// Bring a file in: events JSON Lines, an Annex A workbook or a CIN census; recognised by its content.
    Import(ImportArguments),
    /// Record what happened: one event, or a file of acts. What cannot be true is refused.
    Record(RecordArguments),
    /// Say what should have stood in an event's place; the event stays, and so does who said so.
    Correct(CorrectArguments),
    /// Say that an event never happened, or that an amendment was wrong.
    Withdraw(WithdrawArguments),
    /// Say that what was withdrawn stands again.
    Reinstate(WithdrawArguments),
    /// Write the ledger's events as JSON Lines.
    Export(ExportArguments),
    /// One child's record with proofs, for an outsider to check; what is sealed stays sealed.
    Bundle(BundleArguments),
    /// Record the end of every stream under one root, so that bundles prove that nothing was left out.
    Roster,
    /// Compare a source file with the ledger at its as-at date; every difference is explained by child.
    Reconcile(ReconcileArguments),
    /// The journey of a child, family, set of proceedings, adopter, worker or authority, as known at any moment.
    Replay(ChildArguments),
    /// The clocks of a child or another stream: what ran, what was in time, what is late.
    Clocks(ChildArguments),
    /// Indicators of the whole ledger, rule by rule.
    Indicators(IndicatorsArguments),
    /// Clocks that run out next, over all children, families, adopters and actions.
    Due(DueArguments),
    /// Which children's answers would change under an authority's own rule file, and why.
    WhatIf(WhatIfArguments),
    /// Manage officers, whose two signatures are needed for disposal and epochs.
    Officer(OfficerArguments),
    /// Legal holds on records.
    Hold(HoldArguments),
    /// Dispose of a child's record, at the request of two officers.
    Dispose(DisposeArguments),
    /// Show one sealed field of one event, proved; a bundle that `verify` checks.
    Disclose(DiscloseArguments),
    /// The key store: a new master key, destroyed keys.
    Keys(KeysArguments),
    /// The newest signed head: keep it elsewhere, and nobody can rewrite what it covers unseen.
    Checkpoint(proof::CheckpointArguments),
    /// The key that signs the log.
    LogKey(proof::LogKeyArguments),
    /// Go on after a break: an older copy of the database was restored.
    Epoch(proof::EpochArguments),
    /// Show the ledger's time, and set it right after a clock was ahead.
    Clock(proof::ClockArguments),
    /// Write a backup of the ledger into a new folder, and of its keys into another.
    Backup(BackupArguments),
    /// Restore a backup where no ledger of this name is, and check the restored log.
    Restore(RestoreArguments),
    /// Look at roles, rights, guards, clock, disk, events, keys, look-up tables, read models and signed heads, and say what to do.
    Doctor(DoctorArguments),
    /// Fill the look-up tables (identifiers, first event of each kind) again from the events.
    Reindex,
}

/// Commands that run until they are told to stop.
#[derive(Debug, Subcommand)]
pub(crate) enum Standing {
    /// Run the server: pages and GraphQL.
    Serve(ServeArguments),
    /// The whole thing on invented children: private PostgreSQL, synthetic authority, sample workbook, server.
    Demo(DemoArguments),
}

/// Commands that need no ledger.
#[derive(Debug, Subcommand)]
pub(crate) enum Apart {
    /// The due date of a rule, from a start date.
    Deadline(DeadlineArguments),
    /// The rules, their sources and whether those were verified.
    Rules(RulesArguments),
    /// The kinds of event, with fields, code lists and a sample of each.
    Kinds(KindsArguments),
    /// Invent an authority and write its events as JSON Lines.
    Synth(SynthArguments),
    /// Be a witness of a partner's log: remember its head and countersign what goes on from it.
    Witness(proof::WitnessArguments),
    /// Check that nothing was changed: the ledger's database, an exported log or a bundle (docs/verify.md).
    Verify(VerifyArguments),
}

/// Create an empty ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct InitArguments {
    /// Code of the local authority, for instance 201.
    #[arg(long)]
    pub(crate) authority: String,
}

/// Look whether the ledger is as it should be.
#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Hash every event again, not only the newest and some at random.
    #[arg(long)]
    pub(crate) full: bool,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Make a backup.
#[derive(Clone, Debug, Args)]
pub(crate) struct BackupArguments {
    /// The folder; it is made, or is empty.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Write the key store and the signing key into this folder, which must stand apart from the other one.
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Restore a backup.
#[derive(Clone, Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The folder of the backup.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The folder of the backup of the keys, where they are not in place.
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// A checkpoint that somebody kept: the restored log must hold everything that it covers.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Show kinds of event.
#[derive(Clone, Debug, Args)]
pub(crate) struct KindsArguments {
    /// Show one kind: its fields, code lists and a sample.
    pub(crate) kind: Option<String>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Invent an authority.
#[derive(Clone, Debug, Args)]
pub(crate) struct SynthArguments {
    /// How many children.
    #[arg(long, default_value_t = 2000)]
    pub(crate) children: u32,
    /// How many years of work, up to `--until`.
    #[arg(long, default_value_t = 6)]
    pub(crate) years: u32,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The last day of work.
    #[arg(long, default_value = "2026-09-30", value_name = "DATE", value_parser = day)]
    pub(crate) until: NaiveDate,
    /// The file; `-` is standard output.
    #[arg(long, default_value = "-")]
    pub(crate) out: PathBuf,
}

/// Check a ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyArguments {
    /// An exported log or a bundle; the ledger's database where it is left out.
    #[arg(conflicts_with_all = ["size", "state", "proof", "every"])]
    pub(crate) file: Option<PathBuf>,
    /// Check positions 1 to N [default: all].
    #[arg(long, value_name = "N", conflicts_with = "state", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) size: Option<u64>,
    /// A checkpoint that you kept: the log must have grown out of it. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// Receipts that callers were given, as JSON Lines. May be given several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) receipts: Vec<PathBuf>,
    /// A key that you trust to sign checkpoints, as name+hash+base64 [default: the keys that the log itself registered].
    #[arg(long, value_name = "KEY")]
    pub(crate) log_key: Vec<String>,
    /// A witness whose countersignature is asked for, as name+hash+base64. May be given several times.
    #[arg(long, value_name = "KEY")]
    pub(crate) witness: Vec<String>,
    /// How many of the witnesses have to have signed one checkpoint [default: all].
    #[arg(long, value_name = "N", requires = "witness")]
    pub(crate) quorum: Option<usize>,
    /// Folder of tiles and checkpoint outside the database [default: that of the data folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) proof: Option<PathBuf>,
    /// Remember here what was checked, and read only what is new since the run before.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Check every signed checkpoint and every roster, not only the newest.
    #[arg(long)]
    pub(crate) every: bool,
    /// How many examples of each kind of damage are printed.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(crate) examples: usize,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Run the server.
#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArguments {
    /// Where to listen. There is no sign-in yet, so keep it on this machine.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS", value_parser = address)]
    pub(crate) listen: std::net::SocketAddr,
    /// A name under which it is asked, beside addresses and localhost; for a server with sign-in before it. May be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// Listen where other machines can reach it, although everybody who reaches it can read every record.
    #[arg(long)]
    pub(crate) without_sign_in: bool,
    /// Witnesses that are asked to countersign, and how many are enough (C2SP tlog-policy).
    #[arg(long, value_name = "FILE", env = "CASELEDGER_WITNESSES")]
    pub(crate) witnesses: Option<std::path::PathBuf>,
}

/// The demonstration.
#[derive(Clone, Debug, Args)]
pub(crate) struct DemoArguments {
    /// Where the synthetic authority is served; the sample workbook is served on the next port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS", value_parser = address)]
    pub(crate) listen: std::net::SocketAddr,
    /// How many children to invent.
    #[arg(long, default_value_t = 2000)]
    pub(crate) children: u32,
    /// How many years of work.
    #[arg(long, default_value_t = 6)]
    pub(crate) years: u32,
    /// Stop as soon as everything answers (for tests).
    #[arg(long)]
    pub(crate) once: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
