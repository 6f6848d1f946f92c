//! A child process of the campaign, and what it said, also what it said just before it was killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::answer::Said;
use super::place::Place;

type Heard = Arc<Mutex<Vec<(Instant, Said)>>>;

/// A running child.
pub(super) struct Running {
    child: Child,
    started: Instant,
    heard: Heard,
    listener: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only on the way out of a failed campaign: every other way ends the child before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts `program inside part place …`.
    pub(super) fn start(program: &Path, part: &str, place: &Place, more: &[String]) -> anyhow::Result<Self> {
        Self::start_as(Command::new(program), part, place, more)
    }

    /// The same by another program that starts it, for instance a tracer.
    pub(super) fn start_as(
        mut command: Command,
        part: &str,
        place: &Place,
        more: &[String],
    ) -> anyhow::Result<Self> {
        command.args(["inside", part, &place.to_text()]).args(more);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().context("a child process")?;
        let output = child.stdout.take().context("its output")?;
        let heard = Heard::default();
        let hears = Arc::clone(&heard);
        let listener = std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(said) = Said::from_line(&line) {
                    hears.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), said));
                }
            }
        });
        Ok(Self { child, started, heard, listener: Some(listener) })
    }

    pub(super) fn id(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// What was heard so far.
    pub(super) fn heard(&self) -> Vec<(Instant, Said)> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it has said something that `wanted` accepts.
    pub(super) async fn wait_for(
        &mut self,
        wanted: impl Fn(&(Instant, Said)) -> bool,
        longest: Duration,
    ) -> anyhow::Result<()> {
        let (began, mut looked_at) = (Instant::now(), 0);
        loop {
            {
                let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
                if heard.iter().skip(looked_at).any(&wanted) {
                    return Ok(());
                }
                looked_at = heard.len();
            }
            ensure!(began.elapsed() < longest, "a child process said nothing of the kind for {longest:?}");
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("a child process ended by itself: {status}: {}", self.last_words());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// What a child that has ended wrote on its standard error, which is little.
    fn last_words(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut output) = self.child.stderr.take() {
            let _ = output.read_to_string(&mut text);
        }
        text
    }

    pub(super) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        Ok(kill_process(self.id(), signal)?)
    }

    /// Closes its input.
    pub(super) fn let_go(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Tells it to stop and returns all that it said.
    pub(super) fn stop(mut self) -> anyhow::Result<Vec<(Instant, Said)>> {
        self.let_go();
        self.end()
    }

    /// Waits for its end, whatever brings that about.
    pub(super) fn end(&mut self) -> anyhow::Result<Vec<(Instant, Said)>> {
        self.child.wait()?;
        if let Some(listener) = self.listener.take() {
            listener.join().map_err(|_| anyhow::anyhow!("the listener panicked"))?;
        }
        Ok(self.heard())
    }
}
