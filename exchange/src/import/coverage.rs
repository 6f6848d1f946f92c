//! How much of a child's history the file holds, kind by kind.
//!
//! A clock needs this: a list that gives only the latest visit says nothing of the one before.
//! What is stated: every beginning within the list's window; every end of a listed record from the
//! record's own beginning on; and of a kind given only by its latest, the days from that one on.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};

use super::claims::{Emptied, Follow, Mode, Record};
use super::planning::Planner;
use crate::extract::{ListScope, Reading, SourceRow, SubjectRows};
use crate::layout::{Act, Blank, EventRule, Layout, List, Owner, Role, ValueKind};

/// Kinds that a list holds one by one: those that begin records, and those that end or follow them.
#[derive(Default)]
struct Holds {
    begins: BTreeSet<Kind>,
    follows: BTreeSet<Kind>,
}

/// What a list of this file holds of the child: an event whose column is missing is not held, unless the return leaves
/// out what is empty, nor one of which a row of the child could not say whether it happened, nor anything that follows
/// a beginning where a row could not say whether there is something left to follow.
fn holds(layout: &Layout, list: &'static List, scope: &ListScope, rows: &SubjectRows) -> Holds {
    let own_rows = || rows.rows.iter().filter(|row| row.list.code == list.code);
    let is_untold = |rule: &&EventRule| {
        own_rows().any(|row| row.value(&rule.on).is_some_and(|value| could_not_say(&value.reading)))
    };
    let untold: BTreeSet<Kind> = list.events.iter().filter(is_untold).map(|rule| rule.kind).collect();
    let there = |rule: &&EventRule| {
        (layout.leaves_out_empty || scope.fields.contains(&rule.on)) && !untold.contains(&rule.kind)
    };
    let is_open_ended = rows.rows.iter().any(|row| row.list.code == list.code && may_have_ended(rows, row));
    let mut holds = Holds::default();
    for rule in list.events.iter().filter(there) {
        let role = list.column(&rule.on).map(|column| column.role);
        let every = matches!(role, Some(Role::Key | Role::Attribute)) && rule.of != Some(Owner::Subject);
        if rule.absence == Blank::Silent || !rule.complete.unwrap_or(every) {
            continue;
        }
        if rule.act == Act::Opens && list.is_own_key(rule) {
            holds.begins.insert(rule.kind);
        } else if !is_open_ended {
            holds.follows.insert(rule.kind);
        }
    }
    holds
}

/// Whether the row, or one around it, could not say that its process has ended, or that something is not needed: then
/// what seems to be missing may never have been due.
fn may_have_ended(rows: &SubjectRows, row: &SourceRow) -> bool {
    let decides = |rule: &&EventRule| {
        let column = row.list.column(&rule.on);
        rule.act == Act::Ends || column.is_some_and(|column| column.value == ValueKind::Flag)
    };
    let untold = |rule: &EventRule| row.value(&rule.on).is_some_and(|value| could_not_say(&value.reading));
    row.list.events.iter().filter(decides).any(untold)
        || row
            .parent
            .and_then(|parent| rows.rows.get(parent))
            .is_some_and(|parent| may_have_ended(rows, parent))
}

/// Whether something may stand in the source that the file does not tell. A placeholder tells that nothing does.
fn could_not_say(reading: &Reading) -> bool {
    match reading {
        Reading::SourceError | Reading::NoStoredValue | Reading::NotThere | Reading::Unreadable { .. } => {
            true
        }
        Reading::Blank
        | Reading::Placeholder
        | Reading::Date(_)
        | Reading::Count(_)
        | Reading::Decimal(_)
        | Reading::Flag(_)
        | Reading::Code { .. }
        | Reading::Text(_) => false,
    }
}

/// States the coverage that the file gives, where it is not stated already. A statement is about the
/// file: it makes no row a new one.
pub(super) fn state(planner: &mut Planner<'_>, records: &[Record], history: &[RecordedEvent]) {
    let stated: Vec<HistoryCoverageStated> = history.iter().filter_map(stated_in).collect();
    let mut statements = listed(planner, records);
    statements.extend(latest(planner, records));
    for statement in statements {
        if stated.iter().any(|held| is_same(held, &statement)) {
            continue;
        }
        let row = (0..planner.rows.rows.len()).find(|row| !planner.is_lost(*row));
        let Some(row) = row else { return };
        let event = CaseEvent::new(planner.by_now(""), statement);
        planner.emit(&event, SealedFields::none(), row);
    }
}

fn stated_in(event: &RecordedEvent) -> Option<HistoryCoverageStated> {
    if let Body::HistoryCoverageStated(statement) = &event.event.body {
        Some(statement.clone())
    } else {
        None
    }
}

fn is_same(left: &HistoryCoverageStated, right: &HistoryCoverageStated) -> bool {
    (&left.kinds, left.extent, left.from, left.to) == (&right.kinds, right.extent, right.from, right.to)
}

/// Kinds of the lists that the file holds, gathered by their days.
fn listed(planner: &Planner<'_>, records: &[Record]) -> Vec<HistoryCoverageStated> {
    let mut by_start: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    let Some(layout) = planner.import.format.layout() else { return Vec::new() };
    for list in &layout.lists {
        let from = list.window_from(planner.import.as_at);
        // What a refused row held is not known.
        let scope = planner.import.holds(list).filter(|_| !planner.lost_row_of(list));
        let Some((scope, from)) = scope.zip(from) else { continue };
        let held = holds(layout, list, scope, planner.rows);
        let first = records
            .iter()
            .filter(|record| held.begins.contains(&record.opening.body.kind()))
            .filter_map(|record| record.key)
            .min();
        let names =
            |kinds: &BTreeSet<Kind>| kinds.iter().map(|kind| kind.name().to_owned()).collect::<Vec<_>>();
        by_start.entry(from).or_default().extend(names(&held.begins));
        by_start.entry(first.unwrap_or(from).min(from)).or_default().extend(names(&held.follows));
    }
    by_start
        .into_iter()
        .filter(|(_, kinds)| !kinds.is_empty())
        .map(|(from, kinds)| statement(planner, kinds, CoverageExtent::Complete, Some(from)))
        .collect()
}

/// Kinds of which the file gives the newest: nothing is said of the days before it.
fn latest(planner: &Planner<'_>, records: &[Record]) -> Vec<HistoryCoverageStated> {
    let mut newest: BTreeMap<&'static str, Option<NaiveDate>> = BTreeMap::new();
    let is_told = |record: &&Record| {
        let row = planner.rows.rows.get(record.row);
        !row.is_some_and(|row| may_have_ended(planner.rows, row))
    };
    for record in records.iter().filter(|record| record.mode == Mode::Latest) {
        let day = newest.entry(record.opening.body.kind().name()).or_default();
        *day = (*day).max(record.key.filter(|_| is_told(&record)));
    }
    for record in records.iter().filter(is_told) {
        for follow in &record.then {
            if let Follow::Nothing { kind, meaning: Emptied::LatestWithdrawn, .. } = follow {
                // The column is empty: none since the record began.
                newest.entry(kind.name()).or_insert(record.key);
            }
        }
    }
    let mut statements = Vec::new();
    let mut by_day: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    let kinds: BTreeSet<String> = newest.keys().map(|kind| (*kind).to_owned()).collect();
    for (kind, day) in newest {
        if let Some(day) = day.filter(|day| *day <= planner.import.as_at) {
            by_day.entry(day).or_default().insert(kind.to_owned());
        }
    }
    if !kinds.is_empty() {
        statements.push(statement(planner, kinds, CoverageExtent::LatestOnly, None));
    }
    let complete = |(day, kinds)| statement(planner, kinds, CoverageExtent::Complete, Some(day));
    statements.extend(by_day.into_iter().map(complete));
    statements
}

fn statement(
    planner: &Planner<'_>,
    kinds: BTreeSet<String>,
    extent: CoverageExtent,
    from: Option<NaiveDate>,
) -> HistoryCoverageStated {
    let to = (extent == CoverageExtent::Complete).then_some(planner.import.as_at);
    HistoryCoverageStated { kinds, extent, from, to, import: Some(planner.import.id) }
}
