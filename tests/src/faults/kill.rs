//! Kills without warning, under load: the appending process, one backend of PostgreSQL, the whole of PostgreSQL.
//!
//! After the end of each process under load the oracle looks, and the last commands of every caller are asked again by
//! another process. Such a process lives through several kills of PostgreSQL, and through none of its own.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use ledger::{Ledger, Options};
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_postgres::Client;

use super::Setting;
use super::answer::{Answer, Said};
use super::audited::Audited;
use super::child::Running;
use super::oracle::Oracle;
use super::place::Place;
use super::prng::Prng;
use super::report::{FINDINGS, Report, counts, median_and_most};
use super::script::Asked;
use super::server::{Folders, Server};
use super::tree::includes;

/// Kills of PostgreSQL that one process under load lives through, one after another.
const KILLS_A_PROCESS: u32 = 5;
/// How long anything may take to come back.
const LONG: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Appender,
    Backend,
    Server,
}

impl Victim {
    fn name(self) -> &'static str {
        match self {
            Self::Appender => "the appending process",
            Self::Backend => "one PostgreSQL backend",
            Self::Server => "the whole of PostgreSQL",
        }
    }
}

/// What one campaign of kills gave.
#[derive(Default)]
struct Outcome {
    recoveries: Vec<Duration>,
    /// Commands that were under way at the kill and turned out to be recorded.
    found: u64,
    /// Commands that were under way at the kill and were recorded by asking again.
    asked_again: u64,
    /// Refusals, none of which belongs here.
    refusals: Vec<String>,
}

/// Runs the three campaigns.
pub(super) async fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for victim in [Victim::Appender, Victim::Backend, Victim::Server] {
        super::tell(&format!("kill -9: {}", victim.name()));
        let mut bench = Campaign::prepare(setting, victim).await?;
        let mut left = setting.scale.kills;
        while left > 0 {
            left -= bench.cycle(left).await?;
        }
        let audited = bench.finish().await?;
        let Campaign { oracle, outcome, .. } = bench;
        let (commands, events) = oracle.acknowledged();
        let mut row = vec![victim.name().to_owned(), setting.scale.kills.to_string()];
        row.extend([commands, events, outcome.found, outcome.asked_again].map(|count| count.to_string()));
        row.extend(counts(oracle.findings()));
        row.extend([audited.words(), median_and_most(&outcome.recoveries)]);
        rows.push(row);
        report.expect_clean(victim.name(), oracle.findings());
        report.expect(audited.is_clean(), format!("{}: verify says {}", victim.name(), audited.words()));
        report.expect(outcome.refusals.is_empty(), format!("refused: {}", outcome.refusals.join("; ")));
    }
    let mut columns =
        vec!["killed", "kills", "commands acknowledged", "events", "in doubt: recorded", "in doubt: not"];
    columns.extend(FINDINGS);
    columns.extend(["verify, with all receipts", "recovery ms, median / most"]);
    report.table("kill -9 under load", &columns, &rows);
    Ok(())
}

struct Campaign<'a> {
    setting: &'a Setting,
    victim: Victim,
    chance: Prng,
    server: Server,
    place: Place,
    /// Another process's view: this one, which stays open through all kills.
    ledger: Ledger,
    oracle: Oracle,
    outcome: Outcome,
}

impl<'a> Campaign<'a> {
    async fn prepare(setting: &'a Setting, victim: Victim) -> anyhow::Result<Self> {
        let server = Server::make(Folders::fresh()?, &[]).await?;
        let place = Place::make(&server, "kills").await?;
        let ledger = place.open("asks-again", Options::default()).await?;
        let oracle = Oracle::new(place.verifier()?);
        let chance = Prng::of(setting.seed, victim.name());
        Ok(Self { setting, victim, chance, server, place, ledger, oracle, outcome: Outcome::default() })
    }

    /// One process under load, from its start to what the oracle says of it. Gives the number of kills, `most` at most.
    async fn cycle(&mut self, most: u32) -> anyhow::Result<u32> {
        let run = self.chance.next();
        let mut child = start(&self.setting.program, &self.place, run, self.setting.scale.callers)?;
        child.wait_for(is_acknowledged, LONG).await?;
        let kills = if self.victim == Victim::Appender { 1 } else { most.min(KILLS_A_PROCESS) };
        for _ in 0..kills {
            let (least, most) = self.setting.scale.load_ms;
            sleep(Duration::from_millis(self.chance.between(least, most))).await;
            match self.victim {
                Victim::Appender => self.kill_appender(&child)?,
                Victim::Backend => self.kill_backend(&mut child, run).await?,
                Victim::Server => self.kill_server(&mut child).await?,
            }
        }
        let said = if self.victim == Victim::Appender { child.end()? } else { child.stop()? };
        self.hear(said);
        let admin = self.place.admin().await?;
        wait_for_sessions_to_end(&admin, run).await?;
        if let Ok(note) = std::fs::read_to_string(self.place.proof.join("checkpoint")) {
            self.oracle.checkpoint(&note);
        }
        self.oracle.look(&admin).await?;
        self.ask_again(run).await?;
        self.oracle.look(&admin).await?;
        Ok(kills)
    }

    fn kill_appender(&mut self, child: &Running) -> anyhow::Result<()> {
        let first = child.heard().into_iter().find(is_acknowledged).context("it has acknowledged")?;
        self.outcome.recoveries.push(first.0 - child.started());
        child.signal(Signal::KILL)
    }

    async fn kill_backend(&mut self, child: &mut Running, run: u64) -> anyhow::Result<()> {
        let admin = self.place.admin().await?;
        let backends = sessions(&admin, run).await?;
        let at = usize::try_from(self.chance.below(backends.len() as u64))?;
        let victim = *backends.get(at).context("it has sessions")?;
        let killed_at = Instant::now();
        kill_process(victim, Signal::KILL)?;
        // PostgreSQL ends every session then, this one as well, and recovers.
        while !admin.is_closed() {
            ensure!(killed_at.elapsed() < LONG, "PostgreSQL did not notice the kill");
            sleep(Duration::from_millis(1)).await;
        }
        while self.place.admin().await.is_err() {
            ensure!(killed_at.elapsed() < LONG, "PostgreSQL did not come back");
            sleep(Duration::from_millis(5)).await;
        }
        self.recovered(child, killed_at).await
    }

    async fn kill_server(&mut self, child: &mut Running) -> anyhow::Result<()> {
        let killed_at = Instant::now();
        self.server.kill()?;
        self.server.start().await?;
        self.recovered(child, killed_at).await
    }

    /// Waits until the process under load is answered again.
    async fn recovered(&mut self, child: &mut Running, killed_at: Instant) -> anyhow::Result<()> {
        let up = Instant::now();
        child.wait_for(|said| said.0 > up && is_acknowledged(said), LONG).await?;
        self.outcome.recoveries.push(killed_at.elapsed());
        Ok(())
    }

    fn hear(&mut self, said: Vec<(Instant, Said)>) {
        for (_, said) in said {
            match said {
                Said::Acknowledged(asked, answer) => self.oracle.acknowledge(asked, answer),
                Said::Refused(asked, why) => self.outcome.refusals.push(format!("{asked:?}: {why}")),
                Said::Unknown(_) | Said::Ready | Said::Signed(_) => {}
            }
        }
    }

    /// The last acknowledged command of every caller gets the same answer again; the one after it, which was under
    /// way, is recorded once, by then or now.
    async fn ask_again(&mut self, run: u64) -> anyhow::Result<()> {
        let mut tasks = JoinSet::new();
        for caller in 0..self.setting.scale.callers {
            let last = self.oracle.last_of(run, caller);
            let next = last.map_or(Asked { run, caller, number: 0 }, Asked::next);
            let ledger = self.ledger.clone();
            tasks.spawn(async move {
                let mut answers = Vec::new();
                for asked in last.into_iter().chain([next]) {
                    answers.push((asked, Some(asked) == last, ledger.append(asked.command()).await));
                }
                answers
            });
        }
        while let Some(answers) = tasks.join_next().await {
            for (asked, acknowledged, answer) in answers? {
                let recorded = answer.with_context(|| format!("asking again for {asked:?}"))?;
                match (acknowledged, recorded.already) {
                    (true, true) => {}
                    (true, false) => self.oracle.changed(format!("{asked:?} was written again")),
                    (false, true) => self.outcome.found += 1,
                    (false, false) => self.outcome.asked_again += 1,
                }
                self.oracle.acknowledge(asked, Answer::of(&recorded));
            }
        }
        Ok(())
    }

    /// The process that lived through all kills goes on from what the killed ones signed, if they came to sign at all.
    async fn sign_what_is_left(&self) -> anyhow::Result<()> {
        let signing = self.ledger.start_signing(self.place.proof_options()?).await?;
        let size = self.ledger.head().await?.position.0;
        ensure!(signing.covers(size, LONG).await, "{size} events are left, and they are not signed");
        signing.finish().await;
        Ok(())
    }

    /// Everything is looked at once more from the beginning: nothing that was right may have become wrong.
    async fn finish(&mut self) -> anyhow::Result<Audited> {
        self.sign_what_is_left().await?;
        let admin = self.place.admin().await?;
        for row in admin.query("SELECT note FROM caseledger.checkpoints", &[]).await? {
            self.oracle.checkpoint(row.try_get(0)?);
        }
        self.oracle.look_at_everything(&admin).await?;
        ensure!(self.oracle.signed_up_to() == self.oracle.size(), "not everything that is left is signed");
        prove_receipts(&self.ledger, &mut self.oracle, 500).await?;
        let audited = Audited::of(&self.place, &self.oracle).await?;
        ensure!(audited.report.size == self.oracle.size(), "verify looked at another size than the oracle");
        Ok(audited)
    }
}

/// An appending process.
pub(super) fn start(program: &Path, place: &Place, run: u64, callers: u32) -> anyhow::Result<Running> {
    let more = [run.to_string(), callers.to_string(), "sign".to_owned()];
    Running::start(program, "append", place, &more)
}

pub(super) fn is_acknowledged(said: &(Instant, Said)) -> bool {
    matches!(said.1, Said::Acknowledged(..))
}

/// Receipts that callers hold are proved against the log as it is now.
pub(super) async fn prove_receipts(ledger: &Ledger, oracle: &mut Oracle, most: usize) -> anyhow::Result<()> {
    let size = oracle.size();
    let root = oracle.root_at(size).context("the log is not empty")?;
    for (position, leaf_hash) in oracle.receipts(most) {
        let proof = ledger.inclusion(domain::ids::Position(position), size).await?;
        if !includes(leaf_hash, position - 1, size, &proof.path, root) {
            oracle.unproved(format!("the receipt for position {position} is not proved in size {size}"));
        }
    }
    Ok(())
}

async fn sessions(admin: &Client, run: u64) -> anyhow::Result<Vec<Pid>> {
    let sql = "SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY pid";
    let rows = admin.query(sql, &[&format!("faults-{run}")]).await?;
    rows.iter().map(|row| Pid::from_raw(row.try_get(0)?).context("a process")).collect()
}

/// What a killed process had sent may still be executed; the log is quiet when its sessions have ended.
pub(super) async fn wait_for_sessions_to_end(admin: &Client, run: u64) -> anyhow::Result<()> {
    let began = Instant::now();
    while !sessions(admin, run).await?.is_empty() {
        ensure!(began.elapsed() < LONG, "the sessions of a dead process do not end");
        sleep(Duration::from_millis(2)).await;
    }
    Ok(())
}
