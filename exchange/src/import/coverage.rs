//! How much of a child's history the file holds, kind by kind.
//!
//! A clock needs this: a list that gives only the latest visit says nothing of the one before.
//! What is stated: every beginning within the list's window; every end of a listed record from the
//! record's own beginning on; and of a kind given only by its latest, the days from that one on. What a cell could not
//! say is taken out of it, from its record's beginning on: such an event may have happened.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};

use super::claims::{Claims, Emptied, Follow, Mode, Record};
use super::left::NO_ROW;
use super::planning::Planner;
use super::records::Resolution;
use crate::extract::ListScope;
use crate::layout::{Act, Blank, EventRule, Layout, List, Owner, Role};

/// Kinds that a list holds one by one: those that begin records, and those that end or follow them.
#[derive(Default)]
struct Holds {
    begins: BTreeSet<Kind>,
    follows: BTreeSet<Kind>,
}

/// What a list of this file holds: an event whose column is missing is not held, unless the return leaves out what
/// is empty.
fn holds(layout: &Layout, list: &'static List, scope: &ListScope) -> Holds {
    let there = |rule: &&EventRule| layout.leaves_out_empty || scope.fields.contains(&rule.on);
    let mut holds = Holds::default();
    for rule in list.events.iter().filter(there) {
        let role = list.column(&rule.on).map(|column| column.role);
        let every = matches!(role, Some(Role::Key | Role::Attribute)) && rule.of != Some(Owner::Subject);
        if rule.absence == Blank::Silent || !rule.complete.unwrap_or(every) {
            continue;
        }
        let kinds = if rule.act == Act::Opens && list.is_own_key(rule) {
            &mut holds.begins
        } else {
            &mut holds.follows
        };
        kinds.insert(rule.kind);
    }
    holds
}

/// States the coverage that the file gives, where it is not stated already. A statement is about the
/// file: it makes no row a new one.
pub(super) fn state(
    planner: &mut Planner<'_>,
    claims: &Claims,
    (resolved, history): (&[Resolution], &[RecordedEvent]),
) {
    let stated: Vec<HistoryCoverageStated> = history.iter().filter_map(stated_in).collect();
    let is_stated = stated.iter().any(|statement| statement.import == Some(planner.import.id));
    if is_stated && planner.events.is_empty() {
        // The same file again, over which others may have come: what it holds was stated when it said so.
        return;
    }
    let row = (0..planner.rows.rows.len()).find(|row| !planner.is_lost(*row));
    let mut statements = refused(planner);
    statements.extend(undecided(planner));
    // A file of which no row is read tells of nothing else.
    if row.is_some() {
        let gaps = gaps(planner, claims, resolved);
        statements.extend(listed(planner, &claims.records, &gaps));
        statements.extend(latest(planner, claims, &gaps));
        statements.extend(unsaid(planner, &gaps));
    }
    // What a refused row may have said is stated from its list: the file named the child.
    let row = row.or_else(|| (!planner.rows.rows.is_empty()).then_some(0)).unwrap_or(NO_ROW);
    for statement in statements {
        if stated.contains(&statement) {
            continue;
        }
        planner.held.coverage.add(statement.clone());
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

/// Kinds of which the file could not say whether they happened, each with the day from which on they may have.
type Gaps = BTreeMap<Kind, Option<NaiveDate>>;

/// What the file could not say, unless another row says it or it is held already.
fn gaps(planner: &Planner<'_>, claims: &Claims, resolved: &[Resolution]) -> Gaps {
    let mut gaps = Gaps::new();
    let mut leave_open = |follow: &Follow, since: Option<NaiveDate>, process| {
        let (kind, row, since, held) = match follow {
            Follow::Unsaid { rule, row } => {
                let held = planner.states_by(rule, process).any(|event| event.kind() == rule.kind);
                (&rule.kind, row, since, held)
            }
            Follow::Doubtful { kind, row, field, on } => {
                let of_day =
                    planner.held.of_kind(*kind, process).filter(|event| event.occurred.day() == Some(*on));
                let told = of_day
                    .filter(|event| !event.withdrawn)
                    .all(|event| event.body.fields().contains_key(*field));
                (kind, row, Some(*on), told)
            }
            Follow::Once(_)
            | Follow::State { .. }
            | Follow::Nothing { .. }
            | Follow::Undated(_)
            | Follow::Silent { .. } => return,
        };
        if !held && !planner.is_lost(*row) && !claims.is_told_elsewhere(follow, process, resolved) {
            gaps.entry(*kind).and_modify(|earlier| *earlier = (*earlier).min(since)).or_insert(since);
        }
    };
    for follow in &claims.own {
        leave_open(follow, None, None);
    }
    for (index, record) in claims.records.iter().enumerate() {
        let process = claims.process(index, resolved);
        record.then.iter().for_each(|follow| leave_open(follow, record.key, process));
    }
    gaps
}

/// The days on which what could not be said may have happened.
fn unsaid(planner: &Planner<'_>, gaps: &Gaps) -> Vec<HistoryCoverageStated> {
    let mut by_day: BTreeMap<Option<NaiveDate>, BTreeSet<String>> = BTreeMap::new();
    for (kind, since) in gaps {
        by_day.entry(*since).or_default().insert(kind.name().to_owned());
    }
    let hidden = |(since, kinds)| {
        let to = Some(planner.import.as_at);
        HistoryCoverageStated { to, ..statement(planner, kinds, CoverageExtent::None, since) }
    };
    by_day.into_iter().map(hidden).collect()
}

/// What a refused row may have said: that a record began in the list's window, and, where no other row of the list is
/// read, how one that is held went on.
fn refused(planner: &Planner<'_>) -> Vec<HistoryCoverageStated> {
    let lost = planner.import.lists().iter().filter(|list| planner.lost_row_of(list));
    hidden(planner, lost.map(|list| (list, !planner.read_row_of(list))))
}

/// States for a newer file what rows about the child may have said that it could not read.
pub(super) fn state_unread(planner: &mut Planner<'_>, lists: &[&'static List], history: &[RecordedEvent]) {
    let stated: Vec<HistoryCoverageStated> = history.iter().filter_map(stated_in).collect();
    for statement in hidden(planner, lists.iter().map(|list| (*list, true))) {
        if !stated.contains(&statement) {
            planner.held.coverage.add(statement.clone());
            let event = CaseEvent::new(planner.by_now(""), statement);
            planner.emit(&event, SealedFields::none(), NO_ROW);
        }
    }
}

/// What may have happened by rows that are not read, of each list with whether no other row of it is.
fn hidden(
    planner: &Planner<'_>,
    lists: impl Iterator<Item = (&'static List, bool)>,
) -> Vec<HistoryCoverageStated> {
    let Some(layout) = planner.import.format.layout() else { return Vec::new() };
    let mut gaps = Vec::new();
    for (list, is_alone) in lists {
        let Some(scope) = planner.import.holds(list) else { continue };
        let held = holds(layout, list, scope);
        let begins = (held.begins, list.window_from(planner.import.as_at));
        for (kinds, from) in [begins, (held.follows, None)].into_iter().take(1 + usize::from(is_alone)) {
            let kinds: BTreeSet<String> = kinds.iter().map(|kind| kind.name().to_owned()).collect();
            if !kinds.is_empty() {
                let to = Some(planner.import.as_at);
                gaps.push(HistoryCoverageStated {
                    to,
                    ..statement(planner, kinds, CoverageExtent::None, from)
                });
            }
        }
    }
    gaps
}

/// What a row that waits for an answer may say of the records that it may be: how each of them went on.
fn undecided(planner: &Planner<'_>) -> Vec<HistoryCoverageStated> {
    let Some(layout) = planner.import.format.layout() else { return Vec::new() };
    let mut gaps = Vec::new();
    for list in layout.lists.iter().filter(|list| planner.waiting_row_of(list)) {
        let is_state =
            |rule: &EventRule| list.column(&rule.on).is_some_and(|column| column.role == Role::State);
        let goes_on = |rule: &&EventRule| {
            let of_record = rule.of != Some(Owner::Subject) && !list.is_own_key(rule);
            of_record && (!is_state(rule) || rule.complete == Some(true))
        };
        let kinds: BTreeSet<String> =
            list.events.iter().filter(goes_on).map(|rule| rule.kind.name().to_owned()).collect();
        let opens = |kind| list.events.iter().any(|rule| rule.kind == kind && list.is_own_key(rule));
        let asked = planner.questions.iter().filter(|question| !question.inferred && opens(question.kind));
        let from = asked.filter_map(|question| question.held_on).min();
        if !kinds.is_empty() && from.is_some() {
            let to = Some(planner.import.as_at);
            gaps.push(HistoryCoverageStated { to, ..statement(planner, kinds, CoverageExtent::None, from) });
        }
    }
    gaps
}

/// Kinds of the lists that the file holds, gathered by their days: up to the day described, or up to what could not be said.
fn listed(planner: &Planner<'_>, records: &[Record], gaps: &Gaps) -> Vec<HistoryCoverageStated> {
    let mut by_days: BTreeMap<(NaiveDate, NaiveDate), BTreeSet<String>> = BTreeMap::new();
    let Some(layout) = planner.import.format.layout() else { return Vec::new() };
    for list in &layout.lists {
        let from = list.window_from(planner.import.as_at);
        // What a refused row held is not known.
        let scope = planner
            .import
            .holds(list)
            .filter(|_| !planner.lost_row_of(list) && !planner.waiting_row_of(list));
        let Some((scope, from)) = scope.zip(from) else { continue };
        let held = holds(layout, list, scope);
        let first = records
            .iter()
            .filter(|record| held.begins.contains(&record.opening.body.kind()))
            .filter_map(|record| record.key)
            .min();
        // A row that names nobody may be any child's: only what follows the records that the child's own rows name is whole.
        let is_whole = scope.unnamed == 0;
        let followed = if is_whole { Some(first.unwrap_or(from).min(from)) } else { first };
        let begins = held.begins.iter().filter(|_| is_whole).map(|kind| (*kind, from));
        let follows = held.follows.iter().filter_map(|kind| Some((*kind, followed?)));
        for (kind, from) in begins.chain(follows) {
            let to = match gaps.get(&kind) {
                None => Some(planner.import.as_at),
                Some(since) => since.and_then(|day| day.pred_opt()),
            };
            if let Some(to) = to.filter(|to| from <= *to) {
                by_days.entry((from, to)).or_default().insert(kind.name().to_owned());
            }
        }
    }
    let complete = |((from, to), kinds)| {
        let all = statement(planner, kinds, CoverageExtent::Complete, Some(from));
        HistoryCoverageStated { to: Some(to), ..all }
    };
    by_days.into_iter().map(complete).collect()
}

/// Kinds of which the file gives the newest: nothing is said of the days before it.
fn latest(planner: &Planner<'_>, claims: &Claims, gaps: &Gaps) -> Vec<HistoryCoverageStated> {
    let records = claims.records.as_slice();
    let mut newest: BTreeMap<&'static str, Option<NaiveDate>> = BTreeMap::new();
    for record in records.iter().filter(|record| record.mode == Mode::Latest) {
        let day = newest.entry(record.opening.body.kind().name()).or_default();
        *day = (*day).max(record.key);
    }
    for record in records {
        for follow in &record.then {
            let Follow::Nothing { rule, meaning, .. } = follow else { continue };
            let kind = rule.kind;
            match meaning {
                // None since the record began.
                Emptied::LatestWithdrawn => {
                    newest.entry(kind.name()).or_insert(record.key);
                }
                // Whether there was one is not told: another file may hold it.
                Emptied::NoneYet => {
                    newest.entry(kind.name()).or_default();
                }
                Emptied::ValueWithdrawn | Emptied::Gives(_) => {}
            }
        }
    }
    let mut statements = Vec::new();
    let mut by_day: BTreeMap<NaiveDate, BTreeSet<String>> = BTreeMap::new();
    let kinds: BTreeSet<String> = newest.keys().map(|kind| (*kind).to_owned()).collect();
    for (kind, day) in newest {
        let is_doubtful = gaps.keys().any(|gap| gap.name() == kind);
        if let Some(day) = day.filter(|day| *day <= planner.import.as_at && !is_doubtful) {
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
