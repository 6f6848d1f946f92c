//! `caseledger kinds`: every kind of event, or one with its fields, code lists and a sample.

mod page;

use domain::events::{Kind, code_lists};
use domain::nearest;
use serde_json::Value;

use crate::arguments::KindsArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;

/// Lists the kinds by group, or shows one.
///
/// # Errors
/// A [`Failure`] for an unknown kind, with the nearest names.
pub(crate) fn run(arguments: &KindsArguments) -> Result<Outcome, Failure> {
    let answer = match &arguments.kind {
        None => list(),
        Some(name) => one(Kind::from_name(name).map_err(|_| unknown(name))?),
    };
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// No kind has this name: the nearest ones.
pub(crate) fn unknown(name: &str) -> Failure {
    let near = nearest::names(name, Kind::ALL.iter().map(|kind| kind.name()), 3).join(", ");
    Failure::new(
        Outcome::Usage,
        format!("unknown kind of event {name:?}; did you mean {near}? `caseledger kinds` lists them all"),
    )
}

fn list() -> Answer {
    let mut answer = Answer::new(&["group", "kind", "category", "what_it_says"]);
    answer.note("kinds", Kind::ALL.len());
    for kind in Kind::ALL {
        answer.row(vec![
            kind.group().name().into(),
            kind.name().into(),
            categories(*kind).join(", ").into(),
            kind.sentence().into(),
        ]);
    }
    answer
}

fn categories(kind: Kind) -> Vec<&'static str> {
    kind.categories().iter().map(|category| category.name()).collect()
}

fn one(kind: Kind) -> Answer {
    let mut answer = Answer::new(&["field", "in", "shape", "required", "code_list", "what_it_says"]);
    answer.note("kind", kind.name());
    answer.note("what_it_says", kind.sentence());
    answer.note("group", kind.group().name());
    answer.note("categories", categories(kind).join(", "));
    answer.note("process", page::process(kind));
    answer.note("schema_version", kind.schema_version());
    answer.note("rank", kind.rank());
    for field in kind.fields() {
        if let Some(list) = field.code_list.as_deref().and_then(code_lists::list) {
            answer.also("code_list", page::list_in_words(list));
        }
        answer.row(vec![
            field.name.into(),
            "facts".into(),
            field.shape.into(),
            field.required.into(),
            field.code_list.map_or(Value::Null, Value::from),
            field.doc.into(),
        ]);
    }
    for field in kind.sealed_fields() {
        let cells = [field.as_str(), "sealed", "text"].map(Value::from);
        let rest = [Value::from(false), Value::Null, "sealed with the key of the subject".into()];
        answer.row(cells.into_iter().chain(rest).collect());
    }
    answer.note("sample", kind.sample_line());
    answer
}
