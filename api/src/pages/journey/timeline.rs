//! The timeline: everything that is known, in words, with late entry, corrections, withdrawals and disputes.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::events::{CaseEvent, Code};
use domain::ids::EventId;
use domain::journey::{Amendment, Change, Dispute, KnownEvent, Lateness};
use domain::observations::ObservationCode;
use domain::time::{Occurred, When};
use maud::{Markup, html};
use projections::wording::{self, Lane, lane};
use replay::DisposedEvent;

use super::super::event::capital;
use super::super::knowledge::hidden_fields;
use super::super::query::{Address, Query};
use super::super::words;
use super::Links;
use crate::child_view::ChildView;
use crate::components::{Colour, Entry, Paging, Problem, pagination, tag, timeline};

/// Entries of one page.
const PAGE: usize = 100;

pub(super) fn section(view: &ChildView, chosen: &Chosen, links: &Links) -> Markup {
    let noted = observations(view);
    let mut items: Vec<Item<'_>> = items(view);
    items.retain(|item| chosen.includes(item, &noted));
    if !chosen.oldest_first {
        items.reverse();
    }
    let from = chosen.after.and_then(|after| items.iter().position(|item| item.id() == after));
    let page: Vec<&Item<'_>> = items.iter().skip(from.map_or(0, |at| at + 1)).take(PAGE).collect();
    let shown_to = from.map_or(0, |at| at + 1) + page.len();
    let next = page.last().filter(|_| shown_to < items.len()).map(|last| last.id());
    html! {
        section id="timeline" aria-labelledby="timeline-heading" {
            h2 class="govuk-heading-m" id="timeline-heading" { "Timeline" }
            (chosen.form(view, links))
            p class="govuk-body" { (items.len()) (if items.len() == 1 { " entry" } else { " entries" }) @if page.len() < items.len() { ", " (page.len()) " on this page" } "." }
            (disposed(&view.replay.disposed))
            (grouped(&page, &noted, links))
            (pagination(&Paging {
                first: from.map(|_| chosen.address(links, None).to_string()),
                next: next.map(|next| chosen.address(links, Some(next)).to_string()),
            }))
        }
    }
}

/// What a page of the timeline shows.
pub(super) struct Chosen {
    oldest_first: bool,
    problems_only: bool,
    lane: Option<Lane>,
    after: Option<EventId>,
}

impl Chosen {
    /// What is asked for; an unknown choice is told, and all entries are shown.
    pub(super) fn read(query: &Query, problems: &mut Vec<Problem>) -> Self {
        let mut chosen = |field: &'static str, choices: &[&'static str]| {
            query.choice(field, choices).unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        };
        let lane = chosen("lane", &Lane::ALL.map(Lane::name));
        Self {
            oldest_first: chosen("order", &["oldest"]).is_some(),
            problems_only: chosen("show", &["problems"]).is_some(),
            lane: Lane::ALL.into_iter().find(|known| Some(known.name()) == lane),
            after: query.get("after").and_then(|id| id.parse().ok()),
        }
    }

    fn includes(&self, item: &Item<'_>, noted: &Noted) -> bool {
        let in_lane = self.lane.is_none_or(|wanted| lane(item.event().body.kind()) == wanted);
        in_lane && (!self.problems_only || item.is_problem(noted))
    }

    fn address(&self, links: &Links, after: Option<EventId>) -> String {
        let address: Address = links
            .journey()
            .with("order", self.oldest_first.then(|| "oldest".to_owned()))
            .with("show", self.problems_only.then(|| "problems".to_owned()))
            .with("lane", self.lane.map(slug))
            .with("after", after.map(|id| id.to_string()));
        format!("{address}#timeline")
    }

    fn form(&self, view: &ChildView, links: &Links) -> Markup {
        html! {
            form method="get" action={ (links.path()) "#timeline" } class="cl-form" {
                (hidden_fields(view.knowledge.asked, &[]))
                div class="govuk-form-group" {
                    label class="govuk-label" for="lane" { "Lane" }
                    select class="govuk-select" id="lane" name="lane" {
                        option value="" { "All lanes" }
                        @for lane in Lane::ALL { option value=(slug(lane)) selected[self.lane == Some(lane)] { (lane.name()) } }
                    }
                }
                div class="govuk-form-group" {
                    label class="govuk-label" for="show" { "Entries" }
                    select class="govuk-select" id="show" name="show" {
                        option value="" { "All entries" }
                        option value="problems" selected[self.problems_only] { "Only late, amended, disputed or odd" }
                    }
                }
                div class="govuk-form-group" {
                    label class="govuk-label" for="order" { "Order" }
                    select class="govuk-select" id="order" name="order" {
                        option value="" { "Newest first" }
                        option value="oldest" selected[self.oldest_first] { "Oldest first" }
                    }
                }
                button type="submit" class="govuk-button govuk-button--secondary" { "Filter" }
            }
        }
    }
}

fn slug(lane: Lane) -> String {
    lane.name().to_lowercase().replace(' ', "-")
}

/// Sentences of observations by the events that are involved.
type Noted = BTreeMap<EventId, Vec<ObservationCode>>;

fn observations(view: &ChildView) -> Noted {
    let mut noted = Noted::new();
    for observation in &view.replay.observations {
        for event in &observation.events {
            noted.entry(*event).or_default().push(observation.code);
        }
    }
    noted
}

/// One entry.
enum Item<'a> {
    Held(&'a KnownEvent, CaseEvent),
    Withdrawn(&'a KnownEvent, CaseEvent),
    Disputed(&'a Dispute),
}

/// Every entry in practice order; a withdrawn or disputed one stands after what is dated to its day.
fn items(view: &ChildView) -> Vec<Item<'_>> {
    let journey = &view.replay.journey;
    let held = journey.events.iter().map(|event| Item::Held(event, as_case_event(event)));
    let withdrawn = journey.withdrawn.iter().map(|event| Item::Withdrawn(event, as_case_event(event)));
    let disputed = journey.disputes.iter().map(Item::Disputed);
    let mut items: Vec<Item<'_>> = held.chain(withdrawn).chain(disputed).collect();
    items.sort_by_key(|item| item.event().occurred.latest_day().unwrap_or(NaiveDate::MAX));
    items
}

fn as_case_event(event: &KnownEvent) -> CaseEvent {
    event.to_case_event()
}

impl Item<'_> {
    fn id(&self) -> EventId {
        match self {
            Self::Held(event, _) | Self::Withdrawn(event, _) => event.event_id,
            Self::Disputed(dispute) => dispute.event_id,
        }
    }

    fn event(&self) -> &CaseEvent {
        match self {
            Self::Held(_, event) | Self::Withdrawn(_, event) => event,
            Self::Disputed(dispute) => &dispute.claim,
        }
    }

    fn is_problem(&self, noted: &Noted) -> bool {
        match self {
            Self::Held(event, _) => {
                let late = Lateness::of(event).is_some_and(|lateness| lateness.is_late());
                late || !event.amendments.is_empty() || noted.contains_key(&event.event_id)
            }
            Self::Withdrawn(..) | Self::Disputed(_) => true,
        }
    }

    fn entry(&self, noted: &Noted, links: &Links) -> Entry {
        let event = self.event();
        let context = match self {
            Self::Held(known, _) | Self::Withdrawn(known, _) => &known.context,
            Self::Disputed(dispute) => &dispute.context,
        };
        let title = html! { a class="govuk-link" href=(links.event(self.id())) { (wording::title(event.body.kind())) } };
        Entry {
            id: format!("event-{}", self.id()),
            title,
            byline: Some(byline(context)),
            datetime: datetime(event.occurred),
            date: wording::when(event.occurred),
            description: self.description(noted, links),
            struck: matches!(self, Self::Withdrawn(..)),
        }
    }

    fn description(&self, noted: &Noted, links: &Links) -> Markup {
        let facts = wording::details(self.event());
        html! {
            @if !facts.is_empty() {
                p class="govuk-body-s" { @for (at, (label, value)) in facts.iter().enumerate() { @if at > 0 { "; " } (label) ": " (value) } }
            }
            @match self {
                Self::Held(event, _) => (marks(event, links)),
                Self::Withdrawn(event, _) => { (marks(event, links)) p class="govuk-body-s" { "It counts nowhere." } },
                Self::Disputed(dispute) => (disputed(dispute, links)),
            }
            @for code in noted.get(&self.id()).into_iter().flatten() {
                p class="govuk-body-s" { (tag("Observation", Colour::Yellow)) " " (code.sentence()) "." }
            }
        }
    }
}

/// In place of what was disposed of: how much, under which rule, and nothing of what it was.
fn disposed(events: &[DisposedEvent]) -> Markup {
    let mut rules: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for event in events {
        *rules.entry(event.rule.as_ref().map(Code::as_str)).or_default() += 1;
    }
    html! {
        @for (rule, count) in rules {
            p class="govuk-body" {
                (tag("Disposed of", Colour::Grey)) " "
                (count) (if count == 1 { " entry was" } else { " entries were" }) " disposed of "
                @match rule {
                    Some(rule) => { "under rule " (rule) "." },
                    None => { "and nobody authorised it: have the ledger verified." },
                }
            }
        }
    }
}

fn disputed(dispute: &Dispute, links: &Links) -> Markup {
    html! {
        p class="govuk-body-s" {
            (tag("Disputed", Colour::Purple)) " A row of a source that is kept visibly and counts in no clock"
            @if let Some(held) = dispute.contradicts {
                "; it contradicts " a class="govuk-link" href=(links.event(held)) { "a held record" }
            }
            "."
        }
    }
}

/// Lateness and amendments of an event.
fn marks(event: &KnownEvent, links: &Links) -> Markup {
    let late = Lateness::of(event).filter(Lateness::is_late);
    html! {
        @if let Some(late) = late {
            p class="govuk-body-s" { (tag("Late record", Colour::Orange)) " Recorded " (late.days) " days late, on " (wording::long_date(late.known_on)) "." }
        }
        @for amendment in &event.amendments { (amended(amendment, event, links)) }
    }
}

fn amended(amendment: &Amendment, event: &KnownEvent, links: &Links) -> Markup {
    let on = words::instant(amendment.recorded_at);
    html! {
        p class="govuk-body-s" {
            (tag(&capital(amendment.words()), Colour::Purple)) " "
            @if let Change::Corrected { before } = &amendment.change {
                "Was: "
                del { (wording::when(before.occurred)) @for (label, value) in wording::details(before) { "; " (label) ": " (value) } }
                ". "
            }
            "Recorded on " (on) @if amendment.inferred { ", inferred from two extracts" } ". "
            a class="govuk-link" href=(links.event(event.event_id)) { "See what changed" }
        }
    }
}

/// Who or which system made the entry. Never a name.
pub(in crate::pages) fn byline(context: &domain::envelope::EventContext) -> String {
    match &context.import {
        Some(import) => format!(
            "import, {} row {}, extract as at {}",
            import.sheet.replace('_', " "),
            import.row,
            wording::long_date(import.as_at)
        ),
        None => {
            let role = context.role.replace('_', " ");
            context.team.as_ref().map_or(role.clone(), |team| format!("{role}, {team}"))
        }
    }
}

fn datetime(occurred: Occurred) -> Option<String> {
    match occurred.when {
        When::At(instant, _) => Some(instant.to_rfc3339()),
        When::On(day) => Some(day.to_string()),
        When::Within(..) | When::Unknown => None,
    }
}

/// Entries under a heading for each month; what has no day stands under its own.
fn grouped(page: &[&Item<'_>], noted: &Noted, links: &Links) -> Markup {
    let mut groups: Vec<(String, Vec<Entry>)> = Vec::new();
    for item in page {
        let month = month(item.event().occurred);
        let entry = item.entry(noted, links);
        match groups.last_mut() {
            Some((name, entries)) if *name == month => entries.push(entry),
            _ => groups.push((month, vec![entry])),
        }
    }
    html! {
        @for (month, entries) in &groups {
            h3 class="govuk-heading-s cl-month" { (month) }
            (timeline(4, entries))
        }
    }
}

fn month(occurred: Occurred) -> String {
    match occurred.day() {
        Some(day) if (1..=9999).contains(&day.year()) => day.format("%B %Y").to_string(),
        Some(_) | None => "Day not known".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{Position, Revision};

    use super::*;

    #[test]
    fn what_was_disposed_of_is_counted_by_rule_and_says_nothing_more() {
        let event = |revision: u32, rule: Option<&str>| DisposedEvent {
            position: Position(u64::from(revision)),
            revision: Revision(revision),
            event_id: EventId(uuid::Uuid::from_u128(u128::from(revision))),
            rule: rule.map(|rule| rule.parse().expect("a code")),
            backup_horizon: None,
        };
        let page = disposed(&[event(1, Some("CIN-18-3")), event(2, Some("CIN-18-3")), event(3, None)]);
        let page = page.into_string();
        assert!(page.contains("2 entries were disposed of under rule CIN-18-3."), "{page}");
        assert!(page.contains("1 entry was disposed of and nobody authorised it"), "{page}");
        assert_eq!(disposed(&[]).into_string(), "");
    }
}
