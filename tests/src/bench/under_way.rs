//! Appends to a ledger that has been in use: with many events in it, and while somebody keeps a snapshot open.

use std::time::{Duration, Instant};

use super::ledger_store::LedgerStore;
use super::load::{Caller as _, Load, Round, median};
use super::stores::{Store as _, round};
use super::table::{count, table, times, whole};
use super::{Scale, tell};

/// The loads under which a full ledger is held against an empty one.
const LOADS: [Load; 2] = [Load::of(1), Load::of(128)];
/// The load under a snapshot.
const UNDER_SNAPSHOT: Load = Load::of(32);

/// Measures both where the scale asks for it.
pub(super) async fn measure(scale: &Scale, out: &mut String) -> anyhow::Result<()> {
    if scale.preload > 0 {
        full_beside_empty(scale, out).await?;
    }
    if !scale.snapshot.is_zero() {
        under_a_snapshot(scale, out).await?;
    }
    one_flush_a_batch(out).await
}

async fn full_beside_empty(scale: &Scale, out: &mut String) -> anyhow::Result<()> {
    tell(&format!("a ledger of {} events", count(scale.preload)));
    let began = Instant::now();
    let full = LedgerStore::holding(scale.preload).await?;
    let filled = scale.preload as f64 / began.elapsed().as_secs_f64();
    let empty = LedgerStore::fresh().await?;
    let mut rows = Vec::new();
    for load in LOADS {
        let mut rounds = Vec::new();
        for _ in 0..scale.rounds {
            rounds.push((round(&full, &load, scale.round).await?, round(&empty, &load, scale.round).await?));
        }
        let ratio = median(rounds.iter().map(|(full, empty)| full.rate() / empty.rate()));
        let rate = |of: fn(&(Round, Round)) -> f64| whole(median(rounds.iter().map(of)));
        rows.push(vec![
            load.name(),
            times(ratio),
            rate(|(full, _)| full.rate()),
            rate(|(_, empty)| empty.rate()),
        ]);
    }
    let title = format!("A ledger of {} events beside an empty one", count(scale.preload));
    table(out, &title, &["load", "full/empty", "full/s", "empty/s"], &rows);
    out.push_str(&format!(
        "It was filled by bulk at {} events/s, one flush a thousand events.\n\n",
        whole(filled)
    ));
    Ok(())
}

async fn under_a_snapshot(scale: &Scale, out: &mut String) -> anyhow::Result<()> {
    tell(&format!("a snapshot open for {:?}", scale.snapshot));
    let store = LedgerStore::fresh().await?;
    let mut before = Vec::new();
    for _ in 0..scale.rounds {
        before.push(round(&store, &UNDER_SNAPSHOT, scale.round).await?.rate());
    }
    let reader = store.tables().database.admin().await;
    reader
        .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM caseledger.heads")
        .await?;
    let began = Instant::now();
    let mut during = Vec::new();
    while began.elapsed() < scale.snapshot {
        during.push(round(&store, &UNDER_SNAPSHOT, scale.round).await?.rate());
    }
    reader.batch_execute("COMMIT").await?;
    let last = during.split_off(during.len().saturating_sub(scale.rounds));
    let (before, last) = (median(before), median(last));
    let row = vec![UNDER_SNAPSHOT.name(), times(last / before), whole(last), whole(before)];
    let title = format!("While a snapshot is open for {} s", scale.snapshot.as_secs());
    table(out, &title, &["load", "last/before", "last rounds/s", "before it/s"], &[row]);
    Ok(())
}

/// Commands of one caller, one after the other: each is a batch of its own.
async fn one_flush_a_batch(out: &mut String) -> anyhow::Result<()> {
    const LONGEST: Duration = Duration::from_secs(5);
    let store = LedgerStore::fresh().await?;
    let before = store.tables().flushes().await?;
    let round = round(&store, &Load::of(1), Duration::from_secs(1)).await?;
    let mut callers = store.callers(&Load::of(1)).await?;
    let (mut batches, mut flushes) = (round.events, 0);
    let began = Instant::now();
    // A process of PostgreSQL tells its figures with the first transaction that ends a second later.
    while flushes < batches && began.elapsed() < LONGEST {
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        for caller in &mut callers {
            batches += u64::from(caller.append().await?);
        }
        flushes = store.tables().flushes().await? - before;
    }
    out.push_str(&format!(
        "One caller: {} batches acknowledged, {} flushes of the write-ahead log counted by PostgreSQL.\n\n",
        count(batches),
        count(flushes)
    ));
    Ok(())
}
