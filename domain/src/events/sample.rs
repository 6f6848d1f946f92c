//! A sample of every kind: an invented event with every field filled in, made from the kind's own schema.
//!
//! Samples stand in `domain/samples/`, one line of JSON Lines a file, and are read for ever. They show a shape; what
//! they say is not a story, and everybody in them is invented.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::{CaseEvent, Code, Kind, code_lists};
use crate::canonical;
use crate::events::code_lists::Judgement;
use crate::time::Occurred;

/// The Monday on which every sample happens.
const DAY: (i32, u32, u32) = (2024, 3, 11);
const WORKER: &str = "0b0c5f7e-0000-4000-8000-000000000005";
const STREAM: &str = "0b0c5f7e-0000-4000-8000-000000000001";
const ENTITY: &str = "0b0c5f7e-0000-4000-8000-000000000002";
const EVENT: &str = "018e2c3a-0000-7000-8000-000000000003";
const COMMAND: &str = "018e2c3a-0000-7000-8000-000000000004";

impl Kind {
    /// An invented event of this kind with every field filled in.
    ///
    /// # Panics
    /// Never: a test makes every kind's.
    pub fn sample(self) -> CaseEvent {
        let schema = self.details_schema().to_value();
        let entities: Map<String, Value> =
            self.own_role().into_iter().map(|role| (role.name().to_owned(), json!(ENTITY))).collect();
        let mut facts = json!({
            "authors": { "authorised_by": WORKER, "chaired_by": WORKER, "decided_by": WORKER, "done_by": WORKER },
            "details": object(&schema, &schema),
            "entities": entities,
        });
        drop_empty(&mut facts, "entities");
        CaseEvent::read(occurred(), self.name(), self.schema_version(), &facts.to_string())
            .expect("a sample is made from the schema by which it is read")
    }

    /// The sample as a line of JSON Lines in canonical form, without the line's end.
    ///
    /// # Panics
    /// Never: a test makes every kind's.
    pub fn sample_line(self) -> String {
        let event = self.sample();
        let facts = event.facts().expect("samples hold codes, dates and ids only");
        let facts: Value = serde_json::from_str(&facts).expect("canonical facts are JSON");
        let sealed: Map<String, Value> =
            self.sealed_fields().into_iter().map(|field| (field, json!("(invented)"))).collect();
        let mut line = json!({
            "category": self.category().name(),
            "command_id": COMMAND,
            "event_id": EVENT,
            "facts": facts,
            "kind": self.name(),
            "occurred": event.occurred.to_string(),
            "recorded_by": WORKER,
            "role": "social_worker",
            "schema": self.schema_version(),
            "sealed": sealed,
            "stream": STREAM,
        });
        drop_empty(&mut line, "sealed");
        canonical::write(&line).expect("a sample has a canonical form")
    }
}

/// Leaves out a member that holds nothing, as the stored form does.
fn drop_empty(value: &mut Value, name: &str) {
    if let Some(members) = value.as_object_mut()
        && members.get(name).and_then(Value::as_object).is_some_and(Map::is_empty)
    {
        members.remove(name);
    }
}

fn occurred() -> Occurred {
    Occurred::on(day(DAY))
}

fn day((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the days of samples are in the calendar")
}

/// Every property of an object, filled in.
fn object(schema: &Value, root: &Value) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let filled = properties
        .into_iter()
        .flatten()
        .map(|(name, field)| (name.clone(), value(name, field, field.get("x-code-list"), root)));
    Value::Object(filled.collect())
}

fn value(name: &str, field: &Value, list: Option<&Value>, root: &Value) -> Value {
    if let Some(choice) = field.get("anyOf").and_then(Value::as_array).and_then(|choices| choices.first()) {
        return value(name, choice, list, root);
    }
    if let Some(reference) = field.get("$ref").and_then(Value::as_str) {
        let defined = reference.rsplit('/').next().unwrap_or_default();
        return named(name, defined, list, root);
    }
    if let Some(items) = field.get("items") {
        return json!([value(name, items, list, root)]);
    }
    if let Some(word) = first_word(field) {
        return word;
    }
    plain(name, field, root)
}

fn named(name: &str, defined: &str, list: Option<&Value>, root: &Value) -> Value {
    match defined {
        "Code" => json!(code(list).as_str()),
        "DecimalText" => json!("95.5"),
        "DigestText" => json!("0f".repeat(32)),
        "CaseEvent" => json!(Kind::ChildSeen.sample()),
        _ => {
            let definition = root.get("$defs").and_then(|all| all.get(defined)).cloned().unwrap_or_default();
            value(name, &definition, list, root)
        }
    }
}

/// A code of the list that is valid on the day of the samples.
fn code(list: Option<&Value>) -> Code {
    let list = list.and_then(Value::as_str).and_then(code_lists::list);
    let listed = list.into_iter().flat_map(|list| list.codes.iter().map(move |listed| (list, listed)));
    let mut valid = listed.filter_map(|(list, listed)| {
        let code = Code::try_new(&listed.code).ok()?;
        (list.judge(&code, occurred()) == Judgement::Valid).then_some(code)
    });
    valid.next().unwrap_or_else(|| Code::try_new("example").expect("a word is a code"))
}

/// The first word of a closed list.
fn first_word(definition: &Value) -> Option<Value> {
    let words = definition.get("enum").and_then(Value::as_array).and_then(|words| words.first().cloned());
    words.or_else(|| definition.get("oneOf")?.as_array()?.first()?.get("const").cloned())
}

fn plain(name: &str, field: &Value, root: &Value) -> Value {
    let format = field.get("format").and_then(Value::as_str);
    let kinds = field.get("type");
    let is = |wanted: &str| {
        kinds.is_some_and(|kinds| {
            kinds == wanted || kinds.as_array().is_some_and(|several| several.contains(&json!(wanted)))
        })
    };
    if format == Some("date") {
        json!(date(name).to_string())
    } else if format == Some("uuid") {
        json!(ENTITY)
    } else if is("boolean") {
        json!(true)
    } else if is("integer") {
        json!(1)
    } else if is("object") {
        object(field, root)
    } else {
        json!(text(name))
    }
}

/// Dates look forward unless their name says otherwise.
fn date(name: &str) -> NaiveDate {
    match name {
        "date_of_birth" | "assessed_date_of_birth" => day((2015, 5, 20)),
        "from" | "notified_on" | "issued_on" | "announced_on" | "listed_on" | "up_to" | "as_at" => {
            day((2024, 3, 4))
        }
        "expected_date_of_birth" => day((2015, 5, 24)),
        _ => day((2024, 4, 8)),
    }
}

fn text(name: &str) -> &str {
    match name {
        "changed" => "occurred",
        "kinds" => Kind::ChildSeen.name(),
        _ => "example",
    }
}
