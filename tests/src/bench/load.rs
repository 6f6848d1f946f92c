//! Callers in a closed loop: each sends a command, waits for the answer, and sends the next.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// Which streams the callers append to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streams {
    /// Each caller to its own, and after twenty events to the next; the expected revision is stated.
    Many,
    /// All to one, behind whatever is there.
    OneHot,
}

/// What is asked of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Concurrent callers.
    pub callers: usize,
    /// Events that each command records together.
    pub events_a_command: u32,
    /// Where they go.
    pub streams: Streams,
}

impl Load {
    /// So many callers, one event a command, many streams.
    pub const fn of(callers: usize) -> Self {
        Self { callers, events_a_command: 1, streams: Streams::Many }
    }

    /// So many callers, ten events a command, many streams.
    pub const fn tens(callers: usize) -> Self {
        Self { callers, events_a_command: 10, streams: Streams::Many }
    }

    /// So many callers, one event a command, one stream.
    pub const fn hot(callers: usize) -> Self {
        Self { callers, events_a_command: 1, streams: Streams::OneHot }
    }

    /// As a cell of a table.
    pub(super) fn name(self) -> String {
        let streams = match self.streams {
            Streams::Many => "",
            Streams::OneHot => ", one hot stream",
        };
        match self.events_a_command {
            1 => format!("{} callers{streams}", self.callers),
            many => format!("{} callers, {many} events each{streams}", self.callers),
        }
    }
}

/// Somebody who appends.
pub(super) trait Caller: Send + 'static {
    /// Records one command durably; so many events.
    fn append(&mut self) -> impl Future<Output = anyhow::Result<u32>> + Send;
}

/// What one round gave.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// Events that were acknowledged.
    pub(super) events: u64,
    /// From the first call to the last answer.
    pub(super) length: Duration,
    /// Time of each command, ascending.
    pub(super) latencies: Vec<Duration>,
    /// What it took meanwhile.
    pub(super) spent: Spent,
}

/// What a store used in a round.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    /// Bytes written to PostgreSQL's write-ahead log.
    pub(super) wal: u64,
    /// Processor time of the server's processes.
    pub(super) server: Duration,
    /// Processor time of this program, which holds the callers too.
    pub(super) program: Duration,
}

impl Round {
    /// Events a second.
    pub(super) fn rate(&self) -> f64 {
        self.events as f64 / self.length.as_secs_f64()
    }

    /// Bytes of write-ahead log for each event.
    pub(super) fn wal_per_event(&self) -> f64 {
        self.spent.wal as f64 / self.events as f64
    }

    /// Microseconds of processor time for each event, of the server and of this program.
    pub(super) fn processor_per_event(&self) -> (f64, f64) {
        let per_event = |time: Duration| time.as_secs_f64() * 1e6 / self.events as f64;
        (per_event(self.spent.server), per_event(self.spent.program))
    }

    /// The latency that so many hundredths of the commands stay within.
    pub(super) fn percentile(&self, hundredths: usize) -> Duration {
        percentile(&self.latencies, hundredths)
    }
}

/// The smallest of ascending values that so many hundredths of them do not exceed; zero of none.
pub(super) fn percentile(ascending: &[Duration], hundredths: usize) -> Duration {
    let rank = (ascending.len() * hundredths).div_ceil(100).max(1);
    ascending.get(rank - 1).copied().unwrap_or_default()
}

/// The middle of some values, the upper one of an even number; not a number of none.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Runs callers side by side for a time.
pub(super) async fn closed_loop<C: Caller>(callers: Vec<C>, length: Duration) -> anyhow::Result<Round> {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for caller in callers {
        tasks.spawn(one_after_another(caller, began + length));
    }
    let (mut events, mut latencies) = (0, Vec::new());
    while let Some(done) = tasks.join_next().await {
        let (appended, mut took) = done??;
        events += appended;
        latencies.append(&mut took);
    }
    let length = began.elapsed();
    latencies.sort_unstable();
    Ok(Round { events, length, latencies, spent: Spent::default() })
}

async fn one_after_another<C: Caller>(mut caller: C, until: Instant) -> anyhow::Result<(u64, Vec<Duration>)> {
    let (mut events, mut latencies) = (0, Vec::with_capacity(1 << 12));
    let mut began = Instant::now();
    while began < until {
        events += u64::from(caller.append().await?);
        let now = Instant::now();
        latencies.push(now - began);
        began = now;
    }
    Ok((events, latencies))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_ranks_of_what_was_measured() {
        let values: Vec<Duration> = (1..=200).map(Duration::from_micros).collect();
        for (hundredths, micros) in [(0, 1), (1, 2), (50, 100), (99, 198), (100, 200)] {
            assert_eq!(percentile(&values, hundredths), Duration::from_micros(micros), "{hundredths}");
        }
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn the_median_does_not_depend_on_the_order() {
        for values in [[1.0, 2.0, 9.0], [9.0, 1.0, 2.0], [2.0, 9.0, 1.0]] {
            assert!((median(values) - 2.0).abs() < f64::EPSILON);
        }
        assert!(median([]).is_nan());
    }
}
