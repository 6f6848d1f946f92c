//! Words for states, moments and lengths of time; a state is always said, never only coloured.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::London;
use domain::calendar::{Measure, Unit};
use domain::clocks::{Clock, State};
use domain::journey::Basis;
use maud::{Markup, html};
use projections::wording::long_date;

use crate::asked::{Knowledge, Moment};
use crate::components::{Colour, Due, contextual_date};

/// The state in words, and the colour that repeats them.
pub(super) fn state(state: State) -> (&'static str, Colour) {
    match state {
        State::Running => ("Running", Colour::Blue),
        State::DueSoon => ("Due soon", Colour::Orange),
        State::Overdue => ("Overdue", Colour::Red),
        State::Met => ("Met", Colour::Green),
        State::Late => ("Late", Colour::Red),
        State::TooEarly => ("Too early", Colour::Orange),
        State::NotApplicable => ("Not applicable", Colour::Grey),
        State::CannotTell(_) => ("Cannot tell", Colour::Yellow),
        State::HistoryIncomplete => ("History incomplete", Colour::Yellow),
    }
}

/// What needs attention comes first.
pub(super) fn urgency(state: State) -> u8 {
    match state {
        State::Overdue => 0,
        State::DueSoon => 1,
        State::Running => 2,
        State::CannotTell(_) => 3,
        State::Late => 4,
        State::TooEarly => 5,
        State::HistoryIncomplete => 6,
        State::Met => 7,
        State::NotApplicable => 8,
    }
}

/// An instant for the reader, in London time: `3 June 2025, 17:00`.
pub(super) fn instant(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&London).format("%-d %B %Y, %H:%M").to_string()
}

/// From when something was known: `on 3 June 2025, 17:00`, or `at the end of 3 June 2025` where only the day of
/// entry is known. A day is held as its end, which must not read as midnight.
pub(super) fn known_from(known_since: DateTime<Utc>) -> String {
    moment(Moment::of(known_since))
}

/// The moment of knowledge as a phrase: `at the end of 3 June 2025`.
pub(super) fn moment(moment: Moment) -> String {
    match moment {
        Moment::EndOf(day) => format!("at the end of {}", long_date(day)),
        Moment::At(at) => format!("on {}", instant(at)),
    }
}

pub(super) fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Ledger => "the ledger’s own recording time (proved)",
        Basis::Source => "the entry time that the source system states (claimed)",
        Basis::Extract => "the file’s date (latest possible)",
    }
}

/// Whether words such as "overdue by" may stand beside a clock's last day: it is open and can be told.
pub(super) fn is_told_and_open(state: State) -> bool {
    match state {
        State::Running | State::DueSoon | State::Overdue => true,
        State::Met
        | State::Late
        | State::TooEarly
        | State::NotApplicable
        | State::CannotTell(_)
        | State::HistoryIncomplete => false,
    }
}

/// The due date, with words that say how it stands where that can be told.
pub(super) fn last_day(knowledge: &Knowledge, clock: &Clock<'_>) -> Markup {
    match clock.due_on {
        Some(due_on) if is_told_and_open(clock.state) => {
            let (due, unit) = due(knowledge, due_on, in_working_days(clock));
            contextual_date(&long_date(due_on), due, unit)
        }
        Some(due_on) => html! { (long_date(due_on)) },
        None => html! { "not settled" },
    }
}

/// How a due date stands to the day of the question, with the unit counted.
pub(super) fn due(knowledge: &Knowledge, due_on: NaiveDate, in_working_days: bool) -> (Due, &'static str) {
    let question = knowledge.resolved.question();
    let working = question.calendar.known_at(question.calendar_known);
    let counted =
        in_working_days.then(|| working.working_days_between(knowledge.as_at(), due_on).ok()).flatten();
    let calendar_days = (due_on - knowledge.as_at()).num_days();
    // A last day that is no working day leaves 0 working days to it and is yet not today.
    match counted.filter(|days| *days != 0 || calendar_days == 0) {
        Some(days) => (standing(days), "working day"),
        None => (standing(calendar_days), "day"),
    }
}

fn standing(days_left: i64) -> Due {
    let days = u32::try_from(days_left.unsigned_abs()).unwrap_or(u32::MAX);
    match days_left {
        ..0 => Due::OverdueBy { days },
        0 => Due::Today,
        1.. => Due::InDays { days },
    }
}

pub(super) fn in_working_days(clock: &Clock<'_>) -> bool {
    clock.limit.unit == Unit::WorkingDays
}

/// `12 of 15 working days`, or `25 working days: 10 over` for a clock that is late or overdue. Nothing beyond the limit for any
/// other: it would read as late where nothing of the kind is known, or where something else than the count met it.
pub(super) fn used_of_allowed(clock: &Clock<'_>) -> Option<String> {
    let used = clock.used?;
    match clock.allowed {
        Some(allowed) if allowed.unit == used.unit && used.amount <= allowed.amount => {
            Some(format!("{} of {} {}", used.amount, allowed.amount, unit(allowed)))
        }
        Some(allowed) if allowed.unit == used.unit => matches!(clock.state, State::Late | State::Overdue)
            .then(|| format!("{} {}: {} over", used.amount, unit(used), used.amount - allowed.amount)),
        _ => Some(format!("{} {} (limit {})", used.amount, unit(used), clock.limit)),
    }
}

fn unit(measure: Measure) -> &'static str {
    let one = measure.amount == 1;
    match measure.unit {
        Unit::WorkingDays => {
            if one {
                "working day"
            } else {
                "working days"
            }
        }
        Unit::CalendarDays => {
            if one {
                "day"
            } else {
                "days"
            }
        }
        Unit::Weeks => {
            if one {
                "week"
            } else {
                "weeks"
            }
        }
        Unit::Months => {
            if one {
                "month"
            } else {
                "months"
            }
        }
        Unit::Hours => {
            if one {
                "hour"
            } else {
                "hours"
            }
        }
        Unit::SchoolTerms => {
            if one {
                "school term"
            } else {
                "school terms"
            }
        }
    }
}

/// Whole years at a day, for one who was born on another.
pub(super) fn age(born_on: NaiveDate, on: NaiveDate) -> Option<u32> {
    on.years_since(born_on)
}

/// Whether the limit of a clock in a list is counted in working days.
pub(super) fn rule_in_working_days(clock: &crate::reading::ClockLine) -> bool {
    let limit = clock.rule.version(&clock.version).and_then(|version| version.limit);
    limit.is_some_and(|limit| limit.unit == Unit::WorkingDays)
}
