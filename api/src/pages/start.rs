//! The start page: what needs attention, what stands out in the record, the state of the ledger, one search box.

use axum::extract::State;
use domain::clocks::State as ClockState;
use domain::ids::StreamId;
use maud::{Markup, html};
use projections::wording::long_date;

use super::children::clock_address;
use super::failure::Failure;
use super::knowledge::{basis_banner, citation};
use super::names::Names;
use super::query::Address;
use super::{Pairs, Section, framed, left_out, permit, read, words};
use crate::access::Action;
use crate::asked::Knowledge;
use crate::components::{Cell, SummaryRow, Table, contextual_date, error_summary, summary_list, table};
use crate::reading::{ChildLine, ClockLine, Covered};
use crate::state::AppState;

/// Rows of each list of clocks.
const ROWS: usize = 8;

/// Children of each list about the record.
const FEW: usize = 5;

pub(super) async fn show(State(state): State<AppState>, pairs: Pairs) -> Result<Markup, Failure> {
    permit(&state, Action::SeeLists)?;
    let (asked, problems) = read(pairs).asked();
    let knowledge = Knowledge::resolve(state.reading.as_ref(), asked, (state.now)()).await?;
    let children = state.reading.population(knowledge.resolved).await?;
    let lists = Lists::of(&children);
    let names = Names::read(state.reading.as_ref(), lists.shown()).await?;
    let covered = state.reading.covered((state.now)()).await?;
    let content = html! {
        (error_summary(&problems))
        (basis_banner(&knowledge, "/"))
        h1 class="govuk-heading-xl" { "Case journey ledger" }
        (search())
        (lists.attention(&knowledge, &names))
        (left_out::notice(&knowledge, &children))
        (lists.record(&knowledge, &names))
        (ledger(&knowledge, covered, &children))
        (citation(&knowledge))
    };
    Ok(framed("Start", Some(Section::Start), html! {}, &content))
}

fn search() -> Markup {
    html! {
        form method="get" action="/children" role="search" class="cl-search" {
            div class="govuk-form-group" {
                label class="govuk-label govuk-label--s" for="q" { "Find a child" }
                div id="q-hint" class="govuk-hint" { "The authority’s own child id, a unique pupil number, or the stream’s id" }
                input class="govuk-input govuk-input--width-20" id="q" name="q" type="search" aria-describedby="q-hint" autocomplete="off" spellcheck="false";
                " " button type="submit" class="govuk-button" { "Search" }
            }
        }
    }
}

type Due<'a> = (&'a ChildLine, &'a ClockLine);

/// A list about the record: its caption, the filter that shows all of it, and the children with how many.
struct Outstanding<'a> {
    caption: &'static str,
    filter: &'static str,
    children: Vec<(&'a ChildLine, usize)>,
}

struct Lists<'a> {
    overdue: Vec<Due<'a>>,
    soon: Vec<Due<'a>>,
    record: [Outstanding<'a>; 4],
}

impl<'a> Lists<'a> {
    fn of(children: &'a [ChildLine]) -> Self {
        let outstanding = |caption, filter, of: fn(&ChildLine) -> usize| {
            let mut found: Vec<(&ChildLine, usize)> =
                children.iter().map(|child| (child, of(child))).filter(|(_, number)| *number > 0).collect();
            found.sort_by_key(|(child, number)| (std::cmp::Reverse(*number), child.stream));
            Outstanding { caption, filter, children: found }
        };
        let mut overdue = in_state(children, ClockState::Overdue);
        // The most recent end first: a clock that ran out last week can still be mended, one of 2009 is history.
        overdue.sort_by_key(|(child, clock)| (std::cmp::Reverse(clock.due_on), child.stream));
        let mut soon = in_state(children, ClockState::DueSoon);
        soon.sort_by_key(|(child, clock)| (clock.due_on, child.stream));
        let record = [
            outstanding("Recorded late", "late", |child| child.summary.late_records),
            outstanding("Corrected", "corrected", |child| child.summary.corrected),
            outstanding("Disputed rows", "disputed", |child| child.summary.disputed),
            outstanding("Observations", "observed", |child| child.summary.observations),
        ];
        Self { overdue, soon, record }
    }

    /// The children whose names the page shows.
    fn shown(&self) -> Vec<StreamId> {
        let clocks =
            self.overdue.iter().take(ROWS).chain(self.soon.iter().take(ROWS)).map(|(child, _)| child.stream);
        let record =
            self.record.iter().flat_map(|list| list.children.iter().take(FEW)).map(|(child, _)| child.stream);
        clocks.chain(record).collect()
    }

    fn attention(&self, knowledge: &Knowledge, names: &Names) -> Markup {
        html! {
            h2 class="govuk-heading-l" { "What needs attention on " (long_date(knowledge.as_at())) }
            (clocks(knowledge, names, &self.soon, ["Clocks due within 5 working days", "No clock is due within 5 working days.", "due_soon"]))
            (clocks(knowledge, names, &self.overdue, ["Overdue clocks", "No clock is overdue.", "overdue"]))
        }
    }

    fn record(&self, knowledge: &Knowledge, names: &Names) -> Markup {
        html! {
            h2 class="govuk-heading-l" { "What stands out in the record" }
            div class="cl-columns" { @for list in &self.record { (list.markup(knowledge, names)) } }
        }
    }
}

fn in_state(children: &[ChildLine], state: ClockState) -> Vec<Due<'_>> {
    let pairs = children.iter().flat_map(|child| child.clocks.iter().map(move |clock| (child, clock)));
    pairs.filter(|(_, clock)| clock.state == state).collect()
}

fn clocks(
    knowledge: &Knowledge,
    names: &Names,
    found: &[Due<'_>],
    [caption, none, filter]: [&str; 3],
) -> Markup {
    let caption = format!("{caption}: {}", found.len());
    let row = |(child, clock): &Due<'_>| {
        vec![
            Cell::new(names.link(child.stream, knowledge.asked)),
            Cell::new(
                html! { a class="govuk-link" href=(clock_address(child, clock, knowledge.asked)) { (clock.rule.title) } " (" (clock.rule.id) ")" },
            ),
            Cell::new(due(knowledge, clock)),
            Cell::new(html! { (child.summary.team.as_deref().unwrap_or("none recorded")) }),
        ]
    };
    let rows = found.iter().take(ROWS).map(row).collect();
    let all = Address::knowing("/children", knowledge.asked).with("clocks", Some(filter.to_owned()));
    html! {
        @if found.is_empty() { h3 class="govuk-heading-m" { (caption) } p class="govuk-body" { (none) } }
        @else {
            (table(&Table { caption: &caption, head: &["Child", "Clock", "Due by", "Team as recorded"], rows }))
            @if found.len() > ROWS { p class="govuk-body" { a class="govuk-link" href=(all) { "All children with a clock like these" } } }
        }
    }
}

fn due(knowledge: &Knowledge, clock: &ClockLine) -> Markup {
    match clock.due_on {
        Some(due_on) => {
            let (due, unit) = words::due(knowledge, due_on, words::rule_in_working_days(clock));
            contextual_date(&long_date(due_on), due, unit)
        }
        None => html! { "not settled" },
    }
}

impl Outstanding<'_> {
    fn markup(&self, knowledge: &Knowledge, names: &Names) -> Markup {
        let all = Address::knowing("/children", knowledge.asked).with("record", Some(self.filter.to_owned()));
        let total = self.children.len();
        html! {
            div class="cl-column" {
                h3 class="govuk-heading-s" { (self.caption) }
                @if self.children.is_empty() { p class="govuk-body" { "None." } }
                @else {
                    ul class="govuk-list" { @for (child, number) in self.children.iter().take(FEW) { li { (names.link(child.stream, knowledge.asked)) ": " (number) } } }
                    p class="govuk-body" { a class="govuk-link" href=(all) { "All " (self.caption.to_lowercase()) ": " (total) (if total == 1 { " child" } else { " children" }) } }
                }
            }
        }
    }
}

/// Up to which event outsiders can hold the log to what it says.
fn up_to(size: Option<u64>, otherwise: &str) -> String {
    match size {
        Some(0) => "no event yet".to_owned(),
        Some(size) => format!("up to event {size}"),
        None => otherwise.to_owned(),
    }
}

fn ledger(knowledge: &Knowledge, covered: Covered, children: &[ChildLine]) -> Markup {
    let ledger = &knowledge.ledger;
    let open = children.iter().filter(|child| !child.summary.status.words().is_empty()).count();
    html! {
        h2 class="govuk-heading-l" { "The ledger" }
        (summary_list(&[
            SummaryRow::new("Authority", html! { (ledger.authority) }),
            SummaryRow::new("Children known", html! { (children.len()) ", " (open) " with something running" }),
            SummaryRow::new("Events", html! { (ledger.head) ", the last recorded on " (words::instant(ledger.head_recorded_at)) }),
            SummaryRow::new("Signed", html! { (up_to(covered.signed, "nothing yet")) }),
            SummaryRow::new("Witnessed", html! { (up_to(covered.witnessed, "No witnesses set up")) }),
            SummaryRow::new("Began", html! { (words::instant(ledger.began)) }),
            SummaryRow::new("Ledger id", html! { span class="cl-id" { (ledger.id) } ", epoch " (ledger.epoch) }),
        ]))
    }
}
