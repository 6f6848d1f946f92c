//! The one task of a process that appends: concurrent commands become one statement, one flush, one head.
//!
//! It believes in a [`Tip`], plans on it and sends; if the head is won, the belief was right. If it is lost,
//! or an id is there already, nothing was written: it looks again and plans anew. A command that cannot be
//! written is answered alone and never makes another fail.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::ids::Position;
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::Config;
use uuid::Uuid;

use super::answers;
use super::batch::Batch;
use super::gather::Inbox;
use super::known::{Finding, Known, OwnKeys, first_answer};
use super::plan::{Plan, Verdict, plan};
use super::prepare::Prepared;
use super::store::{CLOCK_TOLERANCE_MS, Store, Trouble};
use super::tip::Tip;
use super::{AppendError, Recorded};
use crate::batch_mac::BatchKey;
use crate::clock::Clock;
use crate::ledger_time::SharedTime;

/// How long a process keeps the turn that it took after losing a head.
const TURN: Duration = Duration::from_millis(50);
/// How long a process with the turn waits for its callers' next commands before it gives the turn back.
const GRACE: Duration = Duration::from_millis(2);
/// Other processes' events that are read to bring the tip up to date; beyond, all streams are forgotten.
const MOST_EVENTS_TO_CATCH_UP: u64 = 20_000;
/// How long a lost database is waited for before the waiting commands are told.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a head may be lost that nobody takes: it stands in the database without events.
const LOST_TO_NOBODY: Duration = Duration::from_secs(5);

/// A command and where its answer goes.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) prepared: Prepared,
    pub(crate) reply: oneshot::Sender<Result<Recorded, AppendError>>,
    /// Whether its ids were looked up since the tip was last read.
    pub(crate) looked_up: bool,
}

impl Waiting {
    pub(super) fn answer(self, answer: Result<Recorded, AppendError>) {
        // The caller may have gone away; the command stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// Why no appender runs.
#[derive(Debug, Error)]
pub enum StartFault {
    /// The database is away or refuses.
    #[error("connecting")]
    Database {
        /// What it says.
        #[from]
        source: tokio_postgres::Error,
    },
    /// The system gives no thread.
    #[error("starting a thread")]
    Thread {
        /// What it says.
        #[from]
        source: std::io::Error,
    },
}

/// The task's state.
pub(crate) struct Appender {
    store: Store,
    config: Config,
    tip: Tip,
    inbox: Inbox,
    time: Arc<SharedTime>,
    writer: Uuid,
    epoch: i32,
    own: OwnKeys,
    own_head: watch::Sender<u64>,
    turn_taken: Option<Instant>,
    pass_over_turn: bool,
    /// Whether the last bulk chunk held events that were recorded before: then the next one is looked up first,
    /// instead of after PostgreSQL refused it.
    chunks_are_known: bool,
    /// Whether the log must be held against the tip before anything is written on it: after a new connection, and
    /// for as long as the log is behind. A batch on a size that the log has not would leave a gap.
    unsure: bool,
}

impl Appender {
    /// Starts an appender on a thread of its own, with its connection: whoever is busy elsewhere does not delay it, and
    /// what it awaits wakes no other thread. It ends by itself, with its last answer, when all callers are gone.
    pub(crate) async fn start(
        config: Config,
        writer: Uuid,
        epoch: i32,
        own: OwnKeys,
        time: Arc<SharedTime>,
        inbox: Inbox,
        own_head: watch::Sender<u64>,
    ) -> Result<(), StartFault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (started, outcome) = oneshot::channel();
        let run = async move {
            match Self::new(config, writer, epoch, own, time, inbox, own_head).await {
                Ok(appender) => {
                    let _ = started.send(Ok(()));
                    appender.run().await;
                }
                Err(error) => drop(started.send(Err(error))),
            }
        };
        std::thread::Builder::new().name("appender".into()).spawn(move || runtime.block_on(run))?;
        outcome.await.map_err(|_| std::io::Error::other("the appender's thread ended"))??;
        Ok(())
    }

    /// An appender whose first batch builds on the newest head.
    async fn new(
        config: Config,
        writer: Uuid,
        epoch: i32,
        own: OwnKeys,
        time: Arc<SharedTime>,
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
            time,
            writer,
            epoch,
            own,
            own_head,
            turn_taken: None,
            pass_over_turn: false,
            chunks_are_known: false,
            unsure: false,
        };
        if let Err(Trouble::Refused(error)) = this.read_head().await {
            return Err(error);
        }
        Ok(this)
    }

    /// Writes batches until all callers are gone.
    async fn run(mut self) {
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
            self.store.waits_for_nothing();
            if self.turn_left() == Some(Duration::ZERO) {
                self.end_turn().await;
            }
        }
    }

    async fn write(&mut self, mut waiting: Vec<Waiting>) {
        let (mut duplicates, mut stalls, mut leaps) = (0, 0, 0);
        let (mut away_since, mut lost_since) = (None, None);
        while !waiting.is_empty() {
            self.store.waits_from_now();
            let attempted =
                if self.unsure { self.resume(&mut waiting).await } else { self.attempt(&mut waiting).await };
            let Err(trouble) = attempted else { continue };
            let overcome = match trouble {
                Trouble::Lost => {
                    doubt(&mut waiting);
                    let size = self.tip.size();
                    let overcome = self.after_losing().await;
                    if self.tip.size() == size {
                        let since = *lost_since.get_or_insert_with(Instant::now);
                        if since.elapsed() > LOST_TO_NOBODY {
                            answers::give_all(&mut waiting, |_| AppendError::HeadWithoutEvents { size });
                            return;
                        }
                    } else {
                        lost_since = None;
                    }
                    overcome
                }
                Trouble::Duplicate(_) if duplicates < 3 => {
                    duplicates += 1;
                    self.chunks_are_known |= waiting.iter().any(|one| one.prepared.skip_known);
                    self.look_up_all(&mut waiting).await
                }
                Trouble::Duplicate(error) => return self.refused(waiting, error).await,
                // The clock is right now: the batch took long to arrive, and is made again with a new time.
                Trouble::ClockBehind(database)
                    if self.behind_ms(database) < CLOCK_TOLERANCE_MS && stalls < 3 =>
                {
                    stalls += 1;
                    Ok(())
                }
                Trouble::ClockAhead(_) if leaps < 1 => {
                    leaps += 1;
                    self.read_time().await
                }
                trouble @ (Trouble::ClockAhead(_)
                | Trouble::ClockBehind(_)
                | Trouble::Away
                | Trouble::Refused(_)
                | Trouble::Rewound { .. }
                | Trouble::Damaged(_)) => Err(trouble),
            };
            match overcome {
                Ok(()) => {}
                Err(Trouble::Away) => {
                    // A database that comes back and goes again is not waited for without end.
                    let since = *away_since.get_or_insert_with(Instant::now);
                    if since.elapsed() < PATIENCE {
                        self.reconnect(&mut waiting).await;
                    } else {
                        self.unsure = true;
                        give_up(&mut waiting);
                    }
                }
                Err(Trouble::ClockAhead(ahead_ms)) => {
                    answers::give_all(&mut waiting, |_| AppendError::ClockAhead { ahead_ms });
                }
                Err(Trouble::ClockBehind(database)) => {
                    let behind_ms = self.behind_ms(database);
                    answers::give_all(&mut waiting, |_| AppendError::ClockBehind { behind_ms });
                }
                Err(Trouble::Refused(error)) => return self.refused(waiting, error).await,
                Err(Trouble::Rewound { known, found }) => {
                    self.unsure = true;
                    answers::give_all(&mut waiting, |_| AppendError::Rewound { known, found });
                }
                Err(Trouble::Damaged(fault)) => {
                    let source = Arc::new(fault);
                    answers::give_all(&mut waiting, |_| AppendError::Damaged { source: Arc::clone(&source) });
                }
                Err(Trouble::Lost | Trouble::Duplicate(_)) => {}
            }
        }
    }

    /// Plans and sends once. What is decided is answered and leaves the list; the rest is planned again.
    async fn attempt(&mut self, waiting: &mut Vec<Waiting>) -> Result<(), Trouble> {
        let in_doubt = |one: &Waiting| one.prepared.skip_known && !one.looked_up;
        if self.chunks_are_known && waiting.iter().any(in_doubt) {
            return self.look_up(waiting, in_doubt).await;
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
        if !plan.rows.is_empty() {
            let (recorded_at, moment) = self.next_time();
            let batch = Batch::new(&plan, waiting, (recorded_at, moment), &self.tip);
            let batch = batch.authenticated(self.own.batches.get(), self.epoch);
            let pass_over = self.pass_over_turn || self.turn_taken.is_some();
            self.store.append(&batch, pass_over).await?;
            self.pass_over_turn = false;
            let new_kinds = batch.new_kinds();
            let written = batch.written(self.epoch.unsigned_abs());
            let Plan { verdicts, ends, .. } = plan;
            let answers = written.answers(verdicts);
            self.own_head.send_replace(written.tree.size());
            self.tip.advance(written.tree, recorded_at, ends);
            self.tip.kinds.extend(new_kinds);
            answers::give(waiting, answers);
        } else {
            answers::give(waiting, plan.verdicts.into_iter().map(answers::refusal).collect());
        }
        Ok(())
    }

    /// The time that the next rows get, and the moment that it means. It is never before the newest row's.
    fn next_time(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let time = self.time.known();
        let stamp = time.stamp_at(self.time.now()).max(self.tip.recorded_at);
        (stamp, time.moment_of(Position(self.tip.size() + 1), stamp))
    }

    /// Where the newest row has a time that has not come, officers may have spoken of it meanwhile, through another process.
    async fn read_time(&self) -> Result<(), Trouble> {
        if let Some(time) = self.store.time().await? {
            self.time.set(time);
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
        self.unsure = false;
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

    /// How far this process's clock is behind the database's.
    fn behind_ms(&self, database: chrono::DateTime<chrono::Utc>) -> i64 {
        database.signed_duration_since(self.time.now()).num_milliseconds()
    }

    /// How much of the turn is left; `None` where this process does not have it.
    fn turn_left(&self) -> Option<Duration> {
        self.turn_taken.map(|since| TURN.saturating_sub(since.elapsed()))
    }

    async fn end_turn(&mut self) {
        self.turn_taken = None;
        self.store.waits_from_now();
        if self.store.give_turn_back().await.is_err() {
            tracing::warn!("the turn ends with the connection");
        }
        self.store.waits_for_nothing();
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
        let size = self.tip.size();
        self.read_head().await?;
        if self.tip.size() != size {
            doubt(waiting);
        }
        let (mut chosen, mut rest): (Vec<Waiting>, Vec<Waiting>) =
            waiting.drain(..).partition(|one| chosen(one));
        let prepared: Vec<&Prepared> = chosen.iter().map(|one| &one.prepared).collect();
        let known = Known::find(&self.store, &prepared).await;
        let outcome = match known {
            Ok(known) => {
                if chosen.iter().any(|one| one.prepared.skip_known) {
                    self.chunks_are_known = known.is_some();
                }
                self.settle(&known, &mut chosen).await
            }
            Err(trouble) => Err(trouble),
        };
        waiting.append(&mut chosen);
        waiting.append(&mut rest);
        outcome
    }

    /// An answer from rows, with the moment in place of the time in them.
    fn told(&self, recorded: Recorded) -> Recorded {
        let recorded_at = self.time.known().moment_of(recorded.first_position, recorded.recorded_at);
        Recorded { recorded_at, ..recorded }
    }

    async fn settle(&self, known: &Known, chosen: &mut Vec<Waiting>) -> Result<(), Trouble> {
        let mut undecided = Vec::with_capacity(chosen.len());
        let mut outcome = Ok(());
        for mut one in chosen.drain(..) {
            match known.settle(&mut one.prepared, &self.own) {
                Finding::New if one.prepared.event_count() == 0 => {
                    let nothing = answers::nothing_new(&self.tip, self.epoch.unsigned_abs());
                    one.answer(Ok(self.told(nothing)));
                }
                Finding::New => {
                    one.looked_up = true;
                    undecided.push(one);
                }
                Finding::Reused(error) => one.answer(Err(error)),
                Finding::Recorded(command) => match first_answer(&self.store, &command).await {
                    Ok(recorded) => one.answer(Ok(self.told(recorded))),
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
        self.unsure = true;
        let given_up_at = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(20);
        loop {
            match timeout(PATIENCE, Store::connect(&self.config, self.writer, self.epoch)).await {
                Ok(Ok(store)) => {
                    self.store = store;
                    self.store.waits_from_now();
                    match self.resume(waiting).await {
                        Ok(()) => return,
                        Err(Trouble::Rewound { known, found }) => {
                            return answers::give_all(waiting, |_| AppendError::Rewound { known, found });
                        }
                        Err(trouble) => tracing::warn!(?trouble, "the appender cannot resume"),
                    }
                }
                Ok(Err(error)) => tracing::warn!(%error, "the appender cannot connect"),
                Err(_) => tracing::warn!("the database does not answer"),
            }
            if Instant::now() >= given_up_at {
                return give_up(waiting);
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }
}

/// The database stays away: the callers are told that the outcome is not known.
fn give_up(waiting: &mut Vec<Waiting>) {
    answers::give_all(waiting, |one| AppendError::Unavailable { command_id: one.prepared.command_id });
}

/// What was looked up at another size may have been recorded by somebody else since.
fn doubt(waiting: &mut [Waiting]) {
    waiting.iter_mut().for_each(|one| one.looked_up = false);
}

/// Writes a ledger's first event on size 0, and nowhere else.
pub(super) async fn write_first(
    database: &Config,
    clock: &Clock,
    batches: &BatchKey,
    first: Prepared,
) -> Result<(), AppendError> {
    let command_id = first.command_id;
    let database_refused = |source| AppendError::Database { command_id, source };
    let (reply, _) = oneshot::channel();
    let waiting = [Waiting { prepared: first, reply, looked_up: true }];
    let store = Store::connect(database, Uuid::nil(), 1).await.map_err(database_refused)?;
    let tip = Tip::of_nothing();
    let plan = plan(&tip, &waiting);
    let recorded_at = clock.now();
    let batch = Batch::new(&plan, &waiting, (recorded_at, recorded_at), &tip).authenticated(Some(batches), 1);
    store.append(&batch, true).await.map_err(|trouble| match trouble {
        Trouble::Lost | Trouble::Duplicate(_) => AppendError::CommandIdReused { command_id },
        Trouble::ClockAhead(ahead_ms) => AppendError::ClockAhead { ahead_ms },
        Trouble::ClockBehind(database) => AppendError::ClockBehind {
            behind_ms: database.signed_duration_since(recorded_at).num_milliseconds(),
        },
        Trouble::Away => AppendError::Unavailable { command_id },
        Trouble::Refused(source) => AppendError::Database { command_id, source },
        Trouble::Rewound { known, found } => AppendError::Rewound { known, found },
        Trouble::Damaged(fault) => AppendError::Damaged { source: Arc::new(fault) },
    })
}
