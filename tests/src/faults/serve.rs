//! The server under load, while what it stands on is killed: it answers again by itself, and nothing that was acknowledged
//! meanwhile is lost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::process::{Signal, kill_process};
use tokio_postgres::{Client, Config, NoTls};

use super::Setting;
use super::prng::Prng;
use super::report::{Report, median_and_most};
use crate::data_folder::{DataFolder, TestLedger};
use crate::events::{EventFile, Line, id};
use crate::served::{Server, find_pid, get};

/// Readers at once.
const READERS: usize = 6;
/// A private PostgreSQL is looked after every two seconds and recovers after a kill.
const LONGEST: Duration = Duration::from_secs(60);
/// The bar: within so long the server answers again. The short form runs on machines that do other things as well, and
/// holds only that it does answer.
const BAR: Duration = Duration::from_secs(10);

const VICTIMS: [&str; 3] = ["one backend", "every backend", "the whole of PostgreSQL"];

/// What readers were told.
#[derive(Debug, Default)]
struct Told {
    answered: AtomicU64,
    to_wait: AtomicU64,
    otherwise: AtomicU64,
}

/// Tells readers and writer to end, also where the killing fails.
struct Stop<'s>(&'s AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Kills what stands below a server, again and again.
pub(super) fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    super::tell("serve");
    let folder = DataFolder::make();
    let ledger = folder.ledger("served");
    ledger.import(&folder.write("first.jsonl", file(0).text()), &[]).ended(0);
    let mut server = Server::of(&ledger);
    let mut chance = Prng::of(setting.seed, "serve");
    let (told, stop, acknowledged) = (Told::default(), AtomicBool::new(false), AtomicU64::new(0));
    let times = thread::scope(|scope| {
        for reader in 0..READERS {
            let (server, told, stop) = (&server, &told, &stop);
            scope.spawn(move || read_on(server, reader, told, stop));
        }
        scope.spawn(|| write_on(&folder, &ledger, &acknowledged, &stop));
        let _ends_the_others = Stop(&stop);
        kill_all(setting, &folder, &ledger, &server, &mut chance)
    })?;
    ensure!(server.is_running(), "the server ended");
    server.is_healthy_within(LONGEST, "the last kill");
    let lost = lost(&folder, &ledger, acknowledged.load(Ordering::Relaxed))?;
    report.expect(lost == 0, format!("serve: {lost} acknowledged files are not in the ledger"));
    let verified = ledger.run(&["verify"]).code;
    report.expect(verified == 0, format!("serve: verify ended with {verified}"));
    report.expect(server.told_to_end().success(), "serve: the server did not end tidily");
    let otherwise = told.otherwise.load(Ordering::Relaxed);
    report.expect(told.answered.load(Ordering::Relaxed) > 0, "serve: nobody was answered");
    let slowest = times.iter().flatten().max().copied().unwrap_or_default();
    report.expect(
        setting.scale.is_short() || slowest <= BAR,
        format!("serve: answered again after {slowest:?}"),
    );
    let rows = VICTIMS
        .iter()
        .zip(&times)
        .map(|(victim, times)| vec![(*victim).to_owned(), times.len().to_string(), median_and_most(times)]);
    let columns = ["killed", "kills", "answers again after, ms, median / most"];
    report.table("Server under load, what it stands on killed", &columns, &rows.collect::<Vec<_>>());
    report.say(&format!(
        "{READERS} readers meanwhile: {} answers, {} told to come again (503), {otherwise} connections refused or cut; {} files of \
         an event each were acknowledged to a writer beside it, {lost} of them are not in the ledger; verify ended with \
         {verified}.",
        told.answered.load(Ordering::Relaxed),
        told.to_wait.load(Ordering::Relaxed),
        acknowledged.load(Ordering::Relaxed)
    ));
    Ok(())
}

/// A file with one event more than the one before.
fn file(number: u64) -> EventFile {
    let child = Line::new(1, 1, "child_registered", "2024-01-08")
        .sealed(serde_json::json!({ "la_child_id": "INV-1" }));
    let mut file = EventFile::new().event(&child);
    if number > 0 {
        file = file.event(&Line::new(1_000 + number, 1, "contact_received", "2024-02-01"));
    }
    file
}

fn read_on(server: &Server, reader: usize, told: &Told, stop: &AtomicBool) {
    let paths = ["/children", "/", "/health/ready", "/log/checkpoint", "/graphql?query=%7Bledger%7Bid%7D%7D"];
    for path in paths.iter().cycle().skip(reader) {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let counted = match server.try_ask(&get(path, "localhost")).map(|reply| reply.status) {
            Ok(200) => &told.answered,
            Ok(503) => &told.to_wait,
            Ok(_) | Err(_) => &told.otherwise,
        };
        counted.fetch_add(1, Ordering::Relaxed);
    }
}

/// Imports one event after the other; one that was not acknowledged is asked for again.
fn write_on(folder: &DataFolder, ledger: &TestLedger, acknowledged: &AtomicU64, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let next = acknowledged.load(Ordering::Relaxed) + 1;
        let path = folder.write("next.jsonl", file(next).text());
        if ledger.import(&path, &[]).code == 0 {
            acknowledged.store(next, Ordering::Relaxed);
        }
    }
}

/// How long after each kill it took until pages were answered, by victim.
fn kill_all(
    setting: &Setting,
    folder: &DataFolder,
    ledger: &TestLedger,
    server: &Server,
    chance: &mut Prng,
) -> anyhow::Result<Vec<Vec<Duration>>> {
    let runtime = tokio::runtime::Handle::current();
    // Read once: while a server is started again its record is not there.
    let database = ledger.database("postgres");
    let mut times = vec![Vec::new(); VICTIMS.len()];
    for kill in 0..setting.scale.serve_kills {
        let victim = usize::try_from(kill)? % VICTIMS.len();
        thread::sleep(Duration::from_millis(chance.between(200, 1_500)));
        let began = Instant::now();
        match victim {
            0 => runtime.block_on(end_sessions(&database, "ORDER BY random() LIMIT 1"))?,
            1 => runtime.block_on(end_sessions(&database, ""))?,
            _ => {
                kill_process(find_pid(&folder.data().join("postgres")), Signal::KILL)?;
                // Sessions live on for a moment without their server, and answer: what counts is the next one.
                runtime.block_on(connected(&database))?;
            }
        }
        server.answers_within(LONGEST, VICTIMS.get(victim).context("a victim")?);
        times.get_mut(victim).context("a victim")?.push(began.elapsed());
    }
    Ok(times)
}

/// A connection, once the server takes one.
async fn connected(database: &Config) -> anyhow::Result<Client> {
    let began = Instant::now();
    loop {
        match database.connect(NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                return Ok(client);
            }
            Err(fault) => ensure!(began.elapsed() < LONGEST, "no connection for {LONGEST:?}: {fault}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn end_sessions(database: &Config, which: &str) -> anyhow::Result<()> {
    let admin = connected(database).await?;
    let sql = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
         WHERE pid <> pg_backend_pid() AND datname = current_database() {which}) AS chosen"
    );
    admin.query_one(&sql, &[]).await?;
    Ok(())
}

/// How many acknowledged events the ledger does not hold.
fn lost(folder: &DataFolder, ledger: &TestLedger, acknowledged: u64) -> anyhow::Result<usize> {
    let out = folder.file("all.jsonl");
    ledger.run(&["export", "events", "--out", &out.display().to_string()]).ended(0);
    let text = std::fs::read_to_string(&out)?;
    let held: BTreeSet<String> = text
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).ok()?.get("event_id")?.as_str().map(str::to_owned)
        })
        .collect();
    Ok((1..=acknowledged).filter(|number| !held.contains(&id(1_000 + number).to_string())).count())
}
