//! Turns an answer or a refusal into a response: status, media type, and errors with a stable code.

use async_graphql::{Response as GraphqlResponse, ServerError, Value};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::accept::MediaType;
use crate::busy::RETRY_AFTER;
use crate::errors::Code;

/// The response for an executed (or invalid) document.
///
/// A request error (nothing was executed) has no `data` entry, and is 400 where the client reads
/// `application/graphql-response+json`; older clients get 200.
pub(super) fn reply(media: MediaType, mut response: GraphqlResponse) -> Response {
    response.errors.iter_mut().for_each(give_code);
    if is_request_error(&response) {
        let errors: Vec<serde_json::Value> = response.errors.iter().map(told).collect();
        return send(media, status_of_request_error(media), &json!({ "errors": errors }));
    }
    let status =
        if response.errors.iter().any(is_away) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let body = serde_json::to_value(&response);
    match body {
        Ok(body) => send(media, status, &body),
        Err(_) => {
            refuse(media, StatusCode::INTERNAL_SERVER_ERROR, Code::Fault, "the answer cannot be written")
        }
    }
}

/// A document that does not parse.
pub(super) fn unparsable(media: MediaType, error: &async_graphql::parser::Error) -> Response {
    let locations: Vec<_> =
        error.positions().map(|at| json!({ "line": at.line, "column": at.column })).collect();
    let error = json!({
        "message": error.to_string(),
        "locations": locations,
        "extensions": { "code": Code::DocumentUnparsable.name() },
    });
    send(media, status_of_request_error(media), &json!({ "errors": [error] }))
}

/// A document or variables that do not fit each other.
pub(super) fn invalid(media: MediaType, message: &str) -> Response {
    refuse(media, status_of_request_error(media), Code::DocumentInvalid, message)
}

/// A refusal before execution.
pub(super) fn refuse(media: MediaType, status: StatusCode, code: Code, message: &str) -> Response {
    let error = json!({ "message": message, "extensions": { "code": code.name() } });
    send(media, status, &json!({ "errors": [error] }))
}

/// 405 with the methods that would be answered.
pub(super) fn refuse_method(media: MediaType, allow: &'static str, message: &str) -> Response {
    let mut response = refuse(media, StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, message);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// The database was away for a part of the answer: not even a client that reads no codes takes it for whole.
fn is_away(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
    code == Some(&Value::String(Code::Unavailable.name().to_owned()))
}

/// Nothing was executed: there is no data, and no error belongs to a field.
fn is_request_error(response: &GraphqlResponse) -> bool {
    response.data == Value::Null
        && !response.errors.is_empty()
        && response.errors.iter().all(|error| error.path.is_empty())
}

fn status_of_request_error(media: MediaType) -> StatusCode {
    match media {
        MediaType::Json => StatusCode::OK,
        MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
    }
}

/// Gives the executor's own errors a code: clients branch on it. Errors of resolvers bring theirs along.
fn give_code(error: &mut ServerError) {
    let code = match error.message.as_str() {
        "Query is too complex." | "Query is nested too deep." => Code::OverBudget,
        // The executor says so of a value that a scalar cannot read, such as a date that is none.
        message if message.starts_with("Failed to parse") => Code::BadArgument,
        _ if error.path.is_empty() => Code::DocumentInvalid,
        _ => return,
    };
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_none() {
        extensions.set("code", code.name());
    }
}

fn told(error: &ServerError) -> serde_json::Value {
    let mut value = serde_json::to_value(error).unwrap_or_else(|_| json!({ "message": error.message }));
    if let Some(fields) = value.as_object_mut() {
        fields.remove("path");
    }
    value
}

fn send(media: MediaType, status: StatusCode, body: &serde_json::Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept"),
    ];
    let mut response = (status, headers, body.to_string()).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}
