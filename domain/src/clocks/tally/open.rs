//! What is open on a day.

use chrono::{Months, NaiveDate};

use crate::calendar::{Limit, Unit};
use crate::events::{EntityRole, Kind, Stage};
use crate::journey::{Covered, KnownEvent};
use crate::processes::Process;
use crate::rules::{Ending, Ends as Lasts, EventMatch, Open, Support};
use crate::time::first_of_year_to;

use super::Teller;
use super::members::Member;
use crate::clocks::ends::Ends;

/// Something that is open on a day, or may be.
#[derive(Debug, Clone)]
pub(super) struct IsOpen<'j> {
    /// What opened it.
    pub(super) event: &'j KnownEvent,
    /// What stated last how it stands, where that is not what opened it.
    pub(super) restated: Option<&'j KnownEvent>,
    /// Other events that may be the one that opened it.
    pub(super) rivals: Vec<&'j KnownEvent>,
    /// Whether the dates settle that it is open; else it may be.
    pub(super) sure: bool,
}

impl<'b, 'j> Teller<'_, 'b, 'j> {
    /// What is open on `day`, and what may be, in practice order of what opened it.
    pub(super) fn open_on(&self, open: &Open, day: NaiveDate) -> Vec<IsOpen<'j>> {
        if !self.index.has_any(&open.start) {
            return Vec::new();
        }
        let mut found = match (open.per, &open.each) {
            (Some(role), _) => self.open_processes(open, role, day),
            (None, Some(each)) => self.held_in_each(open, each, day),
            (None, None) => self.last_of_child(open, day).into_iter().collect(),
        };
        if open.per.is_none() {
            found.retain(|is_open| !self.support_is_over(is_open.event, day));
        }
        match self.runs(&open.while_running, day) {
            Some(true) => {}
            Some(false) => found.clear(),
            None => found.iter_mut().for_each(|is_open| is_open.sure = false),
        }
        for process in self.processes.iter().filter(|it| open.unless_running.contains(&it.role)) {
            let runs = process.opened.is_some_and(|opened| has_surely_happened(opened, day));
            if runs && !process.may_be_over(day) {
                found.clear();
            } else if process.runs_on(day) || (runs && !process.is_surely_over(day)) {
                found.iter_mut().for_each(|is_open| is_open.sure = false);
            }
        }
        if let Some(limit) = open.at_least {
            found.retain_mut(|is_open| {
                let since = self.open_since(open, is_open.event);
                let from = |start: NaiveDate| if open.both_days { start.pred_opt() } else { Some(start) };
                let long = |start: Option<NaiveDate>| {
                    let reached = start.and_then(from).and_then(|from| after(from, limit));
                    reached.is_some_and(|reached| reached <= day)
                };
                is_open.sure &= long(since.latest);
                long(since.earliest)
            });
        }
        found
    }

    /// Whether one of these runs on a day, where the record holds any; `None` where the dates do not settle it.
    fn runs(&self, lasting: &[Lasts], day: NaiveDate) -> Option<bool> {
        if lasting.is_empty() {
            return Some(true);
        }
        let mut any = supports(lasting).any(|support| self.processes.has_begun(support));
        let mut maybe = false;
        for support in supports(lasting) {
            let Some(begun) = self.processes.supported(support, day) else { continue };
            if !self.ending_is_unsaid(Lasts::Support(support), (begun, day)) {
                return Some(true);
            }
            maybe = true;
        }
        let of_roles = self.processes.iter().filter(|process| is_one_of(process, lasting));
        for (opened, process) in of_roles.filter_map(|process| Some((process.opened?, process))) {
            let unsaid = self.end_is_unsaid(process.role, &[], (opened, day))
                || self.ending_is_unsaid(Lasts::Process(process.role), (opened, day));
            if has_surely_happened(opened, day) && !process.may_be_over(day) && !unsaid {
                return Some(true);
            }
            any = true;
            maybe |= may_have_happened(opened, day) && !process.is_surely_over(day);
        }
        match (maybe, any) {
            (true, _) => None,
            (false, true) => Some(false),
            (false, false) => self.lasts_without_process(lasting, day),
        }
    }

    /// The same where the record holds no such process: it would have ended with what ends them all for good.
    fn lasts_without_process(&self, lasting: &[Lasts], day: NaiveDate) -> Option<bool> {
        let ends = |line: &Ending| {
            line.lasting && line.within.is_none() && lasting.iter().all(|one| line.ends.contains(one))
        };
        let mut maybe = false;
        for end in self.processes.of_line(ends) {
            if has_surely_happened(end.event, day) {
                return Some(false);
            }
            maybe |= may_have_happened(end.event, day);
        }
        if maybe { None } else { Some(true) }
    }

    fn open_processes(&self, open: &Open, role: EntityRole, day: NaiveDate) -> Vec<IsOpen<'j>> {
        let started = self.index.matching(&open.start);
        let ends = self.index.matching(&open.end);
        let mut found: Vec<IsOpen<'j>> = Vec::new();
        for event in started.into_iter().filter(|event| may_have_happened(event, day)) {
            // A process that was entered twice is one.
            let entity = event.entities.get(role);
            let entered =
                |held: &&mut IsOpen<'j>| entity.is_some() && held.event.entities.get(role) == entity;
            if let Some(held) = found.iter_mut().find(entered) {
                if self.index.is_restated(event) {
                    held.restated = Some(event);
                } else if held.event.is_level_with(event) {
                    held.rivals.push(event);
                }
                continue;
            }
            // An end that surely lies before the start ends nothing: a placeholder, or a slip.
            let is_own = |end: &&&'j KnownEvent| {
                entity.is_some()
                    && end.entities.get(role) == entity
                    && !Ends::of(end).surely_before(Ends::of(event))
            };
            let own_ends = || ends.iter().filter(is_own);
            let process = entity.and_then(|entity| self.processes.get(role, entity));
            if own_ends().any(|end| has_surely_happened(end, day))
                || process.is_some_and(|process| process.is_surely_over(day))
            {
                continue;
            }
            let sure = has_surely_happened(event, day)
                && !own_ends().any(|end| may_have_happened(end, day))
                && !process.is_some_and(|process| process.may_be_over(day))
                && !self.end_is_unsaid(role, &open.end, (event, day))
                && !self.may_be_closed_unseen(role, event, day);
            found.push(IsOpen { event, restated: None, rivals: Vec::new(), sure });
        }
        self.drop_what_stands_otherwise(open, role, day, &mut found);
        found
    }

    /// A process that is not any more what a rule asks for: something that it states since says so.
    fn drop_what_stands_otherwise(
        &self,
        open: &Open,
        role: EntityRole,
        day: NaiveDate,
        found: &mut Vec<IsOpen<'j>>,
    ) {
        let of_role = |event: &&'j KnownEvent| event.kind().own_role() == Some(role);
        let restated = self.index.all_restated().filter(of_role);
        for restated in restated.filter(|event| may_have_happened(event, day)) {
            let (entity, certain) = (restated.entities.get(role), has_surely_happened(restated, day));
            let asked = self.index.is_named(&open.start, restated);
            found.retain_mut(|is_open| {
                let stands = is_open.restated.unwrap_or(is_open.event);
                let is_later =
                    is_open.event.entities.get(role) == entity && stands.is_surely_before(restated);
                is_open.sure &= asked || !is_later || certain;
                asked || !is_later || !certain
            });
        }
    }

    /// Whether a process may have ended by a day although no end is held, of its own or of those that a rule names: a source
    /// could not say so.
    fn end_is_unsaid(
        &self,
        role: EntityRole,
        named: &[EventMatch],
        (opened, day): (&KnownEvent, NaiveDate),
    ) -> bool {
        let from = Ends::of(opened).earliest.unwrap_or(NaiveDate::MIN);
        let ends = |kind: Kind| {
            let is_own = kind.stage() == Stage::Ends && kind.own_role() == Some(role);
            is_own || named.iter().any(|end| end.kind == kind)
        };
        let mut unsaid = self.coverage.unsaid();
        unsaid.any(|kind| ends(kind) && self.coverage.may_hide(kind, from, day))
    }

    /// Whether a referral of which a row of a return told may have been closed unseen: no source of this child tells of
    /// closures, as a list of referrals has no place for them, and no work on it runs.
    fn may_be_closed_unseen(&self, role: EntityRole, opened: &KnownEvent, day: NaiveDate) -> bool {
        use EntityRole::{
            Assessment, ChildInNeedCase, ChildInNeedPlan, Enquiry, PeriodOfCare, Plan, Referral,
        };
        let work = [Assessment, Enquiry, ChildInNeedPlan, ChildInNeedCase, Plan, PeriodOfCare];
        let runs = |process: &Process<'j>| work.contains(&process.role) && process.runs_on(day);
        role == Referral
            && opened.context.import.is_some()
            && !self.coverage.is_empty()
            && !self.coverage.names(Kind::CaseClosed)
            && !self.holds_closures(opened, day)
            && !self.processes.iter().any(runs)
    }

    /// Whether every closure since a referral is stated to be held.
    fn holds_closures(&self, opened: &KnownEvent, day: NaiveDate) -> bool {
        let from = Ends::of(opened).earliest;
        from.is_some_and(|from| self.coverage.of(Kind::CaseClosed, from, day) == Covered::Complete)
    }

    /// Whether something else may have ended what lasts by a day, by the table of endings: a source could not say so.
    fn ending_is_unsaid(&self, lasts: Lasts, (begun, day): (&KnownEvent, NaiveDate)) -> bool {
        let from = Ends::of(begun).earliest.unwrap_or(NaiveDate::MIN);
        let mut unsaid = self.coverage.unsaid();
        unsaid.any(|kind| {
            self.endings.of_kind(kind).any(|line| line.ends.contains(&lasts))
                && self.coverage.may_hide(kind, from, day)
        })
    }

    /// Whether what an event began, and has no process of its own, is over by the table of endings.
    fn support_is_over(&self, begun: &KnownEvent, day: NaiveDate) -> bool {
        let support = Support::begun_by(begun.kind());
        support.is_some_and(|support| self.processes.leaves_the_count(support, begun, day))
    }

    /// The first event that opens something of the child after the last one that ends something.
    fn last_of_child(&self, open: &Open, day: NaiveDate) -> Option<IsOpen<'j>> {
        let happened =
            |place: &usize| self.index.event_at(*place).filter(|event| may_have_happened(event, day));
        let ends = |place: &usize| happened(place).is_some_and(|event| !self.runs_on(open, event));
        let starts = self.index.places(&open.start);
        // What is open is not opened again: the same legal status recorded twice began once.
        let only_ends = |place: &usize| !starts.contains(place) && ends(place);
        let last_end = self.index.places(&open.end).into_iter().rfind(only_ends);
        let mut since = starts.iter().filter(|place| last_end.is_none_or(|end| end <= **place));
        let event = since.find_map(happened)?;
        let starts = starts.iter().filter_map(|place| self.index.event_at(*place));
        let rivals = starts.filter(|start| start.is_level_with(event)).collect();
        Some(IsOpen { event, restated: None, rivals, sure: true })
    }

    /// Whether a process during which the rule looks runs on after an end of another one. A change, such as another legal
    /// status, is no such end.
    fn runs_on(&self, open: &Open, end: &KnownEvent) -> bool {
        if end.kind().stage() != Stage::Ends {
            return false;
        }
        let beside = |process: &Process<'j>| {
            let opened = process.opened.is_some_and(|opened| !end.is_surely_before(opened));
            opened && end.occurred.latest_day().is_some_and(|day| !process.is_over(day))
        };
        let supported = |day| {
            supports(&open.while_running).any(|support| self.processes.supported(support, day).is_some())
        };
        self.processes.iter().filter(|process| is_one_of(process, &open.while_running)).any(beside)
            || end.occurred.latest_day().is_some_and(supported)
    }

    /// From when on something has been open: from its own start, or from the one before that it is read together with.
    fn open_since(&self, open: &Open, event: &'j KnownEvent) -> Ends<NaiveDate> {
        let own = Ends::of(event);
        if !open.joined.iter().any(|one| one.matches(&event.body)) {
            return own;
        }
        let before =
            self.index.matching(&open.start).into_iter().rfind(|start| start.is_surely_before(event));
        before.map_or(own, Ends::of)
    }

    /// Whether the member's process shares a day with such a process; both count to the day before their end.
    pub(super) fn overlaps(&self, member: &Member<'_, 'b, 'j>, open: &Open) -> bool {
        let Some(from) = member.event.occurred.day() else { return false };
        let process = member.role.zip(member.entity).and_then(|(role, own)| self.processes.get(role, own));
        let end = process.and_then(Process::end).and_then(|end| end.event.occurred.day());
        let to = end.unwrap_or(NaiveDate::MAX);
        let ends = self.index.matching(&open.end);
        self.index.matching(&open.start).into_iter().any(|start| {
            let Some(other_from) = start.occurred.day() else { return false };
            let end = open.per.and_then(|role| self.end_of(start, &ends, role));
            let other_to = end.and_then(|end| end.occurred.day()).unwrap_or(NaiveDate::MAX);
            other_from < to && from < other_to
        })
    }

    /// Days of the last 12 months on which such a process was open, each process's own days added up.
    pub(super) fn days_open(&self, open: &Open) -> Option<i64> {
        let as_at = self.question.as_at;
        let first = first_of_year_to(as_at)?;
        let ends = self.index.matching(&open.end);
        // What ends them for the whole child, whichever process it names.
        let of_child = |start: &KnownEvent| {
            let mut later = ends.iter().filter(|end| !end.is_surely_before(start));
            later.find(|end| open.end.iter().any(|one| one.of_child && one.kind == end.kind())).copied()
        };
        let starts =
            self.index.matching(&open.start).into_iter().filter(|start| !self.index.is_restated(start));
        let days = starts.filter_map(|start| {
            let from = start.occurred.day()?.max(first);
            let end = open.per.and_then(|role| self.end_of(start, &ends, role));
            let to = end.map_or(Some(as_at), |end| end.occurred.day())?.min(as_at);
            let to = of_child(start).and_then(|end| end.occurred.day()).map_or(to, |end| end.min(to));
            Some(to.signed_duration_since(from).num_days().max(0))
        });
        Some(days.sum())
    }

    /// What ended the process that an event began: an end that the rule names, or what ends it by the table.
    pub(super) fn end_of(
        &self,
        start: &KnownEvent,
        ends: &[&'j KnownEvent],
        role: EntityRole,
    ) -> Option<&'j KnownEvent> {
        let named = end_of(start, ends, role);
        let process = start.entities.get(role).and_then(|entity| self.processes.get(role, entity));
        let by_table = process.and_then(Process::end).map(|end| end.event);
        match (named, by_table) {
            (Some(one), Some(other)) if other.occurred.latest_day() < one.occurred.earliest_day() => {
                Some(other)
            }
            (one, other) => one.or(other),
        }
    }
}

fn supports(lasting: &[Lasts]) -> impl Iterator<Item = Support> + '_ {
    lasting.iter().filter_map(|one| if let Lasts::Support(support) = one { Some(*support) } else { None })
}

fn is_one_of(process: &Process<'_>, lasting: &[Lasts]) -> bool {
    lasting.contains(&Lasts::Process(process.role))
}

pub(super) fn may_have_happened(event: &KnownEvent, day: NaiveDate) -> bool {
    Ends::of(event).earliest.is_none_or(|earliest| earliest <= day)
}

pub(super) fn has_surely_happened(event: &KnownEvent, day: NaiveDate) -> bool {
    Ends::of(event).latest.is_some_and(|latest| latest <= day)
}

fn end_of<'j>(start: &KnownEvent, ends: &[&'j KnownEvent], role: EntityRole) -> Option<&'j KnownEvent> {
    let entity = start.entities.get(role)?;
    // An end that surely lies before the start ends nothing: a placeholder, or a slip.
    let ends_it = |end: &&KnownEvent| {
        end.entities.get(role) == Some(entity) && !Ends::of(end).surely_before(Ends::of(start))
    };
    ends.iter().copied().find(ends_it)
}

/// The last day that lies within so long after a day.
pub(super) fn after(day: NaiveDate, limit: Limit) -> Option<NaiveDate> {
    match limit.unit {
        Unit::Months => day.checked_add_months(Months::new(limit.amount)),
        Unit::Weeks => day.checked_add_days(chrono::Days::new(u64::from(limit.amount) * 7)),
        Unit::CalendarDays => day.checked_add_days(chrono::Days::new(u64::from(limit.amount))),
        // The loader refuses them for a tally.
        Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms => None,
    }
}

/// The first day that lies within so long before a day: the day after the corresponding date.
pub(super) fn before(day: NaiveDate, limit: Limit) -> Option<NaiveDate> {
    corresponding_before(day, limit)?.succ_opt()
}

/// The corresponding date so long before a day.
pub(super) fn corresponding_before(day: NaiveDate, limit: Limit) -> Option<NaiveDate> {
    match limit.unit {
        Unit::Months => day.checked_sub_months(Months::new(limit.amount)),
        Unit::Weeks => day.checked_sub_days(chrono::Days::new(u64::from(limit.amount) * 7)),
        Unit::CalendarDays => day.checked_sub_days(chrono::Days::new(u64::from(limit.amount))),
        Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms => None,
    }
}
