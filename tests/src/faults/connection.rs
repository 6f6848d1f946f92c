//! Connections that break in the middle of an append, at every point where that makes a difference.
//!
//! Whatever breaks, the caller gets an answer in bounded time, and the command is recorded once; while one command
//! is stuck, another process goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ledger::{AppendError, Ledger, Options};

use super::Setting;
use super::answer::Answer;
use super::oracle::Oracle;
use super::place::Place;
use super::prng::Prng;
use super::proxy::{Fault, Proxy};
use super::report::{FINDINGS, Report, counts, median_and_most};
use super::script::Asked;
use super::server::{Folders, Server};

/// An answer has to come within this, also from a connection that says nothing any more.
const BOUND: Duration = Duration::from_secs(60);

struct Case {
    name: &'static str,
    fault: Fault,
    /// Often, and in a short run too; the others wait for a time limit.
    quick: bool,
}

const CASES: [Case; 8] = [
    Case { name: "cut before the request", fault: Fault::CutBeforeRequest, quick: true },
    Case { name: "cut in the request", fault: Fault::CutInRequest, quick: true },
    Case { name: "cut while PostgreSQL works on it", fault: Fault::CutUnderWay, quick: true },
    Case { name: "cut after COMMIT, before the reply", fault: Fault::CutBeforeReply, quick: true },
    Case { name: "cut in the reply", fault: Fault::CutInReply, quick: true },
    Case { name: "cut after the reply", fault: Fault::CutAfterReply, quick: true },
    Case { name: "nothing passes for 3 s", fault: Fault::BlackHole(Duration::from_secs(3)), quick: true },
    Case { name: "half open, silent for ever", fault: Fault::HalfOpen, quick: false },
];

/// Breaks connections in all ways.
pub(super) async fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("broken connections");
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let place = Place::make(&server, "connections").await?;
    let mut chance = Prng::of(setting.seed, "connection");
    let mut rows = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        let proxy = Proxy::start(&server.folders().root, &format!("proxy-{number}"), None)?;
        let rounds = setting.scale.connections / if case.quick { 1 } else { 20 };
        if rounds == 0 {
            continue;
        }
        let mut bench = Bench {
            ledger: place.through(proxy.folder()).open("cut", Options::default()).await?,
            other: place.open("other", Options::default()).await?,
            oracle: Oracle::new(place.verifier()?),
            outcome: Outcome::default(),
            proxy: Arc::new(proxy),
        };
        for _ in 0..rounds {
            bench.round(case.fault, chance.next()).await.with_context(|| case.name)?;
        }
        bench.oracle.look(&place.admin().await?).await?;
        let Bench { oracle, outcome, .. } = bench;
        let mut row = vec![case.name.to_owned(), rounds.to_string()];
        row.extend([outcome.unknown, outcome.resolved_as_recorded].map(|count| count.to_string()));
        row.extend(counts(oracle.findings()));
        row.push(median_and_most(&outcome.times));
        rows.push(row);
        report.expect_clean(case.name, oracle.findings());
    }
    let mut columns = vec!["connection", "rounds", "callers told: outcome unknown", "recorded at first try"];
    columns.extend(FINDINGS);
    columns.push("answer ms, median / most");
    report.table("Connection broken mid-append", &columns, &rows);
    Ok(())
}

#[derive(Default)]
struct Outcome {
    unknown: u64,
    resolved_as_recorded: u64,
    times: Vec<Duration>,
}

struct Bench {
    proxy: Arc<Proxy>,
    ledger: Ledger,
    other: Ledger,
    oracle: Oracle,
    outcome: Outcome,
}

impl Bench {
    /// One command is struck; afterwards the same program appends as if nothing had been.
    async fn round(&mut self, fault: Fault, run: u64) -> anyhow::Result<()> {
        let asked = Asked { run, caller: 1, number: 0 };
        self.append(asked).await?;
        // The other process may have the turn for some milliseconds; what is struck should be written at once.
        tokio::time::sleep(Duration::from_millis(25)).await;
        let struck = self.proxy.struck();
        self.proxy.arm(&format!("\"number\":1,\"part\":0,\"run\":\"{run:016x}\""), fault);
        let elsewhere = Asked { run, caller: 2, number: 0 };
        let other = self.other.clone();
        let proxy = Arc::clone(&self.proxy);
        let meanwhile = tokio::spawn(async move {
            // Before the fault it could only take the head from the command that is to be struck.
            while proxy.struck() == struck {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            other.append(elsewhere.command()).await
        });
        let began = Instant::now();
        self.append(asked.next()).await?;
        self.outcome.times.push(began.elapsed());
        anyhow::ensure!(self.proxy.struck() == struck + 1, "the fault did not strike");
        let recorded =
            tokio::time::timeout(BOUND, meanwhile).await.context("another process is held up")??;
        self.oracle.acknowledge(elsewhere, Answer::of(&recorded?));
        self.append(asked.next().next()).await
    }

    /// Appends as a caller should: an unknown outcome is asked for again under the same id.
    async fn append(&mut self, asked: Asked) -> anyhow::Result<()> {
        loop {
            let answer = tokio::time::timeout(BOUND, self.ledger.append(asked.command())).await;
            match answer.context("no answer within a minute")? {
                Ok(recorded) => {
                    self.outcome.resolved_as_recorded += u64::from(recorded.already);
                    self.oracle.acknowledge(asked, Answer::of(&recorded));
                    let again = self.other.append(asked.command()).await?;
                    self.oracle.acknowledge(asked, Answer::of(&again));
                    return Ok(());
                }
                Err(AppendError::Unavailable { .. }) => self.outcome.unknown += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
}
