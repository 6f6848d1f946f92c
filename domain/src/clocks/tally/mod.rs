//! Counts, shares and rates of one journey: each member of the base, its day, and whether it counts.
//!
//! What it does not do: it chooses no period and divides nothing; [`super::Figures`] adds up what callers choose.
//!
//! Invariant: a member whose dates, whose facts or whose history do not settle it is neither counted nor dropped: it says so.

mod counts;
mod follow_up;
mod heading;
mod held;
mod members;
mod open;
mod turned;
mod value;

use std::cell::OnceCell;

use chrono::NaiveDate;

use crate::ids::EntityId;
use crate::journey::{Coverage, KnownEvent};
use crate::processes::Processes;
use crate::rules::{Endings, Figure, Rule, RuleVersion, Tally};

use super::compiled::Count;
use super::ends::Ends;
use super::index::Index;
use super::judged::Judged;
use super::{Evidence, Question, Why};
pub use heading::Heading;
use members::Member;

/// One member of a tally's base.
#[derive(Debug, Clone)]
pub struct Tallied<'b> {
    /// The rule.
    pub rule: &'b Rule,
    /// Its version for the member's day.
    pub version: &'b RuleVersion,
    /// The event that makes it a member; for a clock its start.
    pub member: Evidence,
    /// Its process.
    pub entity: Option<EntityId>,
    /// The day by which it belongs to a period; the day asked about for what is open then; `None` where it is not certain.
    pub day: Option<NaiveDate>,
    /// The first day that it can be; `None` is without bound.
    pub earliest: Option<NaiveDate>,
    /// The last day that it can be; `None` is without bound.
    pub latest: Option<NaiveDate>,
    /// Whether it counts.
    pub tick: Tick,
    /// What was measured of it, in days or as a number.
    pub value: Option<i64>,
    /// Under which heading it stands, where the rule lists members apart.
    pub group: Option<Heading>,
}

/// Whether a member counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// It does.
    Counted,
    /// It does not.
    NotCounted,
    /// The dates or the facts do not settle it.
    CannotTell(Why),
    /// The history has a gap where the answer would lie.
    HistoryIncomplete,
}

impl Tick {
    /// The answer in words, as printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::NotCounted => "not_counted",
            Self::CannotTell(_) => "cannot_tell",
            Self::HistoryIncomplete => "history_incomplete",
        }
    }

    /// Both must hold: what does not count goes before what cannot be told.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::NotCounted, _) | (_, Self::NotCounted) => Self::NotCounted,
            (Self::Counted, other) => other,
            (unsettled @ (Self::CannotTell(_) | Self::HistoryIncomplete), _) => unsettled,
        }
    }

    fn of(holds: bool) -> Self {
        if holds { Self::Counted } else { Self::NotCounted }
    }
}

/// The other events for which one tally looks, which are the same for each of its members: found when the first one asks.
pub(super) struct Others<'a, 'j> {
    /// The tracks of the clocks that must be in time.
    in_time: &'a [usize],
    only: OnceCell<Vec<&'j KnownEvent>>,
    has: OnceCell<Vec<&'j KnownEvent>>,
}

/// What is said of one member.
struct Said {
    tick: Tick,
    value: Option<i64>,
    group: Option<Heading>,
}

pub(super) struct Teller<'a, 'b, 'j> {
    pub(super) index: &'a Index<'j>,
    pub(super) processes: &'a Processes<'j>,
    pub(super) judged: &'a Judged<'b, 'j>,
    pub(super) coverage: &'a Coverage,
    pub(super) endings: &'a Endings,
    pub(super) question: &'a Question<'a>,
}

impl<'b, 'j> Teller<'_, 'b, 'j> {
    pub(super) fn tell(&self, count: &Count<'b>, to: &mut Vec<Tallied<'b>>) {
        let (rule, tally) = (count.rule, count.tally);
        let others = Others { in_time: &count.in_time, only: OnceCell::new(), has: OnceCell::new() };
        self.each_member(count, |member| {
            if let Some(tallied) = self.tallied(rule, tally, &others, member) {
                to.push(tallied);
            }
        });
    }

    fn tallied(
        &self,
        rule: &'b Rule,
        tally: &Tally,
        others: &Others<'_, 'j>,
        member: &Member<'_, 'b, 'j>,
    ) -> Option<Tallied<'b>> {
        let day = member.day.certain();
        let known = day.or(member.day.latest).unwrap_or(self.question.as_at);
        let version = rule.version_for(known, Some(known), self.question.working())?;
        let left_out = self.is_left_out(tally, member, known);
        if left_out == Some(true) {
            return None;
        }
        // Where it is not settled whether the member is one at all, what it would count for is not either.
        let settled = member.sure && left_out.is_some();
        let at = |day: NaiveDate| Member { day: Ends::exact(day), ..member.clone() };
        let told = member.day.latest.filter(|_| day.is_none()).map(at);
        let Said { mut tick, mut value, mut group } =
            self.said(tally, others, told.as_ref().unwrap_or(member), known, settled)?;
        if let (None, Some(first)) = (day, member.day.earliest) {
            let other = self.said(tally, others, &at(first), first, settled);
            let same = |other: &Said| (other.tick, &other.group) == (tick, &group);
            if !other.as_ref().is_some_and(same) {
                (tick, group) = (Tick::CannotTell(Why::DatesNotSettled), None);
            }
            // How long it was is not settled, also where whether it counts is.
            value = value.filter(|value| other.is_some_and(|other| other.value == Some(*value)));
            if value.is_none() && tally.figure == Figure::Lengths && tick == Tick::Counted {
                tick = Tick::CannotTell(Why::DatesNotSettled);
            }
        }
        for rival in &member.rivals {
            let other = self.said(tally, others, &member.told_by(rival), known, settled);
            // Which of them it is, is not known; where both would be told alike, that does not matter.
            if other.is_none_or(|other| (other.tick, &other.group) != (tick, &group)) {
                (tick, group) = (Tick::CannotTell(Why::OrderNotKnown), None);
            }
        }
        if only_counted(tally) && tick == Tick::NotCounted {
            return None;
        }
        let (earliest, latest) = (member.day.earliest, member.day.latest);
        let (member, entity) = (Evidence::from(member.event), member.entity);
        Some(Tallied { rule, version, member, entity, day, earliest, latest, tick, value, group })
    }

    /// `None` where the member is not asked at all.
    fn said(
        &self,
        tally: &Tally,
        others: &Others<'_, 'j>,
        member: &Member<'_, 'b, 'j>,
        known: NaiveDate,
        settled: bool,
    ) -> Option<Said> {
        let asked = match self.is_of_age(tally, known) {
            Err(why) => return Some(Said { tick: Tick::CannotTell(why), value: None, group: None }),
            Ok(false) => return None,
            Ok(true) => match &tally.only {
                None => Tick::Counted,
                Some(only) => self.has(only, &others.only, member)?,
            },
        };
        if asked == Tick::NotCounted {
            return None;
        }
        let has = tally.counts.as_ref().and_then(|counts| counts.has.as_ref());
        let followed = match tally.follow_up.as_ref().zip(has) {
            None => Tick::Counted,
            Some((follow_up, has)) => self.is_followed(follow_up, has, others, member)?,
        };
        let value = tally.value.as_ref().and_then(|value| self.value(value, tally, member));
        let tick = asked.and(followed).and(match &tally.counts {
            None => Tick::Counted,
            Some(counts) => self.tick(counts, others, member, value)?,
        });
        let unmeasured = tally.figure == Figure::Lengths && value.is_none() && tick == Tick::Counted;
        let tick = match tick {
            Tick::Counted | Tick::NotCounted if unmeasured || !settled => {
                Tick::CannotTell(Why::DatesNotSettled)
            }
            Tick::Counted | Tick::NotCounted | Tick::CannotTell(_) | Tick::HistoryIncomplete => tick,
        };
        let unread = tick == Tick::NotCounted && only_counted(tally);
        let group = if unread { None } else { self.group(&tally.by, member, known) };
        Some(Said { tick, value, group })
    }

    fn is_of_age(&self, tally: &Tally, day: NaiveDate) -> Result<bool, Why> {
        if tally.age_from.is_none() && tally.age_below.is_none() {
            return Ok(true);
        }
        let age = self.index.age_on(day).ok_or(Why::AgeNotKnown)?;
        let first = tally.age_from_ago.map_or(Some(day), |ago| open::before(day, ago));
        // Who was not born by then was below every age.
        let at_first = first.and_then(|day| self.index.age_on(day)).unwrap_or(0);
        Ok(tally.age_from.is_none_or(|from| at_first >= from)
            && tally.age_below.is_none_or(|below| age < below))
    }

    /// Whether the rule leaves out a member because it is of a series of short breaks; `None` where the dates do not settle
    /// it.
    fn is_left_out(&self, tally: &Tally, member: &Member<'_, 'b, 'j>, day: NaiveDate) -> Option<bool> {
        if !tally.leaves_out_short_breaks {
            return Some(false);
        }
        self.index.is_in_short_breaks(member.entity, member.event, day)
    }
}

/// Whether what does not count is no part of the figure.
fn only_counted(tally: &Tally) -> bool {
    matches!(tally.figure, Figure::Count | Figure::Rate)
}
