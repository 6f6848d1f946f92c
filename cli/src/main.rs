//! The `caseledger` program: arguments, configuration, progress and wiring. Rules and SQL live elsewhere.

/// Talk goes to standard error. Where nobody listens any more (`2>&1 | head`), the work goes on all the same.
macro_rules! eprintln {
    ($($part:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($part)*);
    }};
}

mod arguments;
mod backup;
mod commands;
mod cosigning;
mod database;
mod exit_code;
mod files;
mod output;
mod place;
mod private_postgres;
mod remembered;
mod signing;
mod stdout;
mod unfinished;
mod upkeep;
mod writing;

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Parser as _;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use arguments::{
    Apart, Arguments, Command, OfficerArguments, OfficerWhat, OnLedger, Place, Standing, VerifyArguments,
};
use exit_code::{Failure, OrFailure as _, Outcome};
use place::Server;
use private_postgres::Hold;
use recording::Amends;

/// Recording and folding make and drop many small values, often on another thread than they were made on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_when_asked(matches!(arguments.command, Command::Standing(_)));
    match run(&arguments) {
        Ok(outcome) => outcome.into(),
        Err(_) if stdout::reader_is_gone() => Outcome::Done.into(),
        Err(failure) => {
            eprintln!("caseledger: {:#}", failure.error);
            failure.ends_with().into()
        }
    }
}

/// Logs on standard error what `RUST_LOG` asks for. Without it a server logs what goes wrong, because nobody else says so, and
/// other commands log nothing. Logs carry ids, never names.
fn log_when_asked(serves: bool) {
    use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

    let asked = std::env::var("RUST_LOG").ok().filter(|wanted| !wanted.is_empty());
    let Some(wanted) = asked.or_else(|| serves.then(|| "error".to_owned())) else { return };
    match wanted.parse::<Targets>() {
        Ok(targets) => {
            let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
            // A log that cannot be set up stops nobody's work.
            let _ = tracing_subscriber::registry().with(lines).with(targets).try_init();
        }
        Err(_) => eprintln!("RUST_LOG is invalid and is ignored; write for instance RUST_LOG=debug"),
    }
}

fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let place = &arguments.place;
    match &arguments.command {
        Command::Apart(Apart::Deadline(arguments)) => {
            commands::deadline::run(place::rules(place)?, arguments)
        }
        Command::Apart(Apart::Rules(arguments)) => commands::rules::run(arguments, place),
        Command::Apart(Apart::Kinds(arguments)) => commands::kinds::run(arguments),
        Command::Apart(Apart::Synth(arguments)) => commands::synth::run(arguments),
        Command::Apart(Apart::Witness(arguments)) => runtime()?.block_on(commands::witness::run(arguments)),
        Command::Apart(Apart::Verify(arguments)) => match &arguments.file {
            Some(file) => commands::verify::of_file(file, arguments),
            None => runtime()?.block_on(verify_database(place, arguments)),
        },
        Command::Standing(command) => runtime()?.block_on(stand(place, command)),
        Command::OnLedger(OnLedger::Officer(OfficerArguments {
            what: OfficerWhat::Keygen { name, out },
        })) => commands::officer::keygen(name, out),
        Command::OnLedger(OnLedger::Officer(OfficerArguments {
            what: OfficerWhat::Sign { request, key },
        })) => commands::officer::sign(request, key),
        Command::OnLedger(command) => runtime()?.block_on(ask(place, command)),
    }
}

fn runtime() -> Result<Runtime, Failure> {
    Runtime::new().or_fail(Outcome::Fault)
}

/// Runs a server beside a database server. It listens to the signals itself, to finish what is under way.
async fn stand(place: &Place, command: &Standing) -> Result<Outcome, Failure> {
    let name = match command {
        Standing::Serve(_) => "serve",
        Standing::Demo(_) => "demo",
    };
    let server = Server::start(place, Hold::Exclusive, name).await?;
    let outcome = match command {
        Standing::Serve(arguments) => commands::serve::run(&server, &place.ledger, arguments).await,
        Standing::Demo(arguments) => commands::demo::run(&server, arguments).await,
    };
    server.stop().await?;
    outcome
}

/// Runs a command beside a database server, and leaves the server tidily whatever happens.
async fn ask(place: &Place, command: &OnLedger) -> Result<Outcome, Failure> {
    let server = Server::start(place, Hold::Shared, "command").await?;
    let outcome = tokio::select! {
        outcome = on_ledger(&server, &place.ledger, command) => outcome,
        () = terminated() => Err(interrupted()),
    };
    let outcome = outcome.map_err(|failure| server.explained(failure));
    server.stop().await?;
    outcome
}

/// Checks a ledger beside a database server.
async fn verify_database(place: &Place, arguments: &VerifyArguments) -> Result<Outcome, Failure> {
    let server = Server::start(place, Hold::Shared, "command").await?;
    let outcome = tokio::select! {
        outcome = commands::verify::of_database(&server, &place.ledger, arguments) => outcome,
        () = terminated() => Err(interrupted()),
    };
    server.stop().await?;
    outcome
}

/// Waits for Ctrl-C or SIGTERM, from this call on and not only once the answer is awaited: a signal between the two
/// would end the program before it has tidied up.
fn terminated() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else { return };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

fn interrupted() -> Failure {
    Failure { outcome: Outcome::Fault, error: anyhow!("interrupted; whatever was acknowledged is recorded") }
}

async fn on_ledger(server: &Server, ledger: &str, command: &OnLedger) -> Result<Outcome, Failure> {
    match command {
        OnLedger::Init(arguments) => {
            let open = server.create(ledger, &arguments.authority).await?;
            let signing = open.begin_writing().await?;
            eprintln!("ledger {ledger:?} created: id {}", open.ledger.id());
            signing::finish(signing, &open.ledger).await?;
            Ok(Outcome::Done)
        }
        OnLedger::Import(arguments) => commands::import::run(server, ledger, arguments).await,
        OnLedger::Record(arguments) => commands::record::record(&server.open(ledger).await?, arguments).await,
        OnLedger::Correct(arguments) => {
            commands::record::correct(&server.open(ledger).await?, arguments).await
        }
        OnLedger::Withdraw(arguments) => {
            commands::record::amend(&server.open(ledger).await?, Amends::Withdraw, arguments).await
        }
        OnLedger::Reinstate(arguments) => {
            commands::record::amend(&server.open(ledger).await?, Amends::Reinstate, arguments).await
        }
        OnLedger::Reconcile(arguments) => {
            commands::reconcile::run(&server.open(ledger).await?, arguments).await
        }
        OnLedger::Export(arguments) => commands::export::run(&server.open(ledger).await?, arguments).await,
        OnLedger::Bundle(arguments) => commands::bundle::run(&server.open(ledger).await?, arguments).await,
        OnLedger::Roster => commands::roster::run(&server.open(ledger).await?).await,
        OnLedger::Replay(arguments) => {
            commands::replay::journey(&server.open(ledger).await?, arguments).await
        }
        OnLedger::Clocks(arguments) => commands::replay::clocks(&server.open(ledger).await?, arguments).await,
        OnLedger::Indicators(arguments) => {
            commands::indicators::run(&server.open(ledger).await?, arguments).await
        }
        OnLedger::Due(arguments) => commands::due::run(&server.open(ledger).await?, arguments).await,
        OnLedger::WhatIf(arguments) => {
            commands::rules::what_if::run(&server.open(ledger).await?, arguments).await
        }
        OnLedger::Officer(arguments) => {
            commands::officer::run(&server.open(ledger).await?, &arguments.what).await
        }
        OnLedger::Hold(arguments) => commands::hold::run(&server.open(ledger).await?, &arguments.what).await,
        OnLedger::Dispose(arguments) => commands::dispose::run(server, ledger, arguments).await,
        OnLedger::Disclose(arguments) => {
            commands::disclose::run(&server.open(ledger).await?, arguments).await
        }
        OnLedger::Keys(arguments) => commands::keys::run(server, ledger, &arguments.what).await,
        OnLedger::Checkpoint(arguments) => {
            commands::checkpoint::run(&server.open(ledger).await?, arguments).await
        }
        OnLedger::LogKey(arguments) => {
            commands::log_key::run(&server.open(ledger).await?, &arguments.what).await
        }
        OnLedger::Epoch(arguments) => {
            commands::epoch::run(&server.open(ledger).await?, &arguments.what).await
        }
        OnLedger::Clock(arguments) => {
            commands::clock::run(&server.open(ledger).await?, &arguments.what).await
        }
        OnLedger::Backup(arguments) => commands::backup::run(server, ledger, arguments).await,
        OnLedger::Restore(arguments) => commands::restore::run(server, ledger, arguments).await,
        OnLedger::Reindex => commands::lookups::reindex(server, ledger).await,
        OnLedger::Doctor(arguments) => commands::doctor::run(server, ledger, arguments).await,
    }
}
