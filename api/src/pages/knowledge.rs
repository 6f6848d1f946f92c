//! The basis banner: as of when and according to whom a page speaks. Every page that shows facts shows it.

use domain::journey::Basis;
use maud::{Markup, html};
use projections::wording::long_date;

use super::query::Address;
use super::words;
use crate::asked::{Asked, Knowledge};
use crate::components::banner;

/// Says on what knowledge the page rests, and leads back to now. `path` is the page without parameters.
pub(super) fn basis_banner(knowledge: &Knowledge, path: &str) -> Markup {
    let asked = knowledge.asked;
    let is_now = asked.known_at.is_none() && asked.basis == Basis::Ledger;
    html! {
        @if !is_now || asked.as_at.is_some() {
            (banner(&html! {
                @match asked.known_at {
                    Some(moment) => { "You are seeing the record as it stood " (words::moment(moment)) "." },
                    None => { "You are seeing everything that the ledger holds." },
                }
                " Basis: " (words::basis(asked.basis)) "."
                @if asked.as_at.is_some() { " The question is about " (long_date(knowledge.as_at())) "." }
                " " a class="govuk-link" href=(Address::new(path)) { "Return to now" }
            }))
        }
        @if let Some(caution) = caution(knowledge) { p class="govuk-body cl-caution" { (caution) } }
    }
}

/// What a reader must not overlook about knowledge from before the ledger, or on a source's word.
fn caution(knowledge: &Knowledge) -> Option<String> {
    let began = words::instant(knowledge.ledger.began);
    match knowledge.asked.basis {
        Basis::Ledger if knowledge.is_before_the_ledger() => Some(format!(
            "The ledger began on {began}. Before that it proves nothing, so this page is empty: choose the basis \
             “source” or “extract” to see what the source claims to have known."
        )),
        Basis::Ledger => None,
        Basis::Source | Basis::Extract => Some(format!(
            "The ledger began on {began}; knowledge of an earlier day is only what the source claims."
        )),
    }
}

/// Where the answer stands in the ledger, for a citation at the foot of a page.
pub(super) fn citation(knowledge: &Knowledge) -> Markup {
    let ledger = &knowledge.ledger;
    html! {
        p class="govuk-body-s cl-citation" {
            "Answered from ledger " span class="cl-id" { (ledger.id) } ", epoch " (knowledge.resolved.epoch)
            ", up to position " (knowledge.position()) "; basis " (knowledge.asked.basis)
            "; about " (long_date(knowledge.as_at())) "; bank holidays as announced by "
            (long_date(knowledge.resolved.calendar_known.date())) "."
            @if knowledge.is_provisional() { " Later recording can still change this answer." }
            @else { " This answer no longer changes." }
        }
    }
}

/// The hidden fields that a plain form needs to keep the knowledge of the page.
pub(super) fn hidden_fields(asked: Asked, leave_out: &[&str]) -> Markup {
    let fields = [
        ("known-at", asked.known_at.map(|moment| moment.to_string())),
        ("basis", (asked.basis != Basis::default()).then(|| asked.basis.to_string())),
        ("as-at", asked.as_at.map(|day| day.to_string())),
    ];
    html! {
        @for (name, value) in fields {
            @if let Some(value) = value {
                @if !leave_out.contains(&name) { input type="hidden" name=(name) value=(value); }
            }
        }
    }
}
