//! `caseledger serve`: pages and GraphQL over one ledger, its read models kept up beside it.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use api::{AppState, Health, Hosts, LedgerReading};
use ledger::witness::Policy;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::checkpoint::policy;
use crate::arguments::ServeArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, Server};
use crate::upkeep::keep_up;
use crate::{cosigning, signing, terminated};

/// How long requests under way may take after the server was told to stop.
const TIDY: Duration = Duration::from_secs(10);

/// Serves until Ctrl-C or SIGTERM; requests under way are finished.
///
/// # Errors
/// A [`Failure`] where the address is taken or may not be listened on, or the log is not the one that was read before.
pub(crate) async fn run(server: &Server, name: &str, arguments: &ServeArguments) -> Result<Outcome, Failure> {
    check_reach(arguments)?;
    let open = server.open(name).await?;
    let (stop, stopping) = watch::channel(false);
    let policy = arguments.witnesses.as_deref().map(policy).transpose()?;
    let hosts = Hosts::named(&arguments.host);
    let serving = site(&open, arguments.listen, hosts, policy, stopping).await?;
    // Before the address is announced: whoever reads it may stop the server at once.
    let told = terminated();
    if !arguments.listen.ip().is_loopback() {
        eprintln!(
            "caution: there is no sign-in yet, and {} can be reached from other machines: everybody who reaches it can \
             read every record",
            arguments.listen
        );
    }
    eprintln!(
        "ledger {name:?} at http://{}/ and http://{}/graphql; stop with Ctrl-C",
        arguments.listen, arguments.listen
    );
    until_told(server, serving, told, stop).await?;
    Ok(Outcome::Done)
}

/// Other machines reach the server only where somebody says that they may.
fn check_reach(arguments: &ServeArguments) -> Result<(), Failure> {
    if arguments.listen.ip().is_loopback() || arguments.without_sign_in {
        return Ok(());
    }
    let message = format!(
        "there is no sign-in yet, and {} can be reached from other machines: everybody who reaches it could read every \
         record. Use --listen 127.0.0.1:PORT, and put a server with sign-in before it; or, where nobody else reaches that \
         address, say so with --without-sign-in",
        arguments.listen
    );
    Err(Failure::new(Outcome::Usage, message))
}

/// Serves until the server ends by itself, or until it is told to stop; then requests under way are finished and the
/// log is signed. Meanwhile the database server is kept running, where it is ours.
pub(super) async fn until_told(
    server: &Server,
    serving: impl Future<Output = Result<(), Failure>>,
    told: impl Future<Output = ()>,
    stop: watch::Sender<bool>,
) -> Result<(), Failure> {
    let mut serving = pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        never = server.keep_running() => match never {},
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

/// Serves one ledger on one address, and keeps up what works beside it; the future ends after `stopping` turned true, or
/// with a fault.
///
/// # Errors
/// A [`Failure`] where the address is taken.
pub(super) async fn site(
    open: &Open,
    address: SocketAddr,
    hosts: Hosts,
    witnesses: Option<Policy>,
    stopping: watch::Receiver<bool>,
) -> Result<impl Future<Output = Result<(), Failure>> + use<>, Failure> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address with --listen"))
        .or_fail(Outcome::Fault)?;
    let signing = open.begin_writing().await?;
    let reading = LedgerReading::new(open.replayer.clone()).with_witnesses(witnesses.clone());
    let health = Health::default();
    let state = AppState {
        log: Some(open.ledger.clone()),
        hosts,
        health: health.clone(),
        ..AppState::new(Arc::new(reading))
    };
    let (mut waiting, ledger) = (stopping.clone(), open.ledger.clone());
    let shutdown = async move {
        // A sender that is gone means the same: stop.
        let _ = waiting.wait_for(|stop| *stop).await;
    };
    let (projector, upkeep) = (open.clone(), open.ledger.for_upkeep());
    let rosters = upkeep.clone();
    let projected = keep_up("read models", health.clone(), move |works| projector.follow(works));
    let rostered =
        keep_up("daily roster", health.clone(), move |works| super::roster::follow(rosters.clone(), works));
    let cosigned = async move {
        match witnesses {
            Some(policy) => {
                let follow = move |works| cosigning::follow(upkeep.clone(), policy.clone(), works);
                keep_up("witnesses", health, follow).await
            }
            None => std::future::pending().await,
        }
    };
    let serving = api::serve(state, listener, shutdown);
    Ok(async move {
        tokio::select! {
            () = serving => signing::finish(signing, &ledger).await,
            Err(failure) = projected => Err(failure),
            Err(failure) = rostered => Err(failure),
            Err(failure) = cosigned => Err(failure),
        }
    })
}
