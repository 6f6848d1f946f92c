//! `caseledger rules`: the rule book, with sources and what is not verified.

mod check;
mod compare;
mod endings;
mod show;
pub(crate) mod what_if;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

use domain::rules::{Rule, RuleBook, RuleVersion, Shape};
use projections::status::unknown;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::arguments::{Place, RulesArguments, RulesWhat};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;

/// Lists the rules, shows one, compares two books or checks a file. `place` names the authority's own file, where the command
/// names none.
///
/// # Errors
/// A [`Failure`] for an unknown rule, a file that cannot be read, or one with a defect: every defect is named with its
/// line.
pub(crate) fn run(arguments: &RulesArguments, place: &Place) -> Result<Outcome, Failure> {
    let in_use = place.rules.as_deref();
    let (answer, format) = match &arguments.what {
        None => {
            let book = book(arguments.local.as_deref().or(in_use), &place.adopt)?;
            let answer = match &arguments.rule {
                None => list(&book, arguments.phase.as_deref())?,
                Some(id) => show::rule(&book, id)?,
            };
            (answer, arguments.format)
        }
        Some(RulesWhat::Show { rule, local, format }) => {
            (show::rule(&book(local.as_deref().or(in_use), &place.adopt)?, rule)?, *format)
        }
        Some(RulesWhat::Endings { local, format }) => {
            (endings::list(&book(local.as_deref().or(in_use), &place.adopt)?), *format)
        }
        Some(RulesWhat::Diff { before, after, format }) => (compare::compare(before, after)?, *format),
        Some(RulesWhat::Check { file, format }) => return check::check(file, *format),
    };
    answer.print(format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// The built-in rules, with a local file on top where there is one.
///
/// # Errors
/// A [`Failure`] where the file cannot be read, or has a defect: each is named with its line.
pub(crate) fn book(local: Option<&Path>, adopt: &[String]) -> Result<RuleBook, Failure> {
    let mut book = match local {
        None => RuleBook::built_in().clone(),
        Some(path) => {
            RuleBook::with_local(&path.display().to_string(), &text(path)?).or_fail(Outcome::DataProblem)?
        }
    };
    for name in adopt {
        book.adopt(name).or_fail(Outcome::Usage)?;
    }
    Ok(book)
}

fn text(path: &Path) -> Result<String, Failure> {
    crate::files::text(path, Outcome::DataProblem)
}

/// The rule of a book with this id.
///
/// # Errors
/// A [`Failure`] where there is none.
pub(super) fn known<'b>(book: &'b RuleBook, id: &str) -> Result<&'b Rule, Failure> {
    let hint = |unknown| format!("{unknown} `caseledger rules` lists them all");
    book.known(id).map_err(|unknown| Failure::new(Outcome::NotFound, hint(unknown)))
}

fn list(book: &RuleBook, phase: Option<&str>) -> Result<Answer, Failure> {
    let mut answer =
        Answer::new(&["rule", "phase", "title", "what", "limit", "kind", "versions", "verified", "adopted"]);
    let wanted = |rule: &&Rule| phase.is_none_or(|phase| rule.phase.as_ref() == phase);
    for rule in book.rules().filter(wanted) {
        let newest = newest(rule);
        answer.row(vec![
            rule.id.to_string().into(),
            rule.phase.to_string().into(),
            rule.title.clone().into(),
            what(rule).into(),
            newest.map_or(Value::Null, |version| limit(version).into()),
            newest.map_or(Value::Null, |version| show::kind(version.kind).into()),
            rule.versions.len().into(),
            verified(rule).into(),
            adopted(book, rule).into(),
        ]);
    }
    if answer.rows.is_empty() {
        let phases: Vec<&str> = phases(book).into_iter().collect();
        return Err(Failure::new(Outcome::NotFound, unknown("phase", phase.unwrap_or_default(), &phases)));
    }
    answer.note("rule_book", digest(book));
    answer.note(
        "not_verified",
        "a limit that says no here is configuration until its source has been read: do not quote it as law",
    );
    Ok(answer)
}

/// What names the rule book: a digest of the files that it was read from, the table of endings among them.
pub(crate) fn digest(book: &RuleBook) -> String {
    let mut digest = Sha256::new();
    for text in book.texts() {
        // The length first, so that two files are never read as one.
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    let hex: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn phases(book: &RuleBook) -> BTreeSet<&str> {
    book.rules().map(|rule| rule.phase.as_ref()).collect()
}

/// The last version that is no passing exception.
fn newest(rule: &Rule) -> Option<&RuleVersion> {
    rule.versions.iter().rev().find(|version| version.exceptional.is_none()).or(rule.versions.last())
}

/// Whether the rule is asked, or whose own standard it is that the authority has not adopted.
fn adopted(book: &RuleBook, rule: &Rule) -> String {
    match &rule.council {
        Some(council) if !book.is_adopted(rule) => format!("not adopted (a standard of {council})"),
        Some(_) | None => "yes".to_owned(),
    }
}

fn verified(rule: &Rule) -> bool {
    newest(rule).is_some_and(|version| version.verified.read)
}

/// The limit with its intervals, or nothing.
fn limit(version: &RuleVersion) -> String {
    let intervals = version.intervals.iter().map(|interval| interval.limit.to_string());
    let mut all: Vec<String> = intervals.chain(version.limit.map(|limit| limit.to_string())).collect();
    all.dedup();
    all.join(" or ")
}

fn what(rule: &Rule) -> &'static str {
    match &rule.shape {
        Shape::Deadline(_) => "deadline",
        Shape::Flag(_) => "flag",
        Shape::Bands(..) => "bands",
        Shape::Tally(tally) => tally.figure.name(),
    }
}
