//! Clocks and event matches, from the file to what the engine folds.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;

use super::super::condition::{check_day_field, check_field};
use super::super::file::{RawBirthday, RawChain, RawClock, RawEarly, RawExtension, RawMatch, RawUnlinked};
use super::super::{
    AfterCare, Birthday, Chain, ClockShape, Condition, DefectReason, DueBy, EarlyStop, EventMatch, Extending,
    Pause, RuleId, ShortBreaks, Standing, Subject, Turned, UnlinkedStops,
};
use super::Reader;
use crate::calendar::Limit;
use crate::events::{EntityRole, Kind, Stage};

impl Reader<'_> {
    pub(super) fn clocks(&mut self, raw: Vec<RawClock>) -> Vec<ClockShape> {
        raw.into_iter().filter_map(|clock| self.clock(clock)).collect()
    }

    fn clock(&mut self, raw: RawClock) -> Option<ClockShape> {
        let at = raw.per.span();
        if raw.start.is_empty() || raw.stop.is_empty() {
            self.misshapen::<()>(at.clone(), "a clock needs at least one start and one stop");
        }
        let unknown = || DefectReason::UnknownRole { role: raw.per.get_ref().clone() };
        let per = self.keep(at.clone(), Subject::from_name(raw.per.get_ref()).ok_or_else(unknown));
        let counted_from = self.matches(raw.counted_from);
        let chain = raw.chain.and_then(|chain| self.chain(&chain, counted_from.is_empty()));
        let shape = ClockShape {
            start: self.matches(raw.start),
            birthday: raw.birthday.and_then(|birthday| self.birthday(&at, &birthday)),
            stop: self.matches(raw.stop),
            early_stop: match raw.early_stop {
                RawEarly::CannotTell => EarlyStop::CannotTell,
                RawEarly::Met => EarlyStop::Met,
                RawEarly::TooEarly => EarlyStop::TooEarly,
            },
            early_within: raw.early_within.map(|limit| Limit::new(limit.limit, limit.unit)),
            stop_after: raw.stop_after.map(|limit| Limit::new(limit.limit, limit.unit)),
            asked_by: self.matches(raw.asked_by),
            not_applicable: self.matches(raw.not_applicable),
            leaves_out_short_breaks: raw.short_breaks.is_some(),
            not_applicable_while: raw
                .not_applicable_while
                .into_iter()
                .map(|any| Standing(self.matches(any)))
                .collect(),
            replaced_while: self.matches(raw.replaced_while),
            turned: raw.turned.map(|turned| Turned {
                when: turned.when.into_iter().map(|any| Standing(self.matches(any))).collect(),
                by: self.matches(turned.by),
                limit: Limit::new(turned.limit, turned.unit),
            }),
            rows_are_silent: raw.rows_are_silent,
            not_required: self.matches(raw.not_required),
            undone_by: self.matches(raw.undone_by),
            shown_by: self.matches(raw.shown_by),
            ended_by: self.matches(raw.ended_by),
            extension: raw.extension.and_then(|extension| self.extension(extension)),
            pause: raw
                .pause
                .map(|pause| Pause { from: self.matches(pause.from), to: self.matches(pause.to) }),
            due_by: raw.due_by.map(|due| DueBy {
                events: self.matches(due.events),
                occurrence: due.occurrence.max(1),
                due_under: due.due_under.iter().map(|id| RuleId::new(id.get_ref())).collect(),
                due_else: due.due_else.iter().map(|id| RuleId::new(id.get_ref())).collect(),
                lapses: due.lapses,
            }),
            due_field: raw.due_field.as_ref().map(|field| field.get_ref().as_str().into()),
            chain,
            counted_from,
            first_of: raw.first_of,
            unlinked_stops: match raw.unlinked_stops {
                RawUnlinked::CannotTell => UnlinkedStops::CannotTell,
                RawUnlinked::Ignore => UnlinkedStops::Ignore,
            },
            per: per?,
        };
        let shape = if shape.leaves_out_short_breaks { leave_out_short_breaks(shape) } else { shape };
        if let Some(field) = &raw.due_field {
            for start in &shape.start {
                self.keep(field.span(), check_day_field(start.kind, field.get_ref()));
            }
        }
        self.check_clock(&at, &shape);
        Some(shape)
    }

    fn check_clock(&mut self, at: &Range<usize>, shape: &ClockShape) {
        let same_events = shape.start.len() == shape.stop.len()
            && shape.start.iter().zip(&shape.stop).all(|(start, stop)| start == stop);
        if shape.chain.is_some() && !same_events {
            self.misshapen::<()>(at.clone(), "a chain starts and stops at the same events");
        }
        if shape.chain.is_some() && shape.per == Subject::Event {
            self.misshapen::<()>(at.clone(), "a clock per event has no chain; use per = \"child\"");
        }
        if shape.chain.is_some() && !shape.shown_by.is_empty() {
            self.misshapen::<()>(
                at.clone(),
                "shown_by stands with no chain: each link needs the day of its stop",
            );
        }
        let events = [&shape.start, &shape.stop, &shape.shown_by, &shape.asked_by, &shape.not_applicable];
        let more = [&shape.not_required, &shape.undone_by, &shape.ended_by, &shape.counted_from];
        if events.iter().chain(&more).any(|list| list.iter().any(|one| one.over)) {
            self.misshapen::<()>(at.clone(), "over = true stands only where it is asked how things stand");
        }
        if shape.due_by.is_some() && (shape.due_field.is_some() || shape.chain.is_some()) {
            self.misshapen::<()>(
                at.clone(),
                "a last day set by another event stands with neither a chain nor a due_field",
            );
        }
        if shape.early_within.is_some()
            && (shape.due_by.is_none() || shape.early_stop == EarlyStop::CannotTell)
        {
            self.misshapen::<()>(
                at.clone(),
                "early_within stands beside due_by and an early_stop that counts",
            );
        }
        let mut through = shape.start.iter().filter_map(|start| start.through);
        let role = through.next();
        if through.any(|other| Some(other) != role) {
            self.misshapen::<()>(at.clone(), "all starts of a clock are found through one role");
        }
        let elsewhere =
            [&shape.stop, &shape.not_applicable, &shape.not_required, &shape.ended_by, &shape.counted_from];
        if elsewhere.iter().any(|list| list.iter().any(|one| one.through.is_some())) {
            self.misshapen::<()>(at.clone(), "only a start is found through another process");
        }
    }

    fn chain(&mut self, chain: &RawChain, counts_from_nothing: bool) -> Option<Chain> {
        let from_occurrence = *chain.from_occurrence.get_ref();
        if from_occurrence == 0 {
            return self.misshapen(chain.from_occurrence.span(), "occurrences are counted from 1");
        }
        if !chain.repeats && counts_from_nothing {
            let what = "a chain that does not repeat must say from which event occurrences are counted";
            return self.misshapen(chain.from_occurrence.span(), what);
        }
        Some(Chain { from_occurrence, repeats: chain.repeats })
    }

    fn birthday(&mut self, at: &Range<usize>, raw: &RawBirthday) -> Option<Birthday> {
        let after_care = match (raw.after_weeks_of_care, raw.since_age) {
            (None, None) => None,
            (Some(weeks), Some(since_age)) => Some(AfterCare { weeks, since_age }),
            (Some(_), None) | (None, Some(_)) => {
                return self.misshapen(at.clone(), "after_weeks_of_care and since_age stand together");
            }
        };
        Some(Birthday { age: raw.age, after_care })
    }

    fn extension(&mut self, raw: RawExtension) -> Option<Extending> {
        let (at, field) = (raw.end.span(), raw.end.get_ref().as_str().into());
        let event = RawMatch {
            event: raw.event,
            conditions: raw.conditions,
            through: None,
            or_only_one: false,
            of: raw.of,
            changed: None,
            without: None,
            over: false,
            care: false,
            made_care: false,
            next: BTreeMap::new(),
            opened: BTreeMap::new(),
        };
        let event = self.event_match(event)?;
        self.keep(at, check_day_field(event.kind, raw.end.get_ref()))?;
        let at_most = raw.at_most.map(|limit| Limit::new(limit.limit, limit.unit));
        Some(Extending { event, field, at_most })
    }

    pub(super) fn matches(&mut self, raw: Vec<RawMatch>) -> Vec<EventMatch> {
        raw.into_iter().filter_map(|one| self.event_match(one)).collect()
    }

    pub(super) fn event_match(&mut self, raw: RawMatch) -> Option<EventMatch> {
        let at = raw.event.span();
        let kind = self.kind(&raw.event)?;
        let only_one = raw.or_only_one;
        if only_one && raw.through.is_none() {
            return self.misshapen(at, "or_only_one stands beside through");
        }
        let through = raw.through.and_then(|role| self.role(&role));
        let of_child = match raw.of {
            None => false,
            Some(of) if of.get_ref() == "child" => true,
            Some(of) => return self.misshapen(of.span(), "of can only be \"child\""),
        };
        let opens = |other: &&Kind| other.stage() == Stage::Opens && other.own_role() == kind.own_role();
        let opening = Kind::ALL.iter().copied().find(|other| opens(&other));
        if opening.is_none() && !raw.opened.is_empty() {
            return self.misshapen(at, "opened asks about the beginning of the event's own process");
        }
        let mut conditions = |kind: Kind, raw: BTreeMap<String, toml::Value>| -> Vec<Condition> {
            let read = raw.into_iter().map(|(field, value)| Condition::read(kind, &field, value));
            read.filter_map(|condition| self.keep(at.clone(), condition)).collect()
        };
        let (next, opened) = (conditions(kind, raw.next), conditions(opening.unwrap_or(kind), raw.opened));
        let conditions = conditions(kind, raw.conditions);
        let changed = match raw.changed {
            None => None,
            Some(field) => {
                self.keep(field.span(), check_field(kind, field.get_ref()))?;
                Some(field.into_inner().into())
            }
        };
        let without = match raw.without {
            None => None,
            Some(role) => Some(self.role(&role)?),
        };
        let (over, care, made_care) = (raw.over, raw.care, raw.made_care);
        Some(EventMatch {
            kind,
            conditions,
            through,
            only_one,
            of_child,
            changed,
            without,
            over,
            care,
            made_care,
            next,
            opened,
        })
    }

    pub(super) fn kind(&mut self, name: &Spanned<String>) -> Option<Kind> {
        let unknown = || DefectReason::UnknownEventKind { kind: name.get_ref().clone() };
        self.keep(name.span(), Kind::from_name(name.get_ref()).map_err(|_| unknown()))
    }

    pub(super) fn role(&mut self, name: &Spanned<String>) -> Option<EntityRole> {
        let unknown = || DefectReason::UnknownRole { role: name.get_ref().clone() };
        self.keep(name.span(), EntityRole::from_name(name.get_ref()).ok_or_else(unknown))
    }
}

/// A clock that is not asked in a series of short breaks: where its process began as one, or, for a placement, is part of
/// one.
fn leave_out_short_breaks(mut shape: ClockShape) -> ClockShape {
    let series = ShortBreaks::definition();
    if shape.per == Subject::Process(EntityRole::Placement) {
        let of_child = |one: &EventMatch| EventMatch { of_child: true, ..one.clone() };
        shape.not_applicable.push(series.placement.clone());
        shape.not_applicable_while.push(Standing(series.status.0.iter().map(of_child).collect()));
    } else {
        shape.not_applicable.extend(series.beginnings.iter().cloned());
    }
    shape
}
