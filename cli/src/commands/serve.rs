//! `caseledger serve`: pages and GraphQL over one ledger, its read models kept up beside it.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::{AppState, LedgerReading};
use ledger::Ledger;
use ledger::witness::Policy;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::checkpoint::policy;
use crate::arguments::ServeArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, Server};
use crate::{cosigning, signing, terminated};

/// How long requests under way may take after the server was told to stop.
const TIDY: Duration = Duration::from_secs(10);

/// Serves until Ctrl-C or SIGTERM; requests under way are finished.
///
/// # Errors
/// A [`Failure`] where the address is taken, or the projector has to stop.
pub(crate) async fn run(server: &Server, name: &str, arguments: &ServeArguments) -> Result<Outcome, Failure> {
    let open = server.open(name).await?;
    let (stop, stopping) = watch::channel(false);
    let policy = arguments.witnesses.as_deref().map(policy).transpose()?;
    let serving = site(&open, arguments.listen, policy, stopping).await?;
    // Before the address is announced: whoever reads it may stop the server at once.
    let told = terminated();
    if !arguments.listen.ip().is_loopback() {
        eprintln!(
            "caution: there is no sign-in yet, and {} can be reached from other machines: everybody who reaches it can \
             read every record. Use --listen 127.0.0.1:PORT, or put a server with sign-in before it",
            arguments.listen
        );
    }
    eprintln!(
        "ledger {name:?} at http://{}/ and http://{}/graphql; stop with Ctrl-C",
        arguments.listen, arguments.listen
    );
    until_told(serving, told, stop).await?;
    Ok(Outcome::Done)
}

/// Has the log countersigned without end, where there are witnesses.
async fn cosigned(ledger: Ledger, witnesses: Option<Policy>) {
    match witnesses {
        Some(policy) => cosigning::follow(ledger, policy).await,
        None => std::future::pending().await,
    }
}

/// Serves until the server ends by itself, or until it is told to stop; then requests under way are finished and the
/// log is signed.
pub(super) async fn until_told(
    serving: impl Future<Output = Result<(), Failure>>,
    told: impl Future<Output = ()>,
    stop: watch::Sender<bool>,
) -> Result<(), Failure> {
    let mut serving = pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = told => {
            let _ = stop.send(true);
        }
    }
    match timeout(TIDY, serving).await {
        Ok(ended) => ended,
        Err(_) => {
            eprintln!("a request took longer than {} s and was cut off", TIDY.as_secs());
            Ok(())
        }
    }
}

/// Serves one ledger on one address; the future ends after `stopping` turned true, or with a fault.
///
/// # Errors
/// A [`Failure`] where the address is taken.
pub(super) async fn site(
    open: &Open,
    address: SocketAddr,
    witnesses: Option<Policy>,
    stopping: watch::Receiver<bool>,
) -> Result<impl Future<Output = Result<(), Failure>> + use<>, Failure> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address with --listen"))
        .or_fail(Outcome::Fault)?;
    let signing = open.begin_writing().await?;
    let reading = LedgerReading::new(open.replayer.clone()).with_witnesses(witnesses.clone());
    let reading = Arc::new(reading);
    let state = AppState { log: Some(open.ledger.clone()), ..AppState::new(reading) };
    let mut projector = open.projector().await?;
    let (mut waiting, ledger) = (stopping.clone(), open.ledger.clone());
    let shutdown = async move {
        // A sender that is gone means the same: stop.
        let _ = waiting.wait_for(|stop| *stop).await;
    };
    let cosigned = cosigned(open.ledger.clone(), witnesses);
    let rosters = super::roster::follow(open.ledger.clone());
    let serving = api::serve(state, listener, shutdown);
    Ok(async move {
        tokio::select! {
            served = serving => {
                signing::finish(signing, &ledger).await?;
                served.or_fail(Outcome::Fault)
            }
            () = cosigned => Ok(()),
            () = rosters => Ok(()),
            stopped = projector.follow() => match stopped {
                Ok(never) => match never {},
                Err(fault) => Err(fault).context("keep the read models up").or_fail(Outcome::Integrity),
            },
        }
    })
}
