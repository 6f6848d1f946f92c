//! `caseledger rules`: the rule book, with sources and what is not verified.

use domain::rules::{Rule, RuleBook, RuleVersion};
use serde_json::Value;

use crate::arguments::RulesArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;

/// Lists the rules, or the versions of one.
///
/// # Errors
/// A [`Failure`] for an unknown rule.
pub(crate) fn run(arguments: &RulesArguments) -> Result<Outcome, Failure> {
    let book = RuleBook::built_in();
    let answer = match &arguments.rule {
        None => list(book),
        Some(id) => {
            let unknown =
                || Failure::new(Outcome::NotFound, format!("no rule {id:?}; `caseledger rules` lists them"));
            versions(book.rule(id).ok_or_else(unknown)?)
        }
    };
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn list(book: &RuleBook) -> Answer {
    let mut answer = Answer::new(&["rule", "title", "limit", "versions", "verified"]);
    for rule in book.rules() {
        let newest = rule.versions.last();
        answer.row(vec![
            rule.id.to_string().into(),
            rule.title.clone().into(),
            newest.and_then(|version| version.limit).map_or(Value::Null, |limit| limit.to_string().into()),
            rule.versions.len().into(),
            newest.is_some_and(|version| version.verified.read).into(),
        ]);
    }
    answer
}

fn versions(rule: &Rule) -> Answer {
    let mut answer = Answer::new(&[
        "version",
        "limit",
        "in_force_from",
        "in_force_to",
        "source",
        "paragraph",
        "verified",
        "what_was_read",
    ]);
    answer.note("rule", format!("{}: {}", rule.id, rule.title));
    answer.note("cohort", rule.definition.cohort.clone());
    answer.note("numerator", rule.definition.numerator.clone());
    answer.note("denominator", rule.definition.denominator.clone());
    for exception in &rule.exceptions {
        answer.note("exception", exception.clone());
    }
    for version in &rule.versions {
        answer.row(row(version));
    }
    answer
}

fn row(version: &RuleVersion) -> Vec<Value> {
    let text = |value: Option<String>| value.map_or(Value::Null, Value::from);
    vec![
        version.name.to_string().into(),
        text(version.limit.map(|limit| limit.to_string())),
        text(version.in_force.from.map(|day| day.to_string())),
        text(version.in_force.to.map(|day| day.to_string())),
        version.source.clone().into(),
        text(version.paragraph.clone()),
        version.verified.read.into(),
        version.verified.note.clone().into(),
    ]
}
