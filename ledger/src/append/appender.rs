//! The one task of a process that appends: concurrent commands become one statement, one flush, one head.
//!
//! It believes in a [`Tip`], plans on it and sends; if the head is won, the belief was right. If it is lost,
//! or an id is there already, nothing was written: it looks again and plans anew. A command that cannot be
//! written is answered alone and never makes another fail.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::Position;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Config;
use uuid::Uuid;

use super::batch::Batch;
use super::known::{Finding, Known, first_answer};
use super::plan::{Verdict, plan};
use super::prepare::Prepared;
use super::store::{Store, Trouble};
use super::tip::Tip;
use super::{AppendError, Recorded};
use crate::clock::Clock;
use crate::hash::Hash;
use crate::proof::range::CompactRange;

/// Most events that meet in one statement, bulk chunks aside.
const MOST_EVENTS_A_BATCH: usize = 2_048;
/// How long a process keeps the turn that it took after losing a head.
const TURN: Duration = Duration::from_millis(50);
/// How long a process with the turn waits for its callers' next commands before it gives the turn back.
const GRACE: Duration = Duration::from_millis(2);
/// Other processes' events that are read to bring the tip up to date; beyond, all streams are forgotten.
const MOST_EVENTS_TO_CATCH_UP: u64 = 20_000;
/// How long a lost database is waited for before the waiting commands are told.
const PATIENCE: Duration = Duration::from_secs(10);

/// A command and where its answer goes.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) prepared: Prepared,
    pub(crate) reply: oneshot::Sender<Result<Recorded, AppendError>>,
    /// Whether its ids were looked up since the tip was last read.
    pub(crate) looked_up: bool,
}

impl Waiting {
    fn answer(self, answer: Result<Recorded, AppendError>) {
        // The caller may have gone away; the command stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// Where callers put commands.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    pub(crate) live: mpsc::Sender<Waiting>,
    pub(crate) bulk: mpsc::Sender<Waiting>,
}

/// Where the appender takes them from.
#[derive(Debug)]
pub(crate) struct Inbox {
    live: mpsc::Receiver<Waiting>,
    bulk: mpsc::Receiver<Waiting>,
}

impl Outbox {
    /// A pair with room for so many live commands.
    pub(crate) fn pair(room: usize) -> (Self, Inbox) {
        let (live, from_live) = mpsc::channel(room);
        let (bulk, from_bulk) = mpsc::channel(2);
        (Self { live, bulk }, Inbox { live: from_live, bulk: from_bulk })
    }
}

impl Inbox {
    /// The next batch: what live callers wait for now, and one bulk chunk. `None` when all callers are gone.
    async fn next(&mut self) -> Option<Vec<Waiting>> {
        let first = tokio::select! {
            biased;
            Some(one) = self.live.recv() => one,
            Some(one) = self.bulk.recv() => one,
            else => return None,
        };
        let mut batch = vec![first];
        let mut events = 0;
        while events < MOST_EVENTS_A_BATCH {
            let Ok(one) = self.live.try_recv() else { break };
            events += one.prepared.event_count();
            batch.push(one);
        }
        if batch.iter().all(|one| !one.prepared.skip_known) {
            batch.extend(self.bulk.try_recv());
        }
        Some(batch)
    }
}

/// The task's state.
pub(crate) struct Appender {
    store: Store,
    config: Config,
    tip: Tip,
    inbox: Inbox,
    clock: Clock,
    writer: Uuid,
    epoch: i32,
    own_head: watch::Sender<u64>,
    turn_taken: Option<Instant>,
    pass_over_turn: bool,
}

impl Appender {
    /// An appender whose first batch builds on the newest head.
    pub(crate) async fn new(
        config: Config,
        writer: Uuid,
        epoch: i32,
        clock: Clock,
        inbox: Inbox,
        own_head: watch::Sender<u64>,
    ) -> Result<Self, tokio_postgres::Error> {
        let store = Store::connect(&config, writer, epoch).await?;
        // Right for an empty log, and a lost head brings it up to date for any other.
        let tip = Tip::of_nothing();
        let mut this = Self {
            store,
            config,
            tip,
            inbox,
            clock,
            writer,
            epoch,
            own_head,
            turn_taken: None,
            pass_over_turn: false,
        };
        if let Err(Trouble::Refused(error)) = this.read_head().await {
            return Err(error);
        }
        Ok(this)
    }

    /// Writes batches until all callers are gone.
    pub(crate) async fn run(mut self) {
        loop {
            let batch = match self.turn_left() {
                Some(left) => match timeout(left.min(GRACE), self.inbox.next()).await {
                    Ok(batch) => batch,
                    Err(_) => {
                        self.end_turn().await;
                        continue;
                    }
                },
                None => self.inbox.next().await,
            };
            let Some(batch) = batch else { return };
            self.write(batch).await;
            if self.turn_left() == Some(Duration::ZERO) {
                self.end_turn().await;
            }
        }
    }

    async fn write(&mut self, mut waiting: Vec<Waiting>) {
        let mut duplicates = 0;
        while !waiting.is_empty() {
            let Err(trouble) = self.attempt(&mut waiting).await else { continue };
            let overcome = match trouble {
                Trouble::Lost => self.after_losing().await,
                Trouble::Duplicate(_) if duplicates < 3 => {
                    duplicates += 1;
                    self.look_up_all(&mut waiting).await
                }
                Trouble::Duplicate(error) => return self.refused(waiting, error).await,
                trouble @ (Trouble::ClockAhead(_)
                | Trouble::Away
                | Trouble::Refused(_)
                | Trouble::Rewound { .. }
                | Trouble::Damaged(_)) => Err(trouble),
            };
            match overcome {
                Ok(()) => {}
                Err(Trouble::Away) => self.reconnect(&mut waiting).await,
                Err(Trouble::ClockAhead(ahead_ms)) => {
                    answer_all(&mut waiting, |_| AppendError::ClockAhead { ahead_ms });
                }
                Err(Trouble::Refused(error)) => return self.refused(waiting, error).await,
                Err(Trouble::Rewound { known, found }) => {
                    answer_all(&mut waiting, |_| AppendError::Rewound { known, found });
                }
                Err(Trouble::Damaged(fault)) => {
                    let source = Arc::new(fault);
                    answer_all(&mut waiting, |_| AppendError::Damaged { source: Arc::clone(&source) });
                }
                Err(Trouble::Lost | Trouble::Duplicate(_)) => {}
            }
        }
    }

    /// Plans and sends once. What is decided is answered and leaves the list; the rest is planned again.
    async fn attempt(&mut self, waiting: &mut Vec<Waiting>) -> Result<(), Trouble> {
        if waiting.iter().any(|one| one.prepared.skip_known && !one.looked_up) {
            return self.look_up(waiting, |one| one.prepared.skip_known && !one.looked_up).await;
        }
        let plan = plan(&self.tip, waiting);
        if !plan.unknown.is_empty() {
            let streams: Vec<Uuid> = plan.unknown.iter().map(|stream| stream.0).collect();
            return self.learn_ends(&streams).await;
        }
        // A refusal is only true if the command was not recorded before, and if the tip is the newest.
        let doubtful: Vec<bool> =
            plan.verdicts.iter().map(|verdict| matches!(verdict, Verdict::Refuse(_))).collect();
        let is_doubtful = |(one, doubtful): (&Waiting, &bool)| *doubtful && !one.looked_up;
        if waiting.iter().zip(&doubtful).any(is_doubtful) {
            let mut doubtful = doubtful.into_iter();
            return self.look_up(waiting, |one| doubtful.next() == Some(true) && !one.looked_up).await;
        }
        let recorded_at = self.clock.now().max(self.tip.recorded_at);
        if !plan.rows.is_empty() {
            let mut tree = self.tip.tree.clone();
            let batch = Batch::new(&plan, waiting, recorded_at, &mut tree);
            let pass_over = self.pass_over_turn || self.turn_taken.is_some();
            let root = tree.root();
            self.store
                .append(self.tip.size(), plan.rows.len(), recorded_at, pass_over, &root, &batch)
                .await?;
            self.pass_over_turn = false;
            let written = Written {
                base: self.tip.size(),
                recorded_at,
                epoch: self.epoch.unsigned_abs(),
                tree_size: tree.size(),
                root,
            };
            let answers = written.answers(plan.verdicts, &batch);
            self.own_head.send_replace(tree.size());
            self.tip.advance(tree, recorded_at, plan.ends);
            answer(waiting, answers);
        } else {
            answer(waiting, plan.verdicts.into_iter().map(refusal).collect());
        }
        Ok(())
    }

    async fn learn_ends(&mut self, streams: &[Uuid]) -> Result<(), Trouble> {
        // Read after the head: an end that is newer than the tip only makes the head be lost.
        let ends = self.store.ends_of(streams).await?;
        self.tip.learn(ends);
        Ok(())
    }

    /// Goes on with a new connection. It may lead to another server with an older copy, so that everything that
    /// was believed about streams is forgotten, and the log must still begin with what is known of it.
    async fn resume(&mut self, waiting: &mut Vec<Waiting>) -> Result<(), Trouble> {
        let (known, recorded_at) = (self.tip.tree.clone(), self.tip.recorded_at);
        let found = self.store.head().await?.map_or(0, |(size, _)| size);
        if found < known.size() || self.store.tree_at(known.size()).await? != known {
            return Err(Trouble::Rewound { known: known.size(), found });
        }
        self.tip.restart(known, recorded_at);
        self.look_up_all(waiting).await
    }

    /// Brings the tip up to the newest head.
    async fn read_head(&mut self) -> Result<(), Trouble> {
        let Some((size, recorded_at)) = self.store.head().await? else { return Ok(()) };
        let known = self.tip.size();
        match size.checked_sub(known) {
            Some(0) => {}
            Some(1..=MOST_EVENTS_TO_CATCH_UP) => {
                let ends = self.store.ends_since(known, size).await?;
                let mut tree = self.tip.tree.clone();
                for leaf_hash in self.store.leaf_hashes(known, size).await? {
                    // Who wrote the events wrote the subtrees that they complete.
                    tree.push(leaf_hash, |_, _| {});
                }
                self.tip.advance(tree, recorded_at, ends);
            }
            Some(_) => {
                let tree = self.store.tree_at(size).await?;
                self.tip.restart(tree, recorded_at);
            }
            None => return Err(Trouble::Rewound { known, found: size }),
        }
        Ok(())
    }

    async fn after_losing(&mut self) -> Result<(), Trouble> {
        if self.turn_taken.is_none() {
            if self.store.take_turn().await? {
                self.turn_taken = Some(Instant::now());
            } else {
                self.pass_over_turn = true;
            }
        }
        self.read_head().await
    }

    /// How much of the turn is left; `None` where this process does not have it.
    fn turn_left(&self) -> Option<Duration> {
        self.turn_taken.map(|since| TURN.saturating_sub(since.elapsed()))
    }

    async fn end_turn(&mut self) {
        self.turn_taken = None;
        if self.store.give_turn_back().await.is_err() {
            tracing::warn!("the turn ends with the connection");
        }
    }

    async fn look_up_all(&mut self, waiting: &mut Vec<Waiting>) -> Result<(), Trouble> {
        self.look_up(waiting, |_| true).await?;
        let streams: Vec<Uuid> = waiting
            .iter()
            .flat_map(|one| one.prepared.appends.iter().map(|append| append.stream.0))
            .collect();
        self.learn_ends(&streams).await
    }

    /// Reads the head, then looks up the ids of the chosen commands and answers those that are decided by it.
    async fn look_up(
        &mut self,
        waiting: &mut Vec<Waiting>,
        mut chosen: impl FnMut(&Waiting) -> bool,
    ) -> Result<(), Trouble> {
        self.read_head().await?;
        let (mut chosen, mut rest): (Vec<Waiting>, Vec<Waiting>) =
            waiting.drain(..).partition(|one| chosen(one));
        let prepared: Vec<&Prepared> = chosen.iter().map(|one| &one.prepared).collect();
        let known = Known::find(&self.store, &prepared).await;
        let outcome = match known {
            Ok(known) => self.settle(&known, &mut chosen).await,
            Err(trouble) => Err(trouble),
        };
        waiting.append(&mut chosen);
        waiting.append(&mut rest);
        outcome
    }

    async fn settle(&self, known: &Known, chosen: &mut Vec<Waiting>) -> Result<(), Trouble> {
        let mut undecided = Vec::with_capacity(chosen.len());
        let mut outcome = Ok(());
        for mut one in chosen.drain(..) {
            match known.settle(&mut one.prepared) {
                Finding::New if one.prepared.event_count() == 0 => {
                    one.answer(Ok(nothing_new(&self.tip, self.epoch.unsigned_abs())));
                }
                Finding::New => {
                    one.looked_up = true;
                    undecided.push(one);
                }
                Finding::Reused(error) => one.answer(Err(error)),
                Finding::Recorded(command) => match first_answer(&self.store, &command).await {
                    Ok(recorded) => one.answer(Ok(recorded)),
                    Err(trouble) => {
                        undecided.push(one);
                        outcome = Err(trouble);
                    }
                },
            }
        }
        *chosen = undecided;
        outcome
    }

    /// A batch that the database refuses is tried command by command, so that only the culprit is told.
    async fn refused(&mut self, mut waiting: Vec<Waiting>, error: tokio_postgres::Error) {
        if waiting.len() > 1 {
            return self.one_by_one(waiting).await;
        }
        if let Some(one) = waiting.pop() {
            let command_id = one.prepared.command_id;
            tracing::warn!(%command_id, %error, "the database refused a command");
            one.answer(Err(AppendError::Database { command_id, source: error }));
        }
    }

    async fn one_by_one(&mut self, waiting: Vec<Waiting>) {
        for one in waiting {
            Box::pin(self.write(vec![one])).await;
        }
    }

    /// Connects again. What was sent before may have been written: every command is looked up by its id.
    async fn reconnect(&mut self, waiting: &mut Vec<Waiting>) {
        self.turn_taken = None;
        let given_up_at = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(20);
        loop {
            match Store::connect(&self.config, self.writer, self.epoch).await {
                Ok(store) => {
                    self.store = store;
                    match self.resume(waiting).await {
                        Ok(()) => return,
                        Err(Trouble::Rewound { known, found }) => {
                            return answer_all(waiting, |_| AppendError::Rewound { known, found });
                        }
                        Err(trouble) => tracing::warn!(?trouble, "the appender cannot resume"),
                    }
                }
                Err(error) => tracing::warn!(%error, "the appender cannot connect"),
            }
            if Instant::now() >= given_up_at {
                return answer_all(waiting, |one| AppendError::Unavailable {
                    command_id: one.prepared.command_id,
                });
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

/// What is the same for all commands of a batch that was written.
struct Written {
    base: u64,
    recorded_at: chrono::DateTime<chrono::Utc>,
    epoch: u32,
    tree_size: u64,
    root: Hash,
}

impl Written {
    fn answers(&self, verdicts: Vec<Verdict>, batch: &Batch<'_>) -> Vec<Answer> {
        verdicts.into_iter().map(|verdict| self.answer(verdict, batch)).collect()
    }

    fn answer(&self, verdict: Verdict, batch: &Batch<'_>) -> Answer {
        let Verdict::Write { first_position, event_count, streams } = verdict else {
            return refusal(verdict);
        };
        Some(Ok(Recorded {
            first_position,
            event_count,
            recorded_at: self.recorded_at,
            streams,
            already: false,
            leaf_hashes: batch.leaf_hashes(first_position.0 - self.base - 1, event_count),
            epoch: self.epoch,
            tree_size: self.tree_size,
            root: Some(self.root),
        }))
    }
}

/// An answer; `None` where the command has to wait for another one.
type Answer = Option<Result<Recorded, AppendError>>;

/// The answer to a command that is not in the batch.
fn refusal(verdict: Verdict) -> Answer {
    match verdict {
        Verdict::Refuse(error) => Some(Err(error)),
        Verdict::Later => None,
        Verdict::Write { .. } => unreachable!("what is planned to be written is written or fails"),
    }
}

/// Writes a ledger's first event on size 0, and nowhere else.
pub(super) async fn write_first(
    database: &Config,
    clock: &Clock,
    first: Prepared,
) -> Result<(), AppendError> {
    let command_id = first.command_id;
    let database_refused = |source| AppendError::Database { command_id, source };
    let (reply, _) = oneshot::channel();
    let waiting = [Waiting { prepared: first, reply, looked_up: true }];
    let store = Store::connect(database, Uuid::nil(), 1).await.map_err(database_refused)?;
    let plan = plan(&Tip::of_nothing(), &waiting);
    let recorded_at = clock.now();
    let mut tree = CompactRange::empty();
    let batch = Batch::new(&plan, &waiting, recorded_at, &mut tree);
    let written = store.append(0, plan.rows.len(), recorded_at, true, &tree.root(), &batch).await;
    written.map_err(|trouble| match trouble {
        Trouble::Lost | Trouble::Duplicate(_) => AppendError::CommandIdReused { command_id },
        Trouble::ClockAhead(ahead_ms) => AppendError::ClockAhead { ahead_ms },
        Trouble::Away => AppendError::Unavailable { command_id },
        Trouble::Refused(source) => AppendError::Database { command_id, source },
        Trouble::Rewound { known, found } => AppendError::Rewound { known, found },
        Trouble::Damaged(fault) => AppendError::Damaged { source: Arc::new(fault) },
    })
}

/// Gives the answers that are decided; what has to wait stays, to be looked up anew.
fn answer(waiting: &mut Vec<Waiting>, answers: Vec<Answer>) {
    let decided: Vec<(Waiting, Answer)> = waiting.drain(..).zip(answers).collect();
    for (mut one, answer) in decided {
        match answer {
            Some(answer) => one.answer(answer),
            None => {
                one.looked_up = false;
                waiting.push(one);
            }
        }
    }
}

fn answer_all(waiting: &mut Vec<Waiting>, error: impl Fn(&Waiting) -> AppendError) {
    for one in waiting.drain(..) {
        let error = error(&one);
        one.answer(Err(error));
    }
}

/// The answer to a bulk chunk of which everything was recorded before.
fn nothing_new(tip: &Tip, epoch: u32) -> Recorded {
    Recorded {
        first_position: Position(tip.size() + 1),
        event_count: 0,
        recorded_at: tip.recorded_at,
        streams: Vec::new(),
        already: true,
        leaf_hashes: Vec::new(),
        epoch,
        tree_size: tip.size(),
        root: Some(tip.tree.root()),
    }
}
