//! The `caseledger` program: arguments, configuration, progress and wiring. Rules and SQL live elsewhere.

mod arguments;
mod commands;
mod exit_code;
mod output;
mod place;
mod private_postgres;

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};

use arguments::{Arguments, Command};
use exit_code::{Failure, OrFailure as _, Outcome};
use place::Server;
use private_postgres::Hold;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(outcome) => outcome.into(),
        Err(failure) => {
            eprintln!("caseledger: {:#}", failure.error);
            failure.outcome.into()
        }
    }
}

fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    match &arguments.command {
        Command::Deadline(arguments) => commands::deadline::run(arguments),
        Command::Rules(arguments) => commands::rules::run(arguments),
        Command::Synth(arguments) => commands::synth::run(arguments),
        command => {
            let runtime = tokio::runtime::Runtime::new().or_fail(Outcome::Fault)?;
            runtime.block_on(with_server(arguments, command))
        }
    }
}

/// Runs a command beside a database server, and leaves the server tidily whatever happens.
async fn with_server(arguments: &Arguments, command: &Command) -> Result<Outcome, Failure> {
    let server = Server::start(&arguments.place, Hold::Shared, "command").await?;
    let outcome = tokio::select! {
        outcome = on_ledger(&server, &arguments.place.ledger, command) => outcome,
        interrupted = interruption() => Err(interrupted),
    };
    server.stop().await?;
    outcome
}

/// Waits for Ctrl-C or SIGTERM.
async fn interruption() -> Failure {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return Failure::new(Outcome::Fault, "signals cannot be caught");
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    Failure { outcome: Outcome::Fault, error: anyhow!("interrupted; whatever was acknowledged is recorded") }
}

async fn on_ledger(server: &Server, ledger: &str, command: &Command) -> Result<Outcome, Failure> {
    match command {
        Command::Init(arguments) => {
            let open = server.create(ledger, &arguments.authority).await?;
            eprintln!("ledger {ledger:?} created: id {}", open.ledger.id());
            Ok(Outcome::Done)
        }
        Command::Import(arguments) => commands::import::run(server, ledger, arguments).await,
        Command::Reconcile(arguments) => {
            commands::reconcile::run(&server.open(ledger).await?, arguments).await
        }
        Command::Export(arguments) => commands::export::run(&server.open(ledger).await?, arguments).await,
        Command::Replay(arguments) => commands::replay::journey(&server.open(ledger).await?, arguments).await,
        Command::Clocks(arguments) => commands::replay::clocks(&server.open(ledger).await?, arguments).await,
        Command::Indicators(arguments) => {
            commands::indicators::run(&server.open(ledger).await?, arguments).await
        }
        Command::Due(arguments) => commands::due::run(&server.open(ledger).await?, arguments).await,
        Command::Doctor => commands::doctor::run(server, ledger, &server.open(ledger).await?).await,
        _ => Err(Failure::new(Outcome::Fault, "pending")),
    }
}
