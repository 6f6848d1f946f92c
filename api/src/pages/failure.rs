//! What a reader is told when there is no page: what happened and what to do, and nothing of the inside.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

use super::framed;
use crate::busy::RETRY_AFTER;
use crate::reading::ReadingFault;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing has this address.
    NotFound(&'static str),
    /// The subject may not see it.
    Forbidden,
    /// The record could not be read.
    Reading(ReadingFault),
}

impl From<ReadingFault> for Failure {
    fn from(fault: ReadingFault) -> Self {
        Self::Reading(fault)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound(what) => (StatusCode::NOT_FOUND, not_found(what)).into_response(),
            Self::Forbidden => (StatusCode::FORBIDDEN, forbidden()).into_response(),
            Self::Reading(fault @ ReadingFault::Away { .. }) => {
                tracing::warn!(error = &fault as &dyn std::error::Error, "a page could not be made");
                let again = [(header::RETRY_AFTER, RETRY_AFTER)];
                (StatusCode::SERVICE_UNAVAILABLE, again, unreadable(&fault)).into_response()
            }
            Self::Reading(fault) => {
                tracing::error!(error = &fault as &dyn std::error::Error, "a page could not be made");
                (StatusCode::INTERNAL_SERVER_ERROR, unreadable(&fault)).into_response()
            }
        }
    }
}

pub(super) async fn no_such_page() -> Response {
    Failure::NotFound("a page at this address").into_response()
}

fn not_found(what: &str) -> Markup {
    message(
        "Page not found",
        &html! {
            p class="govuk-body" { "There is no " (what.trim_start_matches("a ")) ". If you typed the address, check it." }
            p class="govuk-body" { "You can " a class="govuk-link" href="/children" { "look through the list of children" } "." }
        },
    )
}

fn forbidden() -> Markup {
    message(
        "You may not see this page",
        &html! { p class="govuk-body" { "Ask whoever runs this ledger for access." } },
    )
}

fn unreadable(fault: &ReadingFault) -> Markup {
    let what = match fault {
        ReadingFault::Away { .. } => {
            "The database cannot be reached just now, or has too much to do. Nothing in the record was changed.".to_owned()
        }
        ReadingFault::Fault { .. } => {
            "The database could not be read. Nothing in the record was changed.".to_owned()
        }
        ReadingFault::MalformedHistory { stream, .. } => {
            format!(
                "An event of stream {stream} cannot be read by this program; a newer one may have written it."
            )
        }
    };
    message(
        "The record could not be read",
        &html! {
            p class="govuk-body" { (what) }
            p class="govuk-body" { "Try again. If it stays so, tell whoever runs this ledger; the server’s log names the cause." }
        },
    )
}

fn message(title: &str, content: &Markup) -> Markup {
    framed(title, None, html! {}, &html! { h1 class="govuk-heading-l" { (title) } (content) })
}
