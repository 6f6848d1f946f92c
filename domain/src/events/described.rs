//! What a kind of event is made of: its fields, sealed texts and one sentence, read from its JSON schema.
//!
//! Documentation, `caseledger kinds` and samples read this; nothing here is a second list of fields.

use serde_json::Value;

use super::Kind;

/// A field of a kind's details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What stands in it: `code`, `date`, `id`, `integer`, `yes or no`, `decimal`, `digest`, `text`, `event`, a
    /// closed list of words, or a list of one of these.
    pub shape: String,
    /// Whether it must be there.
    pub required: bool,
    /// Id of the list from which it takes its codes.
    pub code_list: Option<String>,
    /// What it says.
    pub doc: String,
}

impl Kind {
    /// What such an event says, in one sentence.
    pub fn sentence(self) -> String {
        let schema = self.details_schema().to_value();
        let doc = schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        // What is sealed and what else is to be known follows the first sentence.
        match doc.split_once(". ") {
            Some((first, _)) => format!("{first}."),
            None => doc,
        }
    }

    /// The fields of its details, sorted by name.
    pub fn fields(self) -> Vec<Field> {
        let schema = self.details_schema().to_value();
        let required: Vec<&str> = strings(schema.get("required"));
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Vec::new() };
        let mut fields: Vec<Field> = properties
            .iter()
            .map(|(name, field)| Field {
                name: name.clone(),
                shape: shape(field, &schema),
                required: required.contains(&name.as_str()),
                code_list: field.get("x-code-list").and_then(Value::as_str).map(str::to_owned),
                doc: text(field, "description"),
            })
            .collect();
        fields.sort_by(|left, right| left.name.cmp(&right.name));
        fields
    }

    /// Names of the texts that may be sealed beside its facts.
    pub fn sealed_fields(self) -> Vec<String> {
        let schema = self.details_schema().to_value();
        strings(schema.get("x-sealed")).into_iter().map(str::to_owned).collect()
    }
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text(schema: &Value, key: &str) -> String {
    schema.get(key).and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
}

/// The shape of a field in words.
fn shape(field: &Value, root: &Value) -> String {
    if let Some(choice) = not_null(field) {
        return shape(choice, root);
    }
    if let Some(name) = reference(field) {
        return named(name, root);
    }
    if let Some(items) = field.get("items") {
        return format!("list of {}", shape(items, root));
    }
    let format = field.get("format").and_then(Value::as_str);
    let kind = match field.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match (kind, format) {
        (Some("string"), Some("date")) => "date".to_owned(),
        (Some("string"), Some("uuid")) => "id".to_owned(),
        (Some("boolean"), _) => "yes or no".to_owned(),
        (Some("integer"), _) => "integer".to_owned(),
        (Some(kind), _) => (if kind == "string" { "text" } else { kind }).to_owned(),
        (None, _) => "one of a closed list".to_owned(),
    }
}

fn named(name: &str, root: &Value) -> String {
    match name {
        "Code" => "code".to_owned(),
        "DecimalText" => "decimal".to_owned(),
        "DigestText" => "digest".to_owned(),
        "CaseEvent" => "event".to_owned(),
        id if id.ends_with("Id") => "id".to_owned(),
        other => words(other, root).unwrap_or_else(|| "object".to_owned()),
    }
}

/// The words of a closed list.
fn words(name: &str, root: &Value) -> Option<String> {
    let definition = root.get("$defs")?.get(name)?;
    let choices = definition.get("oneOf").and_then(Value::as_array)?;
    let words: Vec<&str> = choices.iter().filter_map(|choice| choice.get("const")?.as_str()).collect();
    Some(format!("one of {}", words.join(", ")))
}

/// The one choice beside null.
fn not_null(field: &Value) -> Option<&Value> {
    field
        .get("anyOf")
        .and_then(Value::as_array)?
        .iter()
        .find(|choice| choice.get("type").and_then(Value::as_str) != Some("null"))
}

fn reference(field: &Value) -> Option<&str> {
    field.get("$ref").and_then(Value::as_str)?.rsplit('/').next()
}
