//! The `caseledger` program: arguments, configuration, progress and wiring. Rules and SQL live elsewhere.

mod arguments;
mod commands;
mod exit_code;
mod output;
#[expect(dead_code, reason = "the commands that start it come next")]
mod private_postgres;

use std::process::ExitCode;

use clap::Parser as _;

use arguments::{Arguments, Command};
use exit_code::{Failure, Outcome};

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
        _ => Err(Failure::new(Outcome::Fault, "not yet")),
    }
}
