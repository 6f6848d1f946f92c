//! Clocks that are wrong, and readers who find no connection: typed answers, and recovery without a restart.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::TimeDelta;
use ledger::test_support::SetClock;
use ledger::{AppendError, Clock, Options, ReadFault};
use tokio::task::JoinSet;

use super::Setting;
use super::answer::Answer;
use super::oracle::Oracle;
use super::place::Place;
use super::prng::Prng;
use super::report::{FINDINGS, Report, counts, ms};
use super::script::Asked;
use super::server::{Folders, Server};

/// Jumps of the clock, in seconds, each seen from the right time, and whether nothing was recorded for a while before: a newest
/// event of this moment says the time as well as a clock.
const JUMPS: [(i64, bool); 9] = [
    (0, false),
    (-3_600, false),
    (-86_400, false),
    (-3_600, true),
    (-86_400, true),
    (4, false),
    (3_600, false),
    (86_400 * 365, false),
    (0, false),
];
const BEHIND: &str = "refused: the clock is behind";
const A_WHILE: Duration = Duration::from_secs(6);

/// Sets a process's clock to and fro while another process appends with the right one.
pub(super) async fn clocks(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("clocks");
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let place = Place::make(&server, "clocks").await?;
    let right = Clock::system();
    let wrong = SetClock::at(right.now());
    let ledger = place.open("wrong", Options { clock: wrong.clock(), ..Options::default() }).await?;
    let other = place.open("right", Options::default()).await?;
    let mut oracle = Oracle::new(place.verifier()?);
    let mut chance = Prng::of(setting.seed, "clock");
    let (run, mut rows) = (chance.next(), Vec::new());
    let mut asked = [1, 2].map(|caller| Asked { run, caller, number: 0 });
    let mut last = i64::MIN;
    for (jump, alone) in JUMPS {
        if alone {
            tokio::time::sleep(A_WHILE).await;
        }
        wrong.set(right.now() + TimeDelta::seconds(jump));
        let answers = [ledger.append(asked[0].command()).await, other.append(asked[1].command()).await];
        let told = match &answers[0] {
            Ok(_) => "recorded",
            Err(AppendError::ClockAhead { .. }) => "refused: the clock is ahead",
            Err(AppendError::ClockBehind { .. }) if jump < -5 => BEHIND,
            Err(error) => anyhow::bail!("{error:?} for a clock that is {jump} s off"),
        };
        let expected = match jump {
            ..-5 if alone => told == BEHIND,
            ..=5 => told == "recorded",
            _ => told == "refused: the clock is ahead",
        };
        report.expect(expected, format!("a clock {jump} s off: {told}"));
        for (asked, answer) in asked.iter_mut().zip(answers) {
            if let Ok(recorded) = answer {
                let answer = Answer::of(&recorded);
                ensure!(answer.recorded_at_micros >= last, "recorded_at went back");
                last = answer.recorded_at_micros;
                oracle.acknowledge(*asked, answer);
                *asked = asked.next();
            }
        }
        let before = if alone { "nothing for 6 s" } else { "an event just now" };
        rows.push(vec![format!("{jump:+} s"), before.to_owned(), told.to_owned()]);
    }
    oracle.look(&place.admin().await?).await?;
    report.expect_clean("clocks", oracle.findings());
    report.table("Clock of one process set back and ahead", &["off by", "recorded before it", "told"], &rows);
    report.say("Another process went on with the right clock between them; recorded_at never went back.");
    Ok(())
}

/// Uses up the connections for reading.
pub(super) async fn pool(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("connections used up");
    let server = Server::make(Folders::fresh()?, &[]).await?;
    let place = Place::make(&server, "pool").await?;
    let patience = Duration::from_millis(500);
    let options = Options { read_connections: 8, patience, ..Options::default() };
    let ledger = place.open("pool", options).await?;
    // As `serve` does before it answers: the first append of a process reads what is noted of the key store.
    ledger.admit_writing().await?;
    let mut oracle = Oracle::new(place.verifier()?);
    let mut asked = Asked { run: Prng::of(setting.seed, "pool").next(), caller: 1, number: 0 };
    let admin = place.admin().await?;
    admin.batch_execute("BEGIN; LOCK TABLE caseledger.checkpoints IN ACCESS EXCLUSIVE MODE").await?;
    let mut stuck = JoinSet::new();
    for _ in 0..8 {
        let ledger = ledger.clone();
        stuck.spawn(async move { ledger.checkpoint().await });
    }
    let sql =
        "SELECT count(*) FROM pg_locks WHERE relation = 'caseledger.checkpoints'::regclass AND NOT granted";
    while admin.query_one(sql, &[]).await?.try_get::<_, i64>(0)? < 8 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (mut readers, mut slowest) = (JoinSet::new(), Duration::ZERO);
    for _ in 0..200 {
        let ledger = ledger.clone();
        readers.spawn(async move {
            let began = Instant::now();
            let refused = matches!(ledger.head().await, Err(ReadFault::NoConnection { .. }));
            (refused, began.elapsed())
        });
    }
    // Who appends does not need these connections.
    let began = Instant::now();
    let recorded = ledger.append(asked.command()).await?;
    let append = began.elapsed();
    oracle.acknowledge(asked, Answer::of(&recorded));
    asked = asked.next();
    let mut refusals = 0;
    while let Some(read) = readers.join_next().await {
        let (refused, time) = read?;
        refusals += u32::from(refused);
        slowest = slowest.max(time);
    }
    admin.batch_execute("COMMIT").await?;
    let began = Instant::now();
    ledger.head().await.context("reads go on")?;
    let recovery = began.elapsed();
    while let Some(done) = stuck.join_next().await {
        done??;
    }
    let recorded = ledger.append(asked.command()).await?;
    oracle.acknowledge(asked, Answer::of(&recorded));
    oracle.look(&admin).await?;
    report.expect_clean("pool", oracle.findings());
    report
        .expect(refusals == 200, format!("{refusals} of 200 readers were told that there is no connection"));
    let mut row = vec![
        "8 of 8 stuck, 200 more".to_owned(),
        refusals.to_string(),
        ms(slowest),
        ms(append),
        ms(recovery),
    ];
    row.extend(counts(oracle.findings()));
    let mut columns = vec![
        "readers",
        "told: no connection",
        "slowest to be told, ms (patience 500)",
        "append meanwhile, ms",
        "read after release, ms",
    ];
    columns.extend(FINDINGS);
    report.table("Connections for reading used up", &columns, &[row]);
    Ok(())
}
