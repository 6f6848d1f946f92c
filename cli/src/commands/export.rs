//! `caseledger export`: every event as JSON Lines, sealed fields opened (`events`), or the log as an outsider checks it (`log`).

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use domain::envelope::{Category, SealedFields, StoredEvent};
use domain::ids::Position;
use exchange::jsonl::{Header, Outgoing, Writer};
use ledger::keys::KeyFault;
use ledger::{Ledger, UnsealFault};

use super::handed_out::{Out, Under};
use crate::arguments::{ExportArguments, ExportWhat};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{OfFile as _, Outgoing as OutgoingFile};
use crate::place::Open;
use crate::stdout::stdout;

/// Events read in one step.
const STEP: u32 = 2_000;

/// Writes the file. The genesis is left out: the ledger that imports has its own.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read, a key cannot be reached, or the file cannot be written.
pub(crate) async fn run(open: &Open, arguments: &ExportArguments) -> Result<Outcome, Failure> {
    let out = match &arguments.what {
        ExportWhat::Events { out } => out,
        ExportWhat::Log { out } => return log(open, out).await,
    };
    if out == Path::new("-") {
        write(open, stdout()).await?.flush().or_fail(Outcome::Fault)?;
        return Ok(Outcome::Done);
    }
    let file = OutgoingFile::begin(out).writing(out).or_fail(Outcome::Fault)?;
    write(open, file).await?.finish().writing(out).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// Writes every event with its salts and its sealed container as it stands: an outsider can rebuild the whole tree from it.
async fn log(open: &Open, out: &Path) -> Result<Outcome, Failure> {
    let under = Under::newest(&open.ledger).await?;
    let mut out = Out::create(out)?;
    out.line(&under.header(&open.ledger, "export", []).await?)?;
    let mut next = Position(1);
    while next.0 <= under.size {
        let lines = open.ledger.event_lines(next, STEP).await.or_fail(Outcome::Fault)?;
        let Some(last) = lines.last().map(|line| line.position) else { break };
        for line in lines.into_iter().filter(|line| line.position <= under.size) {
            out.line(&line.into_json())?;
        }
        next = Position(last + 1);
    }
    out.finish(under.size)?;
    eprintln!("{} events exported; what is sealed stays sealed, facts are in clear", under.size);
    Ok(Outcome::Done)
}

async fn write<W: Write>(open: &Open, out: W) -> Result<W, Failure> {
    let genesis = open.ledger.genesis();
    let note = format!("exported from ledger {}; sealed fields are open in this file", genesis.ledger);
    let header = Header { authority: genesis.authority.to_string(), invented: false, note, as_at: None };
    let mut writer = Writer::try_new(out, &header).or_fail(Outcome::Fault)?;
    let head = open.ledger.head().await.or_fail(Outcome::Fault)?.position;
    let mut next = Position(1);
    let (mut written, mut destroyed) = (0_u64, 0_u64);
    while next <= head {
        let events = open.ledger.read_positions(next, STEP).await.or_fail(Outcome::Fault)?;
        let Some(last) = events.last() else { break };
        next = Position(last.position.0 + 1);
        for event in &events {
            if event.category == Category::System {
                continue;
            }
            let sealed = sealed_fields(&open.ledger, event).await?;
            let fields = sealed.clone().unwrap_or_else(SealedFields::none);
            if let Some(outgoing) = Outgoing::of_stored(event, &fields) {
                let sealed_destroyed = sealed.is_none();
                let outgoing = Outgoing { sealed_destroyed, ..outgoing };
                writer.event(&outgoing).context("write an event").or_fail(Outcome::Fault)?;
                written += 1;
                destroyed += u64::from(sealed_destroyed);
            }
        }
    }
    eprintln!("{written} events exported, up to position {head}");
    if written == 0 {
        eprintln!(
            "Nothing is recorded yet: the file holds its header only. Record something with `caseledger import FILE`."
        );
    }
    if destroyed > 0 {
        eprintln!("{destroyed} of them without what was sealed: its key was destroyed or is lost");
    }
    writer.finish().or_fail(Outcome::Fault)
}

/// What is sealed in an event, empty where nothing is; `None` where its key was destroyed, or lost and given up.
async fn sealed_fields(ledger: &Ledger, event: &StoredEvent) -> Result<Option<SealedFields>, Failure> {
    match ledger.unseal(event).await {
        Ok(sealed) => Ok(Some(sealed.unwrap_or_else(SealedFields::none))),
        Err(UnsealFault::Key { source: KeyFault::Destroyed { .. } | KeyFault::GivenUp { .. }, .. }) => {
            Ok(None)
        }
        Err(fault) => Err(fault).or_fail(Outcome::Fault),
    }
}
