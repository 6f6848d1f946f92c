//! One rule with its versions.

use domain::rules::{
    ChosenBy, Effect, Endings, Exceptional, Rule, RuleBook, RuleKind, RuleVersion, RunningClocks,
};
use serde_json::Value;

use super::{limit, words};
use crate::exit_code::Failure;
use crate::output::Answer;

/// The rule with this id.
///
/// # Errors
/// A [`Failure`] where there is none.
pub(super) fn rule(book: &RuleBook, id: &str) -> Result<Answer, Failure> {
    let rule = super::known(book, id)?;
    let mut answer = versions(rule, book.endings());
    answer.note("adopted", super::adopted(book, rule));
    Ok(answer)
}

fn versions(rule: &Rule, endings: &Endings) -> Answer {
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
    for line in words::events(&rule.shape) {
        answer.also("events", line);
    }
    for line in endings.lines() {
        let clocks = rule.versions.iter().flat_map(|version| rule.clocks(version));
        let effect = clocks.filter_map(|shape| endings.effect(line, &rule.id, shape)).next();
        match effect {
            Some(Effect::Closes) => answer.also("ended_by", line.title.clone()),
            Some(Effect::Stops) => answer.also("stopped_by", line.title.clone()),
            Some(Effect::NotRequired) => answer.also("not_required_after", line.title.clone()),
            None => {}
        }
    }
    if let Some(follows) = &rule.follows {
        answer.note("follows", follows.to_string());
    }
    if let Some(repeats) = &rule.repeats {
        answer.note("repeats", format!("{repeats}: lists show that clock where both say the same delay"));
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
        text(from(version)),
        text(version.in_force.to.map(|day| day.to_string())),
        chosen_by(version.transition.chosen_by).into(),
        running_clocks(version).into(),
        version.citation().into(),
        version.verified.read.into(),
        version.verified.note.clone().into(),
    ]
}

/// The first day in force; words where none is known, because an empty cell means from the start.
fn from(version: &RuleVersion) -> Option<String> {
    let in_force = version.in_force;
    if in_force.not_commenced { Some(in_force.to_string()) } else { in_force.from.map(|day| day.to_string()) }
}

fn counting(version: &RuleVersion) -> String {
    let counted = words::counting(version.start_day, version.bound);
    match &version.exceptional {
        None => counted,
        Some(Exceptional { instead_of_limit: None }) => format!("{counted}; goes before the others"),
        Some(Exceptional { instead_of_limit: Some(words) }) => {
            format!("{counted}; goes before the others, and in the place of the limit: {words}")
        }
    }
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
