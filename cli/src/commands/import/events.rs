//! Events JSON Lines into the ledger, in chunks that resume and yield to live work.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::events::identity::identifiers;
use domain::ids::{KeyedIds as _, StreamId};
use exchange::jsonl::{self, EventLine, Reader};
use ledger::{Command, Expected, Identifier, Ledger, MAX_EVENTS_PER_CHUNK, StreamAppend};

use super::digest;
use super::progress::Progress;
use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Server;
use crate::signing;

/// What became of a file.
#[derive(Default)]
struct Report {
    lines: u64,
    new: u64,
    known: u64,
}

/// Brings a file of events in.
pub(super) async fn run(
    server: &Server,
    ledger: &str,
    arguments: &ImportArguments,
) -> Result<Outcome, Failure> {
    let reader = open(&arguments.file)?;
    if arguments.check {
        return check(reader, arguments);
    }
    let open = if server.holds(ledger).await? {
        server.open(ledger).await?
    } else {
        let authority = arguments.authority.clone().unwrap_or_else(|| reader.header().authority.clone());
        eprintln!("creating ledger {ledger:?} for authority {authority}");
        server.open_or_create(ledger, &authority).await?
    };
    let digest = digest(&arguments.file)?;
    let signing = open.log.sign(&open.ledger).await?;
    let report = feed(&open.ledger, reader, &arguments.file, &digest).await?;
    open.project().await?;
    signing::finish(signing, &open.ledger).await?;
    print(&report, arguments)?;
    Ok(Outcome::Done)
}

fn open(file: &Path) -> Result<Reader<BufReader<File>>, Failure> {
    let place = || file.display().to_string();
    let source = File::open(file).with_context(place).or_fail(Outcome::DataProblem)?;
    Reader::open(BufReader::with_capacity(1 << 20, source)).with_context(place).or_fail(Outcome::DataProblem)
}

fn check(reader: Reader<BufReader<File>>, arguments: &ImportArguments) -> Result<Outcome, Failure> {
    let mut report = Report::default();
    let mut problems = 0_u64;
    for command in reader.commands() {
        match command {
            Ok(command) => report.lines += count(&command.events),
            Err(error) => {
                problems += 1;
                eprintln!("{}: {:#}", arguments.file.display(), anyhow::Error::new(error));
            }
        }
    }
    print(&report, arguments)?;
    Ok(if problems == 0 { Outcome::Done } else { Outcome::DataProblem })
}

async fn feed(
    ledger: &Ledger,
    reader: Reader<BufReader<File>>,
    file: &Path,
    digest: &str,
) -> Result<Report, Failure> {
    let mut report = Report::default();
    let mut progress = Progress::new();
    let mut chunk: Vec<EventLine> = Vec::with_capacity(MAX_EVENTS_PER_CHUNK);
    let mut number = 0_u64;
    for command in reader.commands() {
        let command = command.with_context(|| file.display().to_string()).or_fail(Outcome::DataProblem)?;
        if chunk.len() + command.events.len() > MAX_EVENTS_PER_CHUNK && !chunk.is_empty() {
            write(ledger, std::mem::take(&mut chunk), digest, number, &mut report).await?;
            number += 1;
            progress.tell(report.lines, "events read");
        }
        check_size(&command)?;
        chunk.extend(command.events);
    }
    if !chunk.is_empty() {
        write(ledger, chunk, digest, number, &mut report).await?;
    }
    Ok(report)
}

fn check_size(command: &jsonl::Command) -> Result<(), Failure> {
    if command.events.len() <= MAX_EVENTS_PER_CHUNK {
        return Ok(());
    }
    let (id, events) = (command.command_id, command.events.len());
    let message =
        format!("command {id} has {events} events; at most {MAX_EVENTS_PER_CHUNK} can be recorded as one");
    Err(Failure::new(Outcome::DataProblem, message))
}

/// A day far back: chunk ids of one file do not depend on when it is imported.
const CHUNK_DAY: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");

async fn write(
    ledger: &Ledger,
    lines: Vec<EventLine>,
    digest: &str,
    number: u64,
    report: &mut Report,
) -> Result<(), Failure> {
    let events = count(&lines);
    let command_id = ledger.ids().command(CHUNK_DAY, &["events", digest, &number.to_string()]);
    let written = ledger
        .append_bulk(Command { command_id, appends: by_stream(lines) })
        .await
        .or_fail(Outcome::Fault)?;
    let known = u64::try_from(written.known).unwrap_or(events);
    report.lines += events;
    report.known += known;
    report.new += events - known;
    Ok(())
}

/// One append for each stream, in the order in which the streams come; the order within a stream stays.
fn by_stream(lines: Vec<EventLine>) -> Vec<StreamAppend> {
    let mut appends: Vec<StreamAppend> = Vec::new();
    let mut place: BTreeMap<StreamId, usize> = BTreeMap::new();
    for line in lines {
        let at = *place.entry(line.stream).or_insert_with(|| {
            appends.push(StreamAppend::new(line.stream, line.category, Expected::Any, Vec::new()));
            appends.len() - 1
        });
        let Some(append) = appends.get_mut(at) else { continue };
        let found = identifiers(&line.read, &line.event.sealed);
        append.identifiers.extend(found.into_iter().map(|(kind, value)| Identifier::new(kind, value)));
        append.events.push(line.event);
    }
    appends
}

fn count(lines: &[EventLine]) -> u64 {
    u64::try_from(lines.len()).unwrap_or(u64::MAX)
}

fn print(report: &Report, arguments: &ImportArguments) -> Result<(), Failure> {
    let mut answer = Answer::new(&["file", "events", "new", "already_known"]);
    if arguments.check {
        answer.note("check", "nothing was written");
    }
    let file = arguments.file.display().to_string();
    answer.row(vec![file.into(), report.lines.into(), report.new.into(), report.known.into()]);
    answer.print(arguments.format).or_fail(Outcome::Fault)
}
