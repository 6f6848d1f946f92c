//! Counts, shares and rates, from the file to what the engine folds.

use std::ops::Range;

use toml::Spanned;

use super::super::condition::check_field;
use super::super::file::{
    RawBy, RawBys, RawClocks, RawCounts, RawEach, RawFollowUp, RawHas, RawHeld, RawLies, RawLimit, RawMatch,
    RawOpen, RawTally, RawValue,
};
use super::super::{
    By, Counts, Each, Figure, FollowUp, Has, Held, Lasted, Lies, Members, Open, RuleId, Short, StandIn,
    Tally, Value,
};
use super::Reader;
use crate::calendar::{Limit, Unit};
use crate::events::Kind;

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
            Some(counts) => Some(self.counts(at.clone(), counts)?),
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
        let by = match raw.by {
            RawBys::One(one) => vec![by(one)],
            RawBys::Several(several) => several.into_iter().map(by).collect(),
        };
        for field in by.iter().filter_map(|by| if let By::Field(field) = by { Some(field) } else { None }) {
            for kind in members.kinds() {
                self.keep(at.clone(), check_field(kind, field))?;
            }
        }
        let per = match raw.per {
            None => None,
            Some(role) => Some(self.role(&role)?),
        };
        let only = match raw.only {
            None => None,
            Some(only) => Some(self.has(only)?),
        };
        let follow_up = match raw.follow_up {
            None => None,
            Some(one) => Some(self.follow_up(one, counts.as_ref())?),
        };
        let stand_in = match raw.stand_in {
            None => None,
            Some(one) => Some(StandIn {
                within: self.reach(&one.events, one.within)?,
                events: self.matches(one.events),
            }),
        };
        let age_from_ago = match raw.age_from_ago {
            None => None,
            Some(limit) => Some(self.length(at.clone(), limit)?),
        };
        let ended = match raw.ended {
            None => None,
            Some(role) if !matches!(members, Members::Events(_)) => {
                return self.misshapen(role.span(), "ended stands beside events: the ends that are recorded");
            }
            Some(role) => Some(self.role(&role)?),
        };
        Some(Tally {
            figure,
            members,
            per,
            else_last: self.matches(raw.else_last),
            once: raw.once,
            stand_in,
            only,
            follow_up,
            leaves_out_short_breaks: raw.short_breaks.is_some(),
            ended,
            age_from: raw.age_from,
            age_from_ago,
            age_below: raw.age_below,
            counts,
            value,
            by,
            one_per_stream: raw.one_per_stream,
        })
    }

    fn follow_up(&mut self, raw: Spanned<RawFollowUp>, counts: Option<&Counts>) -> Option<FollowUp> {
        let has = counts.and_then(|counts| counts.has.as_ref());
        if !has.is_some_and(|has| matches!(has.lies, Lies::After(Some(_)) | Lies::Later(_)) && !has.latest) {
            let what = "follow_up stands beside counts.has with lies = \"after\" or \"later\" and within, and not with latest";
            return self.misshapen(raw.span(), what);
        }
        let raw = raw.into_inner();
        Some(FollowUp {
            unless_running: raw.unless_running.iter().filter_map(|role| self.role(role)).collect(),
            left_by: raw.left_by.into_iter().map(Into::into).collect(),
            left_with: self.matches(raw.left_with),
        })
    }

    fn open(&mut self, raw: RawOpen) -> Option<Open> {
        let per = match raw.per {
            None => None,
            Some(role) => Some(self.role(&role)?),
        };
        let kinds = |matches: &[RawMatch]| -> Vec<Kind> {
            matches.iter().filter_map(|one| Kind::from_name(one.event.get_ref()).ok()).collect()
        };
        let (starts, ends) = (kinds(&raw.start), kinds(&raw.end));
        let each = match raw.each {
            None => None,
            Some(each) => Some(self.each(each, &starts, &ends)?),
        };
        Some(Open {
            per,
            each,
            joined: self.matches(raw.joined),
            unless_running: raw.unless_running.iter().filter_map(|role| self.role(role)).collect(),
            while_running: raw.while_running.iter().flat_map(|name| self.ends(name)).collect(),
            start: self.matches(raw.start),
            end: self.matches(raw.end),
            at_least: raw.at_least.map(limit),
            both_days: raw.both_days,
            one_per_child: raw.one_per_child,
        })
    }

    fn each(&mut self, raw: RawEach, starts: &[Kind], ends: &[Kind]) -> Option<Each> {
        for kind in starts {
            self.keep(raw.field.span(), check_field(*kind, raw.field.get_ref()))?;
        }
        for kind in starts.iter().chain(ends) {
            self.keep(raw.ended_by_same.span(), check_field(*kind, raw.ended_by_same.get_ref()))?;
        }
        Some(Each {
            field: raw.field.into_inner().into(),
            unstated: raw.unstated.map(Into::into),
            ended_by_same: raw.ended_by_same.into_inner().into(),
        })
    }

    fn held(&mut self, raw: RawHeld) -> Option<Held> {
        let at = raw.open.start.first().map(|one| one.event.span()).unwrap_or_default();
        let within = self.reach(&raw.open.start, raw.within)?;
        let short = raw.short.into_iter().map(|one| {
            let at_most = self.reach(&one.start, one.at_most)?;
            Some(Short { at_most, start: self.matches(one.start) })
        });
        let short = short.collect::<Option<Vec<Short>>>()?;
        let open = self.open(raw.open)?;
        if open.per.is_none() {
            return self.misshapen(at, "held counts processes: its open needs a per");
        }
        Some(Held { open, at_least: raw.at_least, within, short })
    }

    /// A length over which a tally can reach.
    fn reach(&mut self, beside: &[RawMatch], raw: RawLimit) -> Option<Limit> {
        let at = beside.first().map(|one| one.event.span()).unwrap_or_default();
        self.length(at, raw)
    }

    fn length(&mut self, at: Range<usize>, raw: RawLimit) -> Option<Limit> {
        if matches!(raw.unit, Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms) {
            return self.misshapen(at, "a tally reaches over calendar days, weeks or months");
        }
        Some(limit(raw))
    }

    fn counts(&mut self, at: Range<usize>, raw: RawCounts) -> Option<Counts> {
        let mut open = |one: Option<RawOpen>| match one {
            None => Some(None),
            Some(one) => self.open(one).map(Some),
        };
        let (is_open, none_open, overlaps) = (open(raw.open)?, open(raw.none_open)?, open(raw.overlaps)?);
        let has = match raw.has {
            None => None,
            Some(has) => Some(self.has(has)?),
        };
        let held = match raw.held {
            None => None,
            Some(held) => Some(self.held(held)?),
        };
        let in_time_last = match raw.in_time_last {
            None => None,
            Some(limit) => Some(self.length(at, limit)?),
        };
        let lasted = match raw.lasted {
            None => None,
            Some(lasted) => Some(Lasted {
                at_least: self.reach(&lasted.since, lasted.at_least)?,
                since: self.matches(lasted.since),
            }),
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
            held,
            lasted,
            recorded_late: raw.recorded_late,
            in_time_last,
            in_time: raw.in_time.iter().map(|id| RuleId::new(id)).collect(),
            with_reason: raw.with_reason,
            turned: raw.turned,
            value_at_least: raw.value_at_least,
        })
    }

    fn has(&mut self, raw: RawHas) -> Option<Has> {
        let at = raw.events.first().map(|one| one.event.span()).unwrap_or_default();
        let mut length = |raw: Option<RawLimit>, events: &[RawMatch]| match raw {
            None => Some(None),
            Some(raw) => self.reach(events, raw).map(Some),
        };
        let (within, until) = (length(raw.within, &raw.events)?, length(raw.until, &raw.events)?);
        let lies = match (raw.lies, within, until) {
            (RawLies::Anywhere, None, None) => Lies::Anywhere,
            (RawLies::After, within, None) => Lies::After(within),
            (RawLies::Later, Some(within), None) => Lies::Later(within),
            (RawLies::Before, within, None) => Lies::Before(within),
            (RawLies::SincePrevious, None, None) => Lies::SincePrevious,
            (RawLies::Last, Some(within), None) => Lies::Last(within),
            (RawLies::AroundBirthday, Some(before), Some(after)) => Lies::AroundBirthday { before, after },
            _ => {
                return self.misshapen(
                    at,
                    "within stands with after, later, before, last and around_birthday only, later and last need it, and around_birthday needs until as well",
                );
            }
        };
        let same = match raw.same {
            None => None,
            Some(role) => Some(self.role(&role)?),
        };
        for one in &raw.events {
            if let (Some(field), Ok(kind)) = (&raw.changed, Kind::from_name(one.event.get_ref())) {
                self.keep(at.clone(), check_field(kind, field))?;
            }
        }
        Some(Has {
            events: self.matches(raw.events),
            at_least: raw.at_least,
            same,
            lies,
            latest: raw.latest,
            changed: raw.changed.map(Into::into),
        })
    }

    fn value(&mut self, raw: RawValue) -> Option<Value> {
        Some(match raw {
            RawValue::DaysSince(since) => Value::Days { since: self.matches(since), working: false },
            RawValue::WorkingDaysSince(since) => Value::Days { since: self.matches(since), working: true },
            RawValue::Number => Value::Number,
            RawValue::Lag => Value::Lag,
            RawValue::DaysOpen(open) => Value::DaysOpen(self.open(*open)?),
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
        RawBy::TurnedBy => By::TurnedBy,
        RawBy::Field(field) => By::Field(field.into()),
    }
}
