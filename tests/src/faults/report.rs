//! What a campaign found, as Markdown, and whether it is what it should be.

use std::fmt::Write as _;
use std::time::Duration;

use super::oracle::Findings;

/// Tables and verdicts of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Conditions and tables, as Markdown.
    pub text: String,
    /// What is not as it should be, a sentence each; empty where all is.
    pub failures: Vec<String>,
}

impl Report {
    /// A heading, and a table under it.
    pub(super) fn table(&mut self, title: &str, columns: &[&str], rows: &[Vec<String>]) {
        let rule = columns.iter().map(|_| "---").collect::<Vec<_>>().join("|");
        let _ = writeln!(self.text, "## {title}\n\n| {} |\n|{rule}|", columns.join(" | "));
        for row in rows {
            let _ = writeln!(self.text, "| {} |", row.join(" | "));
        }
        self.text.push('\n');
    }

    /// A paragraph.
    pub(super) fn say(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}\n");
    }

    /// Notes a failure unless something holds.
    pub(super) fn expect(&mut self, holds: bool, otherwise: impl Into<String>) {
        if !holds {
            self.failures.push(otherwise.into());
        }
    }

    /// Nothing may have been found.
    pub(super) fn expect_clean(&mut self, what: &str, findings: &Findings) {
        if findings.total() > 0 {
            self.failures.push(format!("{what}: {}", findings.words.join("; ")));
        }
    }
}

/// Milliseconds.
pub(super) fn ms(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// Median and maximum in milliseconds; a dash of none.
pub(super) fn median_and_most(times: &[Duration]) -> String {
    let mut times = times.to_vec();
    times.sort_unstable();
    match (times.get(times.len() / 2), times.last()) {
        (Some(median), Some(most)) => format!("{} / {}", ms(*median), ms(*most)),
        (_, _) => "-".to_owned(),
    }
}

/// The oracle's counts in the order of [`FINDINGS`].
pub(super) fn counts(findings: &Findings) -> Vec<String> {
    let Findings { lost, twice, half, changed, gaps, unproved, words: _ } = findings;
    [lost, twice, half, changed, gaps, unproved].map(u64::to_string).to_vec()
}

/// Columns of what an oracle counts.
pub(super) const FINDINGS: [&str; 6] = ["lost", "twice", "half", "changed", "gaps", "unproved"];
