//! Events JSON Lines into the ledger, in chunks that resume and yield to live work.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::events::identity::identifiers;
use domain::ids::{CommandId, EventId, KeyedIds as _, StreamId};
use exchange::jsonl::{self, EventLine, JsonlError, Reader};
use ledger::{EVENTS_PER_CHUNK, Fed, FedEvent, FeedFault, Identifier, Ledger, MAX_EVENTS_PER_CHUNK};

use super::digest;
use super::progress::Progress;
use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Server;
use crate::signing;

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
    let gone = Gone::of(&open.ledger).await?;
    let report = feed(&open.ledger, reader, &arguments.file, &digest, gone.clone()).await?;
    open.project().await?;
    signing::finish(signing, &open.ledger).await?;
    let left_out = gone.left_out();
    print(&report, &left_out, arguments)?;
    Ok(if left_out.is_empty() { Outcome::Done } else { Outcome::DataProblem })
}

fn open(file: &Path) -> Result<Reader<BufReader<File>>, Failure> {
    let place = || file.display().to_string();
    let source = File::open(file).with_context(place).or_fail(Outcome::DataProblem)?;
    Reader::open(BufReader::with_capacity(1 << 20, source)).with_context(place).or_fail(Outcome::DataProblem)
}

fn check(reader: Reader<BufReader<File>>, arguments: &ImportArguments) -> Result<Outcome, Failure> {
    let mut report = Fed::default();
    let mut problems = 0_u64;
    for command in reader.commands() {
        match command {
            Ok(command) => report.new += count(&command.events),
            Err(error) => {
                problems += 1;
                eprintln!("{}: {:#}", arguments.file.display(), anyhow::Error::new(error));
            }
        }
    }
    print(&report, &BTreeMap::new(), arguments)?;
    Ok(if problems == 0 { Outcome::Done } else { Outcome::DataProblem })
}

async fn feed(
    ledger: &Ledger,
    reader: Reader<BufReader<File>>,
    file: &Path,
    digest: &str,
    gone: Gone,
) -> Result<Fed, Failure> {
    let mut progress = Progress::new();
    let (ids, digest) = (ledger.ids().clone(), digest.to_owned());
    // The size of the chunks is part of their ids: another size makes other chunks of the same file.
    let size = EVENTS_PER_CHUNK.to_string();
    // And so is how many are left out, which only ever grows.
    let without = gone.streams.len().to_string();
    let chunk_id = move |number: u64| {
        let number = number.to_string();
        let parts = ["events", &digest, &size, &number, "without", &without];
        let parts = if without == "0" { parts.get(..4) } else { parts.get(..) };
        ids.command(CHUNK_DAY, parts.expect("there are six"))
    };
    let tell = |fed: Fed| progress.tell(fed.events(), "events recorded");
    let groups = reader.commands().map(move |command| as_fed(command, &gone));
    let fed = ledger.append_all(groups, chunk_id, tell).await;
    fed.map_err(|fault| match fault {
        FeedFault::Source { source } => {
            let error = anyhow::Error::new(source).context(file.display().to_string());
            Failure { outcome: Outcome::DataProblem, error }
        }
        FeedFault::Append { source } => Failure { outcome: Outcome::Fault, error: source.into() },
    })
}

/// What stops a file from being read on.
#[derive(Debug, thiserror::Error)]
enum NotReadable {
    #[error(transparent)]
    Line(#[from] JsonlError),
    #[error("command {id} has {events} events; at most {MAX_EVENTS_PER_CHUNK} can be recorded as one")]
    TooLarge { id: CommandId, events: usize },
}

/// A command of the file as the ledger takes it.
fn as_fed(command: Result<jsonl::Command, JsonlError>, gone: &Gone) -> Result<Vec<FedEvent>, NotReadable> {
    let command = command?;
    let (id, events) = (command.command_id, command.events.len());
    if events > MAX_EVENTS_PER_CHUNK {
        return Err(NotReadable::TooLarge { id, events });
    }
    Ok(command.events.into_iter().filter(|line| gone.lets_in(line)).map(fed_event).collect())
}

/// Streams of people whose key was destroyed: nothing can be sealed for them any more, so none of their events is recorded.
#[derive(Clone, Debug, Default)]
struct Gone {
    streams: Arc<BTreeSet<StreamId>>,
    /// Line and event id of what was left out, by stream.
    left_out: Arc<Mutex<LeftOut>>,
}

type LeftOut = BTreeMap<StreamId, Vec<(u64, EventId)>>;

impl Gone {
    async fn of(ledger: &Ledger) -> Result<Self, Failure> {
        let custody = ledger.custody().await.or_fail(Outcome::Fault)?;
        let streams = custody.destroyed_keys().map(|(_, stream)| stream).collect();
        Ok(Self { streams: Arc::new(streams), left_out: Arc::default() })
    }

    /// Whether an event may be recorded; one that may not is remembered.
    fn lets_in(&self, line: &EventLine) -> bool {
        if !self.streams.contains(&line.stream) {
            return true;
        }
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.entry(line.stream).or_default().push((line.line, line.event.event_id));
        false
    }

    fn left_out(&self) -> LeftOut {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn fed_event(line: EventLine) -> FedEvent {
    let found = identifiers(&line.read, &line.event.sealed);
    let identifiers = found.into_iter().map(|(kind, value)| Identifier::new(kind, value)).collect();
    FedEvent { stream: line.stream, category: line.category, event: line.event, identifiers }
}

/// A day far back: chunk ids of one file do not depend on when it is imported.
const CHUNK_DAY: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");

fn count(lines: &[EventLine]) -> u64 {
    u64::try_from(lines.len()).unwrap_or(u64::MAX)
}

fn print(report: &Fed, left_out: &LeftOut, arguments: &ImportArguments) -> Result<(), Failure> {
    let mut answer = Answer::new(&["file", "events", "new", "already_known", "refused"]);
    if arguments.check {
        answer.note("check", "nothing was written");
    }
    let file = arguments.file.display().to_string();
    let new = if arguments.check { 0 } else { report.new };
    let refused: u64 = left_out.values().map(|events| u64::try_from(events.len()).unwrap_or(u64::MAX)).sum();
    for (stream, events) in left_out {
        for (line, event) in events {
            let reason = "the key of this person was destroyed; take the event out of the source";
            answer
                .also("refused", format!("line {line}, event {event} of stream {stream} refused: {reason}"));
        }
    }
    let known = report.known.into();
    answer.row(vec![file.into(), report.events().into(), new.into(), known, refused.into()]);
    answer.print(arguments.format).or_fail(Outcome::Fault)
}
