//! Two books, or two versions of a rule, field by field.

use std::collections::BTreeSet;
use std::path::Path;

use domain::events::Kind;
use domain::rules::{Rule, RuleBook, RuleVersion, Shape};
use serde_json::Value;

use super::{book, check, endings, limit, show, words};
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
    answer.when_empty("No difference between the two.");
    match (version(before)?, version(after)?) {
        (Some((id, one)), Some((_, other))) => {
            rows(&mut answer, &id, &version_fields("", &one), &version_fields("", &other));
        }
        (None, None) => {
            let (before, after) = (named(before)?, named(after)?);
            books(&mut answer, &before, &after);
            for (id, one, other) in endings::differing(before.endings(), after.endings()) {
                answer.row(vec![id.into(), "ending".into(), one.into(), other.into()]);
            }
            for kind in Kind::ALL {
                let held = |book: &RuleBook| Value::from(book.declared().contains(*kind));
                if held(&before) != held(&after) {
                    answer.row(vec![
                        Value::Null,
                        format!("records {}", kind.name()).into(),
                        held(&before),
                        held(&after),
                    ]);
                }
            }
        }
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
    if name == "built-in" { book(None, &[]) } else { book(Some(Path::new(name)), &[]) }
}

fn version(name: &str) -> Result<Option<(String, RuleVersion)>, Failure> {
    let Some((id, version)) = name.split_once('@') else { return Ok(None) };
    let rule = super::known(RuleBook::built_in(), id)?;
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
        let (one, other) = (before.rule(id), after.rule(id));
        let fields = |rule: Option<&Rule>| rule.map(rule_fields).unwrap_or_default();
        rows(answer, id, &fields(one), &fields(other));
        for (name, one, other) in pairs(one, other) {
            let fields = |version: Option<&RuleVersion>| {
                version.map(|version| version_fields(&name, version)).unwrap_or_default()
            };
            rows(answer, id, &fields(one), &fields(other));
        }
    }
}

type Pair<'a> = (String, Option<&'a RuleVersion>, Option<&'a RuleVersion>);

/// The versions of two rules that take each other's place: of one name, or else in force on the same days.
fn pairs<'a>(before: Option<&'a Rule>, after: Option<&'a Rule>) -> Vec<Pair<'a>> {
    let versions = |rule: Option<&'a Rule>| rule.map_or(&[][..], |rule| rule.versions.as_slice());
    let mut left: Vec<&RuleVersion> = versions(after).iter().collect();
    let mut pairs = Vec::new();
    for one in versions(before) {
        let named = left.iter().position(|other| other.name == one.name);
        let free = |other: &RuleVersion| !versions(before).iter().any(|held| held.name == other.name);
        let place = named
            .or_else(|| left.iter().position(|other| free(other) && other.in_force.overlaps(one.in_force)));
        let other = place.map(|place| left.remove(place));
        let name = match other {
            Some(other) if other.name != one.name => format!("{} / {}: ", one.name, other.name),
            Some(_) | None => format!("{}: ", one.name),
        };
        pairs.push((name, Some(one), other));
    }
    pairs.extend(left.into_iter().map(|other| (format!("{}: ", other.name), None, Some(other))));
    pairs
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
        ("events".to_owned(), words::all_events(rule)),
    ];
    let targets: Vec<String> = rule.targets.iter().map(check::target).collect();
    fields.push(("targets".to_owned(), targets.join("; ")));
    fields
}

fn version_fields(prefix: &str, version: &RuleVersion) -> Fields {
    let field = |name: &str, value: String| (format!("{prefix}{name}"), value);
    vec![
        field("limit", limit(version)),
        field("counting", words::counting(version.start_day, version.bound)),
        field("kind", show::kind(version.kind).to_owned()),
        field("in force", version.in_force.to_string()),
        field("source", version.citation()),
        field("verified", if version.verified.read { "yes" } else { "no" }.to_owned()),
        field("what was read", version.verified.note.clone()),
        field("own clocks", own_clocks(version)),
    ]
}

/// The clocks of a version that starts or stops them otherwise than its rule.
fn own_clocks(version: &RuleVersion) -> String {
    let clocks = version.clocks.clone().map(Shape::Deadline);
    clocks.map_or(String::new(), |shape| words::events(&shape).join("; "))
}
