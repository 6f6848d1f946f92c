//! Two books, or two versions of a rule, field by field.

use std::collections::BTreeSet;
use std::path::Path;

use domain::rules::{Rule, RuleBook, RuleVersion};
use serde_json::Value;

use super::{book, limit, show};
use crate::exit_code::{Failure, Outcome};
use crate::output::Answer;

/// Compares what `before` and `after` name.
///
/// # Errors
/// A [`Failure`] where a name, a version or a file is not found, or the file has a defect.
pub(super) fn compare(before: &str, after: &str) -> Result<Answer, Failure> {
    let mut answer = Answer::new(&["rule", "field", "before", "after"]);
    answer.note("before", before);
    answer.note("after", after);
    match (version(before)?, version(after)?) {
        (Some((id, one)), Some((_, other))) => {
            rows(&mut answer, &id, &version_fields("", &one), &version_fields("", &other));
        }
        (None, None) => books(&mut answer, &named(before)?, &named(after)?),
        (Some(_), None) | (None, Some(_)) => {
            return Err(Failure::new(
                Outcome::Usage,
                "compare two books, or two versions written ID@VERSION",
            ));
        }
    }
    Ok(answer)
}

fn named(name: &str) -> Result<RuleBook, Failure> {
    if name == "built-in" { book(None) } else { book(Some(Path::new(name))) }
}

fn version(name: &str) -> Result<Option<(String, RuleVersion)>, Failure> {
    let Some((id, version)) = name.split_once('@') else { return Ok(None) };
    let unknown =
        || Failure::new(Outcome::NotFound, format!("no rule {id:?}; `caseledger rules` lists them"));
    let rule = RuleBook::built_in().rule(id).ok_or_else(unknown)?;
    let names: Vec<&str> = rule.versions.iter().map(|version| version.name.as_ref()).collect();
    let unknown = || {
        Failure::new(
            Outcome::NotFound,
            format!("no version {version:?} of {id}; it has {}", names.join(", ")),
        )
    };
    Ok(Some((id.to_owned(), rule.version(version).ok_or_else(unknown)?.clone())))
}

fn books(answer: &mut Answer, before: &RuleBook, after: &RuleBook) {
    let ids: BTreeSet<&str> = before.rules().chain(after.rules()).map(|rule| rule.id.as_str()).collect();
    for id in ids {
        let fields = |book: &RuleBook| book.rule(id).map(rule_fields).unwrap_or_default();
        rows(answer, id, &fields(before), &fields(after));
    }
}

type Fields = Vec<(String, String)>;

fn rows(answer: &mut Answer, id: &str, before: &Fields, after: &Fields) {
    let value = |fields: &Fields, name: &str| -> Value {
        fields.iter().find(|(held, _)| held == name).map_or(Value::Null, |(_, value)| value.clone().into())
    };
    let mut names: Vec<&String> = before.iter().chain(after).map(|(name, _)| name).collect();
    names.dedup();
    let mut seen = BTreeSet::new();
    for name in names.into_iter().filter(|name| seen.insert(*name)) {
        let (one, other) = (value(before, name), value(after, name));
        if one != other {
            answer.row(vec![id.into(), name.clone().into(), one, other]);
        }
    }
}

fn rule_fields(rule: &Rule) -> Fields {
    let mut fields = vec![
        ("title".to_owned(), rule.title.clone()),
        ("cohort".to_owned(), rule.definition.cohort.clone()),
        ("numerator".to_owned(), rule.definition.numerator.clone()),
        ("denominator".to_owned(), rule.definition.denominator.clone()),
        ("exceptions".to_owned(), rule.exceptions.join("; ")),
        ("events".to_owned(), format!("{:?}", rule.shape)),
    ];
    let targets = rule.targets.iter().map(|target| {
        format!("{}.{:02} % from {}", target.basis_points / 100, target.basis_points % 100, target.from)
    });
    fields.push(("targets".to_owned(), targets.collect::<Vec<String>>().join("; ")));
    for version in &rule.versions {
        fields.extend(version_fields(&format!("{}: ", version.name), version));
    }
    fields
}

fn version_fields(prefix: &str, version: &RuleVersion) -> Fields {
    let field = |name: &str, value: String| (format!("{prefix}{name}"), value);
    vec![
        field("limit", limit(version)),
        field("counting", format!("{:?}", version.start_day)),
        field("bound", format!("{:?}", version.bound)),
        field("kind", show::kind(version.kind).to_owned()),
        field("in force", version.in_force.to_string()),
        field("source", version.citation()),
        field("verified", if version.verified.read { "yes" } else { "no" }.to_owned()),
        field("what was read", version.verified.note.clone()),
    ]
}
