//! Lines of a file of events that contradict what is recorded, or an earlier line: found once the ledger has refused
//! one of them, so that an import without any pays nothing for them.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::BufReader;

use domain::envelope::Category;
use domain::ids::{EventId, StreamId};
use exchange::jsonl::{Command, CommandFault, EventLine, Reader};
use ledger::{AppendError, Clash, EVENTS_PER_CHUNK, Ledger};
use sha2::{Digest as _, Sha256};

use super::events::fed_event;
use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// Lines that cannot be recorded as they stand.
pub(super) type Clashes = BTreeMap<u64, Line>;

/// What is the matter with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// An earlier line says the same under the same id.
    Again,
    /// It contradicts what is recorded, or an earlier line.
    Refused(String),
}

/// Whether an append was refused for what an event of the file says of itself.
pub(super) fn is_clash(fault: &AppendError) -> bool {
    matches!(fault, AppendError::EventIdReused { .. } | AppendError::OtherCategory { .. })
}

/// Every line that clashes, also with each other; with what is recorded where there is a ledger.
pub(super) async fn find(
    reader: Reader<BufReader<File>>,
    ledger: Option<&Ledger>,
) -> Result<Clashes, Failure> {
    let mut found = Found::default();
    let mut commands = Vec::new();
    let mut waiting = 0;
    for command in reader.commands() {
        match command {
            Ok(command) => {
                waiting += command.events.len();
                commands.push(command);
            }
            // Refused lines were told already.
            Err(CommandFault::Refused(_)) => continue,
            Err(CommandFault::Stopped(error)) => return Err(error).or_fail(Outcome::DataProblem),
        }
        if waiting >= EVENTS_PER_CHUNK {
            found.take(std::mem::take(&mut commands), ledger).await?;
            waiting = 0;
        }
    }
    found.take(commands, ledger).await?;
    Ok(found.lines)
}

#[derive(Default)]
struct Found {
    lines: Clashes,
    /// Line and content of each event that is taken.
    events: HashMap<EventId, (u64, [u8; 32])>,
    categories: HashMap<StreamId, Category>,
}

impl Found {
    async fn take(&mut self, commands: Vec<Command>, ledger: Option<&Ledger>) -> Result<(), Failure> {
        let lines: Vec<&EventLine> = commands.iter().flat_map(|command| &command.events).collect();
        if let Some(ledger) = ledger {
            let fed: Vec<_> = lines.iter().map(|line| fed_event((*line).clone())).collect();
            for (place, clash) in ledger.clashes(&fed).await.or_fail(Outcome::Fault)? {
                let Some(line) = lines.get(place) else { continue };
                self.lines.insert(line.line, Line::Refused(told(clash, line)));
            }
        }
        commands.iter().for_each(|command| self.command(command));
        Ok(())
    }

    /// Compares a command with the lines before it. One that is refused leaves no trace.
    fn command(&mut self, command: &Command) {
        let mut own: HashMap<EventId, (u64, [u8; 32])> = HashMap::new();
        for line in &command.events {
            let id = line.event.event_id;
            let content = content(line);
            match own.get(&id).or_else(|| self.events.get(&id)) {
                Some((_, held)) if *held == content => {
                    self.lines.entry(line.line).or_insert(Line::Again);
                }
                Some((first, _)) => {
                    let reason = format!(
                        "event id {id} stands for another event on line {first}; give this one its own"
                    );
                    self.lines.insert(line.line, Line::Refused(reason));
                }
                None => {
                    own.insert(id, (line.line, content));
                }
            }
            let category = *self.categories.get(&line.stream).unwrap_or(&line.category);
            if category != line.category {
                let reason =
                    format!("the stream is about a {category} on an earlier line, not a {}", line.category);
                self.lines.insert(line.line, Line::Refused(reason));
            }
        }
        let refused = |line: &EventLine| matches!(self.lines.get(&line.line), Some(Line::Refused(_)));
        if command.events.iter().any(refused) {
            return;
        }
        self.events.extend(own);
        for line in &command.events {
            self.categories.entry(line.stream).or_insert(line.category);
        }
    }
}

fn told(clash: Clash, line: &EventLine) -> String {
    match clash {
        Clash::OtherEvent { differs } => {
            let id = line.event.event_id;
            format!(
                "event id {id} stands for another event in the ledger: its {differs} differs; to change an event, record a \
                 correction of it"
            )
        }
        Clash::OtherCategory { actual } => {
            format!("the stream is about a {actual} in the ledger, not a {}", line.category)
        }
    }
}

/// A digest of what the ledger compares: every part of the event that is its own.
fn content(line: &EventLine) -> [u8; 32] {
    let event = &line.event;
    let mut hash = Sha256::new();
    let mut part = |part: &str| {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    };
    part(&line.stream.to_string());
    for text in
        [event.kind.as_ref(), &event.schema_version.to_string(), &event.occurred.to_string(), &event.facts]
    {
        part(text);
    }
    // Who recorded it, in which role, from which row: as written for people who look for faults, and never printed.
    part(&format!("{:?}", event.context));
    for (name, text) in &event.sealed.0 {
        part(name);
        part(text);
    }
    hash.finalize().into()
}
