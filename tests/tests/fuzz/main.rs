//! What comes from outside, changed at random: nothing that is read may end the program, take long, or pass for something else.
//!
//! Every reader of outside bytes has a target here: files, events, notes and what stands in them, logs and bundles, tiles, rules,
//! GraphQL. Each takes valid samples and changes them until its time is over. `CASELEDGER_FUZZ_SECONDS` says how long that is
//! for each (10), `CASELEDGER_FUZZ_SEED` begins elsewhere (1). What fails is kept, and its place is said.
//! Every child in the samples is invented.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails in a helper fails the test")]

mod files;
mod graphql;
mod logs;
mod mutate;
mod notes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use caseledger_tests::dice::Dice;
use ledger::test_support::say;
use mutate::changed;

/// No input may take longer.
const LONGEST: Duration = Duration::from_secs(20);

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

/// Changes the samples at random and has each read, until the time of the target is over; `read` gives what is wrong with what
/// was made of the input. Says how many inputs there were, and of how many something was read.
fn fuzz(target: &str, samples: &[Vec<u8>], mut read: impl FnMut(&[u8]) -> Result<bool, String>) {
    let mut dice = Dice::new(setting("CASELEDGER_FUZZ_SEED", 1));
    for sample in samples {
        tried(target, sample, &mut read);
    }
    let until = Instant::now() + Duration::from_secs(setting("CASELEDGER_FUZZ_SECONDS", 10));
    let (mut inputs, mut taken) = (0_u64, 0_u64);
    while Instant::now() < until {
        let input = changed(&mut dice, samples);
        taken += u64::from(tried(target, &input, &mut read));
        inputs += 1;
    }
    say(&format!("{target}: {inputs} inputs, something was read of {taken}"));
    assert!(inputs > 0 && taken < inputs, "{target}: nothing was refused, so nothing was tried");
}

fn tried(target: &str, input: &[u8], read: &mut impl FnMut(&[u8]) -> Result<bool, String>) -> bool {
    let begun = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| read(input)));
    let wrong = match outcome {
        Ok(Ok(taken)) if begun.elapsed() < LONGEST => return taken,
        Ok(Ok(_)) => format!("it took {:?}", begun.elapsed()),
        Ok(Err(wrong)) => wrong,
        Err(_) => "it ended the program".to_owned(),
    };
    let kept = std::env::temp_dir().join(format!("caseledger-fuzz-{target}-{}", std::process::id()));
    std::fs::write(&kept, input).unwrap();
    panic!("{target}: {wrong}; the input is kept in {}", kept.display());
}
