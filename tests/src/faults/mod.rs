//! Faults: what is killed, cut, filled up or turned back under load, and whether anything acknowledged suffers.
//!
//! `docs/faults.md` says what is done and what was found. Each campaign makes a PostgreSQL of its own with durable
//! settings, runs the ledger in processes of their own, and lets an oracle judge that sits outside both. Every
//! child is invented. Invariant: what is random follows from the seed that is printed.

mod answer;
mod audited;
mod child;
mod clock;
mod conditions;
mod connection;
mod control;
mod disk;
mod files;
mod files_after;
mod flush;
pub mod inside;
mod kill;
mod model;
mod oracle;
mod place;
mod prng;
mod proxy;
mod report;
mod scale;
mod script;
mod serve;
mod server;
mod signers;
mod tree;

use std::io::Write as _;
use std::path::PathBuf;

pub use report::Report;
pub use scale::Scale;

/// What a run is asked to do.
#[derive(Clone, Debug)]
pub struct Setting {
    /// How much.
    pub scale: Scale,
    /// What chance follows from.
    pub seed: u64,
    /// The program that plays the parts of the child processes.
    pub program: PathBuf,
    /// Campaigns to run, by name; all of them where none is named.
    pub only: Vec<String>,
}

/// Names of the campaigns, in the order in which they run.
pub const CAMPAIGNS: [&str; 13] = [
    "kill",
    "control",
    "flush",
    "connection",
    "disk",
    "clock",
    "pool",
    "signer",
    "paused",
    "older",
    "model",
    "serve",
    "files",
];

/// Runs campaigns; progress goes to standard error.
///
/// # Errors
/// Where not even the conditions can be read. What the campaigns find, or why one cannot be run, is in the report.
pub async fn run(setting: &Setting) -> anyhow::Result<Report> {
    let mut report = Report::default();
    conditions::describe(setting, &mut report).await?;
    for campaign in CAMPAIGNS {
        if !setting.only.is_empty() && !setting.only.iter().any(|only| only == campaign) {
            continue;
        }
        // What the others found is worth having, also where one of them cannot be run.
        if let Err(fault) = run_one(setting, campaign, &mut report).await {
            report.failures.push(format!("{campaign}: {fault:#}"));
        }
    }
    for failure in &report.failures.clone() {
        report.say(&format!("FAILED: {failure}"));
    }
    Ok(report)
}

async fn run_one(setting: &Setting, campaign: &str, report: &mut Report) -> anyhow::Result<()> {
    match campaign {
        "kill" => kill::measure(setting, report).await,
        "control" => control::measure(setting, report).await,
        "flush" => flush::measure(setting, report).await,
        "connection" => connection::measure(setting, report).await,
        "disk" => disk::measure(setting, report),
        "clock" => clock::clocks(setting, report).await,
        "pool" => clock::pool(setting, report).await,
        "signer" => signers::killed(setting, report).await,
        "paused" => signers::paused(setting, report).await,
        "older" => signers::older_copy(setting, report).await,
        "serve" => tokio::task::block_in_place(|| serve::measure(setting, report)),
        "files" => tokio::task::block_in_place(|| files::walk(setting, report)),
        "model" => model::measure(setting, report).await,
        other => anyhow::bail!("{other:?} is no campaign"),
    }
}

/// Tells where the run is.
fn tell(line: &str) {
    // Progress that nobody reads must not stop the run.
    let _ = writeln!(std::io::stderr(), "faults: {line}");
}
