//! A synthetic authority written to a file, and the file imported as `caseledger import` does it.
//!
//! Each import goes into a fresh ledger with a fresh key store, and binary COPY of the resulting rows follows at
//! once. What the program does before (a digest of the file) and after (read models) is not part of it.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::NaiveDate;
use domain::events::identity::identifiers;
use domain::ids::KeyedIds as _;
use exchange::jsonl::{self, CommandFault, EventLine, Reader};
use exchange::synthetic::{Options, Summary, synthesise};
use ledger::test_support::TestDatabase;
use ledger::{FedEvent, Identifier, Ledger};

use super::copy::copy_beside;
use super::ledger_store::{LedgerCaller, TABLES};
use super::load::{Caller as _, median, percentile};
use super::stores::{Place as _, Tables};
use super::table::{count, milliseconds, table, times, whole};
use super::{Counts, Scale, tell, usage};

/// Last day of the synthetic authorities, so that every run makes the same files.
pub(super) const UNTIL: NaiveDate = NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day");

/// A ledger that holds an authority.
pub(super) struct Authority {
    pub(super) ledger: Ledger,
    pub(super) tables: Tables,
    /// Events without the ledger's own first one.
    pub(super) events: u64,
}

/// The two authorities, the smaller first.
pub(super) struct Authorities {
    pub(super) fifth: Authority,
    pub(super) whole: Authority,
}

struct Import {
    rate: f64,
    copy_rate: f64,
    wal_per_event: f64,
    disk_per_event: f64,
}

/// Writes both authorities, imports each several times and writes two tables.
pub(super) async fn measure(
    scale: &Scale,
    counts: &mut Counts,
    out: &mut String,
) -> anyhow::Result<Authorities> {
    let folder = tempfile::tempdir()?;
    let (small, large) = (folder.path().join("fifth.jsonl"), folder.path().join("whole.jsonl"));
    let mut written = Vec::new();
    let fifth = write(scale, scale.children.div_ceil(5), &small, &mut written)?;
    let whole = write(scale, scale.children, &large, &mut written)?;
    table(out, "Synthetic authority to a file", &["children", "events", "bytes", "events/s"], &written);
    let mut rows = Vec::new();
    let fifth = import_in_rounds(scale, &small, &fifth, &mut rows, counts).await?;
    let whole_ledger = import_in_rounds(scale, &large, &whole, &mut rows, counts).await?;
    (counts.written, counts.children) = (whole.events, whole.children);
    let columns =
        ["events", "import/COPY", "import events/s", "COPY events/s", "WAL bytes/event", "disk bytes/event"];
    table(out, "Import of events JSON Lines, beside binary COPY of the same rows", &columns, &rows);
    with_live_callers(&large, out).await?;
    Ok(Authorities { fifth, whole: whole_ledger })
}

fn write(scale: &Scale, children: u32, path: &Path, rows: &mut Vec<Vec<String>>) -> anyhow::Result<Summary> {
    tell(&format!("synthetic authority of {children} children"));
    let options = Options { children, years: scale.years, seed: 1, until: UNTIL };
    let mut rates = Vec::new();
    let mut summary = Summary::default();
    for _ in 0..scale.rounds {
        let began = Instant::now();
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        summary = synthesise(&options, &mut file)?;
        file.flush()?;
        rates.push(summary.events as f64 / began.elapsed().as_secs_f64());
    }
    let bytes = path.metadata()?.len();
    rows.push(vec![count(summary.children), count(summary.events), count(bytes), whole(median(rates))]);
    Ok(summary)
}

async fn import_in_rounds(
    scale: &Scale,
    path: &Path,
    summary: &Summary,
    rows: &mut Vec<Vec<String>>,
    counts: &mut Counts,
) -> anyhow::Result<Authority> {
    let mut imports = Vec::new();
    let mut last = None;
    for number in 1..=scale.rounds {
        tell(&format!("import of {} events, round {number}", summary.events));
        let (authority, import) = import_once(path, summary, counts).await?;
        imports.push(import);
        last = Some(authority);
    }
    let of = |value: fn(&Import) -> f64| median(imports.iter().map(value));
    rows.push(vec![
        count(summary.events),
        times(of(|import| import.rate / import.copy_rate)),
        whole(of(|import| import.rate)),
        whole(of(|import| import.copy_rate)),
        whole(of(|import| import.wal_per_event)),
        whole(of(|import| import.disk_per_event)),
    ]);
    last.context("at least one round")
}

async fn import_once(
    path: &Path,
    summary: &Summary,
    counts: &mut Counts,
) -> anyhow::Result<(Authority, Import)> {
    let database = TestDatabase::installed().await;
    let ledger = database.create_ledger(ledger::Options::default()).await;
    let tables = Tables::look_into(database, TABLES.to_vec()).await?;
    tables.settle().await?;
    let before = tables.spent().await?.wal;
    let (events, length) = feed(&ledger, path).await?;
    let wal = tables.spent().await?.wal - before;
    let stored = tables.stored().await?;
    ensure!(events == summary.events, "{} events in the file, {events} imported", summary.events);
    ensure!(events == stored, "{events} events imported, {stored} in the table");
    let (copied, copy_length) = copy_beside(&tables.admin).await?;
    ensure!(copied == stored + 1, "{stored} events and the first, {copied} rows copied");
    (counts.imported, counts.copied) = (events, copied);
    let import = Import {
        rate: events as f64 / length.as_secs_f64(),
        copy_rate: copied as f64 / copy_length.as_secs_f64(),
        wal_per_event: wal as f64 / events as f64,
        disk_per_event: tables.disk_per_event().await?,
    };
    Ok((Authority { ledger, tables, events }, import))
}

/// Reads, checks and records a file as the program does; events that were new, and how long it took.
async fn feed(ledger: &Ledger, path: &Path) -> anyhow::Result<(u64, Duration)> {
    let began = Instant::now();
    let reader = Reader::open(BufReader::with_capacity(1 << 20, File::open(path)?))?;
    let ids = ledger.ids().clone();
    let chunk_id = move |number: u64| ids.command(UNTIL, &["events", "bench", &number.to_string()]);
    let fed = ledger.append_all(reader.commands().map(as_fed), chunk_id, |_| {}).await?;
    Ok((fed.new, began.elapsed()))
}

fn as_fed(command: Result<jsonl::Command, CommandFault>) -> Result<Vec<FedEvent>, CommandFault> {
    Ok(command?.events.into_iter().map(fed_event).collect())
}

fn fed_event(line: EventLine) -> FedEvent {
    let found = identifiers(&line.read, &line.event.sealed);
    let identifiers = found.into_iter().map(|(kind, value)| Identifier::new(kind, value)).collect();
    FedEvent { stream: line.stream, category: line.category, event: line.event, identifiers }
}

/// One import with somebody who appends single events meanwhile, a hundred a second at most.
async fn with_live_callers(path: &Path, out: &mut String) -> anyhow::Result<()> {
    tell("import with live appends beside it");
    let database = TestDatabase::installed().await;
    let ledger = database.create_ledger(ledger::Options::default()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let live = tokio::spawn(live_appends(LedgerCaller::beside(&ledger), Arc::clone(&stop)));
    let memory = tokio::spawn(most_memory(Arc::clone(&stop)));
    let (before, began) = (usage::own_memory(), Instant::now());
    let (events, _) = feed(&ledger, path).await?;
    let took = began.elapsed();
    stop.store(true, Ordering::Relaxed);
    let (latencies, most) = (live.await??, memory.await?);
    let row = vec![
        count(events),
        whole(events as f64 / took.as_secs_f64()),
        count(u64::try_from(latencies.len())?),
        milliseconds(percentile(&latencies, 50)),
        milliseconds(percentile(&latencies, 99)),
        whole(most.saturating_sub(before) as f64 / f64::from(1 << 20)),
    ];
    let columns =
        ["imported", "import events/s", "live appends", "live p50 ms", "live p99 ms", "memory grew by MiB"];
    table(out, "Live appends during an import", &columns, &[row]);
    Ok(())
}

async fn live_appends(mut caller: LedgerCaller, stop: Arc<AtomicBool>) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        caller.append().await?;
        latencies.push(began.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    latencies.sort_unstable();
    Ok(latencies)
}

async fn most_memory(stop: Arc<AtomicBool>) -> u64 {
    let mut most = 0;
    while !stop.load(Ordering::Relaxed) {
        most = most.max(usage::own_memory());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    most
}
