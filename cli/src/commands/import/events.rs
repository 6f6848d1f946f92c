//! Events JSON Lines into the ledger, in chunks that resume and yield to live work.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::events::Body;
use domain::events::identity::identifiers;
use domain::ids::{CommandId, EventId, KeyedIds as _};
use domain::time::london_day;
use exchange::check_described;
use exchange::jsonl::{self, CommandFault, EventLine, JsonlError, Reader};
use ledger::{EVENTS_PER_CHUNK, Fed, FedEvent, FeedFault, Ledger, MAX_EVENT_BYTES, MAX_EVENTS_PER_CHUNK};
use recording::indexed;

use super::authority::{self, Said};
use super::clashes::{self, Clashes, Line};
use super::gone::Gone;
use super::progress::Progress;
use super::running::{Running, still_is};
use super::{declared, digest};
use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::OfFile as _;
use crate::output::Answer;
use crate::place::{Server, clock};
use crate::{signing, writing};

/// Brings a file of events in.
pub(super) async fn run(
    server: &Server,
    ledger: &str,
    arguments: &ImportArguments,
) -> Result<Outcome, Failure> {
    let reader = open(&arguments.file)?;
    let open = if server.holds(ledger).await? { Some(server.open(ledger).await?) } else { None };
    let of_ledger = open.as_ref().map(|open| open.ledger.genesis().authority.to_string());
    let of_ledger = of_ledger.or_else(|| arguments.authority.clone());
    let of_file = reader.header().authority.as_str();
    authority::of_file(of_ledger.as_deref(), Some(of_file), Said::of_import(arguments))?;
    self::open(&arguments.file)?
        .check_headers()
        .with_context(|| arguments.file.display().to_string())
        .or_fail(Outcome::DataProblem)?;
    if let Some(day) = arguments.as_at.or(reader.header().as_at) {
        let checked = check_described(day, Some(london_day(clock().now())));
        checked
            .with_context(|| format!("{}: the day that the file describes", arguments.file.display()))
            .or_fail(Outcome::DataProblem)?;
    }
    if arguments.check {
        return check(reader, open.as_ref().map(|open| &open.ledger), arguments).await;
    }
    let open = match open {
        Some(open) => open,
        None => {
            let authority = of_ledger.as_deref().unwrap_or(of_file);
            eprintln!("creating ledger {ledger:?} for authority {authority}");
            server.open_or_create(ledger, authority).await?
        }
    };
    let signing = open.begin_writing().await?;
    let gone = Gone::of(&open.ledger).await?;
    let digest = digest(&arguments.file)?;
    let declared = declared::declare(&open.ledger, reader.header(), &digest, arguments).await;
    let import = Import { ledger: &open.ledger, file: &arguments.file, gone };
    let report = match declared {
        Ok(()) => import.run().await,
        Err(failure) => Err(failure),
    };
    writing::note_keys(&open.ledger).await;
    open.project().await?;
    signing::finish(signing, &open.ledger).await?;
    let report = report?;
    still_is(&arguments.file, &digest)?;
    print(&report, arguments)?;
    Ok(report.outcome())
}

fn open(file: &Path) -> Result<Reader<BufReader<File>>, Failure> {
    let place = || file.display().to_string();
    let source = File::open(file).reading(file).or_fail(Outcome::DataProblem)?;
    Reader::open(BufReader::with_capacity(1 << 20, source)).with_context(place).or_fail(Outcome::DataProblem)
}

/// What became of a file.
#[derive(Debug, Default)]
struct Report {
    new: u64,
    known: u64,
    /// How many events were refused, and which and why.
    refused: u64,
    told: Vec<String>,
}

impl Report {
    fn outcome(&self) -> Outcome {
        if self.told.is_empty() { Outcome::Done } else { Outcome::DataProblem }
    }

    /// Counts which events the ledger holds already. Without a ledger everything is new.
    async fn add(&mut self, ledger: Option<&Ledger>, ids: Vec<EventId>) -> Result<(), Failure> {
        let held = match ledger {
            Some(ledger) => ledger.known_events(&ids).await.or_fail(Outcome::Fault)?,
            None => HashSet::new(),
        };
        let known = ids.iter().filter(|id| held.contains(*id)).count();
        self.known += count(known);
        self.new += count(ids.len() - known);
        Ok(())
    }
}

async fn check(
    reader: Reader<BufReader<File>>,
    ledger: Option<&Ledger>,
    arguments: &ImportArguments,
) -> Result<Outcome, Failure> {
    let clashes = clashes::find(open(&arguments.file)?, ledger).await?;
    let sieve = Sieve { gone: Gone::default(), clashes: Arc::new(clashes), refused: Arc::default() };
    let mut report = Report { known: sieve.again(), ..Report::default() };
    let mut ids = Vec::with_capacity(EVENTS_PER_CHUNK);
    for command in reader.commands() {
        let taken = sieve.pass(command).with_context(|| arguments.file.display().to_string());
        ids.extend(taken.or_fail(Outcome::DataProblem)?.iter().map(|line| line.event.event_id));
        if ids.len() >= EVENTS_PER_CHUNK {
            report.add(ledger, std::mem::take(&mut ids)).await?;
        }
    }
    report.add(ledger, ids).await?;
    sieve.report_into(&mut report);
    print(&report, arguments)?;
    Ok(report.outcome())
}

/// How often an import starts again because of lines that another writer's events contradict meanwhile.
const ROUNDS: usize = 3;

/// One file on its way into a ledger.
struct Import<'a> {
    ledger: &'a Ledger,
    file: &'a Path,
    gone: Gone,
}

impl Import<'_> {
    /// Records every command that can be; the others are told. Lines that contradict the ledger are looked for once
    /// it has refused one of them: then the file is fed again without them, and what is recorded already is known.
    async fn run(&self) -> Result<Report, Failure> {
        let mut report = Report::default();
        let mut found = Clashes::new();
        for round in 1..=ROUNDS {
            let sieve = Sieve { gone: self.gone.clone(), clashes: Arc::new(found), refused: Arc::default() };
            let mut so_far = Fed::default();
            let fed = self.feed(&sieve, &mut so_far).await;
            report.new += so_far.new;
            match fed {
                Ok(()) => {
                    report.known = so_far.events().saturating_sub(report.new) + sieve.again();
                    sieve.report_into(&mut report);
                    return Ok(report);
                }
                Err(FeedFault::Append { source }) if clashes::is_clash(&source) && round < ROUNDS => {
                    found = clashes::find(open(self.file)?, Some(self.ledger)).await?;
                }
                Err(FeedFault::Append { source }) => {
                    let outcome = writing::of_append(&source);
                    return Err(Failure { outcome, error: source.into() });
                }
                Err(FeedFault::Source { source }) => {
                    let error = anyhow::Error::new(source).context(self.file.display().to_string());
                    return Err(Failure { outcome: Outcome::DataProblem, error });
                }
            }
        }
        Err(Failure::new(
            Outcome::Fault,
            "other writers record events under the ids of this file; run it again",
        ))
    }

    async fn feed(&self, sieve: &Sieve, so_far: &mut Fed) -> Result<(), FeedFault<CommandFault>> {
        let running = Running::default();
        let source = running.over(self.source()?);
        let reader = Reader::open(BufReader::with_capacity(1 << 20, source)).map_err(stopped)?;
        let mut progress = Progress::new();
        let ids = self.ledger.ids().clone();
        // The size of the chunks is part of their ids: another size makes other chunks of the same file. And so is
        // how many streams and lines are left out: each only ever grows.
        let size = EVENTS_PER_CHUNK.to_string();
        let (without, clashing) = (sieve.gone.streams.len().to_string(), sieve.clashes.len().to_string());
        let chunk_id = move |number: u64| {
            let (number, digest) = (number.to_string(), running.digest());
            let mut parts = vec!["events", &digest, &size, &number];
            if without != "0" {
                parts.extend(["without", &without]);
            }
            if clashing != "0" {
                parts.extend(["clashing", &clashing]);
            }
            ids.command(CommandId::CHUNK_DAY, &parts)
        };
        let tell = |fed: Fed| {
            *so_far = fed;
            progress.tell(fed.events(), "events recorded");
        };
        let sieve = sieve.clone();
        let groups = reader
            .commands()
            .map(move |command| Ok(sieve.pass(command)?.into_iter().map(fed_event).collect()));
        self.ledger.append_all(groups, chunk_id, tell).await.map(|_| ())
    }

    fn source(&self) -> Result<File, FeedFault<CommandFault>> {
        File::open(self.file).map_err(|source| stopped(JsonlError::Io { line: 1, source }))
    }
}

fn stopped(error: JsonlError) -> FeedFault<CommandFault> {
    FeedFault::Source { source: CommandFault::Stopped(error) }
}

/// What of a file is recorded, and what is not.
#[derive(Clone)]
struct Sieve {
    gone: Gone,
    clashes: Arc<Clashes>,
    refused: Arc<Mutex<(u64, Vec<String>)>>,
}

impl Sieve {
    /// The lines of a command that are to be recorded; none of one that is refused.
    fn pass(&self, command: Result<jsonl::Command, CommandFault>) -> Result<Vec<EventLine>, CommandFault> {
        let events = match command {
            Ok(command) => command.events,
            Err(CommandFault::Refused(refused)) => {
                self.refuse(count(refused.faults.len()) + refused.others, refused.to_string());
                return Ok(Vec::new());
            }
            Err(stopped) => return Err(stopped),
        };
        if let Some(reason) = self.refusal(&events) {
            self.refuse(count(events.len()), reason);
            return Ok(Vec::new());
        }
        let is_again = |line: &EventLine| self.clashes.get(&line.line) == Some(&Line::Again);
        Ok(events.into_iter().filter(|line| !is_again(line) && self.gone.lets_in(line)).collect())
    }

    /// Why a command cannot be recorded.
    fn refusal(&self, events: &[EventLine]) -> Option<String> {
        let (first, last) = (events.first()?.line, events.last()?.line);
        if events.len() > MAX_EVENTS_PER_CHUNK {
            let much = events.len();
            return Some(format!(
                "lines {first} to {last}: a command of {much} events; at most {MAX_EVENTS_PER_CHUNK} can be recorded as \
                 one, give its events several command ids"
            ));
        }
        let today = london_day(clock().now());
        let reasons: Vec<String> = events
            .iter()
            .filter_map(|event| match self.clashes.get(&event.line) {
                Some(Line::Refused(reason)) => Some(format!("line {}: {reason}", event.line)),
                Some(Line::Again) => None,
                None => declared_ahead(event, today).or_else(|| ahead(event, today)),
            })
            .collect();
        let others = events.len() - reasons.len();
        match others {
            _ if reasons.is_empty() => None,
            0 => Some(reasons.join("; ")),
            _ => Some(format!(
                "{}; {others} more of the same command (lines {first} to {last}) refused with it",
                reasons.join("; ")
            )),
        }
    }

    fn refuse(&self, events: u64, reason: String) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.0 += events;
        refused.1.push(reason);
    }

    /// How many lines say again what an earlier one says.
    fn again(&self) -> u64 {
        count(self.clashes.values().filter(|line| **line == Line::Again).count())
    }

    fn report_into(&self, report: &mut Report) {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = self.gone.told();
        report.refused = refused.0 + count(gone.len());
        report.told = refused.1.iter().cloned().chain(gone).collect();
    }
}

pub(super) fn fed_event(line: EventLine) -> FedEvent {
    let found = identifiers(&line.read, &line.event.sealed);
    let identifiers = found.into_iter().flat_map(|(kind, value)| indexed(kind, value)).collect();
    FedEvent { stream: line.stream, category: line.category, event: line.event, identifiers }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

// What the reader lets in, the ledger takes.
const _: () = assert!(jsonl::MAX_EVENT_BYTES == MAX_EVENT_BYTES, "reader and ledger bound an event alike");

fn print(report: &Report, arguments: &ImportArguments) -> Result<(), Failure> {
    let mut answer = Answer::new(&["file", "events", "new", "already_known", "refused"]);
    if arguments.check {
        answer.note("check", "nothing was written");
    }
    for reason in &report.told {
        answer.also("refused", reason.clone());
    }
    let file = arguments.file.display().to_string();
    let events = report.new + report.known;
    answer.row(vec![
        file.into(),
        events.into(),
        report.new.into(),
        report.known.into(),
        report.refused.into(),
    ]);
    answer.print(arguments.format).or_fail(Outcome::Fault)
}

/// Why an event cannot have happened yet. A planned day is one of its facts.
fn ahead(event: &EventLine, today: NaiveDate) -> Option<String> {
    let (field, day) = event.ahead_of(today)?;
    Some(format!(
        "line {}: field {field}: {day} lies in the future, today is {today}; correct the year",
        event.line
    ))
}

/// Why an event cannot declare an extract: no extract describes a day to come, and the files of the days until then would
/// count as older ones.
fn declared_ahead(event: &EventLine, today: NaiveDate) -> Option<String> {
    let Body::ExtractDeclared(declared) = &event.read.body else { return None };
    let refused = check_described(declared.as_at, Some(today)).err()?;
    Some(format!("line {}: the day that a declared extract describes: {refused}", event.line))
}
