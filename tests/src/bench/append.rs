//! Durable appends, one event a command, at several numbers of callers: each store in turn within every round, so
//! that what else happens on the machine meets all of them.

use anyhow::ensure;

use super::ledger_store::LedgerStore;
use super::load::{Round, median};
#[cfg(feature = "peers")]
use super::peer_store::PeerStore;
use super::plain_store::PlainStore;
use super::stores::{Store, round};
use super::table::{count, milliseconds, spread, table, times, whole};
use super::{Counts, Scale, tell};

/// One store at one number of callers.
struct Cell {
    store: &'static str,
    callers: usize,
    rounds: Vec<Round>,
    disk_per_event: f64,
    indexes: Vec<String>,
}

impl Cell {
    async fn fill<S: Store>(
        store: &S,
        name: &'static str,
        callers: usize,
        rounds: Vec<Round>,
        counts: &mut Counts,
    ) -> anyhow::Result<Self> {
        let tables = store.tables();
        let acknowledged = rounds.iter().map(|round| u64::try_from(round.events)).sum::<Result<u64, _>>()?;
        let stored = tables.stored().await?;
        ensure!(
            stored == acknowledged,
            "{name}: {acknowledged} appends acknowledged, {stored} events stored"
        );
        counts.acknowledged += acknowledged;
        counts.stored += stored;
        let (disk_per_event, indexes) = (tables.disk_per_event().await?, tables.indexes().await?);
        Ok(Self { store: name, callers, rounds, disk_per_event, indexes })
    }

    fn rate(&self) -> f64 {
        median(self.rounds.iter().map(Round::rate))
    }

    /// How many times as many appends as another store, taken round by round.
    fn times(&self, other: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(one, other)| one.rate() / other.rate()))
    }

    fn percentile(&self, hundredths: usize) -> String {
        let mut values: Vec<_> = self.rounds.iter().map(|round| round.percentile(hundredths)).collect();
        values.sort_unstable();
        milliseconds(values.get(values.len() / 2).copied().unwrap_or_default())
    }

    fn details(&self) -> Vec<String> {
        vec![
            self.store.to_owned(),
            self.callers.to_string(),
            whole(self.rate()),
            spread(self.rounds.iter().map(Round::rate)),
            self.percentile(50),
            self.percentile(99),
            whole(median(self.rounds.iter().map(Round::wal_per_event))),
            whole(self.disk_per_event),
        ]
    }
}

/// The stores at one number of callers.
struct Line {
    ledger: Cell,
    plain: Option<Cell>,
    peer: Option<Cell>,
}

impl Line {
    fn cells(&self) -> impl Iterator<Item = &Cell> {
        std::iter::once(&self.ledger).chain(&self.peer).chain(&self.plain)
    }

    fn summary(&self) -> Vec<String> {
        let mut row = vec![self.ledger.callers.to_string(), whole(self.ledger.rate())];
        for other in [&self.peer, &self.plain] {
            match other {
                Some(other) => row.extend([times(self.ledger.times(other)), whole(other.rate())]),
                None => row.extend(["-".to_owned(), "-".to_owned()]),
            }
        }
        row
    }
}

/// Measures all stores and writes two tables.
pub(super) async fn measure(scale: &Scale, counts: &mut Counts, out: &mut String) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for callers in scale.callers {
        lines.push(line(scale, *callers, counts).await?);
    }
    for callers in scale.own_callers {
        lines.push(own_line(scale, *callers, counts).await?);
    }
    write(&lines, out);
    Ok(())
}

async fn line(scale: &Scale, callers: usize, counts: &mut Counts) -> anyhow::Result<Line> {
    tell(&format!("append, {callers} callers"));
    let (ledger, plain) = (LedgerStore::fresh().await?, PlainStore::fresh().await?);
    let mut rounds = [const { Vec::new() }; 2];
    #[cfg(feature = "peers")]
    let (peer, mut of_peer) = (PeerStore::fresh(callers).await?, Vec::new());
    let [of_ledger, of_plain] = &mut rounds;
    for _ in 0..scale.rounds {
        of_ledger.push(round(&ledger, callers, scale.round).await?);
        #[cfg(feature = "peers")]
        of_peer.push(round(&peer, callers, scale.round).await?);
        of_plain.push(round(&plain, callers, scale.round).await?);
    }
    let [of_ledger, of_plain] = rounds;
    Ok(Line {
        ledger: Cell::fill(&ledger, "this ledger", callers, of_ledger, counts).await?,
        plain: Some(Cell::fill(&plain, "plain INSERT", callers, of_plain, counts).await?),
        #[cfg(feature = "peers")]
        peer: Some(Cell::fill(&peer, "esrs PgStore", callers, of_peer, counts).await?),
        #[cfg(not(feature = "peers"))]
        peer: None,
    })
}

async fn own_line(scale: &Scale, callers: usize, counts: &mut Counts) -> anyhow::Result<Line> {
    tell(&format!("append, {callers} callers, this ledger alone"));
    let ledger = LedgerStore::fresh().await?;
    let mut rounds = Vec::new();
    for _ in 0..scale.rounds {
        rounds.push(round(&ledger, callers, scale.round).await?);
    }
    let ledger = Cell::fill(&ledger, "this ledger", callers, rounds, counts).await?;
    Ok(Line { ledger, plain: None, peer: None })
}

fn write(lines: &[Line], out: &mut String) {
    let columns =
        ["callers", "this ledger/s", "times PgStore", "esrs PgStore/s", "times INSERT", "plain INSERT/s"];
    let rows: Vec<_> = lines.iter().map(Line::summary).collect();
    table(out, "Durable appends, one event a command", &columns, &rows);
    if let Some(times) = best_against_best(lines) {
        out.push_str(&format!("Each at its own best number of callers: {} times esrs PgStore.\n\n", times));
    }
    let columns = [
        "store",
        "callers",
        "appends/s",
        "lowest-highest",
        "p50 ms",
        "p99 ms",
        "WAL bytes/event",
        "disk bytes/event",
    ];
    let rows: Vec<_> = lines.iter().flat_map(Line::cells).map(Cell::details).collect();
    table(out, "The same: latency, write-ahead log, disk", &columns, &rows);
    let events = lines.iter().flat_map(Line::cells).flat_map(|cell| &cell.rounds).map(|round| round.events);
    let events = events.map(|events| u64::try_from(events).unwrap_or(u64::MAX)).sum();
    out.push_str(&format!(
        "{} events acknowledged, all of them found in the tables. Indexes:\n\n",
        count(events)
    ));
    if let Some(line) = lines.first() {
        for cell in line.cells() {
            out.push_str(&format!("- {}: {}\n", cell.store, cell.indexes.join("; ")));
        }
        out.push('\n');
    }
}

fn best_against_best(lines: &[Line]) -> Option<String> {
    let best = |rates: Vec<f64>| rates.into_iter().max_by(f64::total_cmp);
    let ledger = best(lines.iter().map(|line| line.ledger.rate()).collect())?;
    let peer = best(lines.iter().filter_map(|line| line.peer.as_ref()).map(Cell::rate).collect())?;
    Some(times(ledger / peer))
}
