//! Counts, shares and rates, from the file to what the engine folds.

use super::super::condition::check_field;
use super::super::file::{
    RawBy, RawClocks, RawCounts, RawHas, RawLies, RawLimit, RawOpen, RawTally, RawValue,
};
use super::super::{By, Counts, Figure, Has, Lies, Members, Open, RuleId, Tally, Value};
use super::Reader;
use crate::calendar::{Limit, Unit};

impl Reader<'_> {
    pub(super) fn tally(&mut self, raw: RawTally) -> Option<Tally> {
        let (at, figure) = (raw.figure.span(), *raw.figure.get_ref());
        let members = match (raw.events, raw.any_event, raw.open, raw.clocks) {
            (Some(events), false, None, None) => Members::Events(self.matches(events)),
            (None, true, None, None) => Members::AnyEvent,
            (None, false, Some(open), None) => Members::Open(self.open(open)?),
            (None, false, None, Some(clocks)) => named(clocks),
            _ => {
                let what = "a tally has members of one sort: events, any_event, open or clocks";
                return self.misshapen(at, what);
            }
        };
        let counts = match raw.counts {
            None => None,
            Some(counts) => Some(self.counts(counts)?),
        };
        if matches!(figure, Figure::Share | Figure::Check) && counts.is_none() {
            return self.misshapen(at, "a share or a check says what counts");
        }
        let value = match raw.value {
            None => None,
            Some(value) => Some(self.value(value)?),
        };
        if figure == Figure::Lengths && value.is_none() {
            return self.misshapen(at, "lengths need a value");
        }
        let by = raw.by.map(by);
        if let Some(By::Field(field)) = &by {
            for kind in members.kinds() {
                self.keep(at.clone(), check_field(kind, field))?;
            }
        }
        Some(Tally { figure, members, age_from: raw.age_from, age_below: raw.age_below, counts, value, by })
    }

    fn open(&mut self, raw: RawOpen) -> Option<Open> {
        let per = match raw.per {
            None => None,
            Some(role) => Some(self.role(&role)?),
        };
        Some(Open {
            per,
            start: self.matches(raw.start),
            end: self.matches(raw.end),
            at_least: raw.at_least.map(limit),
            one_per_child: raw.one_per_child,
        })
    }

    fn counts(&mut self, raw: RawCounts) -> Option<Counts> {
        let mut open = |one: Option<RawOpen>| match one {
            None => Some(None),
            Some(one) => self.open(one).map(Some),
        };
        let (is_open, none_open, overlaps) = (open(raw.open)?, open(raw.none_open)?, open(raw.overlaps)?);
        let has = match raw.has {
            None => None,
            Some(has) => Some(self.has(has)?),
        };
        let on_weekend = match (raw.on_weekend_field, raw.on_weekend) {
            (Some(field), _) => Some(Some(field.into())),
            (None, true) => Some(None),
            (None, false) => None,
        };
        Some(Counts {
            is: self.matches(raw.is),
            on_weekend,
            has,
            open: is_open,
            none_open,
            overlaps,
            in_time: raw.in_time.iter().map(|id| RuleId::new(id)).collect(),
            with_reason: raw.with_reason,
            turned: raw.turned,
            value_at_least: raw.value_at_least,
        })
    }

    fn has(&mut self, raw: RawHas) -> Option<Has> {
        let at = raw.events.first().map(|one| one.event.span()).unwrap_or_default();
        let within = raw.within.map(limit);
        if within
            .is_some_and(|limit| matches!(limit.unit, Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms))
        {
            return self.misshapen(at, "a tally reaches over calendar days, weeks or months");
        }
        let lies = match (raw.lies, within) {
            (RawLies::Anywhere, None) => Lies::Anywhere,
            (RawLies::After, within) => Lies::After(within),
            (RawLies::Before, within) => Lies::Before(within),
            (RawLies::SincePrevious, None) => Lies::SincePrevious,
            (RawLies::Last, Some(within)) => Lies::Last(within),
            (RawLies::Anywhere | RawLies::SincePrevious, Some(_)) | (RawLies::Last, None) => {
                return self
                    .misshapen(at, "within stands with after, before and last only, and last needs it");
            }
        };
        let same = match raw.same {
            None => None,
            Some(role) => Some(self.role(&role)?),
        };
        Some(Has { events: self.matches(raw.events), at_least: raw.at_least, same, lies, latest: raw.latest })
    }

    fn value(&mut self, raw: RawValue) -> Option<Value> {
        Some(match raw {
            RawValue::DaysSince(since) => Value::Days { since: self.matches(since), working: false },
            RawValue::WorkingDaysSince(since) => Value::Days { since: self.matches(since), working: true },
            RawValue::Number => Value::Number,
            RawValue::Lag => Value::Lag,
            RawValue::DaysOpen(open) => Value::DaysOpen(self.open(open)?),
        })
    }
}

fn limit(raw: RawLimit) -> Limit {
    Limit::new(raw.limit, raw.unit)
}

fn named(raw: RawClocks) -> Members {
    Members::Clocks { rules: raw.rules.iter().map(|id| RuleId::new(id)).collect(), states: raw.states }
}

fn by(raw: RawBy) -> By {
    match raw {
        RawBy::Kind => By::Kind,
        RawBy::Month => By::Month,
        RawBy::Age => By::Age,
        RawBy::DayRecorded => By::DayRecorded,
        RawBy::Field(field) => By::Field(field.into()),
    }
}
