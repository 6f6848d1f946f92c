//! How long reading and checking the whole rule book takes, and an authority's own file on top of it. Prints one line; the
//! bar is 100 ms for both together, as `caseledger rules check FILE` does them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::rules::RuleBook;

const OUR_RULES: &str = include_str!("../../tests/fixtures/rules/our-rules.toml");
const ROUNDS: usize = 20;

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn main() {
    // Once only: the book is read when it is first asked for.
    let begun = Instant::now();
    let rules = RuleBook::built_in().rules().count();
    let book = begun.elapsed();
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            black_box(RuleBook::with_local("our-rules.toml", black_box(OUR_RULES))).expect("no defect");
            begun.elapsed()
        })
        .collect();
    rounds.sort();
    let median = rounds.get(rounds.len() / 2).copied().unwrap_or_default();
    println!("{rules} rules: the book {book:?}, an authority's own file {median:?} (median)");
}
