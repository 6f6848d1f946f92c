//! `caseledger import`: a file into the ledger; its format is recognised by its content.

pub(crate) mod authority;
mod clashes;
mod declared;
mod events;
pub(crate) mod files;
mod gone;
mod progress;
mod report;
mod running;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use exchange::Format;

use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{OfFile as _, readable};
use crate::place::Server;

/// Brings the file in, or with `--check` says what would happen.
///
/// # Errors
/// A [`Failure`] for a file that cannot be read, or a ledger that cannot be written; the ledger then holds whole
/// chunks only, and the same command goes on where it stopped.
pub(crate) async fn run(
    server: &Server,
    ledger: &str,
    arguments: &ImportArguments,
) -> Result<Outcome, Failure> {
    readable(&arguments.file)?;
    let format = exchange::recognise(&arguments.file)
        .with_context(|| arguments.file.display().to_string())
        .or_fail(Outcome::DataProblem)?;
    match format {
        Format::EventsJsonLines => events::run(server, ledger, arguments).await,
        Format::AnnexA | Format::CinCensus => files::run(server, ledger, arguments).await,
    }
}

/// A digest that names the file's content among this ledger's imports; resuming needs no secrecy of it.
fn digest(file: &Path) -> Result<String, Failure> {
    use sha2::{Digest as _, Sha256};
    let mut source = File::open(file).reading(file).or_fail(Outcome::DataProblem)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = source.read(&mut buffer).or_fail(Outcome::DataProblem)?;
        match buffer.get(..read) {
            Some(bytes) if read > 0 => hash.update(bytes),
            _ => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }
}
