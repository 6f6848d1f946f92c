//! One rule with its versions.

use domain::calendar::StartDay;
use domain::rules::{Bound, ChosenBy, Rule, RuleBook, RuleKind, RuleVersion, RunningClocks};
use serde_json::Value;

use super::limit;
use crate::exit_code::{Failure, Outcome};
use crate::output::Answer;

/// The rule with this id.
///
/// # Errors
/// A [`Failure`] where there is none.
pub(super) fn rule(book: &RuleBook, id: &str) -> Result<Answer, Failure> {
    let unknown =
        || Failure::new(Outcome::NotFound, format!("no rule {id:?}; `caseledger rules` lists them"));
    Ok(versions(book.rule(id).ok_or_else(unknown)?))
}

fn versions(rule: &Rule) -> Answer {
    let mut answer = Answer::new(&[
        "version",
        "limit",
        "counting",
        "kind",
        "in_force_from",
        "in_force_to",
        "chosen_by",
        "running_clocks",
        "source",
        "verified",
        "what_was_read",
    ]);
    answer.note("rule", format!("{}: {}", rule.id, rule.title));
    answer.note("what", format!("{} of the phase {}", super::what(rule), rule.phase));
    answer.note("cohort", rule.definition.cohort.clone());
    answer.note("numerator", rule.definition.numerator.clone());
    answer.note("denominator", rule.definition.denominator.clone());
    if let Some(follows) = &rule.follows {
        answer.note("follows", follows.to_string());
    }
    for exception in &rule.exceptions {
        answer.also("exception", exception.clone());
    }
    for target in &rule.targets {
        let percent = format!("{}.{:02}", target.basis_points / 100, target.basis_points % 100);
        answer.also("target", format!("{percent} % from {}: {}", target.from, target.source));
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
        limit(version).into(),
        counting(version).into(),
        kind(version.kind).into(),
        text(version.in_force.from.map(|day| day.to_string())),
        text(version.in_force.to.map(|day| day.to_string())),
        chosen_by(version.transition.chosen_by).into(),
        running_clocks(version).into(),
        version.citation().into(),
        version.verified.read.into(),
        version.verified.note.clone().into(),
    ]
}

fn counting(version: &RuleVersion) -> String {
    let start = match version.start_day {
        StartDay::IsDayZero => "the start is day 0",
        StartDay::IsDayOne => "the start is day 1",
    };
    let instead = version.exceptional.as_ref().map(|exceptional| match &exceptional.instead_of_limit {
        Some(words) => format!("; goes before the others, and in the place of the limit: {words}"),
        None => "; goes before the others".to_owned(),
    });
    let bound = match version.bound {
        Bound::Maximum => String::new(),
        Bound::Minimum => ", at least".to_owned(),
        Bound::Window { not_before } => format!(", not before {not_before}"),
    };
    format!("{start}{bound}{}", instead.unwrap_or_default())
}

/// The sort of authority as one word.
pub(super) fn kind(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Law => "law",
        RuleKind::Guidance => "guidance",
        RuleKind::Return => "return",
        RuleKind::Local => "local",
        RuleKind::Practice => "practice",
    }
}

fn chosen_by(chosen_by: ChosenBy) -> &'static str {
    match chosen_by {
        ChosenBy::Start => "start",
        ChosenBy::Due => "due",
        ChosenBy::Act => "act",
    }
}

fn running_clocks(version: &RuleVersion) -> String {
    match (version.transition.running_clocks, &version.transition.note) {
        (RunningClocks::Keep, _) => "keep their version".to_owned(),
        (RunningClocks::Move, _) => "move to this version".to_owned(),
        (RunningClocks::NotSettled, Some(note)) => format!("not settled: {note}"),
        (RunningClocks::NotSettled, None) => "not settled".to_owned(),
    }
}
