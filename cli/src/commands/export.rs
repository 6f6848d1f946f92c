//! `caseledger export events`: every event as JSON Lines, sealed fields opened.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context as _;
use domain::envelope::{Category, SealedFields};
use domain::ids::Position;
use exchange::jsonl::{Header, Outgoing, Writer};

use crate::arguments::{ExportArguments, ExportWhat};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Open;

/// Events read in one step.
const STEP: u32 = 2_000;

/// Writes the file. The genesis is left out: the ledger that imports has its own.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read, a key is gone, or the file cannot be written.
pub(crate) async fn run(open: &Open, arguments: &ExportArguments) -> Result<Outcome, Failure> {
    let ExportWhat::Events { out } = &arguments.what;
    if out == Path::new("-") {
        write(open, io::stdout()).await?.flush().or_fail(Outcome::Fault)?;
        return Ok(Outcome::Done);
    }
    let place = || format!("write {}", out.display());
    let file = File::create(out).with_context(place).or_fail(Outcome::Fault)?;
    let file = write(open, file).await?;
    file.sync_all().with_context(place).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

async fn write<W: Write>(open: &Open, out: W) -> Result<W, Failure> {
    let genesis = open.ledger.genesis();
    let note = format!("exported from ledger {}; sealed fields are open in this file", genesis.ledger);
    let header = Header { authority: genesis.authority.to_string(), invented: false, note, as_at: None };
    let mut writer = Writer::try_new(out, &header).or_fail(Outcome::Fault)?;
    let head = open.ledger.head().await.or_fail(Outcome::Fault)?.position;
    let mut next = Position(1);
    let mut written = 0_u64;
    while next <= head {
        let events = open.ledger.read_positions(next, STEP).await.or_fail(Outcome::Fault)?;
        let Some(last) = events.last() else { break };
        next = Position(last.position.0 + 1);
        for event in &events {
            if event.category == Category::System {
                continue;
            }
            let sealed =
                open.ledger.unseal(event).await.or_fail(Outcome::Fault)?.unwrap_or_else(SealedFields::none);
            if let Some(outgoing) = Outgoing::of_stored(event, &sealed) {
                writer.event(&outgoing).context("write an event").or_fail(Outcome::Fault)?;
                written += 1;
            }
        }
    }
    eprintln!("{written} events exported, up to position {head}");
    writer.finish().or_fail(Outcome::Fault)
}
