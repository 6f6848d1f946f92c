//! Asks the witnesses of a policy beside the server, and says when one of them goes away or comes back.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Context as _;
use ledger::Ledger;
use ledger::witness::{Asked, Cosigners, Policy, Post, Posted};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::clock;
use crate::upkeep::Works;

/// Time between two rounds.
const PACE: Duration = Duration::from_secs(10);
/// How long a witness may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks without end.
///
/// # Errors
/// A [`Failure`] where the log to be countersigned cannot be read.
pub(crate) async fn follow(ledger: Ledger, policy: Policy, works: Works) -> Result<Infallible, Failure> {
    let mut cosigners = Cosigners::new(ledger, policy);
    let mut before = BTreeMap::new();
    loop {
        let answers = cosigners
            .round(&Http, clock().now())
            .await
            .context("ask the witnesses")
            .or_fail(Outcome::Fault)?;
        works.now();
        tell(&mut before, answers);
        sleep(PACE).await;
    }
}

/// Says what has changed since the last round; growth is no news.
fn tell(before: &mut BTreeMap<String, String>, answers: BTreeMap<String, Asked>) {
    for (witness, asked) in answers {
        let state = match &asked {
            Asked::Cosigned(_) => "countersigns".to_owned(),
            Asked::SawMore(size) => format!(
                "has seen {size} events of this log, more than there are: the database is an older copy or a second history"
            ),
            Asked::Refused(why) => format!("does not countersign: {why}"),
        };
        if before.get(&witness) != Some(&state) {
            eprintln!("witness {witness} {state}");
            before.insert(witness, state);
        }
    }
}

struct Http;

impl Post for Http {
    fn post(&self, url: &str, body: String) -> Pin<Box<dyn Future<Output = Posted> + Send>> {
        let url = url.to_owned();
        Box::pin(async move {
            let posted = spawn_blocking(move || post(&url, &body)).await;
            posted.unwrap_or_else(|_| Err("the request was given up".to_owned()))
        })
    }
}

fn post(url: &str, body: &str) -> Posted {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .new_agent();
    let mut answer = agent.post(url).send(body).map_err(|error| error.to_string())?;
    let text = answer.body_mut().with_config().limit(64 * 1024).read_to_string();
    Ok((answer.status().as_u16(), text.map_err(|error| error.to_string())?))
}
