//! Server-rendered pages. Each works without JavaScript, and every view is an address.
//!
//! A page asks, folds and words; it decides nothing about practice and stores nothing. Invariant: no page shows
//! a time of day that nobody recorded, and none says a state by colour alone.

mod children;
mod clock;
mod event;
mod explorer;
mod failure;
mod journey;
mod knowledge;
mod left_out;
mod names;
mod query;
mod start;
mod words;

use axum::Router;
use axum::extract::Query as UrlQuery;
use axum::routing::get;
use maud::Markup;

use crate::access::{Action, Decision, decide};
use crate::components::{Frame, NavigationItem, page};
use crate::state::AppState;
use failure::Failure;
use query::Query;

/// The routes of all pages.
pub(crate) fn router(state: AppState, executor: explorer::Executor) -> Router {
    Router::new()
        .route("/", get(start::show))
        .route("/children", get(children::show))
        .route("/children/{stream}", get(journey::show))
        .route("/children/{stream}/clocks/{rule}/{entity}/{occurrence}", get(clock::show))
        .route("/children/{stream}/events/{event}", get(event::show))
        .with_state(state)
        .merge(explorer::router(executor))
        .fallback(failure::no_such_page)
}

/// The parameters of an address as pairs.
type Pairs = UrlQuery<Vec<(String, String)>>;

fn read(UrlQuery(pairs): Pairs) -> Query {
    Query::new(pairs)
}

/// Whether the subject of the server may do something; a page asks before it reads anything.
fn permit(state: &AppState, action: Action) -> Result<(), Failure> {
    match decide(state.subject, action) {
        Decision::Permit => Ok(()),
        Decision::Deny => Err(Failure::Forbidden),
    }
}

/// The parts of the service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Start,
    Children,
    Explorer,
}

/// A page in the frame of the service.
fn framed(title: &str, section: Option<Section>, above: Markup, content: &Markup) -> Markup {
    let item = |text: &str, href: &str, of| NavigationItem::new(text, href, section == Some(of));
    let navigation = [
        item("Start", "/", Section::Start),
        item("Children", "/children", Section::Children),
        item("API explorer", "/explorer", Section::Explorer),
    ];
    let footnotes = [
        "There is no sign-in yet: whoever reaches this address sees everything. The server listens on this \
         machine only unless its operator chose otherwise."
            .to_owned(),
        "Every figure can be opened down to its events, the version of the rule, the calendar, and the moment \
         and basis of knowledge."
            .to_owned(),
    ];
    page(&Frame { title, navigation: &navigation, above, footnotes: &footnotes }, content)
}

#[cfg(test)]
mod tests;
