//! The benchmark: what this ledger does in a second, beside its peers, on one PostgreSQL with durable settings.
//!
//! It measures and prints; it does not judge, and `docs/benchmarks.md` compares its figures with the bars. Every
//! child in it is invented. Invariant: a figure is printed only after what was acknowledged has been counted
//! again in the tables, so a store that drops events cannot look fast.

mod any_store;
mod append;
mod conditions;
mod connections;
mod copy;
mod fold;
mod import;
mod ledger_store;
mod load;
mod message_db_store;
mod payload;
#[cfg(feature = "peers")]
mod peer_store;
mod plain_store;
mod record;
mod scale;
mod stores;
mod table;
#[cfg(feature = "peers")]
mod uma_store;
mod under_way;
mod usage;
mod verify;

use std::io::Write as _;
use std::path::PathBuf;

pub use load::{Load, Streams};
pub use scale::Scale;

/// What a run found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Conditions and tables, as Markdown.
    pub text: String,
    /// What was counted on the way.
    pub counts: Counts,
}

/// Counts of one run, each taken in another place, so that they can be held against each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Appends that were acknowledged to callers of any store.
    pub acknowledged: u64,
    /// Events found in those stores' tables afterwards.
    pub stored: u64,
    /// Events that the synthetic authority says it wrote, the larger file.
    pub written: u64,
    /// Events that the import of that file says are new.
    pub imported: u64,
    /// Rows that COPY put into the table beside it, the ledger's own first event among them.
    pub copied: u64,
    /// Children in that file.
    pub children: u64,
    /// Children that a fold of the imported ledger saw.
    pub folded: u64,
}

/// Runs everything at a scale; progress goes to standard error.
///
/// # Errors
/// Where PostgreSQL fails, or where counts do not add up.
pub async fn run(scale: &Scale) -> anyhow::Result<Report> {
    ledger::test_support::serve_with(conditions::settings());
    let mut text = String::from("# Benchmark\n\n");
    text.push_str(&conditions::describe(scale).await?);
    let mut counts = Counts::default();
    append::measure(scale, &mut counts, &mut text).await?;
    under_way::measure(scale, &mut text).await?;
    if scale.children > 0 {
        let authorities = import::measure(scale, &mut counts, &mut text).await?;
        fold::measure(scale, &authorities, &mut counts, &mut text).await?;
        verify::measure(scale, &authorities, &mut text).await?;
        record::measure(scale, &authorities, &mut text).await?;
    }
    Ok(Report { text, counts })
}

/// Where `setup/peers.sh` puts the peers that are no crates.
fn peers_folder() -> PathBuf {
    let given = std::env::var_os("CASELEDGER_PEERS").map(PathBuf::from);
    given.unwrap_or_else(|| PathBuf::from("target").join("peers"))
}

/// Tells where the run is.
fn tell(line: &str) {
    // Progress that nobody reads must not stop the run.
    let _ = writeln!(std::io::stderr(), "bench: {line}");
}
