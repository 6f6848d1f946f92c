//! `caseledger rules endings`: what ends what, and by what authority.

use std::collections::BTreeSet;

use domain::rules::{Cause, Ending, Endings, Ends, EventMatch, RuleBook, RuleId};
use serde_json::Value;

use super::{digest, show};
use crate::output::Answer;

/// Every line of the table.
pub(super) fn list(book: &RuleBook) -> Answer {
    let mut answer = Answer::new(&[
        "ending",
        "happens",
        "ends",
        "rules",
        "goes_on",
        "kind",
        "in_force",
        "source",
        "verified",
        "what_was_read",
    ]);
    answer.note("rule_book", digest(book));
    for principle in PRINCIPLES {
        answer.also("principle", principle);
    }
    for duty in book.endings().duties() {
        answer.also("survives", format!("{}: {}", ids(&duty.rules), duty.why));
    }
    for line in book.endings().lines() {
        answer.row(row(line));
    }
    answer
}

const PRINCIPLES: [&str; 3] = [
    "an ending never wipes out a breach: what was due before it and not done is late; what was due on its day or later is not applicable",
    "administrative acts do not end legal facts: a plan, a period of care, an order or an application open at a closure is observed and still counted",
    "duties about past acts survive",
];

fn row(line: &Ending) -> Vec<Value> {
    let source = match &line.paragraph {
        Some(paragraph) => format!("{}, {paragraph}", line.source),
        None => line.source.clone(),
    };
    vec![
        format!("{}: {}", line.id, line.title).into(),
        happens(line).into(),
        ends(line).into(),
        rules(line).into(),
        line.goes_on.clone().into(),
        show::kind(line.kind).into(),
        line.in_force.to_string().into(),
        source.into(),
        line.verified.read.into(),
        line.verified.note.clone().into(),
    ]
}

fn happens(line: &Ending) -> String {
    let mut parts = vec![match &line.cause {
        Cause::Events(events) => any_of(events),
        Cause::Birthday(age) => format!("birthday {age}"),
    }];
    parts.extend(line.within.map(|role| format!("only what belongs to its {}", role.name())));
    if !line.begun_with.is_empty() {
        parts.push(format!("only what began with {}", any_of(&line.begun_with)));
    }
    parts.extend(line.while_running.map(|role| format!("only while a {} runs", role.name())));
    parts.extend(line.unless_running.iter().map(|role| format!("not while a {} runs", role.name())));
    parts.extend(line.unless.as_ref().map(|so| format!("not where {}", any_of(&so.0))));
    if !line.undone_by.is_empty() {
        parts.push(format!("undone by {}", any_of(&line.undone_by)));
    }
    parts.extend(line.after.map(|after| format!("takes effect after {after}")));
    parts.join("; ")
}

fn ends(line: &Ending) -> String {
    if line.ends.is_empty() {
        return "nothing".to_owned();
    }
    let mut names: Vec<&str> = line.ends.iter().copied().map(Ends::name).collect();
    if line.lasting {
        names.push("for good");
    }
    if line.clocks_go_on {
        names.push("not their clocks");
    }
    if line.of_group {
        names.push("also of a family or set once each member has ended so");
    }
    names.join(", ")
}

fn rules(line: &Ending) -> String {
    let lists =
        [("also ends", &line.rules), ("not required any more", &line.not_required), ("spares", &line.spares)];
    let told = lists.iter().filter(|(_, rules)| !rules.is_empty());
    told.map(|(what, rules)| format!("{what} {}", ids(rules))).collect::<Vec<_>>().join("; ")
}

fn any_of(events: &[EventMatch]) -> String {
    events.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn ids(rules: &[RuleId]) -> String {
    rules.iter().map(RuleId::as_str).collect::<Vec<_>>().join(", ")
}

/// Lines of an authority's own table that are not built in, or otherwise than built in.
pub(super) fn own<'a>(endings: &'a Endings, built_in: &Endings) -> Vec<(&'a Ending, &'static str)> {
    let changed = |line: &'a Ending| match built_in.line(&line.id) {
        None => Some((line, "added")),
        Some(held) if held != line => Some((line, "changed")),
        Some(_) => None,
    };
    endings.lines().iter().filter_map(changed).collect()
}

/// Lines in which two tables differ: id, before, after.
pub(super) fn differing(before: &Endings, after: &Endings) -> Vec<(String, Option<String>, Option<String>)> {
    let ids: BTreeSet<&str> =
        before.lines().iter().chain(after.lines()).map(|line| line.id.as_ref()).collect();
    let differing = ids.into_iter().filter(|id| before.line(id) != after.line(id));
    let text = |line: Option<&Ending>| line.map(in_words);
    differing.map(|id| (id.to_owned(), text(before.line(id)), text(after.line(id)))).collect()
}

/// A line as one text.
fn in_words(line: &Ending) -> String {
    let rules = rules(line);
    let rules = if rules.is_empty() { rules } else { format!("; {rules}") };
    format!("{} ends {}{rules}; in force {}", happens(line), ends(line), line.in_force)
}
