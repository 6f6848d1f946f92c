//! `caseledger synth`: an invented authority as events JSON Lines.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use exchange::synthetic::{Options, Summary, SynthesisError, synthesise};

use crate::arguments::SynthArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::OfFile as _;
use crate::stdout::stdout;

/// Writes the file and tells what is in it.
///
/// # Errors
/// A [`Failure`] where the options cannot be met or the file cannot be written.
pub(crate) fn run(arguments: &SynthArguments) -> Result<Outcome, Failure> {
    let summary = if arguments.out == Path::new("-") {
        write(arguments, stdout())?
    } else {
        let file = File::create(&arguments.out).writing(&arguments.out).or_fail(Outcome::Fault)?;
        write(arguments, file)?
    };
    eprintln!("{} events of {} children, all invented", summary.events, summary.children);
    Ok(Outcome::Done)
}

fn write(arguments: &SynthArguments, out: impl Write) -> Result<Summary, Failure> {
    let options = Options {
        children: arguments.children,
        years: arguments.years,
        seed: arguments.seed,
        until: arguments.until,
    };
    let mut out = BufWriter::with_capacity(1 << 20, out);
    let summary = synthesise(&options, &mut out).map_err(|fault| {
        let is_io = matches!(fault, SynthesisError::Io(_));
        let outcome = if is_io { Outcome::Fault } else { Outcome::Usage };
        Failure { outcome, error: fault.into() }
    })?;
    out.flush().or_fail(Outcome::Fault)?;
    Ok(summary)
}
