//! The journey of one child: story, clocks, the known-at control, swim-lanes, and the timeline with the same content.

mod clocks;
mod known_at;
mod lanes;
mod story;
mod timeline;

pub(super) use clocks::why;
pub(super) use timeline::byline;

use axum::extract::{Path, State};
use maud::{Markup, html};
use projections::wording::long_date;

use super::failure::Failure;
use super::knowledge::{basis_banner, citation};
use super::query::{Address, Query};
use super::{Pairs, framed, permit, read, words};
use crate::access::Action;
use crate::asked::Asked;
use crate::child_view::ChildView;
use crate::components::{Colour, NavigationItem, Problem, error_summary, identity_bar, sub_navigation, tag};
use crate::state::AppState;

/// Addresses of a child's pages that keep the knowledge of the question.
#[derive(Clone)]
pub(super) struct Links {
    base: String,
    asked: Asked,
}

impl Links {
    pub(super) fn of(view: &ChildView) -> Self {
        Self { base: format!("/children/{}", view.replay.stream), asked: view.knowledge.asked }
    }

    pub(super) fn journey(&self) -> Address {
        Address::knowing(&self.base, self.asked)
    }

    pub(super) fn journey_with(&self, asked: Asked) -> Address {
        Address::knowing(&self.base, asked)
    }

    pub(super) fn event(&self, id: domain::ids::EventId) -> Address {
        Address::knowing(format!("{}/events/{id}", self.base), self.asked)
    }

    pub(super) fn clock(&self, clock: &domain::clocks::Clock<'_>) -> Address {
        let domain::clocks::Clock { rule, entity, occurrence, .. } = clock;
        Address::knowing(format!("{}/clocks/{}/{entity}/{occurrence}", self.base, rule.id), self.asked)
    }

    pub(super) fn path(&self) -> &str {
        &self.base
    }
}

pub(super) async fn show(
    State(state): State<AppState>,
    Path(stream): Path<String>,
    pairs: Pairs,
) -> Result<Markup, Failure> {
    permit(&state, Action::SeeJourney)?;
    let query = read(pairs);
    let (asked, problems) = query.asked();
    let view = load(&state, &stream, asked).await?;
    Ok(render(&view, &query, problems))
}

pub(super) async fn load(state: &AppState, stream: &str, asked: Asked) -> Result<ChildView, Failure> {
    let stream = stream.parse().map_err(|_| Failure::NotFound("child at this address"))?;
    let view = ChildView::load(state.reading.as_ref(), stream, asked, (state.now)()).await?;
    view.ok_or(Failure::NotFound("child at this address"))
}

fn render(view: &ChildView, query: &Query, mut problems: Vec<Problem>) -> Markup {
    let links = Links::of(view);
    let chosen = timeline::Chosen::read(query, &mut problems);
    let content = html! {
        (error_summary(&problems))
        (basis_banner(&view.knowledge, links.path()))
        h1 class="govuk-heading-l" { "Journey" }
        (story::story(view, &links))
        (known_at::control(view, &links))
        (clocks::strip(view, &links))
        (lanes::lanes(view, &links))
        (timeline::section(view, &chosen, &links))
        (citation(&view.knowledge))
    };
    framed("Journey", None, above(view, &links, Part::Journey), &content)
}

/// The parts of a child's pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Journey,
    Other,
}

/// Identity bar and sub navigation over every page of a child.
pub(super) fn above(view: &ChildView, links: &Links, part: Part) -> Markup {
    let item = |text: &str, anchor: &str| {
        let here = part == Part::Journey && anchor.is_empty();
        NavigationItem::new(text, format!("{}{anchor}", links.journey()), here)
    };
    let items = [
        item("Journey", ""),
        item("Clocks", "#clocks"),
        item("Lanes", "#lanes"),
        item("Timeline", "#timeline"),
    ];
    html! {
        (identity_bar(&html! { strong { (view.name()) } }, &identity_facts(view)))
        div class="govuk-width-container" { (sub_navigation("Parts of this journey", &items)) }
    }
}

fn identity_facts(view: &ChildView) -> Vec<Markup> {
    let summary = &view.replay.summary;
    let as_at = view.knowledge.as_at();
    let life = &summary.life;
    let age = match (life.died_on, life.born_on) {
        (Some(died_on), _) => format!("died on {}", long_date(died_on)),
        (None, Some(born_on)) if born_on > as_at => format!("unborn, date of birth {}", long_date(born_on)),
        (None, Some(born_on)) => {
            words::age(born_on, as_at).map_or(String::new(), |age| format!("aged {age}"))
        }
        (None, None) => life.expected_on.map_or("age not known".to_owned(), |expected| {
            format!("unborn, expected {}", long_date(expected))
        }),
    };
    let status = summary.status.words();
    let status = html! {
        @if summary.events == 0 { (tag("Nothing known", Colour::Grey)) }
        @else if status.is_empty() { (tag("Nothing running", Colour::Grey)) }
        @for words in status { (tag(words, Colour::Blue)) " " }
    };
    let team = summary.team.as_ref().map(|team| html! { "team as recorded: " (team) });
    [html! { (age) }, status].into_iter().chain(team).collect()
}
