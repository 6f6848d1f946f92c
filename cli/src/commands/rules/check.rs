//! `caseledger rules check`: what an authority's own file adds and changes, or every defect that it has.

use std::path::Path;

use domain::events::Kind;
use domain::rules::{Rule, RuleBook, RuleBookDefects, Target};
use serde_json::Value;

use super::{digest, endings, limit, newest, text, verified};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};

/// Prints the answer; a file with a defect ends as a data problem.
///
/// # Errors
/// A [`Failure`] where the file cannot be read or standard output not be written.
pub(super) fn check(path: &Path, format: Format) -> Result<Outcome, Failure> {
    let place = path.display().to_string();
    let (answer, outcome) = match RuleBook::with_local(&place, &text(path)?) {
        Ok(book) => (whole(&place, &book), Outcome::Done),
        Err(defects) => (broken(&place, &defects), Outcome::DataProblem),
    };
    answer.print(format).or_fail(Outcome::Fault)?;
    Ok(outcome)
}

fn broken(place: &str, RuleBookDefects(defects): &RuleBookDefects) -> Answer {
    let mut answer = Answer::new(&["line", "defect"]);
    answer.note("file", place);
    let noun = if defects.len() == 1 { "defect" } else { "defects" };
    answer.note("result", format!("{} {noun}: none of its rules is taken", defects.len()));
    for defect in defects {
        answer.row(vec![defect.line.into(), defect.reason.to_string().into()]);
    }
    answer
}

fn whole(place: &str, book: &RuleBook) -> Answer {
    let mut answer =
        Answer::new(&["rule", "what", "limit", "limit_before", "targets", "versions", "verified"])
            .if_empty("No changes");
    answer.note("file", place);
    answer.note("result", "no defect");
    answer.when_empty("The file changes no rule and adds none.");
    for kind in Kind::ALL.iter().filter(|kind| book.declared().contains(**kind)) {
        answer.also("records", kind.name());
    }
    for rule in book.adopted().filter(|rule| rule.council.is_some()) {
        answer.also("adopts", rule.id.to_string());
    }
    answer.note("rule_book", digest(book));
    for (line, what) in endings::own(book.endings(), RuleBook::built_in().endings()) {
        answer.also("ending", format!("{}: {what}", line.id));
    }
    for rule in book.rules() {
        let held = RuleBook::built_in().rule(rule.id.as_str());
        let what = match held {
            None => "added",
            Some(held) if held != rule => "changed",
            Some(_) => continue,
        };
        answer.row(row(rule, held, what));
    }
    answer
}

fn row(rule: &Rule, held: Option<&Rule>, what: &str) -> Vec<Value> {
    let limit_of = |rule: &Rule| newest(rule).map_or(Value::Null, |version| limit(version).into());
    let names: Vec<String> = rule.versions.iter().map(|version| version.name.to_string()).collect();
    let targets: Vec<String> = rule.targets.iter().map(target).collect();
    vec![
        rule.id.to_string().into(),
        what.into(),
        limit_of(rule),
        held.map_or(Value::Null, limit_of),
        targets.join("; ").into(),
        names.join(", ").into(),
        verified(rule).into(),
    ]
}

/// `95.00 % from 2024-04-01`.
pub(super) fn target(target: &Target) -> String {
    format!("{}.{:02} % from {}", target.basis_points / 100, target.basis_points % 100, target.from)
}
