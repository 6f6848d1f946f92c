//! Whose file of events it was, where it is another authority's: declared as an extract is, and once.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::CaseEvent;
use domain::ids::{CommandId, ImportId, KeyedIds as _};
use domain::time::{Occurred, london_day};
use exchange::Content;
use exchange::import::events_declaration;
use exchange::jsonl::Header;
use ledger::{Command, Expected, Ledger, StreamAppend};

use super::files::authority_stream;
use super::files::known::Known;
use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::OfFile as _;
use crate::place::clock;

/// Records whose file it is, unless it is the ledger's own authority's or was declared before.
pub(super) async fn declare(
    ledger: &Ledger,
    header: &Header,
    digest: &str,
    arguments: &ImportArguments,
) -> Result<(), Failure> {
    if !is_anothers(ledger, header) {
        return Ok(());
    }
    let (ids, system) = (ledger.ids(), arguments.system.as_str());
    let import = ImportId(ids.entity(&["import", system, "events", digest]).as_uuid());
    // Not the day of the file: it may not state one, and is the same file on another day.
    let event_id = ids.event(CommandId::CHUNK_DAY, &["extract", &import.to_string()]);
    if ledger.known_events(&[event_id]).await.or_fail(Outcome::Fault)?.contains(&event_id) {
        return Ok(());
    }
    let content = ids.entity(&["content", &content_of(&arguments.file)?]).to_string();
    let held = Known::read(ledger, (&header.authority, system)).await?;
    if held.declared.iter().any(|held| held.content_digest.as_deref() == Some(content.as_str())) {
        return Ok(());
    }
    let as_at = arguments.as_at.or(header.as_at).unwrap_or_else(|| london_day(clock().now()));
    let keyed_digest = ids.entity(&["file", digest]).to_string();
    let whose = (header.authority.as_str(), system);
    let declared =
        events_declaration(import, as_at, whose, (keyed_digest, Some(content))).or_fail(Outcome::Usage)?;
    let event = CaseEvent::new(Occurred::on(as_at), declared);
    let context = EventContext::new(import.as_uuid(), "import");
    let new = event.to_new(event_id, SealedFields::none(), context).or_fail(Outcome::Fault)?;
    let stream = authority_stream(ids, &header.authority);
    let appends = vec![StreamAppend::new(stream, Category::Authority, Expected::Any, vec![new])];
    let command_id = ids.command(as_at, &["declared", &import.to_string()]);
    ledger.append_bulk(Command { command_id, appends }).await.or_fail(Outcome::Fault)?;
    Ok(())
}

/// What the lines of a file say, whatever their order: a copy in another order is the same file.
fn content_of(file: &Path) -> Result<String, Failure> {
    let source = File::open(file).reading(file).or_fail(Outcome::DataProblem)?;
    let (mut source, mut content, mut line) = (BufReader::new(source), Content::default(), Vec::new());
    while source.read_until(b'\n', &mut line).reading(file).or_fail(Outcome::DataProblem)? > 0 {
        let text = line.trim_ascii();
        if !text.is_empty() {
            content.add_line(text);
        }
        line.clear();
    }
    Ok(content.digest())
}

/// Whether a file is another authority's than the ledger's.
pub(super) fn is_anothers(ledger: &Ledger, header: &Header) -> bool {
    ledger.genesis().authority.as_str() != header.authority
}
