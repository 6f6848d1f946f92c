//! Which version of a rule stands for a run: every one that stands in some reading of its dates.
//!
//! Versions that stand one after the other settle a start of which every day lies in one of them. Where one of them has clocks
//! of its own, its clock of the same occurrence is asked, too, and the clock says what both say.
//!
//! A version chosen by the due day is tried with the limit that this very clock takes under it, never with that of another
//! interval.

use chrono::NaiveDate;

use crate::calendar::Limit;
use crate::rules::{ChosenBy, InForce, RuleVersion};

use super::compiled::Track;
use super::ends::Ends;
use super::judge::Judge;
use super::judged::Judged;
use super::run::Run;
use super::verdict::Limited;
use super::whichever::of_both;
use super::{Clock, State, Why};

/// The versions that may stand for a run.
pub(super) struct Versions<'b> {
    /// The one to show.
    pub(super) shown: &'b RuleVersion,
    /// Its limits, where they were asked for to choose it.
    limits: Option<Limited>,
    /// The others that have the same clocks.
    pub(super) others: Vec<&'b RuleVersion>,
    /// Those that have clocks of their own.
    elsewhere: Vec<&'b RuleVersion>,
    /// Whether the clock can be told at all: in no reading no version stands.
    pub(super) settled: Result<(), Why>,
}

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// `None` where no version stands, or where the one to show has clocks of its own.
    pub(super) fn versions(&self, run: &Run<'_, 'j>, stop: Option<Ends<NaiveDate>>) -> Option<Versions<'b>> {
        let rule = self.track.rule;
        let is_own = |version: &RuleVersion| std::ptr::eq(rule.clocks(version), self.track.shapes);
        if let Some(version) = self.only {
            let (limits, others, elsewhere) = (None, Vec::new(), Vec::new());
            return Some(Versions { shown: version, limits, others, elsewhere, settled: Ok(()) });
        }
        if run.start.earliest.is_none() && run.start.latest.is_none() {
            let shown = rule.versions.last().filter(|version| is_own(version))?;
            return Some(Versions {
                shown,
                limits: None,
                others: Vec::new(),
                elsewhere: Vec::new(),
                settled: Err(Why::StartNotKnown),
            });
        }
        let mut settled = Err(Why::VersionNotSettled);
        let mut shown: Option<(&RuleVersion, Option<Limited>, bool)> = None;
        let mut others = Vec::new();
        let mut by_start: Vec<InForce> = Vec::new();
        for version in rule.by_precedence() {
            let Some((decisive, limits)) = self.decisive(run, version, stop) else { continue };
            let standing = stands(version.in_force, decisive);
            if standing == Standing::Never {
                continue;
            }
            by_start.extend((version.transition.chosen_by == ChosenBy::Start).then_some(version.in_force));
            let is_latest = decisive.latest.is_some_and(|day| version.in_force.contains(day));
            match shown {
                None => shown = Some((version, limits, is_latest)),
                Some((held, _, false)) if is_latest => {
                    others.push(held);
                    shown = Some((version, limits, true));
                }
                Some(_) => others.push(version),
            }
            if standing == Standing::Always || stand_on_each(&by_start, run.start) {
                settled = Ok(());
                break;
            }
        }
        let (shown, limits, _) = shown.filter(|(version, ..)| is_own(version))?;
        let (others, elsewhere) = others.into_iter().partition(|version| is_own(version));
        Some(Versions { shown, limits, others, elsewhere, settled })
    }

    /// The clock as it is whichever of the versions stands that may.
    pub(super) fn under_each(
        &self,
        run: &Run<'_, 'j>,
        clock: Clock<'b>,
        versions: &Versions<'b>,
    ) -> Clock<'b> {
        versions.elsewhere.iter().fold(clock, |clock, version| match self.under(run, version) {
            Some(other) => of_both(clock, &other, Why::VersionNotSettled),
            None => Clock { state: State::CannotTell(Why::VersionNotSettled), ..clock },
        })
    }

    /// The clock of the same occurrence under a version that has clocks of its own; `None` where it has none, or several.
    fn under(&self, run: &Run<'_, 'j>, version: &'b RuleVersion) -> Option<Clock<'b>> {
        let shapes = self.track.rule.clocks(version);
        let is_of_version =
            |track: &Track<'_>| std::ptr::eq(track.shapes, shapes) && track.shape.per == self.track.shape.per;
        let tracks = self.around.tracks.iter().zip(self.around.cases);
        let mut judged = Judged::with_capacity(1, 1);
        for (track, cases) in tracks.filter(|(track, _)| is_of_version(track)) {
            let mut judge = Judge::new(track, cases, self.around);
            judge.only = Some(version);
            let own = cases.cases.iter().filter(|case| case.entity == run.case.entity);
            own.for_each(|case| judge.clocks(case, &mut judged));
        }
        let mut same = judged.clocks.into_iter().filter(|clock| clock.occurrence == run.occurrence);
        same.next().filter(|_| same.next().is_none())
    }

    /// The limits of the version to show.
    pub(super) fn limits_shown(&self, run: &Run<'_, 'j>, versions: &mut Versions<'b>) -> Limited {
        versions.limits.take().unwrap_or_else(|| self.limits(run, versions.shown))
    }

    /// The days between which the one lies that decides whether the version stands, and its limits where those set them.
    fn decisive(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        stop: Option<Ends<NaiveDate>>,
    ) -> Option<(Ends<NaiveDate>, Option<Limited>)> {
        match version.transition.chosen_by {
            ChosenBy::Start => Some((run.start, None)),
            ChosenBy::Act => {
                let latest = stop.and_then(|stop| stop.latest).or(Some(self.question.as_at));
                Some((Ends { earliest: stop.and_then(|stop| stop.earliest).or(latest), latest }, None))
            }
            ChosenBy::Due => self.due_days(run, version),
        }
    }

    /// The days between which this run is due under a version; `None` where that is not near its days in force.
    fn due_days(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
    ) -> Option<(Ends<NaiveDate>, Option<Limited>)> {
        let every = version.intervals.iter().map(|interval| interval.limit).chain(version.limit);
        let any = self.last_days(run, version, every)?;
        if stands(version.in_force, any) == Standing::Never {
            return None;
        }
        // Which of them it takes is asked only here: where it is not settled, it may be any.
        let limits = self.limits(run, version);
        let days = match &limits {
            Ok(limits) => self.last_days(run, version, limits.iter())?,
            Err(_) => any,
        };
        Some((days, Some(limits)))
    }

    /// The days between which the last day lies by any of some limits; `None` where none of them gives one.
    fn last_days(
        &self,
        run: &Run<'_, 'j>,
        version: &'b RuleVersion,
        limits: impl Iterator<Item = Limit>,
    ) -> Option<Ends<NaiveDate>> {
        let last = |limit: Limit, start: NaiveDate| {
            limit.last_day_in_time(start, version.start_day, self.calendar).ok()
        };
        let (mut earliest, mut latest) = (None::<NaiveDate>, None::<NaiveDate>);
        for limit in limits {
            let from_first = run.start.earliest.and_then(|start| last(limit, start));
            let from_last = match run.start.certain() {
                Some(_) => from_first,
                None => run.start.latest.and_then(|start| last(limit, start)),
            };
            if let Some(day) = from_first {
                earliest = Some(earliest.map_or(day, |least| least.min(day)));
            }
            if let Some(day) = from_last {
                latest = Some(latest.map_or(day, |most| most.max(day)));
            }
        }
        (earliest.is_some() || latest.is_some()).then_some(Ends { earliest, latest })
    }
}

/// Whether on each of the days one of several versions stands.
fn stand_on_each(versions: &[InForce], days: Ends<NaiveDate>) -> bool {
    let last = days.latest.unwrap_or(NaiveDate::MAX);
    let mut day = days.earliest.unwrap_or(NaiveDate::MIN);
    let standing = |day: NaiveDate| versions.iter().filter(move |version| version.contains(day));
    while let Some(until) = standing(day).map(|version| version.to.unwrap_or(NaiveDate::MAX)).max() {
        match until.succ_opt().filter(|_| until < last) {
            Some(next) => day = next,
            None => return true,
        }
    }
    false
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Never,
    InSomeReadings,
    Always,
}

fn stands(in_force: InForce, decisive: Ends<NaiveDate>) -> Standing {
    if !in_force.overlaps(InForce { from: decisive.earliest, to: decisive.latest, not_commenced: false }) {
        return Standing::Never;
    }
    let holds_first = decisive.earliest.map_or(in_force.from.is_none(), |day| in_force.contains(day));
    let holds_last = decisive.latest.map_or(in_force.to.is_none(), |day| in_force.contains(day));
    if holds_first && holds_last { Standing::Always } else { Standing::InSomeReadings }
}
