//! Annex A extracts one after another: what is added, corrected, and known when, according to whom.

use caseledger_tests::annex_a::AnnexA;
use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::program::{Ran, text};
use serde_json::Value;

const CARE: [(&str, &str); 4] = [
    ("Child Unique ID", "E2E-501"),
    ("Gender", "b) Female"),
    ("Ethnicity", "a) WBRI"),
    ("Date Started to be Looked After", "2023-06-01"),
];

/// A workbook with one looked-after child.
fn care(born_on: &str, reviewed_on: &str) -> AnnexA {
    let moving = [("Date of Birth", born_on), ("Date of Latest Statutory Review", reviewed_on)];
    AnnexA::empty().row("8", &[&CARE[..], &moving].concat())
}

fn import(ledger: &TestLedger, name: &str, book: &AnnexA, as_at: &str) -> Ran {
    let file = shared().write(name, book.bytes());
    ledger.import(&file, &["--authority", "201", "--as-at", as_at])
}

async fn count(ledger: &TestLedger, kind: &str) -> usize {
    ledger.rows(&format!("SELECT position FROM caseledger.events WHERE kind = '{kind}'")).await.len()
}

/// Days of a kind of event in the journey.
fn days(ledger: &TestLedger, event: &str, more: &[&str]) -> Vec<String> {
    let answer = ledger.ask(&[&["replay", "E2E-501"], more].concat());
    let of_kind = |row: &&Value| text(row, "event").to_lowercase().contains(event);
    answer.rows().iter().filter(of_kind).map(|row| text(row, "occurred")).collect()
}

/// The date of birth in the journey.
fn born_on(ledger: &TestLedger, more: &[&str]) -> String {
    let answer = ledger.ask(&[&["replay", "E2E-501"], more].concat());
    let told: Vec<String> = answer.rows().iter().map(|row| text(row, "details")).collect();
    let found = ["2012-05-01", "2012-05-02", "2012-05-03"].into_iter();
    let found: Vec<&str> = found.filter(|day| told.iter().any(|details| details.contains(day))).collect();
    assert!(found.len() < 2, "two dates of birth: {told:?}");
    found.first().copied().unwrap_or("none").to_owned()
}

#[tokio::test]
async fn a_moved_review_leaves_two_reviews_and_a_changed_date_of_birth_a_correction() {
    let ledger = shared().ledger("extracts");
    import(&ledger, "extract-1.xlsx", &care("2012-05-01", "2023-12-01"), "2024-01-31").ended(0);
    assert_eq!(days(&ledger, "review", &[]), ["2023-12-01"]);

    import(&ledger, "extract-2.xlsx", &care("2012-05-01", "2024-03-15"), "2024-03-31").ended(0);
    assert_eq!(days(&ledger, "review", &[]), ["2023-12-01", "2024-03-15"]);
    assert_eq!(count(&ledger, "event_corrected").await, 0, "a later review corrects nothing");

    import(&ledger, "extract-3.xlsx", &care("2012-05-02", "2024-03-15"), "2024-04-30").ended(0);
    assert_eq!(count(&ledger, "event_corrected").await, 1);
    assert_eq!(born_on(&ledger, &[]), "2012-05-02");

    // Older, and imported last: it may add, and corrects nothing.
    import(&ledger, "extract-0.xlsx", &care("2012-05-03", "2023-09-01"), "2023-11-30").ended(0);
    assert_eq!(count(&ledger, "event_corrected").await, 1);
    assert_eq!(count(&ledger, "event_withdrawn").await, 0);
    assert_eq!(born_on(&ledger, &[]), "2012-05-02");
    assert!(days(&ledger, "review", &[]).ends_with(&["2023-12-01".to_owned(), "2024-03-15".to_owned()]));

    knowledge(&ledger).await;
}

/// The same ledger asked about earlier knowledge, on each basis.
async fn knowledge(ledger: &TestLedger) {
    // An extract is an upper bound: on its day, to the end, its rows were known.
    let table = [
        ("2024-01-30", "none", 0),
        ("2024-01-31", "2012-05-01", 1),
        ("2024-03-30", "2012-05-01", 1),
        ("2024-03-31", "2012-05-01", 2),
        ("2024-04-29", "2012-05-01", 2),
        ("2024-04-30", "2012-05-02", 2),
    ];
    for basis in ["extract", "source"] {
        // Annex A states no entry times, so the source's word is that of the extract.
        for (known_at, born, reviews) in table {
            let with = ["--basis", basis, "--known-at", known_at];
            // What the older file added on its own day is known from that day on.
            let added = days(ledger, "review", &with).iter().filter(|day| *day == "2023-09-01").count();
            assert_eq!(days(ledger, "review", &with).len() - added, reviews, "{basis} {known_at}");
            if known_at > "2024-01-30" {
                assert_eq!(born_on(ledger, &with), born, "{basis} {known_at}");
            }
        }
    }
    // The ledger's own word: nothing before the first import, then what each import recorded.
    let moments = "SELECT to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS at \
                   FROM caseledger.events WHERE kind = 'extract_declared' ORDER BY position";
    let moments = ledger.rows(moments).await;
    let at: Vec<String> = moments.iter().map(|row| text(row, "at")).collect();
    assert_eq!(days(ledger, "review", &["--known-at", "2024-04-30"]), Vec::<String>::new());
    let answers = [("2012-05-01", 1), ("2012-05-01", 2), ("2012-05-02", 2)];
    for (moment, (born, reviews)) in at.iter().zip(answers) {
        // A file's rows are recorded in one step with its declaration.
        let with = ["--basis", "ledger", "--known-at", moment.as_str()];
        assert_eq!(born_on(ledger, &with), born, "{moment}");
        assert_eq!(days(ledger, "review", &with).len(), reviews, "{moment}");
    }
}

/// A workbook whose list of contacts holds one child, or nobody.
fn contacts(any: bool) -> AnnexA {
    let contact =
        [("Child Unique ID", "E2E-502"), ("Date of Birth", "2014-02-03"), ("Date of Contact", "2024-02-05")];
    let book = AnnexA::empty();
    if any { book.row("1", &contact) } else { book }
}

#[tokio::test]
async fn a_list_that_lost_all_its_rows_withdraws_nothing_unless_it_is_taken_at_its_word() {
    let ledger = shared().ledger("emptied");
    import(&ledger, "contacts.xlsx", &contacts(true), "2024-02-29").ended(0);
    let emptied = import(&ledger, "emptied.xlsx", &contacts(false), "2024-03-31").ended(3);
    assert!(emptied.out.contains("list 1 has headers and no row"), "{}", emptied.out);
    assert_eq!(count(&ledger, "event_withdrawn").await, 0);

    let file = shared().write("emptied.xlsx", contacts(false).bytes());
    let options = ["--authority", "201", "--as-at", "2024-03-31", "--empty-lists"];
    ledger.import(&file, &options).ended(0);
    assert_eq!(count(&ledger, "event_withdrawn").await, 1);
}

/// The same rows in another order are the same file: nothing is declared, stated or registered once more. A worker whom a newer
/// file names as well is registered already.
#[tokio::test]
async fn a_copy_of_a_file_in_another_order_adds_no_event() {
    let ledger = shared().ledger("copies");
    let of = |id: &'static str, on: &'static str| {
        [
            ("Child Unique ID", id),
            ("Gender", "b) Female"),
            ("Date of Birth", "2012-05-01"),
            ("Date Started to be Looked After", on),
            ("Allocated Worker", "Invented Worker"),
        ]
    };
    let (one, other) = (of("E2E-511", "2023-06-01"), of("E2E-512", "2023-07-03"));
    let book = AnnexA::empty().row("8", &one).row("8", &other);
    let turned = AnnexA::empty().row("8", &other).row("8", &one);
    let events = async || ledger.rows("SELECT position FROM caseledger.events").await.len();
    import(&ledger, "copy-1.xlsx", &book, "2024-01-31").ended(0);
    let held = events().await;
    import(&ledger, "copy-2.xlsx", &turned, "2024-01-31").ended(0);
    assert_eq!(events().await, held, "a copy");
    assert_eq!(count(&ledger, "worker_registered").await, 1);
    import(&ledger, "copy-3.xlsx", &turned, "2024-02-29").ended(0);
    assert_eq!(count(&ledger, "extract_declared").await, 2, "the same rows on another day are another file");
    assert_eq!(count(&ledger, "worker_registered").await, 1);
}
