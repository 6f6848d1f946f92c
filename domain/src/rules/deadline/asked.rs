//! One limit of a rule as it was asked for, and the day that it gives.

use chrono::NaiveDate;

use super::super::{Bound, ClockShape, DueBy, Rule, RuleVersion, RunningClocks, Shape};
use super::terms::{Term, any};
use super::{Deadline, DeadlineError, DeadlineOptions, Start, VersionChoice};
use crate::calendar::{Limit, LimitError, StartDay, WorkingCalendar};
use crate::time::london_day;

/// A rule with one limit that was asked for.
pub(super) struct Asked<'a> {
    rule: &'a Rule,
    version: Option<&'a RuleVersion>,
    when: Vec<String>,
    limit: Limit,
    start_day: StartDay,
    shapes: &'a [ClockShape],
    set_by: Option<NaiveDate>,
}

/// The first and the last day in time, where there is one.
struct Days {
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    last_moment: Option<chrono::DateTime<chrono::Utc>>,
}

impl<'a> Asked<'a> {
    /// Every limit that a clock from this start may have.
    pub(super) fn all(
        rule: &'a Rule,
        start: NaiveDate,
        options: &DeadlineOptions<'_>,
        calendar: &WorkingCalendar,
    ) -> Result<Vec<Self>, DeadlineError> {
        let terms = match &options.version {
            VersionChoice::InForce => Term::in_force(rule, start, options.act_on, calendar),
            VersionChoice::Named(name) => {
                let version = rule.version(name).ok_or_else(|| DeadlineError::UnknownVersion {
                    rule: rule.id.clone(),
                    version: name.clone(),
                    known: known_versions(rule),
                })?;
                Term::of_version(rule, version)
            }
            VersionChoice::WhatIf(invented) => {
                let shapes: &[ClockShape] =
                    if let Shape::Deadline(shapes) = &rule.shape { shapes } else { &[] };
                let one = Self {
                    rule,
                    version: None,
                    when: Vec::new(),
                    limit: invented.limit,
                    start_day: invented.start_day,
                    shapes,
                    set_by: None,
                };
                return one.set_by(start, options).map(|one| vec![one]);
            }
        };
        if terms.is_empty() {
            return Err(DeadlineError::NoVersionInForce {
                rule: rule.id.clone(),
                start,
                known: known_versions(rule),
            });
        }
        terms.iter().map(|term| Self::of(rule, term).set_by(start, options)).collect()
    }

    fn of(rule: &'a Rule, term: &Term<'a>) -> Self {
        Self {
            rule,
            version: Some(term.version),
            when: term.sentences(),
            limit: term.limit,
            start_day: term.start_day(),
            shapes: rule.clocks(term.version),
            set_by: None,
        }
    }

    /// Takes the day of the event that sets the last day, where one does and only there.
    fn set_by(self, start: NaiveDate, options: &DeadlineOptions<'_>) -> Result<Self, DeadlineError> {
        let rule = || self.rule.id.clone();
        let due_by = self.shapes.iter().find_map(|shape| shape.due_by.as_ref());
        match (due_by, options.set_by) {
            (None, None) => Ok(self),
            (None, Some(_)) => Err(DeadlineError::NotSetByAnother { rule: rule() }),
            (Some(due_by), None) => {
                Err(DeadlineError::SetByAnother { rule: rule(), limit: self.limit, event: setter(due_by) })
            }
            (Some(_), Some(set_by)) if set_by < start => {
                Err(DeadlineError::SetBeforeStart { rule: rule(), start, set_by })
            }
            (Some(_), Some(set_by)) => Ok(Self { set_by: Some(set_by), ..self }),
        }
    }

    pub(super) fn count(
        &self,
        start: Start,
        calendar: &WorkingCalendar,
        options: &DeadlineOptions<'_>,
    ) -> Result<Deadline, DeadlineError> {
        let cannot_tell = |why| DeadlineError::CannotTell { rule: self.rule.id.clone(), why };
        let days = self.days(start, calendar).map_err(cannot_tell)?;
        Ok(Deadline {
            rule: self.rule.id.clone(),
            version: self.version.map_or_else(|| "what-if".to_owned(), |version| version.name.to_string()),
            when: self.when.clone(),
            limit: self.limit,
            start_day: self.start_day,
            start: start.day(),
            set_by: self.set_by,
            first_day_in_time: days.first,
            last_day_in_time: days.last,
            last_moment_in_time: days.last_moment,
            calendar_known: options.calendar_known,
            source: self.version.map(RuleVersion::citation),
            kind: self.version.map(|version| version.kind),
            verified: self.version.is_some_and(|version| version.verified.read),
            notes: self.notes(start.day(), days.last.or(days.first)),
        })
    }

    fn days(&self, start: Start, calendar: &WorkingCalendar) -> Result<Days, LimitError> {
        let day = start.day();
        if let Some(set_by) = self.set_by {
            let last = self.limit.counted_back(set_by, calendar);
            let last = last.ok_or(LimitError::OutOfRange { limit: self.limit, start: set_by })?;
            return Ok(Days { first: None, last: Some(last), last_moment: None });
        }
        let last_moment = match start {
            Start::At(instant) => self.limit.last_moment_in_time(instant),
            Start::Day(_) => None,
        };
        let reached = match last_moment {
            Some(moment) => london_day(moment),
            None => self.limit.last_day_in_time(day, self.start_day, calendar)?,
        };
        let (first, last) = match self.version.map(|version| version.bound) {
            None | Some(Bound::Maximum) => (None, Some(reached)),
            Some(Bound::Minimum) => (Some(reached), None),
            Some(Bound::Window { not_before }) => {
                let not_before = Limit::new(not_before, self.limit.unit);
                (Some(not_before.last_day_in_time(day, self.start_day, calendar)?), Some(reached))
            }
        };
        Ok(Days { first, last, last_moment })
    }

    fn notes(&self, start: NaiveDate, last: Option<NaiveDate>) -> Vec<String> {
        let Some(version) = self.version else {
            return vec!["an invented limit, not a rule".to_owned()];
        };
        let crossed = self.rule.versions.iter().filter(|later| {
            later.transition.running_clocks == RunningClocks::NotSettled
                && later.in_force.from.is_some_and(|from| start < from && Some(from) <= last)
        });
        let crossed = crossed.filter_map(|later| later.transition.note.clone());
        let relaxed = version.exceptional.as_ref().and_then(|beside| beside.instead_of_limit.as_ref());
        let relaxed = relaxed
            .map(|words| format!("in place of the limit stood “{words}”: what is past it cannot be told"));
        let note = std::iter::once(version.verified.note.clone());
        note.chain(crossed).chain(relaxed).chain(self.shapes.iter().flat_map(remarks)).collect()
    }
}

/// What the day of a clock hangs on beside its start and its limit.
fn remarks(shape: &ClockShape) -> Vec<String> {
    let field = shape.due_field.as_ref().map(|field| {
        format!(
            "it counts from the day that {} states in {field}: give that day as the start",
            any(&shape.start)
        )
    });
    let birthday = shape.birthday.map(|birthday| {
        let later = birthday.after_care.map_or_else(String::new, |care| {
            let (weeks, age) = (care.weeks, care.since_age);
            format!(", or later from {weeks} weeks looked after since the birthday at {age}")
        });
        format!("it counts from the birthday at {}{later}: give that day as the start", birthday.age)
    });
    let after = shape.stop_after.map(|after| format!("only what comes after {after} stops it"));
    let early =
        shape.early_within.map(|within| format!("only what comes within {within} before it stops it"));
    let extension = shape.extension.as_ref();
    let extension = extension.map(|it| format!("without an extension: {} sets a day of its own", it.event));
    let turned = shape.turned.as_ref().map(|it| {
        let when: Vec<String> = it.when.iter().map(|standing| any(&standing.0)).collect();
        let (by, limit) = (any(&it.by), it.limit);
        format!(
            "where {by} comes by then, and this stood at the start, {limit} after it instead: {}",
            when.join("; ")
        )
    });
    let pause = shape.pause.as_ref();
    let pause = pause
        .map(|it| format!("without a pause: days from {} to {} do not count", any(&it.from), any(&it.to)));
    [field, birthday, after, early, extension, turned, pause].into_iter().flatten().collect()
}

fn setter(due_by: &DueBy) -> String {
    match due_by.occurrence {
        1 => format!("the first {}", any(&due_by.events)),
        number => format!("number {number} of {}", any(&due_by.events)),
    }
}

fn known_versions(rule: &Rule) -> String {
    let all: Vec<String> =
        rule.versions.iter().map(|version| format!("{} ({})", version.name, version.in_force)).collect();
    all.join(", ")
}
