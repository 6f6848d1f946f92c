//! Background tasks of the server. A task that fails or panics is started again, with growing pauses, and the health page
//! shows it. Only one failure ends the server: the log is no longer the one that was read before.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use api::{Health, TaskState};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::exit_code::{Failure, Outcome};
use crate::place::clock;

/// The pause before a task is started again; it doubles with each failure.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// After a task worked for this long, the pauses start from the first one again.
const SOUND: Duration = Duration::from_secs(60);

/// A task reports with this that it works. Until then a restarted task counts as failing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Works(Arc<Notify>);

impl Works {
    /// Reports that it works now.
    pub(crate) fn now(&self) {
        self.0.notify_one();
    }
}

/// Keeps a task running.
///
/// # Errors
/// A [`Failure`] of integrity from the task. After any other failure the task is started again.
pub(crate) async fn keep_up<F, Work>(
    task: &'static str,
    health: Health,
    mut begin: F,
) -> Result<Infallible, Failure>
where
    F: FnMut(Works) -> Work,
    Work: Future<Output = Result<Infallible, Failure>> + Send + 'static,
{
    let mut outage = Outage::none(task, health);
    loop {
        let (began, works) = (Instant::now(), Works::default());
        let failure = outage.until_it_ends(begin(works.clone()), &works).await;
        if failure.outcome == Outcome::Integrity {
            return Err(failure);
        }
        if began.elapsed() >= SOUND {
            outage.forget();
        }
        sleep(outage.again(&failure)).await;
    }
}

/// The failures of one task.
struct Outage {
    task: &'static str,
    health: Health,
    since: Option<chrono::DateTime<chrono::Utc>>,
    times: u32,
    last_message: Option<String>,
}

impl Outage {
    fn none(task: &'static str, health: Health) -> Self {
        health.set(task, TaskState::Working);
        Self { task, health, since: None, times: 0, last_message: None }
    }

    fn works(&self) {
        if self.times > 0 {
            eprintln!("{}: works again", self.task);
        }
        self.health.set(self.task, TaskState::Working);
    }

    fn forget(&mut self) {
        (self.since, self.times, self.last_message) = (None, 0, None);
    }

    /// Runs the work on its own tokio task: a panic becomes a failure, and dropping the future stops the work.
    async fn until_it_ends<Work>(&self, work: Work, works: &Works) -> Failure
    where
        Work: Future<Output = Result<Infallible, Failure>> + Send + 'static,
    {
        let mut running = JoinSet::new();
        running.spawn(work);
        loop {
            tokio::select! {
                ended = running.join_next() => return match ended {
                    Some(Ok(Err(failure))) => failure,
                    Some(Ok(Ok(never))) => match never {},
                    Some(Err(stopped)) => Failure::new(Outcome::Fault, format!("the task stopped: {stopped}")),
                    None => Failure::new(Outcome::Fault, "the task stopped"),
                },
                () = works.0.notified() => self.works(),
            }
        }
    }

    /// Notes a failure and gives the pause. A message that repeats is printed once.
    fn again(&mut self, failure: &Failure) -> Duration {
        let since = *self.since.get_or_insert_with(|| clock().now());
        self.times += 1;
        self.health.set(self.task, TaskState::Failing { since, times: self.times });
        let why = format!("{:#}", failure.error);
        if self.last_message.as_ref() != Some(&why) {
            eprintln!("{}: {why}; trying again until it works", self.task);
            self.last_message = Some(why);
        }
        FIRST_PAUSE.saturating_mul(1 << (self.times - 1).min(16)).min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(outcome: Outcome) -> Result<Infallible, Failure> {
        Err(Failure::new(outcome, "no database"))
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_or_panics_is_begun_again_ever_more_slowly_until_the_log_is_another() {
        let begun = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (seen, start) = (Arc::clone(&begun), Instant::now());
        let ended = keep_up("task", Health::default(), move |_| {
            let mut begun = seen.lock().unwrap();
            begun.push(start.elapsed().as_millis());
            let time = begun.len();
            async move {
                match time {
                    2 => panic!("a fault of the program"),
                    9 => failing(Outcome::Integrity),
                    _ => failing(Outcome::Fault),
                }
            }
        });
        assert_eq!(ended.await.unwrap_err().outcome, Outcome::Integrity);
        let expected = [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500, 61_500, 91_500];
        let begun = begun.lock().unwrap();
        assert!(begun.iter().zip(expected).all(|(at, due)| at.abs_diff(due) < 50), "{begun:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_worked_for_long_begins_anew_at_once() {
        let (times, start) = (Arc::new(std::sync::Mutex::new(Vec::new())), Instant::now());
        let seen = Arc::clone(&times);
        let ended = keep_up("task", Health::default(), move |works| {
            let mut times = seen.lock().unwrap();
            times.push(start.elapsed().as_secs());
            let time = times.len();
            async move {
                if time == 5 {
                    works.now();
                    sleep(SOUND).await;
                }
                failing(if time == 6 { Outcome::Integrity } else { Outcome::Fault })
            }
        });
        assert!(ended.await.is_err());
        assert_eq!(*times.lock().unwrap(), [0, 0, 1, 3, 7, 68]);
    }
}
