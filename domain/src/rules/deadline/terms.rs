//! The limits that a clock may have which starts on a bare day, each with what has to be so.
//!
//! A journey settles which interval of which version a clock takes; a bare day does not. So every one is listed that some
//! journey gives, and none that no journey gives.

use std::fmt;

use chrono::NaiveDate;

use super::super::{ChosenBy, EventMatch, InForce, Interval, Rule, RuleVersion, Standing, Subject};
use crate::calendar::{Limit, StartDay, WorkingCalendar};
use crate::events::EntityRole;

/// One thing that has to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Circumstance<'a> {
    Stands(&'a Standing),
    NoneBefore(&'a [EventMatch]),
    NoneWithin(&'a [EventMatch], EntityRole),
    WithinFirst(Limit),
    AfterFirst(Limit),
    Below(u32),
}

/// A limit that a clock may have.
#[derive(Debug, Clone)]
pub(super) struct Term<'a> {
    pub(super) version: &'a RuleVersion,
    pub(super) limit: Limit,
    /// All of these are so.
    conditions: Vec<Circumstance<'a>>,
    /// Intervals that go before it in its version: none of them fits.
    not: Vec<Vec<Circumstance<'a>>>,
    /// Those of them with which the version does not stand, so that they are not listed before it.
    unlisted: Vec<Vec<Circumstance<'a>>>,
    /// The days on which the act has to lie, where that chooses the version.
    act: Option<InForce>,
    per: Option<Subject>,
}

/// Whether a version stands with one of its limits.
enum Stands {
    Never,
    Always,
    ForActs(InForce),
}

impl<'a> Term<'a> {
    /// Every limit of one version, whether it stands or not.
    pub(super) fn of_version(rule: &'a Rule, version: &'a RuleVersion) -> Vec<Self> {
        let per = rule.clocks(version).iter().map(|shape| shape.per).find(|per| per.role().is_some());
        let mut not: Vec<Vec<Circumstance<'a>>> = Vec::new();
        let mut terms = Vec::new();
        let intervals = version.intervals.iter().map(|interval| (interval.limit, conditions(interval)));
        for (limit, conditions) in intervals.chain(version.limit.map(|limit| (limit, Vec::new()))) {
            let before = not.clone();
            not.push(conditions.clone());
            terms.push(Self {
                version,
                limit,
                conditions,
                not: before,
                unlisted: Vec::new(),
                act: None,
                per,
            });
        }
        terms
    }

    /// Every limit that a clock from `start` may have. The first whose conditions are met is the clock's.
    pub(super) fn in_force(
        rule: &'a Rule,
        start: NaiveDate,
        act_on: Option<NaiveDate>,
        calendar: &WorkingCalendar,
    ) -> Vec<Self> {
        let mut listed: Vec<Self> = Vec::new();
        for version in rule.by_precedence() {
            let mut unlisted = Vec::new();
            let mut of_version = Vec::new();
            for mut term in Self::of_version(rule, version) {
                term.unlisted.clone_from(&unlisted);
                match stands(&term, start, act_on, calendar) {
                    Stands::Never => unlisted.push(term.conditions),
                    Stands::Always => of_version.push(term),
                    Stands::ForActs(days) => of_version.push(Self { act: Some(days), ..term }),
                }
            }
            of_version.retain(|term| !listed.iter().any(|earlier| earlier.takes(term)));
            listed.extend(of_version);
        }
        listed
    }

    /// Whether a clock that could have `other` always has this one, which goes before it.
    fn takes(&self, other: &Self) -> bool {
        let excluded = |unlisted: &Vec<Circumstance<'_>>| {
            other.not.iter().any(|not| not.iter().all(|one| unlisted.contains(one)))
        };
        self.act.is_none()
            && self.conditions.iter().all(|one| other.conditions.contains(one))
            && self.unlisted.iter().all(excluded)
    }

    pub(super) fn start_day(&self) -> StartDay {
        self.version.start_day
    }

    /// What has to be so, one sentence each; empty where nothing has to.
    pub(super) fn sentences(&self) -> Vec<String> {
        let words = |one: &Circumstance<'_>| one.in_words(self.per);
        let unless = self.unlisted.iter().map(|all| {
            let all: Vec<String> = all.iter().map(words).collect();
            format!("not all of this is so: {}", all.join(", "))
        });
        let act = self.act.map(|days| format!("the act that stops it lies within these days: {days}"));
        self.conditions.iter().map(words).chain(unless).chain(act).collect()
    }
}

fn conditions(interval: &Interval) -> Vec<Circumstance<'_>> {
    let before = Some(interval.before.as_slice()).filter(|before| !before.is_empty());
    let stands = interval.when.iter().map(Circumstance::Stands);
    stands
        .chain(before.map(|before| {
            interval
                .before_in
                .map_or(Circumstance::NoneBefore(before), |role| Circumstance::NoneWithin(before, role))
        }))
        .chain(interval.within_first.map(Circumstance::WithinFirst))
        .chain(interval.after_first.map(Circumstance::AfterFirst))
        .chain(interval.below_age.map(Circumstance::Below))
        .collect()
}

fn stands(
    term: &Term<'_>,
    start: NaiveDate,
    act_on: Option<NaiveDate>,
    calendar: &WorkingCalendar,
) -> Stands {
    let days = term.version.in_force;
    let on = |day: Option<NaiveDate>| match day {
        Some(day) if days.contains(day) => Stands::Always,
        Some(_) | None => Stands::Never,
    };
    match (term.version.transition.chosen_by, act_on) {
        (ChosenBy::Start, _) => on(Some(start)),
        (ChosenBy::Due, _) => on(term.limit.last_day_in_time(start, term.start_day(), calendar).ok()),
        (ChosenBy::Act, Some(act)) => on(Some(act)),
        // The act lies on the start or later.
        (ChosenBy::Act, None)
            if !days.overlaps(InForce { from: Some(start), to: None, not_commenced: false }) =>
        {
            Stands::Never
        }
        (ChosenBy::Act, None) if days.to.is_none() && days.contains(start) => Stands::Always,
        (ChosenBy::Act, None) => Stands::ForActs(days),
    }
}

impl Circumstance<'_> {
    fn in_words(&self, per: Option<Subject>) -> String {
        let process = || per.map_or_else(|| "process".to_owned(), |per| per.name().replace('_', " "));
        match self {
            Self::Stands(standing) => format!("the latest of its kind is {}", any(&standing.0)),
            Self::NoneBefore(events) => format!("by that day there is no {}", any(events)),
            Self::NoneWithin(events, role) => {
                let role = role.name().replace('_', " ");
                format!("by that day there is no {} since the beginning of the {role}", any(events))
            }
            Self::WithinFirst(limit) => {
                format!("the start lies less than {limit} after the beginning of the {}", process())
            }
            Self::AfterFirst(limit) => {
                format!("the start lies {limit} or more after the beginning of the {}", process())
            }
            Self::Below(years) => format!("the child is younger than {years} on that day"),
        }
    }
}

/// Events in words, one of which is meant.
pub(super) fn any(events: &[impl fmt::Display]) -> String {
    let words: Vec<String> = events.iter().map(ToString::to_string).collect();
    words.join(", or ")
}
