//! Callers in a closed loop: each appends one event, waits for the answer, and appends the next.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// Somebody who appends.
pub(super) trait Caller: Send + 'static {
    /// Appends one event durably.
    fn append(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// What one round gave.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// Appends that were acknowledged.
    pub(super) events: usize,
    /// From the first call to the last answer.
    pub(super) length: Duration,
    /// Time of each append, ascending.
    pub(super) latencies: Vec<Duration>,
    /// Bytes that PostgreSQL wrote to its write-ahead log meanwhile.
    pub(super) wal: u64,
}

impl Round {
    /// Appends a second.
    pub(super) fn rate(&self) -> f64 {
        self.events as f64 / self.length.as_secs_f64()
    }

    /// Bytes of write-ahead log for each event.
    pub(super) fn wal_per_event(&self) -> f64 {
        self.wal as f64 / self.events as f64
    }

    /// The latency that so many hundredths of the appends stay within.
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
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    let length = began.elapsed();
    latencies.sort_unstable();
    Ok(Round { events: latencies.len(), length, latencies, wal: 0 })
}

async fn one_after_another<C: Caller>(mut caller: C, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(1 << 14);
    let mut began = Instant::now();
    while began < until {
        caller.append().await?;
        let now = Instant::now();
        latencies.push(now - began);
        began = now;
    }
    Ok(latencies)
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
