//! The parameters of a request, from a JSON body or a query string, held to their shapes.
//!
//! A batch (an array) is refused: one request is one document with one budget.

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::Refused;

/// A request as sent; `extensions` are read and hold nothing that is used here.
#[derive(Debug)]
pub(super) struct Parameters {
    pub(super) query: String,
    pub(super) operation_name: Option<String>,
    variables: Map<String, Value>,
}

impl Parameters {
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, Refused> {
        let body: Value = serde_json::from_slice(bytes)
            .map_err(|error| Refused::bad_request(format!("the body is not JSON: {error}")))?;
        match body {
            Value::Object(fields) => Self::from_fields(fields),
            Value::Array(_) => Err(Refused::bad_request("a batch is not read: send one operation a request")),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Err(Refused::bad_request("the body is not a JSON object"))
            }
        }
    }

    pub(super) fn from_query(query: &str) -> Result<Self, Refused> {
        let pairs: Vec<(String, String)> = axum::extract::Query::try_from_uri(
            &format!("/?{query}")
                .parse()
                .map_err(|_| Refused::bad_request("the query string is not a URL's"))?,
        )
        .map_err(|_| Refused::bad_request("the query string cannot be read"))?
        .0;
        let mut fields = Map::new();
        for (name, value) in pairs {
            let value = match name.as_str() {
                "query" | "operationName" => Value::String(value),
                "variables" | "extensions" => serde_json::from_str(&value)
                    .map_err(|error| Refused::bad_request(format!("{name} is not JSON: {error}")))?,
                _ => continue,
            };
            if fields.insert(name.clone(), value).is_some() {
                return Err(Refused::bad_request(format!("{name} stands twice")));
            }
        }
        Self::from_fields(fields)
    }

    /// From the two texts of a form; empty variables are none.
    pub(super) fn from_texts(query: &str, variables: &str) -> Result<Self, Refused> {
        let mut fields = Map::new();
        fields.insert("query".to_owned(), Value::String(query.to_owned()));
        if !variables.trim().is_empty() {
            let read = serde_json::from_str(variables)
                .map_err(|error| Refused::bad_request(format!("variables is not JSON: {error}")))?;
            fields.insert("variables".to_owned(), read);
        }
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, Refused> {
        let query = match fields.remove("query") {
            Some(Value::String(text)) => text,
            Some(_) => return Err(Refused::bad_request("query is not a string")),
            None => return Err(Refused::bad_request("query is missing")),
        };
        let operation_name = match fields.remove("operationName") {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(Refused::bad_request("operationName is not a string")),
        };
        let variables = object_or_nothing(&mut fields, "variables")?;
        object_or_nothing(&mut fields, "extensions")?;
        Ok(Self { query, operation_name, variables })
    }

    /// Every variable that must have a value has one. The executor would only notice where it is used.
    pub(super) fn check_required(&self, document: &ExecutableDocument) -> Result<(), String> {
        let chosen = document.operations.iter().find(|(name, _)| match &self.operation_name {
            Some(wanted) => name.is_some_and(|name| name.as_str() == wanted),
            None => true,
        });
        let Some((_, operation)) = chosen else { return Ok(()) };
        for variable in &operation.node.variable_definitions {
            let name = variable.node.name.node.as_str();
            let given = self.variables.get(name);
            let required = !variable.node.var_type.node.nullable;
            let absent_without_default = given.is_none() && variable.node.default_value.is_none();
            if required && (absent_without_default || given.is_some_and(Value::is_null)) {
                return Err(format!("variable ${name} must have a value: its type is not nullable"));
            }
        }
        Ok(())
    }

    pub(super) fn into_request(self, document: ExecutableDocument) -> Request {
        let mut request =
            Request::new(self.query).variables(Variables::from_json(Value::Object(self.variables)));
        if let Some(name) = self.operation_name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(document);
        request
    }
}

fn object_or_nothing(fields: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refused> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(Refused::bad_request(format!("{name} is not an object"))),
    }
}
