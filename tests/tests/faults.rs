//! Keeps the fault campaigns alive: the short form of each runs, and finds nothing but what its controls must find.

use caseledger_tests::faults::{self, CAMPAIGNS, Report, Scale, Setting};

async fn short(campaign: &str) -> Report {
    let setting = Setting {
        scale: Scale::SHORT,
        seed: uuid::Uuid::new_v4().as_u64_pair().0,
        program: env!("CARGO_BIN_EXE_faults").into(),
        only: vec![campaign.to_owned()],
    };
    let report = faults::run(&setting).await.unwrap();
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
