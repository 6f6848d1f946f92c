//! The JSON Schema of a line, generated from the event kinds, so that it cannot drift from them.

use domain::envelope::{Category, Confidentiality};
use domain::events::{AuthorRole, EntityRole, Kind};
use serde_json::{Map, Value, json};

use super::{FORMAT, VERSION};

/// The schema of one line: a header, or an event of one of the kinds. Draft 2020-12.
pub fn schema() -> Value {
    let mut shared = Map::new();
    let kinds: Vec<Value> = importable().map(|kind| kind_schema(kind, &mut shared)).collect();
    shared.values_mut().for_each(without_null);
    shared.insert("Code".to_owned(), code());
    shared.insert("header".to_owned(), header());
    shared.insert("uuid".to_owned(), json!({"type": "string", "format": "uuid"}));
    shared.insert("occurred".to_owned(), occurred());
    shared.insert("source_time".to_owned(), source_time());
    shared.insert("import".to_owned(), import());
    shared.insert("authors".to_owned(), authors());
    shared.insert("entities".to_owned(), entities());
    shared.insert("event".to_owned(), event());
    shared.insert("kinds".to_owned(), json!({ "oneOf": kinds }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "one line of a file of case journey events",
        "description": "The first line is the header; every other line is one event. Consecutive lines with one command_id are one atomic command.",
        "oneOf": [
            { "$ref": "#/$defs/header" },
            { "allOf": [{ "$ref": "#/$defs/event" }, { "$ref": "#/$defs/kinds" }] }
        ],
        "$defs": shared
    })
}

/// What stands in the system stream is written by the ledger alone.
fn importable() -> impl Iterator<Item = Kind> {
    Kind::ALL.iter().copied().filter(|kind| kind.category() != Category::System)
}

fn header() -> Value {
    json!({
        "type": "object",
        "required": ["format", "version", "authority", "invented"],
        "additionalProperties": false,
        "properties": {
            "format": { "const": FORMAT },
            "version": { "const": VERSION },
            "authority": { "type": "string", "description": "code of the local authority, or a local code" },
            "invented": { "type": "boolean", "description": "whether everybody in the file is invented" },
            "note": { "type": "string" },
            "as_at": { "type": "string", "format": "date" }
        }
    })
}

fn event() -> Value {
    let uuid = json!({ "$ref": "#/$defs/uuid" });
    let marks = [Confidentiality::Restricted, Confidentiality::SealedAdoption].map(Confidentiality::name);
    json!({
        "type": "object",
        "required": ["stream", "category", "event_id", "command_id", "kind", "schema", "occurred", "recorded_by", "role", "facts"],
        "additionalProperties": false,
        "properties": {
            "stream": uuid,
            "category": { "enum": Category::ALL.map(Category::name) },
            "event_id": uuid,
            "command_id": uuid,
            "kind": { "type": "string" },
            "schema": { "type": "integer", "minimum": 1 },
            "occurred": { "$ref": "#/$defs/occurred" },
            "recorded_by": uuid,
            "role": { "type": "string" },
            "team": { "type": "string" },
            "source_recorded_at": { "$ref": "#/$defs/source_time" },
            "import": { "$ref": "#/$defs/import" },
            "causation": uuid,
            "correlation": uuid,
            "confidentiality": { "enum": marks },
            "facts": { "type": "object" },
            "sealed": { "type": "object", "additionalProperties": { "type": "string" } },
            "sealed_destroyed": { "type": "boolean", "description": "written by an export where the key of what was sealed was destroyed" },
            "position": { "type": "integer", "minimum": 1, "description": "written by an export, not read by an import" },
            "revision": { "type": "integer", "minimum": 1, "description": "written by an export, not read by an import" },
            "recorded_at": { "type": "string", "format": "date-time", "description": "written by an export; an import takes it as source_recorded_at where there is none" }
        }
    })
}

fn occurred() -> Value {
    json!({
        "type": "string",
        "description": "YYYY-MM-DD, YYYY-MM-DDThh:mm+hh:mm (seconds allowed), FROM/TO with '..' for an open end, or unknown; '~' last marks an estimate",
        "pattern": "^(unknown|[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?[+-][0-9]{2}:[0-9]{2})?|([0-9]{4}-[0-9]{2}-[0-9]{2}|\\.\\.)/([0-9]{4}-[0-9]{2}-[0-9]{2}|\\.\\.))~?$"
    })
}

fn source_time() -> Value {
    json!({
        "type": "string",
        "description": "when the source says that it was entered: a day, or an instant with its offset",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
    })
}

fn import() -> Value {
    json!({
        "type": "object",
        "required": ["import", "as_at", "sheet", "row"],
        "additionalProperties": false,
        "properties": {
            "import": { "$ref": "#/$defs/uuid" },
            "as_at": { "type": "string", "format": "date" },
            "sheet": { "type": "string" },
            "row": { "type": "integer", "minimum": 0 }
        }
    })
}

fn entities() -> Value {
    let roles: Map<String, Value> = EntityRole::ALL
        .iter()
        .map(|role| (role.name().to_owned(), json!({ "$ref": "#/$defs/uuid" })))
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": roles })
}

fn authors() -> Value {
    let roles: Map<String, Value> = AuthorRole::ALL
        .iter()
        .map(|role| (role.name().to_owned(), json!({ "$ref": "#/$defs/uuid" })))
        .collect();
    json!({ "type": "object", "additionalProperties": false, "properties": roles })
}

/// The categories of stream in which a kind may stand.
fn categories(kind: Kind) -> Value {
    match kind.categories() {
        [only] => json!({ "const": only.name() }),
        several => json!({ "enum": several.iter().map(|category| category.name()).collect::<Vec<_>>() }),
    }
}

fn code() -> Value {
    json!({
        "type": "string",
        "description": "a code of a return or a local list; never narrative",
        "pattern": "^[A-Za-z0-9_.-]{1,32}$"
    })
}

/// An absent value is an absent key: takes `null` out of what a schema allows.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(without_null);
            if let Some(Value::Array(types)) = members.get_mut("type") {
                types.retain(|name| name != "null");
                let only = if types.len() == 1 { types.pop() } else { None };
                members.extend(only.map(|name| ("type".to_owned(), name)));
            }
            if let Some(mut choices) = members.get("anyOf").and_then(Value::as_array).cloned() {
                choices.retain(|choice| *choice != json!({ "type": "null" }));
                if let [Value::Object(only)] = choices.as_slice() {
                    members.remove("anyOf");
                    members.extend(only.clone());
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the fields of a line are for one kind. Definitions of its details go to `shared`.
fn kind_schema(kind: Kind, shared: &mut Map<String, Value>) -> Value {
    let mut details = kind.details_schema().to_value();
    if let Some(object) = details.as_object_mut() {
        object.remove("$schema");
        if let Some(Value::Object(definitions)) = object.remove("$defs") {
            shared.extend(definitions);
        }
    }
    without_null(&mut details);
    json!({
        "title": kind.name(),
        "properties": {
            "kind": { "const": kind.name() },
            // A line of an older version is read too; what is described is the newest.
            "schema": { "minimum": kind.schema_version(), "maximum": kind.schema_version() },
            "category": categories(kind),
            "facts": {
                "type": "object",
                "required": ["details"],
                "additionalProperties": false,
                "properties": {
                    "authors": { "$ref": "#/$defs/authors" },
                    "details": details,
                    "entities": { "$ref": "#/$defs/entities" }
                }
            }
        }
    })
}
