//! Keeps the benchmark alive: a tiny run comes to its end, prints every table, and its counts add up. How long
//! anything took is not looked at.

use std::borrow::Cow;
use std::time::Duration;

use caseledger_tests::bench::{self, Load, Scale};

/// Enough for every table to have its rows, and for some clock of some invented child to have closed.
const TINY: Scale = Scale {
    loads: Cow::Borrowed(&[Load::of(1), Load::tens(3), Load::hot(2)]),
    alone: false,
    rounds: 1,
    round: Duration::from_secs(1),
    preload: 1_000,
    snapshot: Duration::from_secs(1),
    children: 100,
    years: 3,
    replays: 3,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tiny_run_prints_every_table_and_its_counts_add_up() {
    let bench::Report { text, counts } = bench::run(&TINY).await.unwrap();
    assert!(counts.acknowledged > 0);
    assert_eq!(counts.stored, counts.acknowledged);
    assert!(counts.written > 0);
    assert_eq!(counts.imported, counts.written);
    assert_eq!(counts.copied, counts.written + 1, "the ledger's own first event stands in the table too");
    assert!(counts.children > 0);
    assert_eq!(counts.folded, counts.children);
    // The peers are measured only where they are there.
    let stores = rows_under(&text, "The same: latency") / 3;
    assert!((2..=5).contains(&stores), "{stores} stores in:\n{text}");
    for (title, rows) in [
        ("Durable appends", 3),
        ("The same: latency", 3 * stores),
        ("A ledger of 1,000 events", 2),
        ("While a snapshot", 1),
        ("Synthetic authority", 2),
        ("Import of events", 2),
        ("Live appends", 1),
        ("Indicators of all children", 4),
        ("One journey", 2),
        ("One action", 2),
    ] {
        assert_eq!(rows_under(&text, title), rows, "rows under {title:?} in:\n{text}");
    }
    for condition in
        ["fsync = on", "synchronous_commit = on", "full_page_writes = on", "PostgreSQL", "date: "]
    {
        assert!(text.contains(condition), "{condition:?} is not among the conditions in:\n{text}");
    }
    assert!(!text.contains("NaN") && !text.contains("inf"), "a figure is no number in:\n{text}");
}

/// Rows of the table under the heading that begins with `title`, without its two head lines.
fn rows_under(text: &str, title: &str) -> usize {
    let from_heading = text.lines().skip_while(|line| !line.starts_with(&format!("## {title}")));
    from_heading
        .skip(1)
        .skip_while(|line| line.is_empty())
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .count()
}
