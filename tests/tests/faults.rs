//! Keeps the fault campaigns alive: the short form of each runs, and finds nothing but what its controls must find.

use caseledger_tests::faults::{self, CAMPAIGNS, Report, Scale, Setting};

async fn short(campaign: &str) -> Report {
    let setting = Setting {
        scale: Scale::SHORT,
        seed: uuid::Uuid::new_v4().as_u64_pair().0,
        program: env!("CARGO_BIN_EXE_faults").into(),
        only: vec![campaign.to_owned()],
    };
    let report = faults::run(&setting).await.expect("the campaign can be run");
    assert_eq!(report.failures, Vec::<String>::new(), "in:\n{}", report.text);
    assert!(report.text.contains(&format!("seed: {}", setting.seed)));
    report
}

/// Rows of the table under a heading, without its two head lines.
fn rows_under(text: &str, title: &str) -> usize {
    let from_heading = text.lines().skip_while(|line| *line != format!("## {title}"));
    from_heading.skip(2).take_while(|line| line.starts_with('|')).skip(2).count()
}

async fn check(campaign: &str, title: &str, rows: usize) {
    assert!(CAMPAIGNS.contains(&campaign));
    let report = short(campaign).await;
    assert_eq!(rows_under(&report.text, title), rows, "rows under {title:?} in:\n{}", report.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills() {
    check("kill", "kill -9 under load", 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledgements_that_are_not_flushed_are_found_lost() {
    check("control", "Negative control", 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flushes() {
    check("flush", "Flushes of one caller's appends", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_connections() {
    check("connection", "Connection broken mid-append", 7).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_clocks() {
    check("clock", "Clock of one process set back and ahead", 9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_used_up() {
    check("pool", "Connections for reading used up", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paused_signers() {
    check("paused", "Signer paused past the loss of its lease", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy() {
    check("older", "Older copy of the database under a newer checkpoint", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_processes_against_a_model() {
    check("model", "Three processes against a model", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_served_ledger() {
    check("serve", "Server under load, what it stands on killed", 3).await;
}

/// Needs to mount, or says that it may not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_disks() {
    let text = short("disk").await.text;
    assert!(rows_under(&text, "Full disk") == 4 || text.contains("Full disks: not run, because"), "{text}");
}

/// Needs to trace, or says that it cannot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_signers() {
    let text = short("signer").await.text;
    let ran = rows_under(&text, "Signer killed while it writes") == 5;
    assert!(ran || text.contains("not run, because the program strace is not there"), "{text}");
}

/// Needs to trace, or says that it cannot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_killed_at_system_calls() {
    let text = short("files").await.text;
    let ran = rows_under(&text, "Commands killed, or their disk failing, at each system call") == 10;
    assert!(ran || text.contains("not run, because the program strace is not there"), "{text}");
}
