//! Irregularities of processes: opened twice, ended before they began, two at a time (see `exclusive`).

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use super::lifecycle::{may_follow_end, stage};
use super::{EXCLUSIVE, NOTICED, Observation, ObservationCode, Overlap, about};
use crate::events::{EntityRole, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent};
use crate::processes::{self, Processes, Reading, Strays, lasts};

/// The events of one process.
#[derive(Default)]
struct Process<'a> {
    opened: Vec<&'a KnownEvent>,
    during: Vec<&'a KnownEvent>,
    ended: Vec<&'a KnownEvent>,
}

pub(super) fn observe(
    journey: &Journey,
    as_at: NaiveDate,
    ended: &Processes<'_>,
    found: &mut Vec<Observation>,
) {
    // What names a process that was withdrawn and entered again is of the one in its place.
    let all: Vec<&KnownEvent> = journey.events.iter().collect();
    let reading = Reading::of(journey, &all, NaiveDate::MAX);
    let events = reading.read(all);
    let mut processes: BTreeMap<(EntityRole, EntityId), Process<'_>> = BTreeMap::new();
    for event in events.iter().copied() {
        if let Some(code) = on_weekend(event) {
            found.push(about(code, &[event]));
        }
        let Some(role) = event.kind().own_role() else { continue };
        let Some(entity) = event.entities.get(role) else {
            if !is_decision_on_contact(event) && !is_listed_alone(event) {
                found.push(about(ObservationCode::ProcessNotNamed, &[event]));
            }
            continue;
        };
        let process = processes.entry((role, entity)).or_default();
        match stage(event.kind()) {
            Stage::Opens => process.opened.push(event),
            Stage::Continues => process.during.push(event),
            Stage::Ends => process.ended.push(event),
            Stage::Accompanies | Stage::Apart => {}
        }
    }
    for process in processes.values() {
        process.observe(found);
    }
    let strays = Strays::of(&events, ended);
    let not_on_record = events.iter().filter(|event| strays.holds(event));
    found.extend(not_on_record.map(|event| about(ObservationCode::ProcessNotOnRecord, &[event])));
    acts_after_the_end(&events, ended, found);
    acts_before_what_led_to_them(&events, &processes, found);
    for overlap in EXCLUSIVE.iter().chain(&NOTICED) {
        overlaps(&processes, overlap, ended, as_at, found);
    }
}

/// A contact on which nothing more is done never becomes a referral: the decision on it names the contact alone.
fn is_decision_on_contact(event: &KnownEvent) -> bool {
    event.kind() == Kind::ReferralDecisionMade && event.entities.get(EntityRole::Contact).is_some()
}

/// A row of an extract that gives an act without its process, where the process may be unknown: a review of a pathway
/// plan in a list that holds no plans.
fn is_listed_alone(event: &KnownEvent) -> bool {
    event.context.import.is_some() && event.kind().may_stand_alone()
}

fn on_weekend(event: &KnownEvent) -> Option<ObservationCode> {
    let is_conference = matches!(event.kind(), Kind::InitialConferenceHeld | Kind::ReviewConferenceHeld);
    let weekend = |day: NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    (is_conference && event.occurred.day().is_some_and(weekend))
        .then_some(ObservationCode::ConferenceOnWeekend)
}

impl Process<'_> {
    fn observe(&self, found: &mut Vec<Observation>) {
        if let [first, second, ..] = self.opened.as_slice() {
            found.push(about(ObservationCode::OpenedTwice, &[first, second]));
        }
        if let [first, second, ..] = self.ended.as_slice() {
            found.push(about(ObservationCode::EndedTwice, &[first, second]));
        }
        match self.opened.first() {
            Some(start) => self.observe_order(start, found),
            None => self.observe_missing_start(found),
        }
    }

    fn observe_order(&self, start: &KnownEvent, found: &mut Vec<Observation>) {
        for event in self.during.iter().chain(&self.ended) {
            if certainly_before(event, start) {
                found.push(about(ObservationCode::EndBeforeStart, &[event, start]));
            }
        }
        if let Some(end) = self.ended.first() {
            let follows =
                |event: &&&KnownEvent| !may_follow_end(event.kind()) && certainly_before(end, event);
            let late = self.during.iter().filter(follows);
            found.extend(late.map(|event| about(ObservationCode::AfterEnd, &[end, event])));
        }
    }

    fn observe_missing_start(&self, found: &mut Vec<Observation>) {
        let lost = self.during.iter().chain(&self.ended).filter(|event| !event.kind().may_stand_alone());
        found.extend(lost.map(|event| about(ObservationCode::NotOpened, &[event])));
    }

    /// First and last day on which the process certainly ran, both included. `end` is what ended it.
    fn certain_days(&self, end: Option<&KnownEvent>, as_at: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let from = self.opened.first()?.occurred.latest_day()?;
        let to = match end {
            Some(end) => end.occurred.earliest_day()?,
            None => as_at,
        };
        (from <= to).then_some((from, to))
    }
}

/// Visits, reviews and other acts in care, a placement, a plan or an arrangement that had ended, by its own end or by the
/// table of endings. What a death or a birthday ended for good has observations of its own.
fn acts_after_the_end(events: &[&KnownEvent], ended: &Processes<'_>, found: &mut Vec<Observation>) {
    for event in events.iter().copied() {
        let named = event.entities.iter().filter(|(role, _)| is_act_within(event.kind(), *role));
        let ends = named.filter_map(|(role, entity)| ended.get(role, entity)?.end());
        let over = ends.filter(|end| end.line.is_none_or(|line| !line.lasting)).map(|end| end.event);
        let over = over.filter(|end| certainly_before(end, event));
        found.extend(over.map(|end| about(ObservationCode::AfterEnd, &[end, event])));
    }
}

/// What leads to what: without the enquiry there is no conference about it, without the conference no plan that it made.
const LED_BY: [(EntityRole, EntityRole); 2] =
    [(EntityRole::Conference, EntityRole::Enquiry), (EntityRole::Plan, EntityRole::Conference)];

fn acts_before_what_led_to_them(
    events: &[&KnownEvent],
    processes: &BTreeMap<(EntityRole, EntityId), Process<'_>>,
    found: &mut Vec<Observation>,
) {
    for event in events.iter().copied().filter(|event| stage(event.kind()) == Stage::Opens) {
        let led_by = LED_BY.iter().filter(|(role, _)| event.kind().own_role() == Some(*role));
        let causes =
            led_by.filter_map(|(_, by)| processes.get(&(*by, event.entities.get(*by)?))?.opened.first());
        let later = causes.filter(|cause| certainly_before(event, cause));
        found.extend(later.map(|cause| about(ObservationCode::BeforeWhatLedToIt, &[event, cause])));
    }
}

/// Whether an act of this kind is done while such a process runs: it carries it on, or is a single act in it.
fn is_act_within(kind: Kind, role: EntityRole) -> bool {
    use EntityRole::{PeriodOfCare, Placement, Plan, PrivateFostering};
    let carries_on = kind.own_role() == Some(role) && stage(kind) == Stage::Continues;
    let single = stage(kind) == Stage::Opens && kind.own_role().is_some_and(|own| !lasts(own));
    [PeriodOfCare, Placement, Plan, PrivateFostering].contains(&role) && (carries_on || single)
}

/// Whether `a` happened before `b` whatever the days within their uncertainty.
fn certainly_before(a: &KnownEvent, b: &KnownEvent) -> bool {
    a.occurred.latest_day().zip(b.occurred.earliest_day()).is_some_and(|(a, b)| a < b)
}

/// What ended a process; where the next one of its role did, and an end of its own is recorded, that one, so that the days
/// on which both ran are seen.
fn end_of<'j>(process: &processes::Process<'j>) -> Option<&'j KnownEvent> {
    let end = process.end()?.event;
    let kind = end.kind();
    let is_next = kind.stage() == Stage::Opens && kind.own_role() == Some(process.role);
    if is_next { process.own_end().or(Some(end)) } else { Some(end) }
}

/// Two processes of a role that both certainly ran on the same day; an end and a start on one day do not overlap.
/// Two child in need plans that begin on one day are doubled.
fn overlaps(
    processes: &BTreeMap<(EntityRole, EntityId), Process<'_>>,
    overlap: &Overlap,
    ended: &Processes<'_>,
    as_at: NaiveDate,
    found: &mut Vec<Observation>,
) {
    let mut running: Vec<(NaiveDate, NaiveDate, &KnownEvent)> = processes
        .iter()
        .filter(|((role, _), _)| *role == overlap.role)
        .filter_map(|((role, entity), process)| {
            let end = ended.get(*role, *entity).and_then(end_of);
            let (from, to) = process.certain_days(end, as_at)?;
            Some((from, to, *process.opened.first()?))
        })
        .collect();
    running.sort_by_key(|(from, to, event)| (*from, *to, event.position));
    let mut longest: Option<(NaiveDate, NaiveDate, &KnownEvent)> = None;
    for (from, to, event) in running {
        if let Some((began, end, earlier)) = longest {
            let code = if from == began { overlap.doubled() } else { None };
            let overlapping = from < end && !are_of_one_set(earlier, event);
            let code = code.or_else(|| overlapping.then_some(overlap.code));
            found.extend(code.map(|code| about(code, &[earlier, event])));
        }
        if longest.is_none_or(|(_, end, _)| to > end) {
            longest = Some((from, to, event));
        }
    }
}

/// Whether two applications stand in one set of proceedings, where several about a child, or about brothers and sisters, are
/// heard together.
fn are_of_one_set(one: &KnownEvent, other: &KnownEvent) -> bool {
    let set = |event: &KnownEvent| event.entities.get(EntityRole::Proceedings);
    set(one).is_some() && set(one) == set(other)
}
