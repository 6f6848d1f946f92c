//! The list of children: search, filters, keyset paging.

use axum::extract::State;
use domain::clocks::State as ClockState;
use domain::ids::StreamId;
use maud::{Markup, html};
use projections::status::Running;
use projections::wording::long_date;

use super::failure::Failure;
use super::knowledge::{basis_banner, citation, hidden_fields};
use super::names::Names;
use super::query::{Address, Query};
use super::{Pairs, Section, framed, permit, read, words};
use crate::access::Action;
use crate::asked::{Asked, Knowledge};
use crate::components::{
    Cell, Colour, Paging, Problem, Table, contextual_date, error_summary, pagination, table, tag,
};
use crate::reading::{ChildLine, ClockLine, Reading, ReadingFault};
use crate::state::AppState;

/// Rows of one page.
const PAGE: usize = 50;

pub(super) async fn show(State(state): State<AppState>, pairs: Pairs) -> Result<Markup, Failure> {
    permit(&state, Action::SeeLists)?;
    let query = read(pairs);
    let (asked, mut problems) = query.asked();
    let reading = state.reading.as_ref();
    let knowledge = Knowledge::resolve(reading, asked, (state.now)()).await?;
    let knows = problems.len();
    let filter = Filter::read(reading, &query, &mut problems).await?;
    let is_refused = problems.len() > knows;
    let children = reading.population(knowledge.resolved).await?;
    let mut found: Vec<&ChildLine> = children.iter().filter(|child| filter.includes(child)).collect();
    found.sort_by_key(|child| (std::cmp::Reverse(child.summary.last_event_on), child.stream));
    let page = filter.page(&found);
    let names = Names::read(reading, page.streams()).await?;
    let content = html! {
        (error_summary(&problems))
        (basis_banner(&knowledge, "/children"))
        h1 class="govuk-heading-l" { "Children" }
        (filter.form(&knowledge, &children))
        @if is_refused { p class="govuk-body" { "Nothing is listed: correct the filter first." } }
        @else { (filter.rows(&knowledge, &page, &names)) }
        (citation(&knowledge))
    };
    Ok(framed("Children", Some(Section::Children), html! {}, &content))
}

/// The address of a clock's explanation.
pub(super) fn clock_address(child: &ChildLine, clock: &ClockLine, asked: Asked) -> Address {
    let ClockLine { rule, entity, occurrence, .. } = clock;
    Address::knowing(format!("/children/{}/clocks/{}/{entity}/{occurrence}", child.stream, rule.id), asked)
}

/// What the list is narrowed to.
struct Filter {
    search: Option<String>,
    /// The streams that the search text names; `None` without a search.
    named: Option<Vec<StreamId>>,
    running: Option<String>,
    clocks: Option<String>,
    record: Option<String>,
    team: Option<String>,
    after: Option<StreamId>,
    /// Whether a choice is unknown: nobody is listed then.
    refused: bool,
}

/// The rows of one page.
struct Page<'a> {
    shown: Vec<&'a ChildLine>,
    is_first: bool,
    next: Option<StreamId>,
    found: usize,
}

impl Page<'_> {
    fn streams(&self) -> Vec<StreamId> {
        self.shown.iter().map(|child| child.stream).collect()
    }
}

/// Names and words of the choices for clocks and for the record.
const CLOCKS: [(&str, &str); 5] = [
    ("overdue", "Overdue"),
    ("due_soon", "Due soon"),
    ("cannot_tell", "Cannot tell"),
    (LEFT_OUT, "Not recorded by this authority"),
    ("history_incomplete", "History incomplete"),
];
/// The choice of clocks that wait for something that nobody records here.
pub(super) const LEFT_OUT: &str = "not_recorded";
const RECORD: [(&str, &str); 4] = [
    ("late", "Recorded late"),
    ("corrected", "Corrected"),
    ("disputed", "Disputed rows"),
    ("observed", "Observations"),
];
impl Filter {
    /// What is asked for. An unknown choice is refused: a list of everybody would read as an answer to it.
    async fn read(
        reading: &dyn Reading,
        query: &Query,
        problems: &mut Vec<Problem>,
    ) -> Result<Self, ReadingFault> {
        let value = |name: &str| query.get(name).map(str::to_owned);
        let search = value("q");
        let named = match &search {
            Some(text) => Some(reading.find(text).await?),
            None => None,
        };
        let before = problems.len();
        let mut chosen = |field: &'static str, choices: &[&'static str]| {
            let found = query.choice(field, choices);
            found.unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        };
        let running = chosen("running", &Running::ALL.map(Running::words)).map(str::to_owned);
        let clocks = chosen("clocks", &CLOCKS.map(|(name, _)| name)).map(str::to_owned);
        let record = chosen("record", &RECORD.map(|(name, _)| name)).map(str::to_owned);
        let after = query.get("after").and_then(|id| id.parse().ok());
        let refused = problems.len() > before;
        Ok(Self { search, named, running, clocks, record, team: value("team"), after, refused })
    }

    fn includes(&self, child: &ChildLine) -> bool {
        if self.refused {
            return false;
        }
        let named = self.named.as_ref().is_none_or(|named| named.contains(&child.stream));
        let running = self.running.as_deref().and_then(|words| Running::read(words).ok());
        let running = running.is_none_or(|running| child.summary.status.may_have(running));
        let team = self.team.is_none() || self.team == child.summary.team;
        let clocks = self
            .clocks
            .as_deref()
            .is_none_or(|state| child.clocks.iter().any(|clock| is_in(clock.state, state)));
        named
            && running
            && team
            && clocks
            && self.record.as_deref().is_none_or(|what| stands_out(child, what))
    }

    fn address(&self, asked: Asked, after: Option<StreamId>) -> Address {
        Address::knowing("/children", asked)
            .with("q", self.search.clone())
            .with("running", self.running.clone())
            .with("clocks", self.clocks.clone())
            .with("record", self.record.clone())
            .with("team", self.team.clone())
            .with("after", after.map(|id| id.to_string()))
    }

    fn form(&self, knowledge: &Knowledge, children: &[ChildLine]) -> Markup {
        let mut teams: Vec<&str> =
            children.iter().filter_map(|child| child.summary.team.as_deref()).collect();
        teams.sort_unstable();
        teams.dedup();
        let teams: Vec<(&str, &str)> = teams.into_iter().map(|team| (team, team)).collect();
        let running: Vec<(&str, &str)> =
            Running::ALL.into_iter().map(|running| (running.words(), running.words())).collect();
        html! {
            form method="get" action="/children" role="search" class="cl-form" {
                (hidden_fields(knowledge.asked, &[]))
                div class="govuk-form-group" {
                    label class="govuk-label" for="q" { "Child id" }
                    input class="govuk-input" id="q" name="q" type="search" value=(self.search.as_deref().unwrap_or_default()) autocomplete="off" spellcheck="false";
                }
                (choice("running", "Running", &running, self.running.as_deref()))
                (choice("clocks", "Has a clock that is", &CLOCKS, self.clocks.as_deref()))
                (choice("record", "Record", &RECORD, self.record.as_deref()))
                @if !teams.is_empty() { (choice("team", "Team as recorded", &teams, self.team.as_deref())) }
                button type="submit" class="govuk-button govuk-button--secondary" { "Filter" }
                " " a class="govuk-link cl-clear" href=(Address::knowing("/children", knowledge.asked)) { "Clear filters" }
            }
        }
    }

    /// The rows after the child that the last page ended with.
    fn page<'a>(&self, found: &[&'a ChildLine]) -> Page<'a> {
        let after = self.after.and_then(|after| found.iter().position(|child| child.stream == after));
        let from = after.map_or(0, |at| at + 1);
        let shown: Vec<&ChildLine> = found.iter().skip(from).take(PAGE).copied().collect();
        let next = shown.last().filter(|_| from + shown.len() < found.len()).map(|child| child.stream);
        Page { shown, is_first: from == 0, next, found: found.len() }
    }

    fn rows(&self, knowledge: &Knowledge, page: &Page<'_>, names: &Names) -> Markup {
        let noun = if page.found == 1 { "child" } else { "children" };
        let caption = format!("{} {noun}, the most recent event first", page.found);
        html! {
            @if page.found == 0 { (self.nobody()) }
            @else {
                (table(&Table {
                    caption: &caption,
                    head: &["Child", "Running", "Next or oldest open clock", "Last event", "Record"],
                    rows: page.shown.iter().map(|child| row(knowledge, child, names)).collect(),
                }))
                (pagination(&Paging {
                    first: (!page.is_first).then(|| self.address(knowledge.asked, None).to_string()),
                    next: page.next.map(|next| self.address(knowledge.asked, Some(next)).to_string()),
                }))
            }
        }
    }

    /// Says which filter to relax.
    fn nobody(&self) -> Markup {
        let unknown = self.named.as_ref().is_some_and(Vec::is_empty);
        html! {
            p class="govuk-body" {
                @if self.refused { "Choose a filter from the lists above." }
                @else if unknown { "No child found with this id. Check it for missing zeros, or search by the stream’s id." }
                @else if self.search.is_some() { "The child with this id does not match the other filters: clear them." }
                @else { "No child matches. Clear one of the filters." }
            }
        }
    }
}

fn choice(name: &str, label: &str, options: &[(&str, &str)], chosen: Option<&str>) -> Markup {
    html! {
        div class="govuk-form-group" {
            label class="govuk-label" for=(name) { (label) }
            select class="govuk-select" id=(name) name=(name) {
                option value="" { "Any" }
                @for (value, words) in options { option value=(value) selected[chosen == Some(value)] { (words) } }
            }
        }
    }
}

/// Whether a clock in this state is shown by a choice; what is left out has a choice of its own.
fn is_in(state: ClockState, choice: &str) -> bool {
    if state.is_left_out() { choice == LEFT_OUT } else { choice == state.name() }
}

fn stands_out(child: &ChildLine, what: &str) -> bool {
    match what {
        "late" => child.summary.late_records > 0,
        "corrected" => child.summary.corrected > 0,
        "disputed" => child.summary.disputed > 0,
        "observed" => child.summary.observations > 0,
        _ => true,
    }
}

fn row(knowledge: &Knowledge, child: &ChildLine, names: &Names) -> Vec<Cell> {
    let summary = &child.summary;
    let pressing = child
        .clocks
        .iter()
        .filter(|clock| {
            matches!(clock.state, ClockState::Overdue | ClockState::DueSoon | ClockState::Running)
        })
        .min_by_key(|clock| (words::urgency(clock.state), clock.due_on));
    vec![
        Cell::new(names.link(child.stream, knowledge.asked)),
        Cell::new(
            html! { @let words = summary.status.words(); @if words.is_empty() { "nothing" } @for word in words { (tag(word, Colour::Blue)) " " } },
        ),
        Cell::new(html! {
            @match pressing {
                Some(clock) => (pressing_clock(knowledge, child, clock)),
                None => { "none" },
            }
        }),
        Cell::new(html! { (summary.last_event_on.map_or("no day known".to_owned(), long_date)) }),
        Cell::new(record(child)),
    ]
}

fn pressing_clock(knowledge: &Knowledge, child: &ChildLine, clock: &ClockLine) -> Markup {
    let (state, colour) = words::state(clock.state);
    html! {
        (tag(state, colour)) " "
        a class="govuk-link" href=(clock_address(child, clock, knowledge.asked)) { (clock.rule.title) }
        @if let Some(due_on) = clock.due_on {
            @let (due, unit) = words::due(knowledge, due_on, words::rule_in_working_days(clock));
            ", " (contextual_date(&long_date(due_on), due, unit))
        }
    }
}

fn record(child: &ChildLine) -> Markup {
    let summary = &child.summary;
    let counts = [
        (summary.late_records, "late"),
        (summary.corrected, "corrected"),
        (summary.withdrawn, "withdrawn"),
        (summary.disputed, "disputed"),
        (summary.observations, "odd"),
    ];
    let told: Vec<String> = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    html! { (summary.events) " events" @if !told.is_empty() { ": " (told.join(", ")) } }
}
