//! Lists over all children: children, and open clocks by their last day.

use std::cmp::Ordering;
use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use chrono::{Days, NaiveDate};
use domain::clocks::{State, Unlisted, UnlistedClocks};
use projections::status::Running;
use uuid::Uuid;

use super::child::Record;
use super::clock::{ClockState, reason};
use super::cursor;
use super::failure::of_reading;
use super::knowledge::{Knowledge, versions};
use super::rules::{self, Rule};
use super::scalars::Date;
use super::state;
use super::timeline::PageInfo;
use crate::asked;
use crate::reading::{ChildLine, ClockLine};
use crate::state::AppState;

/// Rows that a page costs; what is outside of the range is refused by the resolver.
pub(super) fn rows(first: i32) -> usize {
    usize::try_from(first.clamp(1, 100)).unwrap_or(100)
}

/// Days of the look ahead of `due` where none is given.
const LOOK_AHEAD: u64 = 14;

/// Children, ascending by stream.
#[derive(SimpleObject)]
pub(super) struct ChildConnection {
    /// The rows with their cursors.
    edges: Vec<ChildEdge>,
    /// Where the page stands.
    page_info: PageInfo,
    /// All children that match, of every page.
    total_count: usize,
    /// The knowledge that it rests on.
    knowledge: Knowledge,
}

/// A child with its cursor.
#[derive(SimpleObject)]
pub(super) struct ChildEdge {
    /// Where it stands.
    cursor: String,
    /// The child.
    node: ChildSummary,
}

/// One line about a child.
pub(super) struct ChildSummary {
    children: Arc<Vec<ChildLine>>,
    at: usize,
}

impl ChildSummary {
    fn line(&self) -> Option<&ChildLine> {
        self.children.get(self.at)
    }
}

/// One line about a child.
#[Object]
impl ChildSummary {
    /// The child's stream. Ask `child(stream)` for the journey.
    async fn stream(&self) -> Option<Uuid> {
        self.line().map(|line| line.stream.as_uuid())
    }

    /// What the authority calls the child; null where the key to it is not held.
    #[graphql(complexity = 5)]
    async fn reference(&self, context: &Context<'_>) -> Result<Option<String>> {
        let Some(line) = self.line() else { return Ok(None) };
        state(context)?.reading.reference(line.stream).await.map_err(of_reading)
    }

    /// Date of birth.
    async fn born_on(&self) -> Option<Date> {
        self.line().and_then(|line| line.summary.life.born_on).map(Date)
    }

    /// What is running, the most intensive first; with “: cannot tell” behind it where readings of the record differ.
    async fn running(&self) -> Vec<&'static str> {
        self.line().map(|line| line.summary.status.words()).unwrap_or_default()
    }

    /// The team of the last record that names one.
    async fn team(&self) -> Option<&str> {
        self.line().and_then(|line| line.summary.team.as_deref())
    }

    /// How much stands in the record, and how much of it stands out.
    async fn record(&self) -> Option<Record> {
        self.line().map(|line| Record::of(&line.summary))
    }
}

/// Which children are listed.
pub(super) struct Wanted {
    /// An identifier.
    pub(super) search: Option<String>,
    /// What runs for them.
    pub(super) running: Option<Running>,
}

pub(super) async fn children(
    state: &AppState,
    knowledge: asked::Knowledge,
    Wanted { search, running }: Wanted,
    first: i32,
    after: Option<String>,
) -> Result<ChildConnection> {
    const LIST: &str = "children";
    let size = cursor::size(first)?;
    let after = after.map(|after| cursor::read(LIST, &knowledge, &after)).transpose()?;
    let named = match &search {
        Some(search) => Some(state.reading.find(search).await.map_err(of_reading)?),
        None => None,
    };
    let children = state.reading.population(knowledge.resolved).await.map_err(of_reading)?;
    let matching: Vec<(usize, &ChildLine)> = children
        .iter()
        .enumerate()
        .filter(|(_, child)| named.as_ref().is_none_or(|named| named.contains(&child.stream)))
        .filter(|(_, child)| running.is_none_or(|running| child.summary.status.may_have(running)))
        .collect();
    let total_count = matching.len();
    let page = cursor::page(matching, after.as_deref(), size, |(_, child)| child.stream.to_string())?;
    let edges: Vec<ChildEdge> = page
        .rows
        .iter()
        .map(|(at, child)| ChildEdge {
            cursor: cursor::write(LIST, &knowledge, &child.stream.to_string()),
            node: ChildSummary { children: Arc::clone(&children), at: *at },
        })
        .collect();
    Ok(ChildConnection {
        page_info: PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
        total_count,
        knowledge: Knowledge::of(&knowledge, Vec::new()),
    })
}

/// Open clocks by their last day.
#[derive(SimpleObject)]
pub(super) struct DueConnection {
    /// The rows with their cursors.
    edges: Vec<DueEdge>,
    /// Where the page stands.
    page_info: PageInfo,
    /// All clocks that match, of every page.
    total_count: usize,
    /// Clocks of the same question that stand in no row, because nothing of the kind that would stop them is recorded by
    /// this authority.
    left_out: usize,
    /// Open clocks that match and are not listed, because we cannot tell when they are due. Counted by reason.
    cannot_tell: Vec<Untold>,
    /// The last day of the look ahead, inclusive.
    by: Date,
    /// The knowledge that it rests on.
    knowledge: Knowledge,
}

/// Open clocks that stand in no row, for one reason.
#[derive(SimpleObject)]
pub(super) struct Untold {
    /// Why we cannot tell when they are due.
    reason: &'static str,
    /// How many.
    clocks: usize,
}

/// A clock with its cursor.
#[derive(SimpleObject)]
pub(super) struct DueEdge {
    /// Where it stands.
    cursor: String,
    /// The clock.
    node: DueClock,
}

/// An open clock of which it is known when it is due at the latest.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct DueClock {
    /// The child's stream.
    stream: Uuid,
    /// The rule.
    rule: Rule,
    /// Name of its version.
    version: String,
    /// The process whose clock it is.
    entity: Uuid,
    /// Number in a chain, from 1; 0 for a clock that is not chained.
    occurrence: usize,
    /// How it stands.
    state: ClockState,
    /// Why it cannot be told.
    state_reason: Option<&'static str>,
    /// The day of the start, where it is known.
    started_on: Option<Date>,
    /// Last day in time, inclusive; null where dates of the record leave it open.
    due_on: Option<Date>,
    /// The latest day that it can be, inclusive. The list is sorted and cut by it.
    due_latest: Date,
    /// The team of the child's last record that names one.
    team: Option<String>,
}

/// An open clock of which it is known when it is due at the latest.
#[async_graphql::ComplexObject]
impl DueClock {
    /// What the authority calls the child; null where the key to it is not held.
    #[graphql(complexity = 5)]
    async fn reference(&self, context: &Context<'_>) -> Result<Option<String>> {
        let stream = domain::ids::StreamId(self.stream);
        state(context)?.reading.reference(stream).await.map_err(of_reading)
    }
}

/// What is asked of the due list.
pub(super) struct DueQuestion {
    pub(super) by: Option<NaiveDate>,
    pub(super) rule: Option<String>,
    pub(super) first: i32,
    pub(super) after: Option<String>,
}

pub(super) async fn due(
    state: &AppState,
    knowledge: asked::Knowledge,
    question: DueQuestion,
) -> Result<DueConnection> {
    const LIST: &str = "due";
    rules::known(state.reading.book(), question.rule.as_deref())?;
    let size = cursor::size(question.first)?;
    let after = question.after.map(|after| cursor::read(LIST, &knowledge, &after)).transpose()?;
    let ahead = knowledge.as_at().checked_add_days(Days::new(LOOK_AHEAD)).unwrap_or(NaiveDate::MAX);
    let by = question.by.unwrap_or(ahead);
    let children = state.reading.population(knowledge.resolved).await.map_err(of_reading)?;
    let asked_for =
        |clock: &ClockLine| question.rule.as_deref().is_none_or(|rule| clock.rule.id.as_str() == rule);
    let mut found: Vec<(NaiveDate, &ChildLine, &ClockLine)> =
        open_clocks(&children).filter(|(latest, _, clock)| *latest <= by && asked_for(clock)).collect();
    let unlisted = unlisted(&children, by, asked_for);
    found.sort_by(earliest_first);
    let total_count = found.len();
    let rule_versions =
        versions(found.iter().map(|(.., clock)| (clock.rule.id.as_str(), clock.version.as_ref())));
    let page = cursor::page(found, after.as_deref(), size, key)?;
    let edges: Vec<DueEdge> = page
        .rows
        .iter()
        .map(|row| DueEdge { cursor: cursor::write(LIST, &knowledge, &key(row)), node: due_clock(row) })
        .collect();
    Ok(DueConnection {
        page_info: PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
        total_count,
        left_out: unlisted.left_out(),
        cannot_tell: unlisted
            .untold()
            .map(|(reason, clocks)| Untold { reason: reason.sentence(), clocks })
            .collect(),
        by: Date(by),
        knowledge: Knowledge::of(&knowledge, rule_versions),
    })
}

type DueRow<'a> = (NaiveDate, &'a ChildLine, &'a ClockLine);

/// Open clocks that may be due by a day and stand in no row, by reason.
fn unlisted(children: &[ChildLine], by: NaiveDate, asked_for: impl Fn(&ClockLine) -> bool) -> UnlistedClocks {
    let mut unlisted = UnlistedClocks::default();
    let clocks = children.iter().flat_map(|child| &child.clocks);
    let open = clocks.filter(|clock| clock.is_open && asked_for(clock));
    open.filter_map(|clock| Unlisted::of(clock.state, clock.due_latest, by)).for_each(|it| unlisted.add(it));
    unlisted
}

fn open_clocks(children: &[ChildLine]) -> impl Iterator<Item = DueRow<'_>> {
    let clocks = children.iter().flat_map(|child| child.clocks.iter().map(move |clock| (child, clock)));
    clocks
        .filter(|(_, clock)| matches!(clock.state, State::Running | State::DueSoon | State::Overdue))
        .filter_map(|(child, clock)| Some((clock.due_latest?, child, clock)))
}

fn earliest_first(a: &DueRow<'_>, b: &DueRow<'_>) -> Ordering {
    let order = |(latest, child, clock): &DueRow<'_>| {
        (*latest, child.stream, clock.rule.id.clone(), clock.entity, clock.occurrence)
    };
    order(a).cmp(&order(b))
}

fn key((latest, child, clock): &DueRow<'_>) -> String {
    format!("{latest}_{}_{}_{}_{}", child.stream, clock.rule.id, clock.entity, clock.occurrence)
}

fn due_clock((latest, child, clock): &DueRow<'_>) -> DueClock {
    DueClock {
        stream: child.stream.as_uuid(),
        rule: Rule(clock.rule),
        version: clock.version.to_string(),
        entity: clock.entity.as_uuid(),
        occurrence: clock.occurrence,
        state: clock.state.into(),
        state_reason: reason(clock.state),
        started_on: clock.started_on.map(Date),
        due_on: clock.due_on.map(Date),
        due_latest: Date(*latest),
        team: child.summary.team.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::Reading as _;
    use crate::test_story::{Story, now};

    #[tokio::test]
    async fn what_the_dates_leave_open_is_due_on_no_day_and_by_the_latest_one() {
        let story = Story::told();
        let asked = replay::Asked { known: domain::journey::KnownAt::NOW, as_at: None, now: now() };
        let knowledge = story.resolve(asked).await.unwrap();
        let children = story.population(knowledge).await.unwrap();
        let (latest, child, certain) = open_clocks(&children).next().unwrap();
        let uncertain = ClockLine { due_on: None, ..certain.clone() };
        let told = due_clock(&(latest, child, &uncertain));
        assert_eq!((told.due_on, told.due_latest), (None, Date(latest)));
        assert_eq!(due_clock(&(latest, child, certain)).due_on, certain.due_on.map(Date));
    }
}
