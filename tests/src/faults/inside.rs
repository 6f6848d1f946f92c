//! What the campaign's child processes do. They are programs of their own, so that they can be killed.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use ledger::{AppendError, Ledger, Options};
use tokio::task::JoinSet;

use super::answer::{Answer, Said};
use super::place::Place;
use super::script::Asked;

/// Runs the part that `arguments` name.
///
/// # Errors
/// Where it cannot do its work; what happens to single commands is said on standard output instead.
pub async fn run(arguments: &[String]) -> anyhow::Result<()> {
    let mut arguments = arguments.iter().map(String::as_str);
    let mut next = || arguments.next().context("an argument is missing");
    let (part, first) = (next()?, next()?);
    if part == "disk" {
        return super::disk::inside(first.parse()?).await;
    }
    let place = Place::from_text(first)?;
    match part {
        "sign" => super::signers::inside(&place, next()? == "once").await,
        "model" => {
            let (seed, process, commands) = (next()?.parse()?, next()?.parse()?, next()?.parse()?);
            super::model::inside(&place, seed, process, commands, next()?).await
        }
        "append" => append(&place, next()?.parse()?, next()?.parse()?, next()? == "sign").await,
        other => anyhow::bail!("{other:?} is no part that a child process plays"),
    }
}

/// Writes a line in one piece: once it is in the pipe it is known outside, whatever happens to this process.
pub(super) fn say(said: &Said) {
    // Nobody listens any more: this process is about to be ended.
    let _ = std::io::stdout().lock().write_all(said.to_line().as_bytes());
}

/// True once the process that started this one has closed its end, or has ended.
pub(super) fn told_to_stop() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        told.store(true, Ordering::Relaxed);
    });
    stop
}

async fn append(place: &Place, run: u64, callers: u32, sign: bool) -> anyhow::Result<()> {
    let stop = told_to_stop();
    let ledger = place.open(&format!("faults-{run}"), Options::default()).await?;
    let signing = if sign { Some(ledger.start_signing(place.proof_options()?).await?) } else { None };
    say(&Said::Ready);
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let first = Asked { run, caller, number: 0 };
        tasks.spawn(one_after_another(ledger.clone(), first, Arc::clone(&stop)));
    }
    while tasks.join_next().await.is_some() {}
    if let Some(signing) = signing {
        signing.finish().await;
    }
    Ok(())
}

async fn one_after_another(ledger: Ledger, mut asked: Asked, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        match ledger.append(asked.command()).await {
            Ok(recorded) => {
                say(&Said::Acknowledged(asked, Answer::of(&recorded)));
                asked = asked.next();
            }
            Err(AppendError::Unavailable { .. }) => {
                say(&Said::Unknown(asked));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return say(&Said::Refused(asked, format!("{error} ({error:?})"))),
        }
    }
}
