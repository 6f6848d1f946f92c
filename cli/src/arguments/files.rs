//! Files that come in and go out: what is read, how, and what is written.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};

use super::{day, known_at};
use crate::output::Format;

/// Bring a file in.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImportArguments {
    /// The file.
    pub(crate) file: PathBuf,
    /// Read and report as for an import, but write nothing.
    #[arg(long)]
    pub(crate) check: bool,
    /// The day that the extract is about, where the file does not hold it (Annex A).
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_at: Option<NaiveDate>,
    /// Code of the local authority, where the file does not hold it; without it, the ledger's.
    #[arg(long)]
    pub(crate) authority: Option<String>,
    /// Accept a file of another authority than the ledger's; the ledger records whose file it was.
    #[arg(long)]
    pub(crate) another_authority: bool,
    /// Take a list with headers and no row at its word: it withdraws the records that it should hold.
    #[arg(long)]
    pub(crate) empty_lists: bool,
    /// Code of the source system whose ids the file uses.
    #[arg(long, default_value = "lcs")]
    pub(crate) system: String,
    /// Answers to the questions of an earlier report: a TOML file of lines "QUESTION" = "same" or "different"
    /// (docs/imports.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) decide: Option<PathBuf>,
    /// How the file is read and whose ids it uses.
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// How a source file is read.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Reading {
    /// Accept a workbook that does not hold all its lists; the missing ones say nothing.
    #[arg(long)]
    pub(crate) partial: bool,
    /// Further spellings of headers (TOML, see docs/imports.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) aliases: Option<PathBuf>,
    /// Which ids of this system name children known under another (CSV, see docs/imports.md).
    #[arg(long, value_name = "FILE")]
    pub(crate) identifiers: Option<PathBuf>,
}

/// Write events.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArguments {
    /// What to export.
    #[command(subcommand)]
    pub(crate) what: ExportWhat,
}

/// What to export.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ExportWhat {
    /// Every event, sealed fields opened; the file names children, so keep it as such.
    Events {
        /// The file; `-` is standard output.
        #[arg(long, default_value = "-")]
        out: PathBuf,
    },
    /// The log with its salts, for an outsider to check: facts in clear, sealed fields sealed.
    Log {
        /// The file; `-` is standard output.
        #[arg(long, default_value = "-")]
        out: PathBuf,
    },
}

/// Hand out the record of one child, to be checked without this ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct BundleArguments {
    /// The authority's own id of the child, or the stream id.
    pub(crate) child: String,
    /// As it was known here at this moment: a day (to its end) or an instant.
    #[arg(long, value_name = "T", value_parser = known_at)]
    pub(crate) known_at: Option<DateTime<Utc>>,
    /// The file; `-` is standard output.
    #[arg(long, default_value = "-", value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// Compare a source file with the ledger.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReconcileArguments {
    /// The file.
    pub(crate) file: PathBuf,
    /// The day that the extract is about, where the file does not hold it.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) as_at: Option<NaiveDate>,
    /// Compare a file of another authority than the ledger's.
    #[arg(long)]
    pub(crate) another_authority: bool,
    /// Code of the source system whose ids the file uses.
    #[arg(long, default_value = "lcs")]
    pub(crate) system: String,
    /// How the file is read and whose ids it uses.
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}
