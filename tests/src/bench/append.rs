//! Durable appends under several loads: each store in turn within every round, so that what else happens on the
//! machine meets all of them.

use anyhow::ensure;

use super::any_store::{Found, Kind};
use super::load::{Load, Round, median};
use super::table::{count, milliseconds, one_decimal, spread, table, times, whole};
use super::{Counts, Scale, tell};

/// One store under one load.
struct Cell {
    kind: Kind,
    load: Load,
    rounds: Vec<Round>,
    found: Found,
}

impl Cell {
    fn rate(&self) -> f64 {
        median(self.rounds.iter().map(Round::rate))
    }

    fn events(&self) -> u64 {
        self.rounds.iter().map(|round| round.events).sum()
    }

    /// How many times as many events as another store, taken round by round.
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
        let processor = self.rounds.iter().map(Round::processor_per_event);
        let (server, program): (Vec<f64>, Vec<f64>) = processor.unzip();
        let wal = median(self.rounds.iter().map(Round::wal_per_event));
        vec![
            self.kind.name().to_owned(),
            self.load.name(),
            whole(self.rate()),
            spread(self.rounds.iter().map(Round::rate)),
            self.percentile(50),
            self.percentile(99),
            if wal > 0.0 { whole(wal) } else { "-".to_owned() },
            whole(self.found.disk_per_event),
            one_decimal(median(server)),
            one_decimal(median(program)),
        ]
    }
}

/// The stores under one load, this ledger first.
struct Line {
    load: Load,
    cells: Vec<Cell>,
}

impl Line {
    fn of(&self, kind: Kind) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.kind == kind)
    }

    /// The load, the ratios, and then the figures that they are made of.
    fn summary(&self, kinds: &[Kind]) -> Vec<String> {
        let (ledger, none) = (self.of(Kind::Ledger), || "-".to_owned());
        let others = kinds.iter().filter(|kind| **kind != Kind::Ledger);
        let ratio = |kind: &Kind| Some(times(ledger?.times(self.of(*kind)?)));
        let rate = |kind: &Kind| self.of(*kind).map_or_else(none, |cell| whole(cell.rate()));
        let mut row = vec![self.load.name()];
        row.extend(others.map(|kind| ratio(kind).unwrap_or_else(none)));
        row.extend(kinds.iter().map(rate));
        row
    }
}

/// Measures all stores that are there, and writes tables, the ratios first.
pub(super) async fn measure(scale: &Scale, counts: &mut Counts, out: &mut String) -> anyhow::Result<()> {
    let mut kinds = Vec::new();
    for &kind in Kind::ALL.iter().filter(|kind| !scale.alone || **kind == Kind::Ledger) {
        match kind.lacks().await {
            None => kinds.push(kind),
            Some(why) => out.push_str(&format!("{} is not measured: {why}.\n\n", kind.name())),
        }
    }
    let mut lines = Vec::new();
    for load in scale.loads.iter() {
        tell(&format!("append, {}", load.name()));
        lines.push(line(scale, load, &kinds, counts).await?);
    }
    write(&lines, &kinds, out);
    Ok(())
}

async fn line(scale: &Scale, load: &Load, kinds: &[Kind], counts: &mut Counts) -> anyhow::Result<Line> {
    let mut stores = Vec::new();
    for kind in kinds {
        stores.push((*kind, kind.fresh(load).await?, Vec::new()));
    }
    for _ in 0..scale.rounds {
        for (_, store, rounds) in &mut stores {
            rounds.push(store.round(load, scale.round).await?);
        }
    }
    let mut cells = Vec::new();
    for (kind, store, rounds) in stores {
        let cell = Cell { kind, load: *load, rounds, found: store.found().await? };
        let (acknowledged, stored) = (cell.events(), cell.found.stored);
        ensure!(
            stored == acknowledged,
            "{}: {acknowledged} events acknowledged, {stored} stored",
            kind.name()
        );
        counts.acknowledged += acknowledged;
        counts.stored += stored;
        cells.push(cell);
    }
    Ok(Line { load: *load, cells })
}

fn write(lines: &[Line], kinds: &[Kind], out: &mut String) {
    let best: Vec<String> = kinds.iter().filter_map(|kind| best_against(lines, *kind)).collect();
    out.push_str(&format!(
        "Events a second, each store under its own best load of single events: {}.\n\n",
        best.join("; ")
    ));
    let others =
        kinds.iter().filter(|kind| **kind != Kind::Ledger).map(|kind| format!("times {}", kind.name()));
    let rates = kinds.iter().map(|kind| format!("{}/s", kind.name()));
    let columns: Vec<String> = std::iter::once("load".to_owned()).chain(others).chain(rates).collect();
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows: Vec<_> = lines.iter().map(|line| line.summary(kinds)).collect();
    table(out, "Durable appends", &columns, &rows);
    let columns = [
        "store",
        "load",
        "events/s",
        "lowest-highest",
        "p50 ms",
        "p99 ms",
        "WAL bytes/event",
        "disk bytes/event",
        "server us/event",
        "program us/event",
    ];
    let rows: Vec<_> = lines.iter().flat_map(|line| &line.cells).map(Cell::details).collect();
    table(out, "The same: latency, write-ahead log, disk, processor time", &columns, &rows);
    let events = lines.iter().flat_map(|line| &line.cells).map(Cell::events).sum();
    out.push_str(&format!(
        "{} events acknowledged, all of them found in the stores. Indexes:\n\n",
        count(events)
    ));
    for cell in lines.first().iter().flat_map(|line| &line.cells) {
        out.push_str(&format!("- {}: {}\n", cell.kind.name(), cell.found.indexes.join("; ")));
    }
    out.push('\n');
}

/// A store's best, and how many times as fast this ledger's best is.
fn best_against(lines: &[Line], kind: Kind) -> Option<String> {
    let single = |line: &&Line| line.load == Load::of(line.load.callers);
    let best = |kind: Kind| {
        let cells = lines.iter().filter(single).filter_map(|line| line.of(kind));
        cells.max_by(|a, b| a.rate().total_cmp(&b.rate()))
    };
    let (ledger, other) = (best(Kind::Ledger)?, best(kind)?);
    let at = format!("{} {} at {}", kind.name(), whole(other.rate()), other.load.name());
    Some(if kind == Kind::Ledger {
        at
    } else {
        format!("{at} (this ledger {} times)", times(ledger.rate() / other.rate()))
    })
}
