//! Folds from PostgreSQL in memory: an authority's indicators, and one child's journey as known at a date.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, NaiveDate, Utc};
use domain::clocks::Answers;
use domain::ids::{Revision, StreamId};
use domain::journey::{Basis, Journey, KnownAt};
use projections::indicators::Period;
use replay::{Asked, ChildFold, Knowledge, Replayer};

use super::import::{Authorities, Authority, UNTIL};
use super::load::{median, percentile};
use super::table::{count, milliseconds, table, times, whole};
use super::{Counts, Scale, tell};

/// Parts that are folded at the same time.
const PARTS: u32 = 2;

/// The year that the indicators are about.
const PERIOD: Period = Period { from: NaiveDate::from_ymd_opt(2025, 7, 1).expect("a day"), to: UNTIL };

/// A day in the past of both authorities; their source system stated when it knew what.
const EARLIER: NaiveDate = NaiveDate::from_ymd_opt(2025, 6, 30).expect("a day");

/// Measures folds of both authorities and replays of one journey, and writes two tables.
pub(super) async fn measure(
    scale: &Scale,
    authorities: &Authorities,
    counts: &mut Counts,
    out: &mut String,
) -> anyhow::Result<()> {
    let (fifth, whole) =
        (ReadyToFold::new(&authorities.fifth).await?, ReadyToFold::new(&authorities.whole).await?);
    counts.folded = whole.replayer.fold_children(whole.now, PARTS, Children::default).await?.0;
    let mut rows = Vec::new();
    for (title, known) in
        [("now", KnownAt::NOW), ("30 June 2025, source", KnownAt::end_of(Basis::Source, EARLIER))]
    {
        tell(&format!("indicators as known {title}"));
        rows.extend(indicators(scale, title, known, &fifth, &whole).await?);
    }
    let columns = ["as known", "events in the ledger", "events/s", "us/event", "us/event, whole to fifth"];
    table(out, &format!("Indicators of all children, {PARTS} parts at the same time"), &columns, &rows);
    tell("one journey");
    let rows = replays(scale, &authorities.whole, &whole).await?;
    let columns = ["events of the journey", "what", "p50 ms", "p99 ms"];
    table(out, "One journey as known at 30 June 2025 (source)", &columns, &rows);
    Ok(())
}

/// A ledger with what it takes to ask it.
struct ReadyToFold {
    replayer: Replayer,
    events: u64,
    now: Knowledge,
    wall: DateTime<Utc>,
}

impl ReadyToFold {
    async fn new(authority: &Authority) -> anyhow::Result<Self> {
        let replayer = Replayer::new(authority.ledger.clone());
        let wall = authority.ledger.head().await?.recorded_at;
        let now = replayer.resolve(Asked { known: KnownAt::NOW, as_at: Some(UNTIL), now: wall }).await?;
        // What a running database does by itself, sooner or later.
        authority.tables.admin.batch_execute("VACUUM ANALYZE caseledger.events").await?;
        Ok(Self { replayer, events: authority.events, now, wall })
    }

    async fn know(&self, known: KnownAt) -> anyhow::Result<Knowledge> {
        let as_at = Some(if known.until.is_none() { UNTIL } else { EARLIER });
        Ok(self.replayer.resolve(Asked { known, as_at, now: self.wall }).await?)
    }

    /// Seconds for each event.
    async fn fold(&self, known: KnownAt) -> anyhow::Result<f64> {
        let knowledge = self.know(known).await?;
        let period = match known.until {
            None => PERIOD,
            Some(_) => Period { from: NaiveDate::from_ymd_opt(2024, 7, 1).context("a day")?, to: EARLIER },
        };
        let began = Instant::now();
        let indicators = self.replayer.indicators(knowledge, period, PARTS).await?;
        let length = began.elapsed();
        let closed: u64 = indicators.by_rule.values().map(|indicator| indicator.closed()).sum();
        ensure!(closed > 0, "no clock of {} events closed in the year to {}", self.events, period.to);
        Ok(length.as_secs_f64() / self.events as f64)
    }
}

async fn indicators(
    scale: &Scale,
    title: &str,
    known: KnownAt,
    fifth: &ReadyToFold,
    whole_of_it: &ReadyToFold,
) -> anyhow::Result<[Vec<String>; 2]> {
    let mut costs = Vec::new();
    for _ in 0..scale.rounds {
        costs.push((fifth.fold(known).await?, whole_of_it.fold(known).await?));
    }
    let of_fifth = median(costs.iter().map(|(fifth, _)| *fifth));
    let of_whole = median(costs.iter().map(|(_, whole)| *whole));
    let ratio = median(costs.iter().map(|(fifth, whole)| whole / fifth));
    let row = |events, cost: f64, ratio: String| {
        vec![title.to_owned(), count(events), whole(1.0 / cost), format!("{:.2}", cost * 1e6), ratio]
    };
    Ok([row(fifth.events, of_fifth, String::new()), row(whole_of_it.events, of_whole, times(ratio))])
}

/// Counts children.
#[derive(Default)]
struct Children(u64);

impl ChildFold for Children {
    /// Everything is folded, as for the indicators.
    const ASKS_MEMBERS: bool = true;

    fn child(&mut self, _: StreamId, _: &Journey, _: &Answers<'static>) {
        self.0 += 1;
    }

    fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// The child with the longest journey up to 500 events: read and folded, and folded alone.
async fn replays(
    scale: &Scale,
    authority: &Authority,
    ready: &ReadyToFold,
) -> anyhow::Result<Vec<Vec<String>>> {
    let sql = "SELECT stream FROM caseledger.events WHERE category = 1 GROUP BY stream \
               HAVING count(*) <= 500 ORDER BY count(*) DESC LIMIT 1";
    let stream = StreamId(authority.tables.admin.query_one(sql, &[]).await?.try_get(0)?);
    let knowledge = ready.know(KnownAt::end_of(Basis::Source, EARLIER)).await?;
    let mut reading = Vec::new();
    let mut in_process = Vec::new();
    let mut length = 0;
    for _ in 0..scale.replays {
        let began = Instant::now();
        let child = ready.replayer.child(stream, knowledge).await?.context("the child has events")?;
        reading.push(began.elapsed());
        length = child.recorded.len();
        let recorded = child.recorded;
        let began = Instant::now();
        let again = ready.replayer.fold(stream, recorded, knowledge);
        in_process.push(began.elapsed());
        ensure!(
            again.journey.last_position == child.journey.last_position,
            "two replays of one child differ"
        );
    }
    let events = ready.replayer.ledger().read_stream(stream, Revision(1)).await?.len();
    ensure!(events == length, "{events} events in the stream, {length} replayed");
    let row = |what: &str, mut times: Vec<Duration>| {
        times.sort_unstable();
        let [p50, p99] = [50, 99].map(|hundredths| milliseconds(percentile(&times, hundredths)));
        vec![length.to_string(), what.to_owned(), p50, p99]
    };
    Ok(vec![row("read from PostgreSQL and fold", reading), row("fold in process", in_process)])
}
