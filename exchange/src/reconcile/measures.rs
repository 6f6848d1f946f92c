//! The source's own counts, each against the ledger's.

use chrono::NaiveDate;
use domain::events::{Body, Kind};
use domain::journey::{Covered, KnownEvent};

use super::{Against, Difference, Explanation, Reconciliation};
use crate::annex_a::agrees;
use crate::extract::{Reading, SourceRow, SourceValue};
use crate::layout::{Column, first_of_last};

/// How the ledger counts what a column counts.
struct Measure {
    kind: Kind,
    /// Months back from the day described; `None` counts all before the row's own record.
    months: Option<u32>,
}

/// The measure of a derived column; `None` where no event of the lists can answer it.
fn measure(column: &Column) -> Option<Measure> {
    column.counts.map(|kind| Measure { kind, months: column.counts_months })
}

/// Compares one derived value.
pub(super) fn compare(
    into: &mut Reconciliation,
    against: &Against<'_>,
    row: &SourceRow,
    value: &SourceValue,
) {
    if value.reading.is_nothing() || matches!(value.reading, Reading::Unreadable { .. }) {
        return;
    }
    let found = match (value.column.field.as_str(), measure(value.column)) {
        ("age", _) => age(against, row, value),
        // The target of a conference is reckoned by the clocks, which name their calendar.
        ("target_on", _) => return,
        (_, Some(measure)) => counted(against, row, value, &measure),
        (_, None) => {
            let nothing = matches!(value.reading, Reading::Count(0) | Reading::Flag(false));
            (!nothing).then(|| ("not recorded".to_owned(), Explanation::NoListHoldsIt, Vec::new()))
        }
    };
    into.compared += 1;
    let Some((held, explanation, events)) = found else {
        into.agreed += 1;
        return;
    };
    into.differences.push(Difference {
        subject: against.rows.subject.clone(),
        place: value.place.clone(),
        measure: value.column.field.clone(),
        stated: value.raw.clone(),
        held,
        explanation,
        events: events.into_iter().map(|event: &KnownEvent| event.event_id).collect(),
    });
}

type Found<'a> = Option<(String, Explanation, Vec<&'a KnownEvent>)>;

fn counted<'a>(against: &Against<'a>, row: &SourceRow, value: &SourceValue, measure: &Measure) -> Found<'a> {
    let from = measure.months.and_then(|months| first_of_last(against.as_at, months));
    let events = measured(against, row, measure.kind, from);
    let held = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let (agrees, stated) = if let Reading::Flag(flag) = value.reading {
        (flag == (held > 0), u64::from(flag))
    } else if let Reading::Count(count) = value.reading {
        (count == held, count)
    } else {
        return None;
    };
    if agrees {
        return None;
    }
    let explanation = why(against, measure, from, (stated, held));
    Some((held.to_string(), explanation, events))
}

/// The events that a count should hold; `from` is the first day of the months that it looks back over.
fn measured<'a>(
    against: &Against<'a>,
    row: &SourceRow,
    kind: Kind,
    from: Option<NaiveDate>,
) -> Vec<&'a KnownEvent> {
    let own = row.date("started_on");
    let dated = against.journey.events.iter().filter(|event| event.kind() == kind);
    let mut dated: Vec<(NaiveDate, &KnownEvent)> =
        dated.filter_map(|event| event.occurred.day().map(|day| (day, event))).collect();
    dated.retain(|(day, _)| *day <= against.as_at);
    dated.sort_by_key(|(day, _)| *day);
    // Earlier plans and earlier periods of care end before the row's own begins.
    if kind == Kind::ChildProtectionPlanStarted || kind == Kind::CeasedToBeLookedAfter {
        dated.retain(|(day, _)| {
            own.is_none_or(|own| *day < own || (kind == Kind::CeasedToBeLookedAfter && *day == own))
        });
    }
    let Some(from) = from else {
        return dated.into_iter().map(|(_, event)| event).collect();
    };
    let first_within = dated.partition_point(|(day, _)| *day < from);
    // A placement that was running when the time began counts in it.
    let running = usize::from(kind == Kind::PlacementStarted);
    dated.into_iter().skip(first_within.saturating_sub(running)).map(|(_, event)| event).collect()
}

fn why(
    against: &Against<'_>,
    measure: &Measure,
    from: Option<NaiveDate>,
    (stated, held): (u64, u64),
) -> Explanation {
    if held == stated + 1 && measure.months.is_some() {
        return Explanation::WithoutOwnRecord;
    }
    let from = from.unwrap_or(NaiveDate::MIN);
    let missing = stated > held;
    match against.journey.coverage.of(measure.kind, from, against.as_at) {
        Covered::Complete => Explanation::Unexplained,
        Covered::LatestOnly if missing => Explanation::LatestOnly,
        Covered::NotStated if missing => Explanation::HistoryIncomplete,
        Covered::LatestOnly | Covered::NotStated => Explanation::Unexplained,
    }
}

fn age<'a>(against: &Against<'a>, row: &SourceRow, value: &SourceValue) -> Found<'a> {
    let registered = against.journey.events.iter().find_map(|event| {
        let Body::ChildRegistered(facts) = &event.body else { return None };
        facts.date_of_birth.map(|born| (event, born))
    });
    let Some((event, born)) = registered else {
        return Some(("date of birth not held".to_owned(), Explanation::NoBirthDate, Vec::new()));
    };
    if agrees(born, &value.raw, against.as_at) {
        return None;
    }
    let other = row.date("born_on").is_some_and(|stated| stated != born);
    let explanation = if other { Explanation::OtherBirthDate } else { Explanation::AgeOfAnotherDay };
    let years =
        against.as_at.years_since(born).map_or_else(|| "unborn".to_owned(), |years| years.to_string());
    Some((format!("{years} completed years"), explanation, vec![event]))
}
