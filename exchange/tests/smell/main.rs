//! A smell test for figures: what every rule and every tally says of the synthetic authority lies in the range of a published
//! figure, or in one with a written reason; what no act can exercise says why.
//!
//! The ranges are data (`figures.toml`) and were written down before the figures were looked at. A figure outside its range is
//! a fault of the generator, of a rule or of the engine; a range is never widened to let it in.

mod agreement;
mod authority;
mod figures;
mod long_overdue;

use std::collections::BTreeSet;

use authority::{Authority, BOOK};
use figures::{Entry, Expectation, expectations};

/// A share that may lie anywhere in more than so many points needs a written reason.
const WIDEST: f64 = 40.0;

#[test]
fn every_rule_and_every_tally_has_an_entry_and_every_entry_a_rule() {
    let rules: BTreeSet<&str> = BOOK.rules().map(|rule| rule.id.as_str()).collect();
    let entries = expectations();
    let named: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(entries.len(), named.len(), "an id has two entries");
    assert_eq!(rules.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new(), "without an entry");
    assert_eq!(named.difference(&rules).collect::<Vec<_>>(), Vec::<&&str>::new(), "without a rule");
}

#[test]
fn every_range_has_a_source_or_a_reason_and_is_narrow_enough_to_catch_a_fault() {
    for entry in expectations() {
        match entry.expectation().unwrap_or_else(|wrong| panic!("{}: {wrong}", entry.id)) {
            Expectation::NotExercised(why) => assert!(why.len() > 20, "{}: say why", entry.id),
            Expectation::Figure { measure, low, high } => {
                assert!(low < high, "{}: {low} to {high}", entry.id);
                let wide = measure.is_share() && high - low > WIDEST;
                assert!(!wide || entry.reason.is_some(), "{}: a range of {} points", entry.id, high - low);
                assert!(!measure.is_share() || high - low <= 50.0, "{}: says nothing", entry.id);
                assert!(entry.source.is_some() || entry.reason.is_some(), "{}: says not whence", entry.id);
                assert!(
                    entry.verified != Some(false) || entry.source.is_some(),
                    "{}: what is unverified?",
                    entry.id
                );
            }
        }
    }
}

#[test]
fn every_figure_lies_in_its_range() {
    let authority = Authority::ordinary();
    let outside: Vec<String> =
        expectations().iter().filter_map(|entry| entry.complaint(&authority.indicators)).collect();
    assert!(outside.is_empty(), "{} figures:\n{}", outside.len(), outside.join("\n"));
}

#[test]
fn what_is_said_not_to_be_exercised_is_not() {
    let authority = Authority::ordinary();
    let silent = |entry: &&Entry| matches!(entry.expectation(), Ok(Expectation::NotExercised(_)));
    for entry in expectations().iter().filter(silent) {
        assert_eq!(
            authority.indicators.base(&entry.id),
            0,
            "{}: it has a base now, so give it a range",
            entry.id
        );
    }
}
