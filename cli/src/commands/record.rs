//! `caseledger record`, `correct`, `withdraw` and `reinstate`: what somebody records, through the decider.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, stdin};
use std::path::Path;

use anyhow::Context as _;
use domain::envelope::{EventContext, SealedFields};
use domain::events::Kind;
use domain::ids::{CommandId, KeyedIds as _, StreamId};
use exchange::actions::{ActCommand, Acts, NO_FACTS, check_recorder, event_of};
use ledger::AppendError;
use recording::{
    Act, Amendment, Amends, AskFault, Change, Receipt, RecordFault, Recorder, Request, To, act_of,
    only_running,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{kinds, knowledge};
use crate::arguments::{Amended, By, CorrectArguments, RecordArguments, WithdrawArguments};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::OfFile as _;
use crate::output::{Answer, Format};
use crate::place::{Open, clock};
use crate::{signing, writing};

const COLUMNS: &[&str] = &["event_id", "kind", "process", "stream", "revision", "position"];

/// Records an event, or the acts of a file.
///
/// # Errors
/// A [`Failure`]; what is refused is not recorded, nor anything of its command.
pub(crate) async fn record(open: &Open, arguments: &RecordArguments) -> Result<Outcome, Failure> {
    match &arguments.file {
        Some(file) => acts(open, file, &arguments.by).await,
        None => {
            let act = recorded(open, arguments).await?;
            one(open, act, &arguments.by).await
        }
    }
}

/// Corrects an event.
///
/// # Errors
/// As for [`record`].
pub(crate) async fn correct(open: &Open, arguments: &CorrectArguments) -> Result<Outcome, Failure> {
    let Amended { event, reason, authorised_by } = arguments.amended;
    let facts = match &arguments.facts {
        Some(file) => object(file)?,
        None => Map::new(),
    };
    let change = Change { occurred: arguments.occurred, facts };
    one(
        open,
        Act::Amend(Amendment { event, what: Amends::Correct(change), reason, authorised_by }),
        &arguments.by,
    )
    .await
}

/// Withdraws or reinstates an event.
///
/// # Errors
/// As for [`record`].
pub(crate) async fn amend(
    open: &Open,
    what: Amends,
    arguments: &WithdrawArguments,
) -> Result<Outcome, Failure> {
    let Amended { event, reason, authorised_by } = arguments.amended;
    one(open, Act::Amend(Amendment { event, what, reason, authorised_by }), &arguments.by).await
}

/// The act that the options describe.
async fn recorded(open: &Open, arguments: &RecordArguments) -> Result<Act, Failure> {
    let missing = || Failure::new(Outcome::Usage, "name a kind and --occurred, or --file");
    let (kind, occurred) = arguments.kind.as_deref().zip(arguments.occurred).ok_or_else(missing)?;
    let facts = match &arguments.facts {
        Some(file) => text_of(file)?,
        None => NO_FACTS.to_owned(),
    };
    let sealed = match &arguments.sealed {
        Some(file) => sealed(file)?,
        None => SealedFields::none(),
    };
    let unread = arguments.facts.as_deref().map_or("the facts".to_owned(), |file| file.display().to_string());
    Kind::from_name(kind).map_err(|_| kinds::unknown(kind))?;
    let event =
        event_of(kind, occurred, facts.trim(), &sealed).context(unread).or_fail(Outcome::DataProblem)?;
    let to = match &arguments.child {
        Some(of) => To::Held(knowledge::stream(&open.replayer, of).await?),
        None => To::New { stream: None, category: event.body.kind().category() },
    };
    let mut event = event;
    for (role, id) in &arguments.within {
        let entity = match (id, to) {
            (Some(id), _) => *id,
            (None, To::Held(stream)) => {
                only_running(&open.replayer, stream, *role, clock().now()).await.map_err(asked_wrongly)?
            }
            (None, To::New { .. }) => return Err(asked_wrongly(AskFault::NoneRuns(*role))),
        };
        event = event.of(*role, entity);
    }
    Ok(Act::Record { to, event: Box::new(event), sealed })
}

/// Records one act, and prints the receipt.
async fn one(open: &Open, act: Act, by: &By) -> Result<Outcome, Failure> {
    let command_id = by.command.unwrap_or_else(|| CommandId(Uuid::now_v7()));
    let mut desk = Desk::open(open, by).await?;
    let request = Request { command_id, acts: vec![act], context: context(open, by) };
    let receipt = desk.record(&request).await.map_err(failure)?;
    desk.tell(command_id, &receipt);
    desk.close().await
}

/// Records the acts of a file, command by command. A command that is refused costs no other.
async fn acts(open: &Open, file: &Path, by: &By) -> Result<Outcome, Failure> {
    let source = source(file)?;
    let mut desk = Desk::open(open, by).await?;
    let mut is_empty = true;
    for command in Acts::of(source) {
        is_empty = false;
        let command = command.with_context(|| file.display().to_string()).or_fail(Outcome::DataProblem)?;
        match command {
            Err(refused) => desk.refuse(Outcome::DataProblem, refused.to_string()),
            Ok(command) => desk.take(command).await?,
        }
    }
    if is_empty {
        desk.refuse(Outcome::DataProblem, format!("{} holds no act", file.display()));
    }
    desk.close().await
}

/// Where requests are taken, and their answers gathered.
struct Desk<'o> {
    open: &'o Open,
    by: &'o By,
    recorder: Recorder,
    signing: Option<ledger::proof::Signing>,
    answer: Answer,
    outcome: Outcome,
}

impl<'o> Desk<'o> {
    async fn open(open: &'o Open, by: &'o By) -> Result<Self, Failure> {
        check_recorder(Some(&by.role), by.team.as_deref()).or_fail(Outcome::Usage)?;
        let signing = if by.check { None } else { open.begin_writing().await? };
        let recorder = Recorder::new(open.ledger.clone(), clock());
        let mut answer = Answer::new(COLUMNS);
        if by.check {
            answer.note("check", "nothing was recorded");
        }
        answer.when_empty("Nothing was recorded.");
        Ok(Self { open, by, recorder, signing, answer, outcome: Outcome::Done })
    }

    async fn record(&self, request: &Request) -> Result<Receipt, RecordFault> {
        if self.by.check { self.recorder.check(request).await } else { self.recorder.record(request).await }
    }

    /// Takes a command of a file; only what stops all of them is an error.
    async fn take(&mut self, command: ActCommand) -> Result<(), Failure> {
        let command_id = command.command_id;
        let lines: Vec<u64> = command.acts.iter().map(|act| act.line).collect();
        let mut context = context(self.open, self.by);
        let exchange::actions::Recorder { recorded_by, role, team } = command.recorder;
        context.recorded_by = recorded_by.map_or(context.recorded_by, StreamId::as_uuid);
        context.role = role.map_or(context.role, Into::into);
        context.team = team.or(context.team);
        let mut acts = Vec::new();
        for act in command.acts {
            match act_of(&self.open.replayer, act.asked).await {
                Ok(asked) => acts.push(asked),
                Err(fault) => return self.fail(act.line, asked_wrongly(fault)),
            }
        }
        match self.record(&Request { command_id, acts, context }).await {
            Ok(receipt) => self.tell(command_id, &receipt),
            Err(fault) => {
                let line = fault.act().and_then(|act| lines.get(act)).or(lines.first());
                let line = line.copied().unwrap_or_default();
                return self.fail(line, failure(fault));
            }
        }
        Ok(())
    }

    /// Refuses a command for what is wrong on a line; a fault of the machine ends all.
    fn fail(&mut self, line: u64, failed: Failure) -> Result<(), Failure> {
        if failed.outcome == Outcome::Fault {
            return Err(Failure { error: failed.error.context(format!("line {line}")), ..failed });
        }
        self.refuse(failed.outcome, format!("line {line}: {:#}", failed.error));
        Ok(())
    }

    /// Notes a refusal; the first one gives the exit code.
    fn refuse(&mut self, outcome: Outcome, told: String) {
        // Rows alone have no place for it.
        if self.by.format == Format::Csv {
            eprintln!("refused: {told}");
        }
        self.answer.also("refused", told);
        if self.outcome == Outcome::Done {
            self.outcome = outcome;
        }
    }

    fn tell(&mut self, command_id: CommandId, receipt: &Receipt) {
        let already = receipt.recorded.as_ref().is_some_and(|recorded| recorded.already);
        let word = if already { "already_recorded" } else { "command" };
        self.answer.also(word, command_id.to_string());
        for event in &receipt.events {
            let process = event.process.map(|(role, entity)| format!("{}={entity}", role.name()));
            self.answer.row(vec![
                event.event.to_string().into(),
                event.kind.name().into(),
                process.map_or(Value::Null, Value::from),
                event.stream.to_string().into(),
                event.revision.0.into(),
                event.position.map_or(Value::Null, |position| position.0.into()),
            ]);
            for observed in &event.observed {
                let involved: Vec<String> = observed.events.iter().map(ToString::to_string).collect();
                let beside = if involved.is_empty() {
                    String::new()
                } else {
                    format!(" (beside {})", involved.join(", "))
                };
                self.answer
                    .also("observed", format!("{}: {}{beside}", event.kind.name(), observed.code.sentence()));
            }
        }
    }

    async fn close(self) -> Result<Outcome, Failure> {
        if !self.by.check {
            writing::note_keys(&self.open.ledger).await;
            self.open.project().await?;
            signing::finish(self.signing, &self.open.ledger).await?;
        }
        self.answer.print(self.by.format).or_fail(Outcome::Fault)?;
        Ok(self.outcome)
    }
}

/// Who records: the worker who is named, else whoever runs the program, by an id that names nobody.
fn context(open: &Open, by: &By) -> EventContext {
    let account = || rustix::process::getuid().as_raw().to_string();
    let operator = || open.ledger.ids().entity(&["local_operator", &account()]).as_uuid();
    let recorded_by = by.by.map_or_else(operator, StreamId::as_uuid);
    EventContext { team: by.team.clone(), ..EventContext::new(recorded_by, by.role.clone()) }
}

/// Nobody is found, or no process can be meant.
fn asked_wrongly(fault: AskFault) -> Failure {
    let outcome = match fault {
        AskFault::Nobody | AskFault::Several(_) => Outcome::NotFound,
        AskFault::NotAStream => Outcome::DataProblem,
        AskFault::NoneRuns(_) | AskFault::SeveralRun(..) => Outcome::Refused,
        AskFault::Replay(_) => Outcome::Fault,
    };
    Failure { outcome, error: fault.into() }
}

fn failure(fault: RecordFault) -> Failure {
    let outcome = match &fault {
        RecordFault::Refused { .. }
        | RecordFault::Held { .. }
        | RecordFault::Disposed { .. }
        | RecordFault::CommandIdReused { .. } => Outcome::Refused,
        RecordFault::NoStream { .. } | RecordFault::NoEvent { .. } => Outcome::NotFound,
        RecordFault::NotFacts { .. } | RecordFault::NotABeginning { .. } | RecordFault::Empty => {
            Outcome::DataProblem
        }
        RecordFault::Malformed { .. } => Outcome::Integrity,
        RecordFault::Append(AppendError::TooManyEvents { .. }) => Outcome::DataProblem,
        RecordFault::Append(fault) => writing::of_append(fault),
        RecordFault::Contended { .. } | RecordFault::Read(_) => Outcome::Fault,
    };
    Failure { outcome, error: fault.into() }
}

fn source(file: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(stdin())));
    }
    let mut opened = BufReader::new(File::open(file).reading(file).or_fail(Outcome::DataProblem)?);
    // A folder can be opened, and says so only when it is read.
    opened.fill_buf().reading(file).or_fail(Outcome::DataProblem)?;
    Ok(Box::new(opened))
}

/// The most that is read of a file of facts.
const MOST: u64 = 1 << 20;

fn text_of(file: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read =
        source(file)?.take(MOST).read_to_string(&mut text).reading(file).or_fail(Outcome::DataProblem)?;
    if u64::try_from(read).is_ok_and(|read| read < MOST) {
        return Ok(text);
    }
    let message = format!("{} is longer than an event may be", file.display());
    Err(Failure::new(Outcome::DataProblem, message))
}

fn object(file: &Path) -> Result<Map<String, Value>, Failure> {
    let text = text_of(file)?;
    let place = || format!("{}: not a JSON object", file.display());
    serde_json::from_str(&text).with_context(place).or_fail(Outcome::DataProblem)
}

/// What is sealed, field by field.
fn sealed(file: &Path) -> Result<SealedFields, Failure> {
    let text = text_of(file)?;
    let place = || format!("{}: not a JSON object of texts", file.display());
    // What the reader says may repeat a value.
    serde_json::from_str(&text).map_err(|_| anyhow::anyhow!(place())).or_fail(Outcome::DataProblem)
}
