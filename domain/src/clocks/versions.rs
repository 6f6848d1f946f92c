//! Which version of a rule stands for a run: every one that stands in some reading of its dates.
//!
//! A version chosen by the due day is tried with the limit that this very clock takes under it, never with that of another
//! interval.

use chrono::NaiveDate;

use crate::calendar::Limit;
use crate::rules::{ChosenBy, InForce, RuleVersion};

use super::Why;
use super::ends::Ends;
use super::judge::Judge;
use super::run::Run;
use super::verdict::Limited;

/// The versions that may stand for a run.
pub(super) struct Versions<'b> {
    /// The one to show.
    pub(super) shown: &'b RuleVersion,
    /// Its limits, where they were asked for to choose it.
    limits: Option<Limited>,
    /// The others.
    pub(super) others: Vec<&'b RuleVersion>,
    /// Whether the clock can be told at all: in no reading no version stands, and none has clocks of its own.
    pub(super) settled: Result<(), Why>,
}

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// `None` where no version stands, or where the one to show has clocks of its own.
    pub(super) fn versions(&self, run: &Run<'_, 'j>, stop: Option<Ends<NaiveDate>>) -> Option<Versions<'b>> {
        let rule = self.track.rule;
        let is_own = |version: &RuleVersion| std::ptr::eq(rule.clocks(version), self.track.shapes);
        if run.start.earliest.is_none() && run.start.latest.is_none() {
            let shown = rule.versions.last().filter(|version| is_own(version))?;
            return Some(Versions {
                shown,
                limits: None,
                others: Vec::new(),
                settled: Err(Why::StartNotKnown),
            });
        }
        let mut settled = Err(Why::VersionNotSettled);
        let mut shown: Option<(&RuleVersion, Option<Limited>, bool)> = None;
        let mut others = Vec::new();
        for version in rule.by_precedence() {
            let Some((decisive, limits)) = self.decisive(run, version, stop) else { continue };
            let standing = stands(version.in_force, decisive);
            if standing == Standing::Never {
                continue;
            }
            let is_latest = decisive.latest.is_some_and(|day| version.in_force.contains(day));
            match shown {
                None => shown = Some((version, limits, is_latest)),
                Some((held, _, false)) if is_latest => {
                    others.push(held);
                    shown = Some((version, limits, true));
                }
                Some(_) => others.push(version),
            }
            if standing == Standing::Always {
                settled = Ok(());
                break;
            }
        }
        let (shown, limits, _) = shown.filter(|(version, ..)| is_own(version))?;
        let all_own = others.iter().all(|version| is_own(version));
        let settled = settled.and(if all_own { Ok(()) } else { Err(Why::VersionNotSettled) });
        Some(Versions { shown, limits, others, settled })
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
