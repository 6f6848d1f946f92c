//! One event: what, when, by whom and from where it was recorded, what amended it, and how to cite it.

use axum::extract::{Path, State};
use domain::events::CaseEvent;
use domain::journey::{Change, KnownEvent, Lateness};
use maud::{Markup, html};
use projections::wording::{self, long_date};

use super::failure::Failure;
use super::journey::{Links, Part, above, byline, load};
use super::knowledge::{basis_banner, citation};
use super::{Pairs, framed, permit, read, words};
use crate::access::Action;
use crate::child_view::ChildView;
use crate::components::{Cell, Colour, SummaryRow, Table, error_summary, summary_list, table, tag};
use crate::reading::Provenance;
use crate::state::AppState;

const NO_EVENT: Failure = Failure::NotFound("event with this id in what is known of the child");

pub(super) async fn show(
    State(state): State<AppState>,
    Path((stream, event)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Markup, Failure> {
    permit(&state, Action::SeeJourney)?;
    let (asked, problems) = read(pairs).asked();
    let view = load(&state, &stream, asked).await?;
    let id = event.parse().map_err(|_| NO_EVENT)?;
    let provenance = state.reading.provenance(view.replay.stream, id).await?;
    let links = Links::of(&view);
    let (title, body) = match view.event(id) {
        Some(event) => (wording::title(event.kind()), known(&view, event, provenance.as_ref())),
        None => disputed(&view, id, &links).ok_or(NO_EVENT)?,
    };
    let content = html! {
        a class="govuk-back-link" href={ (links.journey()) "#event-" (id) } { "Back to the timeline" }
        (error_summary(&problems))
        (basis_banner(&view.knowledge, &format!("{}/events/{id}", links.path())))
        h1 class="govuk-heading-l" { (title) }
        (body)
        (citation(&view.knowledge))
    };
    Ok(framed(title, None, above(&view, &links, Part::Other), &content))
}

fn known(view: &ChildView, event: &KnownEvent, provenance: Option<&Provenance>) -> Markup {
    let withdrawn = view.replay.journey.event(event.event_id).is_none();
    let now = event.to_case_event();
    html! {
        @if withdrawn { p class="govuk-body" { (tag("Withdrawn", Colour::Purple)) " It counts nowhere." } }
        h2 class="govuk-heading-m" { "What happened" }
        (facts(&now))
        h2 class="govuk-heading-m" { "How it came into the record" }
        (recorded(view, event))
        (amendments(event, &now))
        h2 class="govuk-heading-m" { "To cite it" }
        (cite(view, event, provenance))
    }
}

fn facts(event: &CaseEvent) -> Markup {
    let mut rows = vec![SummaryRow::new("When", html! { (wording::when(event.occurred)) })];
    let details = wording::details(event).into_iter();
    rows.extend(details.map(|(label, value)| SummaryRow::new(capital(&label), html! { (value) })));
    rows.extend(event.entities.iter().map(|(role, id)| {
        SummaryRow::new(capital(wording::role_name(role)), html! { span class="cl-id" { (id) } })
    }));
    summary_list(&rows)
}

pub(in crate::pages) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn recorded(view: &ChildView, event: &KnownEvent) -> Markup {
    let context = &event.context;
    let mut rows = vec![
        SummaryRow::new(
            "Recorded in the ledger",
            html! {
                (words::instant(event.recorded_at))
                @if let Some(stamped) = context.stamped_at {
                    ". A clock was ahead then: the ledger's row says " (words::instant(stamped))
                }
            },
        ),
        SummaryRow::new(
            "Known from",
            html! { (words::known_from(event.known_since)) ", by " (words::basis(view.knowledge.asked.basis)) },
        ),
        SummaryRow::new(
            "Recorded by",
            html! { (byline(context)) ", " span class="cl-id" { (context.recorded_by) } },
        ),
    ];
    if let Some(stated) = context.source_recorded_at {
        let words = match stated {
            domain::time::SourceTime::At(at) => words::instant(at),
            domain::time::SourceTime::On(day) => long_date(day),
        };
        rows.push(SummaryRow::new("Entered in the source", html! { (words) ", as the source states" }));
    }
    rows.extend(context.import.as_ref().map(|import| {
        SummaryRow::new("Source row", html! {
            "list " (import.sheet) ", row " (import.row) ", of the extract as at " (long_date(import.as_at))
            " (import " span class="cl-id" { (import.import) } ")"
        })
    }));
    rows.extend(Lateness::of(event).map(|late| {
        SummaryRow::new("Lateness", html! {
            @match late.days { 0 => "recorded on the day", 1 => "recorded 1 day late", days => { "recorded " (days) " days late" } }
        })
    }));
    summary_list(&rows)
}

/// Before and after of each field, oldest amendment first.
fn amendments(event: &KnownEvent, now: &CaseEvent) -> Markup {
    let befores = event.amendments.iter().filter_map(|amendment| match &amendment.change {
        Change::Corrected { before } => Some(before.as_ref()),
        Change::Withdrawn | Change::Reinstated => None,
    });
    // What stood after a correction is what stood before the next one, or what stands now.
    let mut afters = befores.skip(1).chain([now]);
    html! {
        @if !event.amendments.is_empty() { h2 class="govuk-heading-m" { "What amended it" } }
        @for amendment in &event.amendments {
            p class="govuk-body" {
                (tag(&capital(amendment.words()), Colour::Purple))
                " Recorded on " (words::instant(amendment.recorded_at)) " (position " (amendment.position) ")"
                @if amendment.inferred { ", inferred from two extracts" } "."
            }
            @if let Change::Corrected { before } = &amendment.change {
                @if let Some(after) = afters.next() { (changes(before, after)) }
            }
        }
    }
}

fn changes(before: &CaseEvent, after: &CaseEvent) -> Markup {
    let value = |event: &CaseEvent, field: &str| match field {
        "occurred" => wording::when(event.occurred),
        _ => {
            let label = field.replace('_', " ");
            let found = wording::details(event).into_iter().find(|(held, _)| *held == label);
            found.map_or("absent".to_owned(), |(_, value)| value)
        }
    };
    let rows = before
        .differences(after)
        .iter()
        .filter(|field| *field != "entities")
        .map(|field| {
            vec![
                Cell::new(
                    html! { (if field == "occurred" { "when".to_owned() } else { field.replace('_', " ") }) },
                ),
                Cell::new(html! { del { (value(before, field)) } }),
                Cell::new(html! { (value(after, field)) }),
            ]
        })
        .collect();
    table(&Table { caption: "What changed", head: &["Field", "Before", "After"], rows })
}

fn cite(view: &ChildView, event: &KnownEvent, provenance: Option<&Provenance>) -> Markup {
    let mut rows = vec![
        SummaryRow::new(
            "Position",
            html! { (event.position) " of ledger " span class="cl-id" { (view.knowledge.ledger.id) } ", epoch " (view.knowledge.ledger.epoch) },
        ),
        SummaryRow::new("Event id", html! { span class="cl-id" { (event.event_id) } }),
        SummaryRow::new(
            "Kind",
            html! { span class="cl-id" { (event.kind().name()) } @if let Some(provenance) = provenance { ", schema version " (provenance.schema_version) } },
        ),
    ];
    if let Some(provenance) = provenance {
        rows.push(SummaryRow::new(
            "Stream and revision",
            html! { span class="cl-id" { (view.replay.stream) } ", revision " (provenance.revision) },
        ));
        rows.extend(
            provenance
                .leaf_hash
                .as_ref()
                .map(|hash| SummaryRow::new("Leaf hash", html! { span class="cl-id" { (hash) } })),
        );
    }
    summary_list(&rows)
}

/// A disputed row has a page of its own; it counts nowhere.
fn disputed(view: &ChildView, id: domain::ids::EventId, links: &Links) -> Option<(&'static str, Markup)> {
    let dispute = view.replay.journey.disputes.iter().find(|dispute| dispute.event_id == id)?;
    let body = html! {
        p class="govuk-body" {
            (tag("Disputed", Colour::Purple)) " A row of a source that is kept visibly and counts in no clock until somebody resolves it."
            @if let Some(held) = dispute.contradicts { " It contradicts " a class="govuk-link" href=(links.event(held)) { "a held record" } "." }
        }
        h2 class="govuk-heading-m" { "What the source claims" }
        (facts(&dispute.claim))
        h2 class="govuk-heading-m" { "Where it comes from" }
        p class="govuk-body" { (byline(&dispute.context)) ", position " (dispute.position) }
    };
    Some((wording::title(dispute.claim.body.kind()), body))
}
