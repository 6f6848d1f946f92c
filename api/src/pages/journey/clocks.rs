//! The clock strip: a card for each clock that is open or went wrong, and a table of all.

use domain::clocks::{Clock, State};
use domain::events::Kind;
use maud::{Markup, html};
use projections::wording::{self, long_date};

use super::super::words;
use super::Links;
use crate::child_view::ChildView;
use crate::components::{Cell, Table, details, table, tag};

/// At most so many cards; the table below holds every clock.
const CARDS: usize = 9;

pub(super) fn strip(view: &ChildView, links: &Links) -> Markup {
    let mut clocks: Vec<&Clock<'static>> = view.replay.answers.clocks.iter().collect();
    clocks.sort_by_key(|clock| (words::urgency(clock.state), clock.due_on));
    let open: Vec<&&Clock<'static>> = clocks.iter().filter(|clock| needs_a_card(clock)).collect();
    html! {
        section id="clocks" aria-labelledby="clocks-heading" {
            h2 class="govuk-heading-m" id="clocks-heading" { "Clocks" }
            @if clocks.is_empty() { p class="govuk-body" { "No clock has started." } }
            @else if open.is_empty() { p class="govuk-body" { "No clock is open." } }
            div class="cl-cards" {
                @for clock in open.iter().take(CARDS) { (card(view, clock, links)) }
            }
            (left_out(&clocks))
            @if open.len() > CARDS {
                p class="govuk-body" { (open.len() - CARDS) " more open clocks stand in the table below." }
            }
            @if !clocks.is_empty() {
                (details(&format!("All {} clocks", clocks.len()), &all(&clocks, links)))
            }
        }
    }
}

/// How many clocks wait for something that nobody records here; they stand in the table, not on cards.
fn left_out(clocks: &[&Clock<'static>]) -> Markup {
    let number = clocks.iter().filter(|clock| clock.state.is_left_out()).count();
    html! {
        @if number > 0 {
            p class="govuk-body" {
                "We cannot tell for " (number) @if number == 1 { " deadline" } @else { " deadlines" }
                ", because nothing of the kind that would stop " @if number == 1 { "it" } @else { "them" }
                " is recorded in this ledger: see the table below."
            }
        }
    }
}

fn needs_a_card(clock: &Clock<'_>) -> bool {
    match clock.state {
        state if state.is_left_out() => false,
        State::Overdue | State::DueSoon | State::Running => true,
        State::CannotTell(_) | State::HistoryIncomplete => clock.is_open(),
        State::Met | State::Late | State::TooEarly | State::NotApplicable => false,
    }
}

fn card(view: &ChildView, clock: &Clock<'static>, links: &Links) -> Markup {
    let (state, colour) = words::state(clock.state);
    html! {
        div class="cl-card" {
            h3 class="cl-card__title" { a class="govuk-link" href=(links.clock(clock)) { (clock.rule.title) } }
            p class="cl-card__state" { (tag(state, colour)) " " span class="cl-id" { (clock.rule.id) } }
            @if let Some(used) = words::used_of_allowed(clock) { p class="govuk-body-s" { "Used " (used) } }
            (bar(clock))
            p class="govuk-body-s" { "Due by " (words::last_day(&view.knowledge, clock)) }
            @if let Some(why) = why(clock) { p class="govuk-body-s" { (why) } }
            @if !clock.version.verified.read { p class="govuk-body-s cl-unverified" { "We have not checked this rule against its source." } }
        }
    }
}

/// A bar that repeats `used of allowed`; the words beside it carry the meaning.
fn bar(clock: &Clock<'_>) -> Markup {
    let share = match (clock.used, clock.allowed) {
        (Some(used), Some(allowed))
            if used.unit == allowed.unit && allowed.amount > 0 && words::is_told_and_open(clock.state) =>
        {
            (used.amount * 100 / allowed.amount).clamp(0, 100)
        }
        _ => return html! {},
    };
    html! {
        svg class="cl-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect width="100" height="6" class="cl-bar__all" {}
            rect width=(share) height="6" class={ "cl-bar__used cl-bar__used--" (clock.state.name()) } {}
        }
    }
}

pub(in crate::pages) fn why(clock: &Clock<'_>) -> Option<String> {
    match clock.state {
        State::CannotTell(why) if clock.state.is_left_out() => {
            let kinds: Vec<&str> = clock.waits_for().into_iter().map(Kind::title).collect();
            Some(format!("We cannot tell: {} ({}).", why.sentence(), kinds.join(", ")))
        }
        State::CannotTell(why) => Some(format!("We cannot tell: {}.", why.sentence())),
        State::HistoryIncomplete => {
            Some("The sources do not hold the whole history that this clock needs.".to_owned())
        }
        State::Running
        | State::DueSoon
        | State::Overdue
        | State::Met
        | State::Late
        | State::TooEarly
        | State::NotApplicable => None,
    }
}

fn all(clocks: &[&Clock<'static>], links: &Links) -> Markup {
    let rows = clocks.iter().map(|clock| row(clock, links)).collect();
    table(&Table {
        caption: "Every clock",
        head: &["Clock", "State", "Started", "Due by", "Ended", "Used"],
        rows,
    })
}

fn row(clock: &Clock<'static>, links: &Links) -> Vec<Cell> {
    let (state, colour) = words::state(clock.state);
    vec![
        Cell::new(
            html! { a class="govuk-link" href=(links.clock(clock)) { (clock.rule.title) } " (" (clock.rule.id) ")" },
        ),
        Cell::new(tag(state, colour)),
        Cell::new(html! { (wording::when(clock.start.occurred)) }),
        Cell::new(html! { (clock.due_on.map_or("not settled".to_owned(), long_date)) }),
        Cell::new(html! { (clock.ended().map_or("open".to_owned(), wording::when)) }),
        Cell::new(html! { (words::used_of_allowed(clock).unwrap_or_else(|| "not settled".to_owned())) }),
    ]
}
