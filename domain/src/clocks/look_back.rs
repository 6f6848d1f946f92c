//! Flags and bands: how long before an event the latest earlier one of the same child was.
//!
//! A limit of months reaches back to the corresponding date: an earlier event counts when its day is *after* this event's
//! day less the limit. Bands are `[from, below)` by the same dates.
//!
//! Two events of one day that neither their times nor the ranks of their kinds tell apart are neither earlier nor later:
//! where one of them would settle the answer of the other, both say that their order is not known.

use chrono::{Months, NaiveDate};

use crate::calendar::Unit;
use crate::events::{Body, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::{Coverage, Covered, KnownEvent};
use crate::rules::{Band, EventMatch, Rule, RuleVersion};

use super::compiled::Look;
use super::ends::Ends;
use super::{Evidence, Question, Why};

/// A child's history is never longer than this, so a history that reaches so far back is whole.
const LONGEST_HISTORY_MONTHS: u32 = 19 * 12;

/// The answer for one event.
#[derive(Debug, Clone)]
pub struct LookedBack<'b> {
    /// The rule.
    pub rule: &'b Rule,
    /// Its version.
    pub version: &'b RuleVersion,
    /// The process of the event.
    pub entity: Option<EntityId>,
    /// The event that is asked about.
    pub event: Evidence,
    /// The latest earlier event that is known, also outside the limit for bands.
    pub previous: Option<Evidence>,
    /// The answer.
    pub answer: Looked<'b>,
}

/// What looking back gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked<'b> {
    /// There is an earlier one; for bands, in this band.
    Earlier(Option<&'b Band>),
    /// The source says that there were earlier ones, without dates.
    EarlierStatedOnly,
    /// There is none.
    NoEarlier,
    /// The dates do not settle it.
    CannotTell(Why),
    /// The history does not reach back far enough, or has a gap where an earlier one may stand.
    HistoryIncomplete,
}

impl Looked<'_> {
    /// Whether an earlier one is known that counts: in a band that does.
    #[must_use]
    pub fn counts(&self) -> bool {
        match self {
            Self::Earlier(band) => band.is_none_or(|band| band.counts),
            Self::EarlierStatedOnly => true,
            Self::NoEarlier | Self::CannotTell(_) | Self::HistoryIncomplete => false,
        }
    }

    /// The answer in words, as printed.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Earlier(Some(band)) if !band.counts => "no earlier one",
            Self::Earlier(_) => "earlier one known",
            Self::EarlierStatedOnly => "earlier one stated by the source",
            Self::NoEarlier => "no earlier one",
            Self::CannotTell(_) => "cannot_tell",
            Self::HistoryIncomplete => "history_incomplete",
        }
    }
}

/// The answers of one rule for every event that it asks about.
pub(super) fn look_back<'b>(
    look: &Look<'b>,
    events: &[&KnownEvent],
    coverage: &Coverage,
    question: &Question<'_>,
) -> Vec<LookedBack<'b>> {
    let placed = || events.iter().copied().enumerate();
    let is_previous = |event: &KnownEvent| {
        look.look_back.previous.iter().any(|previous: &EventMatch| previous.matches(&event.body))
    };
    let candidates: Vec<(usize, &KnownEvent)> = placed().filter(|(_, event)| is_previous(event)).collect();
    let mut seen: Vec<(Kind, EntityId)> = Vec::new();
    // A process that was entered twice is asked about once.
    let mut is_first = |event: &KnownEvent| {
        let once = matches!(event.kind().stage(), Stage::Opens | Stage::Ends);
        let Some(process) = event.own_entity().filter(|_| once) else { return true };
        let new = !seen.contains(&(event.kind(), process));
        seen.push((event.kind(), process));
        new
    };
    placed()
        .filter(|(_, event)| look.look_back.event.matches(&event.body) && is_first(event))
        .filter_map(|(place, event)| {
            let day = Ends::of(event);
            let version = match day.latest.or(day.earliest) {
                Some(day) => look.rule.version_for(day, Some(day), question.working())?,
                None => look.rule.versions.last()?,
            };
            Some(Back { look, version, candidates: &candidates, place, event, coverage }.looked(day))
        })
        .collect()
}

struct Back<'a, 'b, 'j> {
    look: &'a Look<'b>,
    version: &'b RuleVersion,
    /// Every event that may be an earlier one of some event, with its place in practice order.
    candidates: &'a [(usize, &'j KnownEvent)],
    place: usize,
    event: &'j KnownEvent,
    coverage: &'a Coverage,
}

impl<'b, 'j> Back<'_, 'b, 'j> {
    fn looked(&self, day: Ends<NaiveDate>) -> LookedBack<'b> {
        let previous = self.earlier().next_back();
        let answer = match day.certain() {
            None => Looked::CannotTell(Why::StartNotKnown),
            Some(day) => self.answer(day, previous),
        };
        LookedBack {
            rule: self.look.rule,
            version: self.version,
            entity: self.event.own_entity(),
            event: Evidence::from(self.event),
            previous: previous.map(Evidence::from),
            answer,
        }
    }

    /// Whether a candidate is of another process than the event's own.
    fn is_another(&self, place: usize, other: &KnownEvent) -> bool {
        let own = self.event.own_entity();
        place != self.place && (own.is_none() || other.own_entity() != own)
    }

    /// Those with a certain day that stand before the event in practice order, and not only by where they were recorded.
    fn earlier(&self) -> impl DoubleEndedIterator<Item = &'j KnownEvent> {
        let before = self.candidates.partition_point(|(place, _)| *place < self.place);
        let earlier = self.candidates.get(..before).unwrap_or_default().iter();
        earlier
            .filter(|(place, other)| self.is_another(*place, other) && other.occurred.day().is_some())
            .map(|(_, other)| *other)
            .filter(|other| !other.is_level_with(self.event))
    }

    /// How many with a certain day stand before the event and lie after `after`.
    fn earlier_after(&self, after: NaiveDate) -> usize {
        self.earlier().filter(|other| other.occurred.day().is_some_and(|day| day > after)).count()
    }

    /// How many may be earlier or later than the event by all that was told.
    fn level(&self) -> usize {
        let level = |(place, other): &&(usize, &KnownEvent)| {
            // One with an uncertain day is asked for by its ends, see `may_lie_between`.
            self.is_another(*place, other)
                && other.occurred.day().is_some()
                && other.is_level_with(self.event)
        };
        self.candidates.iter().filter(level).count()
    }

    /// Whether one with an uncertain day may lie after `after` and not after `day`.
    fn may_lie_between(&self, after: NaiveDate, day: NaiveDate) -> bool {
        self.candidates.iter().any(|(place, other)| {
            let at = Ends::of(other);
            at.certain().is_none()
                && self.is_another(*place, other)
                && at.latest.is_none_or(|latest| latest > after)
                && at.earliest.is_none_or(|earliest| earliest <= day)
        })
    }

    fn is_covered(&self, after: NaiveDate, day: NaiveDate) -> bool {
        let from = after.succ_opt().unwrap_or(after);
        let mut previous = self.look.look_back.previous.iter();
        previous.all(|previous| self.coverage.of(previous.kind, from, day) == Covered::Complete)
    }

    fn answer(&self, day: NaiveDate, previous: Option<&KnownEvent>) -> Looked<'b> {
        if self.look.bands.is_empty() { self.flag(day, previous) } else { self.band(day, previous) }
    }

    fn flag(&self, day: NaiveDate, previous: Option<&KnownEvent>) -> Looked<'b> {
        let Some(after) = self.reach(day) else { return Looked::CannotTell(Why::DatesNotSettled) };
        let one =
            previous.and_then(|previous| previous.occurred.day()).is_some_and(|previous| previous > after);
        let wanted = self.look.look_back.at_least;
        let enough = match wanted {
            1 => one,
            several => one && self.earlier_after(after) >= several,
        };
        if enough {
            return Looked::Earlier(None);
        }
        let level = self.level();
        if level > 0 && self.earlier_after(after) + level >= wanted {
            Looked::CannotTell(Why::OrderNotKnown)
        } else if self.may_lie_between(after, day) {
            Looked::CannotTell(Why::DatesNotSettled)
        } else if self.is_covered(after, day) {
            Looked::NoEarlier
        } else {
            Looked::HistoryIncomplete
        }
    }

    fn band(&self, day: NaiveDate, previous: Option<&KnownEvent>) -> Looked<'b> {
        let known = previous.and_then(|previous| previous.occurred.day());
        let farthest = months_before(day, LONGEST_HISTORY_MONTHS);
        let Some(after) = known.or(farthest) else { return Looked::CannotTell(Why::DatesNotSettled) };
        if self.may_lie_between(after, day) {
            return Looked::CannotTell(Why::DatesNotSettled);
        }
        let same_band = known.is_some_and(|known| self.band_of(day, known) == self.band_of(day, day));
        if !same_band && self.level() > 0 {
            return Looked::CannotTell(Why::OrderNotKnown);
        }
        match (known, stated_previous(&self.event.body), self.is_covered(after, day)) {
            (Some(known), _, true) => Looked::Earlier(self.band_of(day, known)),
            (Some(_), _, false) => Looked::HistoryIncomplete,
            (None, Some(0), _) => Looked::NoEarlier,
            (None, Some(_), _) => Looked::EarlierStatedOnly,
            (None, None, true) => Looked::NoEarlier,
            (None, None, false) => Looked::HistoryIncomplete,
        }
    }

    fn band_of(&self, day: NaiveDate, previous: NaiveDate) -> Option<&'b Band> {
        self.look.bands.iter().find(|band| {
            band.below_months
                .and_then(|months| months_before(day, months))
                .is_none_or(|after| previous > after)
        })
    }

    /// The day after which an earlier event lies within the limit.
    fn reach(&self, day: NaiveDate) -> Option<NaiveDate> {
        let limit = self.version.limit?;
        let days =
            |per_unit: u64| day.checked_sub_days(chrono::Days::new(u64::from(limit.amount) * per_unit));
        match limit.unit {
            Unit::Months => months_before(day, limit.amount),
            Unit::Weeks => days(7),
            Unit::CalendarDays => days(1),
            // The loader refuses them for a look back.
            Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms => None,
        }
    }
}

fn months_before(day: NaiveDate, months: u32) -> Option<NaiveDate> {
    day.checked_sub_months(Months::new(months))
}

/// The number of earlier ones that the source states with the event itself.
fn stated_previous(body: &Body) -> Option<u32> {
    if let Body::ChildProtectionPlanStarted(started) = body { started.stated_previous_plans } else { None }
}
