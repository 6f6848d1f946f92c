//! Flags and bands: how long before an event the latest earlier one of the same child was.
//!
//! A limit of months reaches back to the corresponding date: an earlier event counts when its day is *after* this event's
//! day less the limit. Bands are `[from, below)` by the same dates.
//!
//! Two events of one day that neither their times nor the ranks of their kinds tell apart are neither earlier nor later:
//! where one of them would settle the answer of the other, both say that their order is not known. The ranks order what
//! belongs together, so they may say that the end of one process came before the start of the next, and never that what
//! ended another process came after it.

use chrono::{Months, NaiveDate};

use crate::calendar::Unit;
use crate::events::{Body, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::{Coverage, Covered, KnownEvent};
use crate::rules::{Band, EventMatch, LookBack, Rule, RuleVersion};
use crate::time::DAYS_BEFORE_BIRTH;

use super::compiled::Look;
use super::ends::Ends;
use super::index::Index;
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
    /// Whether it belongs to the base of a share: that there is no earlier one could have been told as well. An earlier one
    /// that is known although the history has a gap is told, and would be counted where its absence could not be. Of files
    /// the one that tells of the event must hold the time before it: a child whom an earlier file names as well is more
    /// likely to have an earlier one than a child whom it does not name.
    pub in_base: bool,
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
    index: &Index<'_>,
    coverage: &Coverage,
    question: &Question<'_>,
) -> Vec<LookedBack<'b>> {
    let asked_about: Vec<EventMatch> =
        std::iter::once(&look.look_back.event).chain(&look.look_back.also).cloned().collect();
    if !index.has_any(&asked_about) {
        return Vec::new();
    }
    let candidates = candidates(look.look_back, index);
    let asked = index.of_kinds(std::slice::from_ref(&look.look_back.event));
    let mut openings = index.of_kinds(&look.look_back.known_by);
    openings.retain(|event| makes_known(look.look_back, event));
    let unlinked = has_unlinked(look.look_back, index);
    let mut seen: Vec<(Kind, EntityId)> = Vec::new();
    // A process that was entered twice is asked about once.
    let mut is_first = |event: &KnownEvent| {
        let once = matches!(event.kind().stage(), Stage::Opens | Stage::Ends);
        let Some(process) = event.own_entity().filter(|_| once) else { return true };
        let new = !seen.contains(&(event.kind(), process));
        seen.push((event.kind(), process));
        new
    };
    let placed = index.places(&asked_about).into_iter();
    placed
        .filter_map(|place| Some((place, index.event_at(place)?)))
        .filter(|(_, event)| is_first(event))
        .filter_map(|(place, event)| {
            let day = Ends::of(event);
            let version = match day.latest.or(day.earliest) {
                Some(day) => look.rule.version_for(day, Some(day), question.working())?,
                None => look.rule.versions.last()?,
            };
            let (candidates, openings, asked, born) = (&candidates, &openings, &asked, index.born());
            Some(
                Back { look, version, candidates, openings, asked, unlinked, place, event, coverage, born }
                    .looked(day),
            )
        })
        .collect()
}

/// What may be an earlier one of some event, each with its place in practice order; where the rule says so, in the place
/// of the opening of its process.
fn candidates<'j>(look_back: &LookBack, index: &Index<'j>) -> Vec<(usize, &'j KnownEvent)> {
    let placed = |matches: &[EventMatch]| {
        let places = index.places(matches).into_iter();
        places.filter_map(|place| Some((place, index.event_at(place)?)))
    };
    let excused = placed(&look_back.unless);
    let excused: Vec<EntityId> = excused.filter_map(|(_, event)| process_in(look_back, event)).collect();
    let counts = |event: &KnownEvent| {
        !index.is_restated(event)
            && process_in(look_back, event).is_none_or(|process| !excused.contains(&process))
    };
    let found: Vec<(usize, &KnownEvent)> =
        placed(&look_back.previous).filter(|(_, event)| counts(event)).collect();
    if !look_back.dated_by_opening {
        return found;
    }
    let processes: Vec<EntityId> =
        found.iter().filter_map(|(_, event)| process_in(look_back, event)).collect();
    let among = |event: &KnownEvent| event.own_entity().is_some_and(|process| processes.contains(&process));
    let opened = index.places_of(look_back.event.kind).iter();
    let opened = opened.filter_map(|place| Some((*place, index.event_at(*place)?)));
    opened.filter(|(_, event)| among(event)).collect()
}

/// Whether one of the events that decide whether a process is an earlier one names none.
fn has_unlinked(look_back: &LookBack, index: &Index<'_>) -> bool {
    let decides = |event: &&&KnownEvent| {
        index.is_named(&look_back.previous, event) || index.is_named(&look_back.unless, event)
    };
    look_back.dated_by_opening
        && index.events.iter().filter(decides).any(|event| process_in(look_back, event).is_none())
}

/// The process, of the kind that is asked about, to which an event belongs.
fn process_in(look_back: &LookBack, event: &KnownEvent) -> Option<EntityId> {
    event.entities.get(look_back.event.kind.own_role()?)
}

fn makes_known(look_back: &LookBack, event: &KnownEvent) -> bool {
    look_back.known_by.iter().any(|known: &EventMatch| known.matches(&event.body))
}

struct Back<'a, 'b, 'j> {
    look: &'a Look<'b>,
    version: &'b RuleVersion,
    /// Every event that may be an earlier one of some event, with its place in practice order.
    candidates: &'a [(usize, &'j KnownEvent)],
    /// Every event that makes known that there is an earlier one.
    openings: &'a [&'j KnownEvent],
    /// Every event of the kind that is asked about.
    asked: &'a [&'j KnownEvent],
    /// Whether an event that makes an earlier one, or none, may be of one of several.
    unlinked: bool,
    place: usize,
    event: &'j KnownEvent,
    coverage: &'a Coverage,
    born: Option<NaiveDate>,
}

impl<'b, 'j> Back<'_, 'b, 'j> {
    fn looked(&self, day: Ends<NaiveDate>) -> LookedBack<'b> {
        let previous = self.earlier().next_back();
        let answer = match (day.earliest.zip(day.latest), self.look.bands.is_empty()) {
            (None, _) => Looked::CannotTell(Why::StartNotKnown),
            (Some((first, last)), true) => self.flag(first, last),
            (Some((first, last)), false) if first == last => self.band(first, previous),
            (Some((first, last)), false) => self.band_of_span(first, last),
        };
        let is_told = matches!(answer, Looked::Earlier(_) | Looked::NoEarlier);
        let unsettled = Looked::CannotTell(Why::UnlinkedEvent);
        let answer = if is_told && self.is_unsettled(day) { unsettled } else { answer };
        let in_base = match answer {
            Looked::Earlier(_) | Looked::NoEarlier => self.absence_could_be_told(day),
            Looked::EarlierStatedOnly => true,
            Looked::CannotTell(_) | Looked::HistoryIncomplete => false,
        };
        LookedBack {
            rule: self.look.rule,
            version: self.version,
            entity: self.event.own_entity(),
            event: Evidence::from(self.event),
            previous: previous.map(Evidence::from),
            answer,
            in_base,
        }
    }

    /// Whether an event that may be of one of several processes may make an earlier one of another.
    fn is_unsettled(&self, day: Ends<NaiveDate>) -> bool {
        let reached = day.earliest.and_then(|first| self.reach(first)).zip(day.latest);
        self.unlinked && reached.is_none_or(|(after, last)| self.may_have_begun(after, last))
    }

    /// Whether the history of any child with such an event would tell that there is no earlier one, or the source states
    /// their number.
    fn absence_could_be_told(&self, day: Ends<NaiveDate>) -> bool {
        let Some((first, last)) = day.earliest.zip(day.latest) else { return false };
        let farthest = if self.look.bands.is_empty() { self.reach(first) } else { self.farthest(first) };
        stated_previous(&self.event.body).is_some()
            || farthest.is_some_and(|farthest| {
                let whole = |kind, from, to| self.coverage.is_whole_of_all(kind, from, to);
                self.is_covered_by(farthest, last, whole)
            })
    }

    /// Whether a candidate is of another process than the event's own.
    fn is_another(&self, place: usize, other: &KnownEvent) -> bool {
        let own = self.event.own_entity();
        place != self.place && (own.is_none() || other.own_entity() != own)
    }

    /// Every candidate of another process.
    fn others(&self) -> impl Iterator<Item = &'j KnownEvent> + Clone {
        let others = self.candidates.iter().filter(|(place, other)| self.is_another(*place, other));
        others.map(|(_, other)| *other)
    }

    /// Those with a certain day that stand before the event in practice order, and not only by where they were recorded.
    fn earlier(&self) -> impl DoubleEndedIterator<Item = &'j KnownEvent> {
        let before = self.candidates.partition_point(|(place, _)| *place < self.place);
        let earlier = self.candidates.get(..before).unwrap_or_default().iter();
        earlier
            .filter(|(place, other)| self.is_another(*place, other) && other.occurred.day().is_some())
            .map(|(_, other)| *other)
            .filter(|other| !self.is_untold(other))
    }

    /// Whether both happened on one day, and neither times nor ranks say that the other came first.
    fn is_untold(&self, other: &KnownEvent) -> bool {
        let same_day = other.occurred.day().is_some() && other.occurred.day() == self.event.occurred.day();
        let times = other.occurred.instant().zip(self.event.occurred.instant());
        let timed = times.is_some_and(|(other, own)| other != own);
        same_day && !timed && !other.is_surely_before(self.event)
    }

    /// Whether an earlier process is certain, however long ago it was.
    fn is_known(&self, day: NaiveDate) -> bool {
        let own = self.event.own_entity();
        let mut others = self.openings.iter().filter(|other| own.is_none() || other.own_entity() != own);
        others.any(|other| self.is_before(other, day))
    }

    /// Whether one certainly came before the event, if the event happened on `day`.
    fn is_before(&self, other: &KnownEvent, day: NaiveDate) -> bool {
        match self.event.occurred.day() {
            Some(_) => other.is_surely_before(self.event),
            None => Ends::of(other).latest.is_some_and(|latest| latest < day),
        }
    }

    /// Whether one may have come before the event, if the event happened on `day`.
    fn may_be_before(&self, other: &KnownEvent, day: NaiveDate) -> bool {
        match self.event.occurred.day() {
            Some(_) => self.is_untold(other) || !self.event.is_surely_before(other),
            None => Ends::of(other).earliest.is_none_or(|earliest| earliest <= day),
        }
    }

    /// How many certainly lie before the event and within the limit, if it happened on `day`.
    fn surely_within(&self, day: NaiveDate, after: NaiveDate) -> usize {
        let lies_after = |other: &&KnownEvent| Ends::of(other).earliest.is_some_and(|first| first > after);
        self.others().filter(lies_after).filter(|other| self.is_before(other, day)).count()
    }

    /// How many may lie so.
    fn possibly_within(&self, day: NaiveDate, after: NaiveDate) -> usize {
        let may_lie_after = |other: &&KnownEvent| Ends::of(other).latest.is_none_or(|last| last > after);
        self.others().filter(may_lie_after).filter(|other| self.may_be_before(other, day)).count()
    }

    fn is_covered(&self, after: NaiveDate, day: NaiveDate) -> bool {
        self.is_covered_by(after, day, |kind, from, to| self.coverage.of(kind, from, to) == Covered::Complete)
    }

    /// Whether the days after one day up to another are held, as `whole` says of each kind.
    fn is_covered_by(
        &self,
        after: NaiveDate,
        day: NaiveDate,
        whole: impl Fn(Kind, NaiveDate, NaiveDate) -> bool,
    ) -> bool {
        let from = after.succ_opt().unwrap_or(after);
        let is_whole = |kind: Kind| whole(kind, from, day);
        let look_back = self.look.look_back;
        // Where no process of the kind lies there at all, none of them ended so.
        let none_began =
            look_back.dated_by_opening && is_whole(look_back.event.kind) && !self.may_have_begun(after, day);
        after >= day || none_began || look_back.previous.iter().all(|previous| is_whole(previous.kind))
    }

    /// Every other process of the kind that is asked about, by its opening.
    fn began(&self) -> impl Iterator<Item = &'j KnownEvent> {
        let own = self.event.own_entity();
        self.asked.iter().copied().filter(move |other| other.own_entity() != own)
    }

    /// Whether another process of the kind that is asked about may have begun within the limit.
    fn may_have_begun(&self, after: NaiveDate, day: NaiveDate) -> bool {
        self.began().any(|other| {
            Ends::of(other).latest.is_none_or(|last| last > after) && self.may_be_before(other, day)
        })
    }

    /// Whether there are enough earlier ones within the limit, where every day of the event gives the same answer.
    fn flag(&self, first: NaiveDate, last: NaiveDate) -> Looked<'b> {
        let Some(farthest) = self.reach(first) else { return Looked::CannotTell(Why::DatesNotSettled) };
        let wanted = self.look.look_back.at_least;
        let surely = |day: NaiveDate| self.reach(day).map(|after| self.surely_within(day, after) >= wanted);
        let possibly =
            |day: NaiveDate| self.reach(day).map(|after| self.possibly_within(day, after) >= wanted);
        let days = self.turning_days(first, last);
        if days.iter().all(|day| surely(*day) == Some(true)) {
            Looked::Earlier(None)
        } else if days.iter().any(|day| possibly(*day) != Some(false)) {
            let on_its_day = self.others().any(|other| first == last && self.is_untold(other));
            Looked::CannotTell(if on_its_day { Why::OrderNotKnown } else { Why::DatesNotSettled })
        } else if self.is_covered(farthest, last) {
            Looked::NoEarlier
        } else {
            Looked::HistoryIncomplete
        }
    }

    /// The days of an uncertain event on which a candidate begins or ceases to lie before it and within the limit.
    fn turning_days(&self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let mut days = vec![first];
        if first == last {
            return days;
        }
        days.push(last);
        for at in self.others().map(Ends::of) {
            for end in [at.earliest, at.latest].into_iter().flatten() {
                let out = self.out_of_reach(end);
                let around = [Some(end), end.succ_opt(), out, out.and_then(|day| day.pred_opt())];
                days.extend(around.into_iter().flatten().filter(|day| first < *day && *day < last));
            }
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The first day from which `end` lies outside the limit.
    fn out_of_reach(&self, end: NaiveDate) -> Option<NaiveDate> {
        let limit = self.version.limit?;
        let near = match limit.unit {
            Unit::Months => end.checked_add_months(Months::new(limit.amount))?,
            Unit::Weeks => end.checked_add_days(chrono::Days::new(7 * u64::from(limit.amount)))?,
            Unit::CalendarDays | Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms => {
                end.checked_add_days(chrono::Days::new(u64::from(limit.amount)))?
            }
        };
        // Months are of several lengths: the corresponding date is at most three days away.
        let days = near.checked_sub_days(chrono::Days::new(4))?.iter_days().take(9);
        days.into_iter().find(|day| self.reach(*day).is_some_and(|after| end <= after))
    }

    /// How long ago the latest earlier one was. Where a gap or an uncertain day leaves its band open, that there is one is
    /// told all the same, as long as every band that it may be in counts.
    fn band(&self, day: NaiveDate, previous: Option<&KnownEvent>) -> Looked<'b> {
        let known = previous.and_then(|previous| previous.occurred.day());
        let Some(farthest) = self.farthest(day) else {
            return Looked::CannotTell(Why::DatesNotSettled);
        };
        let band = known.map(|known| self.band_of(day, known));
        // A later one than the latest that is known would change the band only if it lay in a nearer one.
        let nearer = band.flatten().and_then(|band| months_before(day, band.from_months));
        let settled = nearer.or(known).unwrap_or(farthest);
        let may_be_nearer = |other: &&KnownEvent| {
            let is_certain = other.occurred.day().is_some();
            let open = !is_certain && self.may_be_before(other, day);
            (self.is_untold(other) || open) && Ends::of(other).latest.is_none_or(|latest| latest > settled)
        };
        let unsettled = self.others().find(may_be_nearer);
        let every_counts = self.look.bands.iter().all(|band| band.counts);
        let counts = band.flatten().is_some_and(|band| band.counts);
        let surely_one = counts
            || every_counts && (self.is_known(day) || self.others().any(|other| self.is_before(other, day)));
        match (known.zip(band), stated_previous(&self.event.body)) {
            (Some((_, band)), _) if unsettled.is_none() && self.is_covered(settled, day) => {
                Looked::Earlier(band)
            }
            _ if surely_one => Looked::Earlier(None),
            _ if unsettled.is_some_and(|other| other.occurred.day().is_some()) => {
                Looked::CannotTell(Why::OrderNotKnown)
            }
            _ if unsettled.is_some() => Looked::CannotTell(Why::DatesNotSettled),
            (None, Some(0)) => Looked::NoEarlier,
            (None, Some(_)) => Looked::EarlierStatedOnly,
            (None, None) if self.is_covered(farthest, day) => Looked::NoEarlier,
            (Some(_), _) | (None, None) => Looked::HistoryIncomplete,
        }
    }

    /// The day after which an earlier one would count: as far back as the bands that count reach, or the child's history.
    fn farthest(&self, day: NaiveDate) -> Option<NaiveDate> {
        let counting = self.look.bands.iter().filter(|band| band.counts);
        let months = counting.map(|band| band.below_months.unwrap_or(LONGEST_HISTORY_MONTHS)).max();
        let reach = months_before(day, months.unwrap_or(LONGEST_HISTORY_MONTHS))?;
        let conceived =
            self.born.and_then(|born| born.checked_sub_days(chrono::Days::new(DAYS_BEFORE_BIRTH)));
        Some(conceived.map_or(reach, |conceived| reach.max(conceived)))
    }

    /// The same of an event with an uncertain day: whether there is an earlier one at all.
    fn band_of_span(&self, first: NaiveDate, last: NaiveDate) -> Looked<'b> {
        let every_counts = self.look.bands.iter().all(|band| band.counts);
        let surely =
            every_counts && (self.is_known(first) || self.others().any(|other| self.is_before(other, first)));
        let possibly = self.others().any(|other| self.may_be_before(other, last));
        let whole = || self.farthest(first).is_some_and(|far| self.is_covered(far, last));
        match stated_previous(&self.event.body) {
            _ if surely => Looked::Earlier(None),
            _ if possibly => Looked::CannotTell(Why::DatesNotSettled),
            Some(0) => Looked::NoEarlier,
            Some(_) => Looked::EarlierStatedOnly,
            None if whole() => Looked::NoEarlier,
            None => Looked::HistoryIncomplete,
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
