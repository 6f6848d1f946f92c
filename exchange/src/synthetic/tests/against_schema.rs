//! Synthetic lines against `docs/events.schema.json`, by a small validator that knows every keyword in it.
//!
//! It refuses a keyword that it does not know, so nothing in the schema is passed over; formats and patterns
//! are annotations here, the reader checks them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::corpus::Corpus;
use super::corpus::{mostly, ordinary};
use crate::synthetic::rates::Route;

const ANNOTATIONS: [&str; 10] = [
    "$schema",
    "$defs",
    "title",
    "description",
    "default",
    "format",
    "pattern",
    "uniqueItems",
    "x-code-list",
    "x-sealed",
];

fn is_valid(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(rules) = schema.as_object() else { return schema == &json!(true) };
    rules.iter().all(|(keyword, rule)| {
        let all = |schemas: &Value| {
            schemas.as_array().unwrap().iter().map(|it| is_valid(root, it, value)).collect::<Vec<bool>>()
        };
        match keyword.as_str() {
            "type" => is_type(rule, value),
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "$ref" => is_valid(root, resolve(root, rule.as_str().unwrap()), value),
            "oneOf" => all(rule).iter().filter(|valid| **valid).count() == 1,
            "anyOf" => all(rule).contains(&true),
            "allOf" => !all(rule).contains(&false),
            "items" => {
                value.as_array().is_none_or(|items| items.iter().all(|item| is_valid(root, rule, item)))
            }
            "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
            "required" => {
                rule.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some())
            }
            "properties" => properties(value)
                .all(|(key, member)| rule.get(key).is_none_or(|it| is_valid(root, it, member))),
            "additionalProperties" => {
                let known = |key: &String| schema.get("properties").is_some_and(|it| it.get(key).is_some());
                properties(value)
                    .all(|(key, member)| known(key) || *rule != json!(false) && is_valid(root, rule, member))
            }
            other => {
                assert!(ANNOTATIONS.contains(&other), "the validator does not know {other}");
                true
            }
        }
    })
}

fn properties(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn resolve<'a>(root: &'a Value, reference: &str) -> &'a Value {
    root.pointer(reference.strip_prefix('#').unwrap()).unwrap()
}

fn is_type(rule: &Value, value: &Value) -> bool {
    match rule.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        other => panic!("the validator does not know the type {other}"),
    }
}

fn schema() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The first lines of every kind of an authority, and of one with much care.
fn samples() -> BTreeMap<String, Vec<Value>> {
    let care = Corpus::of(60, 7, "2024-12-31", mostly(Route::Care));
    let mut samples: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (corpus, most) in [(ordinary(), 3), (&care, 6)] {
        for (line, text) in corpus.lines.iter().zip(corpus.text.lines().skip(1)) {
            let held = samples.entry(line.event.kind.to_string()).or_default();
            if held.len() < most {
                held.push(serde_json::from_str(text).unwrap());
            }
        }
    }
    samples
}

#[test]
fn the_header_and_lines_of_every_kind_are_valid_and_changed_ones_are_not() {
    let schema = schema();
    let header: Value = serde_json::from_str(ordinary().text.lines().next().unwrap()).unwrap();
    assert!(is_valid(&schema, &schema, &header));
    let samples = samples();
    assert!(samples.len() > 55, "{} kinds", samples.len());
    for (kind, lines) in samples {
        for line in lines {
            assert!(is_valid(&schema, &schema, &line), "{kind}: {line}");
            for (pointer, to) in [
                ("/kind", json!("child_died_twice")),
                ("/schema", json!(9)),
                ("/category", json!("system")),
                ("/facts/details", json!({"narrative": "x"})),
            ] {
                let mut changed = line.clone();
                *changed.pointer_mut(pointer).unwrap() = to;
                assert!(!is_valid(&schema, &schema, &changed), "{kind}: {pointer} changed");
            }
        }
    }
}
