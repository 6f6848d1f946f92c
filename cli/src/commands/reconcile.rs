//! `caseledger reconcile`: a source file beside the ledger at the file's own day, every difference explained.

use exchange::Subject;
use exchange::import::{earlier_stream, subject_stream};
use exchange::reconcile::{Difference, Reconciliation, reconcile};

use super::import::authority::{Said, of_file};
use super::import::files::{Known, Meant, history, identifier_map, read};
use crate::arguments::ReconcileArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Open;

/// Prints counts and differences.
///
/// # Errors
/// A [`Failure`] for a file that cannot be read, or is another authority's.
pub(crate) async fn run(open: &Open, arguments: &ReconcileArguments) -> Result<Outcome, Failure> {
    let extract = read(&arguments.file, arguments.as_at, &arguments.reading)?;
    let map = identifier_map(&arguments.reading)?;
    let of_ledger = open.ledger.genesis().authority.to_string();
    let (file, another) = (arguments.file.as_path(), arguments.another_authority);
    let said = Said { file, authority: None, another, done: "compared" };
    let authority = of_file(Some(&of_ledger), extract.authority.as_deref(), said)?.unwrap_or(of_ledger);
    let as_at = extract.as_at.day();
    let order: Vec<String> = extract.scope.iter().map(|scope| scope.list.clone()).collect();
    let mut found = Reconciliation::default();
    let whose = (authority.as_str(), arguments.system.as_str());
    let known = Known::read(&open.ledger, whose).await?;
    for rows in extract {
        let rows = rows.or_fail(Outcome::DataProblem)?;
        let stream = subject_stream(open.ledger.ids(), whose, &map, &rows.subject);
        let mut held = Vec::new();
        for stream in stream.into_iter().chain(earlier_stream(open.ledger.ids(), whose, &rows)) {
            if held.is_empty() {
                held = history(&open.ledger, stream).await?.unwrap_or_default();
            }
        }
        if held.is_empty()
            && let Meant::One(_, of_another) = known.meant(&open.ledger, whose, (&map, &rows.subject)).await?
        {
            held = of_another;
        }
        reconcile(&mut found, as_at, &rows, &held);
    }
    found.lists.sort_by_key(|count| order.iter().position(|list| *list == count.list));
    print(&found, arguments, as_at)
}

fn print(
    found: &Reconciliation,
    arguments: &ReconcileArguments,
    as_at: chrono::NaiveDate,
) -> Result<Outcome, Failure> {
    let mut answer = Answer::new(&["child", "place", "measure", "stated", "held", "explanation"])
        .if_empty("No differences");
    answer.note("as_at", as_at.to_string());
    for list in &found.lists {
        answer.also(
            "list",
            format!("{}: {} rows in the file, {} in the ledger", list.list, list.rows, list.held),
        );
    }
    answer.note("source_counts_compared", found.compared);
    answer.note("source_counts_agreed", found.agreed);
    for difference in &found.differences {
        answer.row(row(difference));
    }
    answer.when_empty(if found.compared == 0 && found.lists.is_empty() {
        "Nothing compared: the file holds no list and no count that the ledger could be compared with."
    } else {
        "No difference between the file and the ledger on this day."
    });
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn row(difference: &Difference) -> Vec<serde_json::Value> {
    let subject = match &difference.subject {
        Subject::Child(id) | Subject::Adopter(id) => id.clone(),
        Subject::Nobody => "nobody".to_owned(),
    };
    vec![
        subject.into(),
        difference.place.to_string().into(),
        difference.measure.clone().into(),
        difference.stated.clone().into(),
        difference.held.clone().into(),
        difference.explanation.sentence().into(),
    ]
}
