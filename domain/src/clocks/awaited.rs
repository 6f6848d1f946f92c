//! The last day of a clock whose day is set by something that has not come: the day by which that is due itself.
//!
//! A permanence plan is to be agreed by the second review. While there is no second review its own last day counts, so that
//! a plan is not in time for ever because the review was never held.

use crate::calendar::Limit;
use crate::ids::EntityId;
use crate::rules::{DueBy, RuleId};

use super::case::Cases;
use super::judge::Judge;
use super::judged::{Acts, Judged};
use super::points::{day_of, point};
use super::readings::{AFTER_ALL, BEFORE_ALL, Point, Span};
use super::run::Run;
use super::{Clock, State, Why};

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// The days between which the event that sets the last day is due, of which `come` have come; `None` where no rule says.
    pub(super) fn awaited(
        &self,
        run: &Run<'_, 'j>,
        due_by: &DueBy,
        come: usize,
    ) -> Result<Option<Span>, Why> {
        let Some((next, later)) = due_by.due_under.get(come..).and_then(<[RuleId]>::split_first) else {
            return Ok(None);
        };
        let own = self.clock_of(run, next).and_then(|clock| due_between(&clock));
        let Some(mut due) = own.or_else(|| self.due_elsewhere(run, due_by)) else { return Ok(None) };
        for rule in later.iter().take(due_by.occurrence.saturating_sub(come + 1)) {
            due = Span { first: self.after(rule, due.first)?, last: self.after(rule, due.last)? };
        }
        Ok(Some(due))
    }

    /// The open or closed clock of another rule about the same process, or about the one that the start names.
    fn clock_of(&self, run: &Run<'_, 'j>, rule: &RuleId) -> Option<Clock<'b>> {
        let tracks = self.around.tracks.iter().zip(self.around.cases);
        for (track, cases) in tracks.filter(|(track, _)| track.rule.id == *rule) {
            let role = track.shape.per.role();
            let own = role == self.track.shape.per.role();
            let named = |role| {
                let started_by = run.started_by;
                let through = || self.around.processes.parent_of(started_by, role);
                started_by.entities.get(role).or_else(through)
            };
            let entity = if own { Some(run.case.entity) } else { role.and_then(named) };
            let mut judged = Judged::with_capacity(1, 1);
            if let Some(case) = entity.and_then(|entity| of_entity(cases, entity)) {
                Judge::new(track, cases, self.around).clocks(case, &mut judged);
            }
            if let Some(clock) = judged.clocks.pop() {
                return Some(clock);
            }
        }
        None
    }

    /// The days between which the next event is due by an open clock of the rules that ask for it where its own does not
    /// apply, of the same process or of what belongs to it.
    fn due_elsewhere(&self, run: &Run<'_, 'j>, due_by: &DueBy) -> Option<Span> {
        let role = self.track.shape.per.role()?;
        let mut judged = Judged::with_capacity(1, 1);
        for (track, cases) in self.around.tracks.iter().zip(self.around.cases) {
            if due_by.due_else.contains(&track.rule.id) {
                let judge = Judge::new(track, cases, self.around);
                cases.cases.iter().for_each(|case| judge.clocks(case, &mut judged));
            }
        }
        let belongs =
            |acts: &Acts<'j>| acts.start.entities.get(role).is_none_or(|named| named == run.case.entity);
        let open = judged.iter().filter(|(clock, acts)| clock.is_open() && belongs(acts));
        open.filter_map(|(clock, _)| due_between(clock)).min_by_key(|due| (due.first, due.last))
    }

    /// The last day of the next occurrence after one that lies on a day.
    fn after(&self, rule: &RuleId, day: Point) -> Result<Point, Why> {
        let mut tracks = self.around.tracks.iter();
        let rule = tracks.find(|track| track.rule.id == *rule).map(|track| track.rule);
        let on = day_of(day);
        let in_force = |version: &&crate::rules::RuleVersion| {
            version.exceptional.is_none() && version.in_force.contains(on)
        };
        let version = rule.and_then(|rule| rule.versions.iter().find(in_force));
        let limit: Option<(Limit, _)> = version.and_then(|version| Some((version.limit?, version)));
        match limit {
            _ if matches!(day, BEFORE_ALL | AFTER_ALL) => Ok(day),
            Some((limit, version)) => self.last_point(limit, version, day),
            None => Err(Why::VersionNotSettled),
        }
    }
}

fn of_entity<'a, 'j>(cases: &'a Cases<'j>, entity: EntityId) -> Option<&'a super::case::Case<'j>> {
    cases.cases.iter().find(|case| case.entity == entity)
}

/// The days between which a clock is due. Where the history has a gap, one that is missing may have moved it on; where what
/// it waits for is not asked for, nothing sets a day.
fn due_between(clock: &Clock<'_>) -> Option<Span> {
    let first = clock.due_on.map_or(BEFORE_ALL, point);
    let last = clock.due_latest.map_or(AFTER_ALL, point);
    match clock.state {
        State::NotApplicable => None,
        State::HistoryIncomplete => Some(Span { first, last: AFTER_ALL }),
        State::Running
        | State::DueSoon
        | State::Overdue
        | State::Met
        | State::Late
        | State::TooEarly
        | State::CannotTell(_) => Some(Span { first, last }),
    }
}
