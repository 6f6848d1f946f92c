//! Three processes append at once, with guesses at revisions, repeated commands, commands that share events, and
//! groups; a model in memory then goes through the merged history and says of each answer whether it can be true.
//!
//! Real time counts: what was answered before a command was sent must be visible to it, and what was sent after
//! its answer must not.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context as _;
use domain::ids::{CommandId, EventId, Revision, StreamId};
use ledger::{AppendError, Command, Expected, Options, StreamAppend};
use rustix::time::{ClockId, clock_gettime};
use tokio_postgres::Client;
use uuid::Uuid;

use super::Setting;
use super::child::Running;
use super::inside;
use super::place::Place;
use super::prng::Prng;
use super::report::Report;
use super::script::Asked;
use super::server::{Folders, Server};

const PROCESSES: u64 = 3;
const CALLERS: u64 = 8;
const STREAMS: u64 = 6;
/// Commands are drawn from a window of so many, so that processes ask for the same ones.
const WINDOW: u64 = 40;

/// A command of the pool that all processes draw from; `variant` 1 has the same id and other content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Drawn {
    seed: u64,
    index: u64,
    variant: u64,
    /// What is guessed of each stream's revision, chosen when it is sent: it is no part of the content.
    guess: Option<u32>,
}

impl Drawn {
    /// Streams and events: one to three appends of one or two events. Every ninth command contains the events of
    /// the one before it, with one more: a partial overlap.
    fn appends(self) -> Vec<(Uuid, Vec<(Uuid, String)>)> {
        let overlaps = self.index % 9 == 8;
        let of = if overlaps { self.index - 1 } else { self.index };
        let mut chance = Prng::new(self.seed ^ (of << 8));
        let group = 1 + chance.below(3);
        let mut appends: Vec<(Uuid, Vec<(Uuid, String)>)> = Vec::new();
        for part in 0..group {
            let stream = Uuid::from_u64_pair(2, 1 + (chance.below(STREAMS) + part) % STREAMS);
            if appends.iter().any(|(known, _)| *known == stream) {
                continue;
            }
            let events = 1 + chance.below(2);
            let event = |_| {
                (chance.uuid(), format!("{{\"details\":{{\"index\":{of},\"variant\":{}}}}}", self.variant))
            };
            appends.push((stream, (0..events).map(event).collect()));
        }
        if let (true, Some((_, events))) = (overlaps, appends.first_mut()) {
            let id = Prng::new(self.seed ^ (self.index << 8) ^ 1).uuid();
            events.push((
                id,
                format!("{{\"details\":{{\"index\":{},\"variant\":{}}}}}", self.index, self.variant),
            ));
        }
        appends
    }

    fn id(self) -> Uuid {
        Prng::new(self.seed ^ (self.index << 8) ^ 2).uuid()
    }

    fn expected(self) -> Expected {
        match self.guess {
            None => Expected::Any,
            Some(0) => Expected::NoStream,
            Some(revision) => Expected::Exactly(Revision(revision)),
        }
    }

    fn command(self) -> Command {
        // Only the first stream is guessed at: a guess for each would hardly ever be right.
        let expected = |position| if position == 0 { self.expected() } else { Expected::Any };
        let event = |(id, facts)| {
            let mut event =
                Asked { run: 0, caller: 0, number: 0 }.command().appends.remove(0).events.remove(0);
            event.event_id = EventId(id);
            event.facts = facts;
            event.sealed = domain::envelope::SealedFields::none();
            event
        };
        let appends = self.appends().into_iter().enumerate().map(|(position, (stream, events))| {
            let events = events.into_iter().map(event).collect();
            StreamAppend::new(StreamId(stream), domain::envelope::Category::Child, expected(position), events)
        });
        Command { command_id: CommandId(self.id()), appends: appends.collect() }
    }
}

/// An answer as the model looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Recorded { first: u64, count: u64, already: bool },
    Conflict { stream: Uuid, actual: u32 },
    CommandIdReused,
    EventIdReused(Uuid),
}

/// A command, when it was sent and answered, and what the answer was.
#[derive(Clone, Debug)]
struct Op {
    drawn: Drawn,
    sent: u64,
    answered: u64,
    told: Told,
}

impl Op {
    fn to_line(&self) -> String {
        let Self { drawn, sent, answered, told } = self;
        let guess = drawn.guess.map_or_else(|| "-".to_owned(), |guess| guess.to_string());
        let told = match told {
            Told::Recorded { first, count, already } => format!("recorded {first} {count} {already}"),
            Told::Conflict { stream, actual } => format!("conflict {stream} {actual} -"),
            Told::CommandIdReused => "command - - -".to_owned(),
            Told::EventIdReused(event) => format!("event {event} - -"),
        };
        format!("{} {} {} {guess} {sent} {answered} {told}", drawn.seed, drawn.index, drawn.variant)
    }

    fn from_line(line: &str) -> anyhow::Result<Self> {
        let mut words = line.split(' ');
        let mut next = || words.next().context("an operation has ten words");
        let (seed, index, variant, guess) = (next()?.parse()?, next()?.parse()?, next()?.parse()?, next()?);
        let guess = if guess == "-" { None } else { Some(guess.parse()?) };
        let (sent, answered) = (next()?.parse()?, next()?.parse()?);
        let (what, a, b, c) = (next()?, next()?, next()?, next()?);
        let told = match what {
            "recorded" => Told::Recorded { first: a.parse()?, count: b.parse()?, already: c.parse()? },
            "conflict" => Told::Conflict { stream: a.parse()?, actual: b.parse()? },
            "command" => Told::CommandIdReused,
            "event" => Told::EventIdReused(a.parse()?),
            other => anyhow::bail!("{other:?} is no answer"),
        };
        Ok(Self { drawn: Drawn { seed, index, variant, guess }, sent, answered, told })
    }
}

/// Nanoseconds of a clock that all processes of a machine share.
fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)).unwrap_or_default()
}

/// What one of the processes does; it writes its operations into a file.
pub(super) async fn inside(
    place: &Place,
    seed: u64,
    process: u64,
    commands: u64,
    into: &str,
) -> anyhow::Result<()> {
    let stop = inside::told_to_stop();
    let ledger = place.open("model", Options::default()).await?;
    inside::say(&super::answer::Said::Ready);
    // All start when the first line would come: at the end of the input.
    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let ledger = ledger.clone();
        tasks.spawn(async move {
            let mut chance = Prng::new(seed ^ (process << 48) ^ (caller << 56));
            let (mut ops, mut guesses) = (Vec::new(), HashMap::new());
            for step in 0..commands / CALLERS {
                ops.push(one(&ledger, &mut chance, seed, step, &mut guesses).await?);
            }
            anyhow::Ok(ops)
        });
    }
    let mut text = String::new();
    while let Some(ops) = tasks.join_next().await {
        for op in ops?? {
            text.push_str(&op.to_line());
            text.push('\n');
        }
    }
    Ok(std::fs::write(into, text)?)
}

async fn one(
    ledger: &ledger::Ledger,
    chance: &mut Prng,
    seed: u64,
    step: u64,
    guesses: &mut HashMap<Uuid, u32>,
) -> anyhow::Result<Op> {
    let index = step * PROCESSES * CALLERS / 2 + chance.below(WINDOW);
    let variant = u64::from(chance.below(12) == 0);
    let mut drawn = Drawn { seed, index, variant, guess: None };
    let first = drawn.appends().first().map(|(stream, _)| *stream).context("a command has an append")?;
    drawn.guess = match chance.below(3) {
        0 => None,
        1 => Some(u32::try_from(chance.below(3))?),
        _ => guesses.get(&first).copied(),
    };
    let sent = now();
    let answer = ledger.append(drawn.command()).await;
    let answered = now();
    let told = match answer {
        Ok(recorded) => {
            guesses.extend(recorded.streams.iter().map(|one| (one.stream.0, one.last.0)));
            let (first, count) = (recorded.first_position.0, u64::from(recorded.event_count));
            Told::Recorded { first, count, already: recorded.already }
        }
        Err(AppendError::Conflict { stream, actual, .. }) => {
            guesses.insert(stream.0, actual);
            Told::Conflict { stream: stream.0, actual }
        }
        Err(AppendError::CommandIdReused { .. }) => Told::CommandIdReused,
        Err(AppendError::EventIdReused { event_id }) => Told::EventIdReused(event_id.0),
        Err(error) => return Err(error).with_context(|| format!("{drawn:?}")),
    };
    Ok(Op { drawn, sent, answered, told })
}

/// Streams and facts of a command's events, in order.
type Facts = Vec<(Uuid, String)>;

/// The history as it stands in the tables.
#[derive(Default)]
struct History {
    /// For each stream the positions of its events, in order.
    streams: HashMap<Uuid, Vec<u64>>,
    /// For each command id its first position, number of events and facts.
    commands: HashMap<Uuid, (u64, u64, Facts)>,
    /// For each event id its position and command.
    events: HashMap<Uuid, (u64, Uuid)>,
}

impl History {
    async fn read(client: &Client) -> anyhow::Result<Self> {
        let mut this = Self::default();
        let sql = "SELECT position, stream, event_id, command_id, facts::text FROM caseledger.events ORDER BY position";
        for row in client.query(sql, &[]).await? {
            let position = row.try_get::<_, i64>(0)?.unsigned_abs();
            let (stream, event, command): (Uuid, Uuid, Uuid) =
                (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
            this.streams.entry(stream).or_default().push(position);
            this.events.insert(event, (position, command));
            let (_, count, facts) = this.commands.entry(command).or_insert((position, 0, Vec::new()));
            *count += 1;
            facts.push((stream, row.try_get(4)?));
        }
        Ok(this)
    }

    /// Revision of a stream in the log of a size.
    fn revision(&self, stream: Uuid, size: u64) -> u32 {
        let positions = self.streams.get(&stream).map_or(&[][..], Vec::as_slice);
        u32::try_from(positions.partition_point(|position| *position <= size)).unwrap_or(u32::MAX)
    }

    /// Whether what stands under the command's id is what it asks for.
    fn is_recorded_as(&self, drawn: Drawn) -> Option<bool> {
        let (_, _, facts) = self.commands.get(&drawn.id())?;
        let asked = drawn.appends().into_iter();
        let asked =
            asked.flat_map(|(stream, events)| events.into_iter().map(move |(_, facts)| (stream, facts)));
        Some(asked.eq(facts.iter().cloned()))
    }
}

/// What the log held for certain when an operation was sent, and can have held at most when it was answered.
struct Bounds {
    ends: Vec<(u64, u64)>,
    starts: Vec<(u64, u64)>,
}

impl Bounds {
    fn of(ops: &[Op]) -> Self {
        let (mut ends, mut starts) = (Vec::new(), Vec::new());
        for op in ops {
            if let Told::Recorded { first, count, already } = op.told {
                ends.push((op.answered, first + count - 1));
                if !already {
                    starts.push((op.sent, first));
                }
            }
        }
        ends.sort_unstable();
        starts.sort_unstable();
        // Running largest end from the left; running smallest start from the right.
        let mut most = 0;
        for (_, end) in &mut ends {
            most = most.max(*end);
            *end = most;
        }
        let mut least = u64::MAX;
        for (_, start) in starts.iter_mut().rev() {
            least = least.min(*start);
            *start = least;
        }
        Self { ends, starts }
    }

    /// Smallest and largest size of the log that the operation can have seen.
    fn sizes(&self, op: &Op) -> (u64, u64) {
        let before = self.ends.partition_point(|(time, _)| *time < op.sent);
        let least = before.checked_sub(1).and_then(|at| self.ends.get(at)).map_or(0, |(_, end)| *end);
        let after = self.starts.partition_point(|(time, _)| *time <= op.answered);
        let most = self.starts.get(after).map_or(u64::MAX, |(_, start)| start - 1);
        (least, most)
    }
}

/// Why an answer cannot be true; `None` where it can.
fn impossible(op: &Op, history: &History, bounds: &Bounds) -> Option<String> {
    let (least, most) = bounds.sizes(op);
    let drawn = op.drawn;
    let known = history.commands.get(&drawn.id()).map(|(first, count, _)| (*first, *count));
    let said =
        |what: &str| Some(format!("{what}: {op:?}, log between {least} and {most}, recorded {known:?}"));
    match &op.told {
        Told::Recorded { first, count, already } => {
            if history.is_recorded_as(drawn) != Some(true) || known != Some((*first, *count)) {
                return under_another_id(op, history)
                    .then_some(())
                    .map_or_else(|| said("not what stands there"), |()| None);
            }
            if *already {
                return if *first > most { said("known before it was sent") } else { None };
            }
            if *first <= least || *first > most {
                return said("out of its time");
            }
            let stream = drawn.appends().first().map(|(stream, _)| *stream)?;
            let fits = drawn.guess.is_none_or(|guess| guess == history.revision(stream, first - 1));
            if fits { None } else { said("recorded against its expectation") }
        }
        Told::Conflict { stream, actual } => {
            let first = drawn.appends().first().map(|(stream, _)| *stream);
            let possible =
                (history.revision(*stream, least)..=history.revision(*stream, most)).contains(actual);
            if first != Some(*stream) || drawn.guess == Some(*actual) || drawn.guess.is_none() || !possible {
                return said("no such conflict");
            }
            let was_there = known.is_some_and(|(first, count)| first + count - 1 <= least);
            if was_there && history.is_recorded_as(drawn) == Some(true) {
                said("recorded before")
            } else {
                None
            }
        }
        Told::CommandIdReused => {
            let other = history.is_recorded_as(drawn) == Some(false);
            if other && known.is_some_and(|(first, _)| first <= most) {
                None
            } else {
                said("its id stands for nothing else")
            }
        }
        Told::EventIdReused(event) => {
            let asked = drawn.appends().iter().any(|(_, events)| events.iter().any(|(id, _)| id == event));
            let taken = history
                .events
                .get(event)
                .is_some_and(|(position, command)| *position <= most && *command != drawn.id());
            if asked && taken { None } else { said("its event id is not taken") }
        }
    }
}

/// The same request under another command id is answered as that one was.
fn under_another_id(op: &Op, history: &History) -> bool {
    let Told::Recorded { first, already: true, .. } = op.told else { return false };
    let appends = op.drawn.appends();
    let mut ids = appends.iter().flat_map(|(_, events)| events.iter().map(|(id, _)| id));
    ids.all(|id| {
        let command = history.events.get(id).map(|(_, command)| *command);
        command
            .and_then(|command| history.commands.get(&command))
            .is_some_and(|(begin, _, _)| *begin == first)
    })
}

/// The same operation with an answer that cannot be.
fn forge(op: &Op) -> Op {
    let told = match op.told.clone() {
        Told::Recorded { first, count, already } => Told::Recorded { first: first + 1, count, already },
        Told::Conflict { stream, actual } => Told::Conflict { stream, actual: actual + 1_000 },
        Told::CommandIdReused => Told::EventIdReused(Uuid::nil()),
        Told::EventIdReused(event) => Told::Conflict { stream: event, actual: 0 },
    };
    Op { told, ..op.clone() }
}

/// Runs three processes and judges every answer.
pub(super) async fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("three processes against a model");
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let place = Place::make(&server, "model").await?;
    let seed = Prng::of(setting.seed, "model").next();
    let mut children = Vec::new();
    for process in 0..PROCESSES {
        let into = server.folders().root.join(format!("operations-{process}"));
        let more = [seed, process, u64::from(setting.scale.model_commands)].map(|number| number.to_string());
        let more = [more.as_slice(), &[into.display().to_string()]].concat();
        children.push((Running::start(&setting.program, "model", &place, &more)?, into));
    }
    for (child, _) in &mut children {
        child.wait_for(|said| matches!(said.1, super::answer::Said::Ready), Duration::from_secs(30)).await?;
    }
    let mut files = Vec::new();
    for (child, into) in &mut children {
        child.let_go();
        files.push(into.clone());
    }
    let mut ops = Vec::new();
    for ((child, _), file) in children.iter_mut().zip(files) {
        child.end()?;
        let text = std::fs::read_to_string(&file).context("a process of the model wrote nothing")?;
        ops.extend(text.lines().map(Op::from_line).collect::<anyhow::Result<Vec<_>>>()?);
    }
    let history = History::read(&place.admin().await?).await?;
    let bounds = Bounds::of(&ops);
    let wrong: Vec<String> = ops.iter().filter_map(|op| impossible(op, &history, &bounds)).collect();
    let forged = ops.iter().map(forge);
    let unnoticed = forged.filter(|op| impossible(op, &history, &bounds).is_none()).count();
    report.expect(unnoticed == 0, format!("{unnoticed} forged answers pass for possible ones"));
    let first_time = |op: &&Op| matches!(op.told, Told::Recorded { already: false, .. });
    let written = ops.iter().filter(first_time).count();
    let kinds = [
        written,
        ops.iter().filter(|op| matches!(op.told, Told::Recorded { already: true, .. })).count(),
        ops.iter().filter(|op| matches!(op.told, Told::Conflict { .. })).count(),
        ops.iter().filter(|op| op.told == Told::CommandIdReused).count(),
        ops.iter().filter(|op| matches!(op.told, Told::EventIdReused(_))).count(),
        wrong.len(),
    ];
    report.expect(wrong.is_empty(), wrong.iter().take(5).cloned().collect::<Vec<_>>().join("; "));
    // The ledger's own first event is a command of nobody here.
    let stored = history.commands.len() - 1;
    report.expect(stored == written, format!("{written} commands were written, {stored} stand there"));
    report.expect(kinds.iter().take(5).all(|count| *count > 0), "some kind of answer was never given");
    let mut row = vec![format!("{PROCESSES} × {CALLERS}"), ops.len().to_string()];
    row.extend(kinds.map(|count| count.to_string()));
    let columns = [
        "processes × callers",
        "commands sent",
        "recorded",
        "recorded before",
        "conflict",
        "command id reused",
        "event id reused",
        "impossible answers",
    ];
    report.table("Three processes against a model", &columns, &[row]);
    report
        .say("Each answer was judged again with something else in it: none of those was taken for possible.");
    Ok(())
}
