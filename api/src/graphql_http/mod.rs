//! GraphQL over HTTP, after the draft of that name (graphql/graphql-over-http, `spec/GraphQLOverHTTP.md`).
//!
//! Our own layer, because the stock responder ignores `Accept` and its GET path executes mutations. It knows
//! nothing of the schema: it reads a request, refuses what is too large or malformed, has it executed, and
//! chooses status and media type. Invariant: a GET never executes anything but a query, no text
//! reaches the parser before its nesting is checked, and no document the executor before its budget is.

mod accept;
mod budget;
mod parameters;
mod reply;
mod shape;

pub use budget::{Budget, OverBudget};

use std::time::Duration;

use async_graphql::Executor;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use axum::routing::any;
use tokio::time::timeout;

use crate::errors::Code;
use accept::MediaType;
use parameters::Parameters;
use reply::{refuse, refuse_method, reply};

/// Largest request body, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Longest execution of one request.
pub const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The route `/graphql` over an executor, usually an `async_graphql::Schema`.
pub fn router<E: Executor>(executor: E) -> Router {
    Router::new().route("/graphql", any(handle::<E>)).with_state(executor)
}

async fn handle<E: Executor>(State(executor): State<E>, request: Request) -> Response {
    let Some(media) = accept::negotiate(request.headers().get_all(header::ACCEPT)) else {
        return refuse(MediaType::Json, StatusCode::NOT_ACCEPTABLE, Code::NotAcceptable, accept::OFFERED);
    };
    let by_get = *request.method() == Method::GET;
    let read = match *request.method() {
        Method::GET => Parameters::from_query(request.uri().query().unwrap_or_default()),
        Method::POST => read_body(request).await,
        _ => return refuse_method(media, "GET, POST", "only GET and POST are answered"),
    };
    match read {
        Ok(parameters) => answer(executor, media, by_get, parameters).await,
        Err(refused) => refuse(media, refused.status, refused.code, &refused.message),
    }
}

/// Runs a query as a GET would, for a page of this server.
pub(crate) async fn run_query<E: Executor>(executor: E, query: &str, variables: &str) -> Response {
    let media = MediaType::Json;
    match Parameters::from_texts(query, variables) {
        Ok(parameters) => answer(executor, media, true, parameters).await,
        Err(refused) => refuse(media, refused.status, refused.code, &refused.message),
    }
}

/// Why a request was refused before its document was looked at.
struct Refused {
    status: StatusCode,
    code: Code,
    message: String,
}

impl Refused {
    fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: Code::BadRequest, message: message.into() }
    }
}

async fn read_body(request: Request) -> Result<Parameters, Refused> {
    if !is_json(&request) {
        return Err(Refused {
            status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
            code: Code::UnsupportedMediaType,
            message: "send application/json in UTF-8, not compressed".into(),
        });
    }
    let body: Body = request.into_body();
    let read = timeout(BODY_TIME, to_bytes(body, BODY_LIMIT)).await;
    let bytes = read.ok().and_then(Result::ok).ok_or_else(|| Refused {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        code: Code::BodyTooLarge,
        message: format!("the body is larger than {BODY_LIMIT} bytes, or was cut off or not sent in time"),
    })?;
    Parameters::from_json(&bytes)
}

fn is_json(request: &Request) -> bool {
    let headers = request.headers();
    let identity = headers.get(header::CONTENT_ENCODING).is_none_or(|value| value == "identity");
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    identity && content_type.is_some_and(accept::is_json_in_utf8)
}

async fn answer<E: Executor>(
    executor: E,
    media: MediaType,
    by_get: bool,
    parameters: Parameters,
) -> Response {
    let text = &parameters.query;
    if let Err(over) = budget::check_length(text).and_then(|()| shape::check(text)) {
        return refuse(media, StatusCode::BAD_REQUEST, Code::OverBudget, &over.to_string());
    }
    let document = match parse_query(&parameters.query) {
        Ok(document) => document,
        Err(error) => return reply::unparsable(media, &error),
    };
    if by_get && !is_query(&document, parameters.operation_name.as_deref()) {
        return refuse_method(media, "POST", "only a query may be sent by GET");
    }
    if let Err(over) = Budget::default().check(&document) {
        return refuse(media, StatusCode::BAD_REQUEST, Code::OverBudget, &over.to_string());
    }
    if let Err(missing) = parameters.check_required(&document) {
        return reply::invalid(media, &missing);
    }
    execute(executor, media, parameters.into_request(document)).await
}

async fn execute<E: Executor>(executor: E, media: MediaType, request: async_graphql::Request) -> Response {
    match timeout(TIME_LIMIT, executor.execute(request)).await {
        Ok(response) => reply(media, response),
        Err(_elapsed) => refuse(
            media,
            StatusCode::SERVICE_UNAVAILABLE,
            Code::TimedOut,
            "the answer took longer than 5 seconds: ask for fewer rows or a shorter period",
        ),
    }
}

/// Whether the operation that would run is a query. A document whose operation cannot be told is let through:
/// the executor refuses it.
fn is_query(document: &ExecutableDocument, operation_name: Option<&str>) -> bool {
    let mut operations = document.operations.iter();
    let chosen = match operation_name {
        Some(wanted) => operations.find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted)),
        None => operations.next(),
    };
    chosen.is_none_or(|(_, operation)| operation.node.ty == OperationType::Query)
}

#[cfg(test)]
mod tests;
