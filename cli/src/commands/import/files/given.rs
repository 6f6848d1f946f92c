//! What the command line gives an import: the file, and the small files beside it.

use std::path::Path;

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::time::london_day;
use exchange::import::{Decisions, IdentifierMap, UnreadableDecisions};
use exchange::{Extract, Options, ReadError};

use crate::arguments::{ImportArguments, Reading};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::clock;

/// Opens a file of a source system.
pub(crate) fn read(file: &Path, as_at: Option<NaiveDate>, reading: &Reading) -> Result<Extract, Failure> {
    crate::files::readable(file)?;
    let aliases = reading.aliases.as_deref().map(text_of).transpose()?;
    let today = Some(london_day(clock().now()));
    let options = Options { as_at, today, partial: reading.partial, aliases, ..Options::default() };
    let opened = exchange::open(file, &options);
    let at_fault = match (&opened, &reading.aliases) {
        (Err(ReadError::Aliases { .. }), Some(aliases)) => aliases,
        _ => file,
    };
    let named = at_fault.display().to_string();
    opened.context(named).or_fail(Outcome::DataProblem)
}

/// Reads the identifier map, where one is given.
pub(crate) fn identifier_map(reading: &Reading) -> Result<IdentifierMap, Failure> {
    let Some(file) = &reading.identifiers else { return Ok(IdentifierMap::default()) };
    let map = IdentifierMap::read(&text_of(file)?);
    map.with_context(|| file.display().to_string()).or_fail(Outcome::DataProblem)
}

/// The text of a small file beside the data: with or without a byte order mark, in UTF-8.
fn text_of(file: &Path) -> Result<String, Failure> {
    crate::files::text(file, Outcome::DataProblem)
}

/// What further files on the command line say, and the digest of the file itself from before it was read. They are read before
/// anything is made: a mistyped name leaves no ledger.
pub(super) struct Given {
    pub(super) digest: String,
    pub(super) identifiers: IdentifierMap,
    pub(super) decisions: Decisions,
}

/// Reads the answers to the questions of an earlier report, where they are given.
pub(super) fn decisions(arguments: &ImportArguments) -> Result<Decisions, Failure> {
    let Some(file) = &arguments.decide else { return Ok(Decisions::default()) };
    let read = Decisions::read(&text_of(file)?);
    let outcome = match &read {
        Err(UnreadableDecisions::UnknownAnswer { .. }) => Outcome::Usage,
        Err(UnreadableDecisions::NotRead { .. }) | Ok(_) => Outcome::DataProblem,
    };
    read.with_context(|| file.display().to_string()).or_fail(outcome)
}

pub(super) fn no_authority() -> Failure {
    Failure::new(Outcome::Usage, "the file does not say whose it is: give --authority CODE")
}

pub(super) fn origin(extract: &Extract) -> String {
    match &extract.as_at {
        exchange::AsAt::Given { .. } => "as stated on the command line".to_owned(),
        exchange::AsAt::Stated { .. } => "as the file's header states".to_owned(),
        exchange::AsAt::Inferred { agree, rows, .. } => {
            format!("inferred: the ages of {agree} of {rows} rows agree on it; --as-at overrides")
        }
    }
}
