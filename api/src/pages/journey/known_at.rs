//! The known-at control: earlier and later moments at which something became known, now, and a date to type.
//!
//! A plain form; its stops are the distinct moments of recording on the basis of the question.

use chrono::{DateTime, Utc};
use domain::journey::Basis;
use maud::{Markup, html};

use super::super::query::Address;
use super::super::words;
use super::Links;
use crate::asked::{Asked, Moment};
use crate::child_view::ChildView;
use crate::components::count;

pub(super) fn control(view: &ChildView, links: &Links) -> Markup {
    let asked = view.knowledge.asked;
    let moments = view.moments(asked.basis);
    let until = asked.known_at.map(Moment::until);
    let known = moments.iter().filter(|(at, _)| until.is_none_or(|until| *at <= until)).count();
    let to = |at: Option<usize>| {
        at.and_then(|at| moments.get(at))
            .map(|(at, _)| links.journey_with(Asked { known_at: Some(Moment::of(*at)), ..asked }))
    };
    // Standing exactly on a stop, the previous change is the stop before it.
    let on_a_stop =
        known.checked_sub(1).and_then(|at| moments.get(at)).is_some_and(|(at, _)| Some(*at) == until);
    let previous = to(known.checked_sub(if on_a_stop || until.is_none() { 2 } else { 1 }));
    let next = to(Some(known));
    let now = asked.known_at.map(|_| links.journey_with(Asked { known_at: None, ..asked }));
    html! {
        section class="cl-known-at" aria-labelledby="known-at-heading" {
            h2 class="govuk-heading-s" id="known-at-heading" { "As known at" }
            p class="govuk-body" { (standing(&moments, known)) }
            (on_the_sources_word(view, links, moments.len()))
            ul class="cl-steps" {
                li { (step("Previous change", previous)) }
                li { (step("Next change", next)) }
                li { (step("Now", now)) }
            }
            (form(view, links))
        }
    }
}

fn standing(moments: &[(DateTime<Utc>, usize)], known: usize) -> Markup {
    html! {
        @match known.checked_sub(1).and_then(|at| moments.get(at)) {
            None => { "Nothing had become known yet; " (count(as_u32(moments.len()), "change")) " followed." },
            Some((at, events)) => {
                "Change " (known) " of " (moments.len()) ": " (words::known_from(*at)) ", "
                (count(as_u32(*events), "record")) " became known."
            },
        }
    }
}

/// A ledger that was filled by an import knows all of it since that day; what the source knew before is a click away.
fn on_the_sources_word(view: &ChildView, links: &Links, changes: usize) -> Markup {
    let asked = view.knowledge.asked;
    let stated = view.moments(Basis::Source).len();
    html! {
        @if asked.basis == Basis::Ledger && stated > changes {
            p class="govuk-body" {
                "The source states " (count(as_u32(stated), "moment")) " of entry for this child: "
                a class="govuk-link" href=(links.journey_with(Asked { basis: Basis::Source, ..asked })) { "step through them on the source’s word" } "."
            }
        }
    }
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A link, or words that say why there is none.
fn step(text: &str, address: Option<Address>) -> Markup {
    html! {
        @match address {
            Some(address) => a class="govuk-link" href=(address) { (text) },
            None => span class="cl-step--none" { (text) " (none)" },
        }
    }
}

fn form(view: &ChildView, links: &Links) -> Markup {
    let asked = view.knowledge.asked;
    let typed = asked.known_at.map(|moment| moment.day().to_string()).unwrap_or_default();
    let as_at = asked.as_at.map(|day| day.to_string()).unwrap_or_default();
    html! {
        form method="get" action=(links.path()) class="cl-form" {
            div class="govuk-form-group" {
                label class="govuk-label" for="known-at" { "Known at the end of" }
                input class="govuk-input" type="date" id="known-at" name="known-at" value=(typed);
            }
            div class="govuk-form-group" {
                label class="govuk-label" for="basis" { "According to" }
                select class="govuk-select" id="basis" name="basis" {
                    @for basis in Basis::ALL {
                        option value=(basis) selected[basis == asked.basis] { (short(basis)) }
                    }
                }
            }
            div class="govuk-form-group" {
                label class="govuk-label" for="as-at" { "Show deadlines as at" }
                input class="govuk-input" type="date" id="as-at" name="as-at" value=(as_at);
            }
            button type="submit" class="govuk-button govuk-button--secondary" { "Show" }
        }
    }
}

fn short(basis: Basis) -> &'static str {
    match basis {
        Basis::Ledger => "the ledger (proved)",
        Basis::Source => "the source system (claimed)",
        Basis::Extract => "the file’s date (latest possible)",
    }
}
