//! Starts without a process number that may belong to several processes, or to none on record. An example is the return of a
//! child after two reports of one day, or after none.
//!
//! Whichever process it belongs to, the duty begins with the act, so it has a clock of its own. An act stops or excuses that
//! clock for certain where it can answer no other start: an interview after the only return by then is about that return.
//! Where it can also answer another start, it does so in some readings only.
//!
//! What it does not do: an act may continue what another start began, such as a second decision while two referrals run. We
//! cannot tell whether it begins anything, and its clock says so.

use crate::events::{EntityRole, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::{KnownEvent, sort};
use crate::processes::{End, Processes, own_of};
use crate::rules::EarlyStop;

use super::case::{Case, Cases, Stop};
use super::compiled::{Part, Track};
use super::ends::Ends;
use super::index::Index;
use super::whichever::Reading;

/// A case of a start that names no process.
#[derive(Debug, Clone)]
pub(super) struct Adrift {
    /// The processes that it may be of.
    candidates: Vec<EntityId>,
    /// Whether it may only carry on what another start began.
    pub(super) carries_on: bool,
}

/// An act that starts a clock of a process, and names none that is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'j> {
    pub(super) alternative: usize,
    pub(super) event: &'j KnownEvent,
}

/// Whether a start that names no process has a clock of its own: it is an act of the clock's process, and the process is on
/// record with no other clock of the rule.
pub(super) fn has_own_clock(track: &Track<'_>, event: &KnownEvent) -> bool {
    let shape = track.shape;
    let is_own = event.kind().own_role().is_some_and(|own| shape.per.role() == Some(own));
    let opens = |kind: Kind| kind.stage() == Stage::Opens;
    is_own
        && shape.chain.is_none()
        && !shape.start.iter().any(|start| opens(start.kind))
        // The decision on a contact that became no referral is of no referral.
        && event.entities.get(EntityRole::Contact).is_none()
        && matches!(event.kind().stage(), Stage::Continues | Stage::Ends | Stage::Accompanies)
}

impl<'j> Cases<'j> {
    /// Gives each start that names no process a case of its own.
    pub(super) fn add_adrift(&mut self, track: &Track<'_>, index: &Index<'j>, processes: &Processes<'j>) {
        let Some(role) = track.shape.per.role().filter(|_| !self.adrift.is_empty()) else { return };
        let starts = std::mem::take(&mut self.adrift);
        let named: Vec<&KnownEvent> =
            self.cases.iter().flat_map(|case| case.start().iter().copied()).collect();
        let mut found = Vec::new();
        for start in &starts {
            let others: Vec<&KnownEvent> = starts
                .iter()
                .map(|other| other.event)
                .chain(named.iter().copied())
                .filter(|other| other.event_id != start.event.event_id)
                .collect();
            let candidates = processes.may_be_meant(start.event, role);
            let before = |other: &&KnownEvent| !Ends::of(start.event).surely_before(Ends::of(other));
            let carries_on = match start.event.kind().stage() {
                Stage::Ends => false,
                // A request repeats an earlier one where it may be for the same process.
                Stage::Accompanies => {
                    let of_candidates = self.cases.iter().filter(|case| candidates.contains(&case.entity));
                    let held = of_candidates.flat_map(|case| case.start().iter().copied());
                    let unnamed = starts.iter().map(|other| other.event);
                    let mut all = unnamed.filter(|other| other.event_id != start.event.event_id).chain(held);
                    all.any(|other| before(&other))
                }
                Stage::Opens | Stage::Continues | Stage::Apart => others.iter().any(before),
            };
            let adrift = Adrift { candidates, carries_on };
            let case = self.case_of(*start, adrift, &others, track, index);
            if start.event.kind().stage() == Stage::Accompanies {
                self.read_as_each(*start, &case);
            }
            found.push(case);
        }
        self.cases.extend(found);
    }

    /// Adds the case of a start as it is where that is of each of the processes that it may be of.
    fn read_as_each(&mut self, start: Start<'j>, own: &Case<'j>) {
        let adrift = own.adrift.as_ref().filter(|adrift| !adrift.carries_on);
        for candidate in adrift.into_iter().flat_map(|adrift| &adrift.candidates) {
            let held = self.cases.iter().find(|case| case.entity == *candidate);
            let mut case = held.cloned().unwrap_or_else(|| Case::new(*candidate));
            case.start_with(start.alternative, start.event);
            self.readings.push(Reading { of: own.entity, case });
        }
    }

    fn case_of(
        &self,
        start: Start<'j>,
        adrift: Adrift,
        others: &[&KnownEvent],
        track: &Track<'_>,
        index: &Index<'j>,
    ) -> Case<'j> {
        let begun = Ends::of(start.event);
        let is_early = |event: &KnownEvent| Ends::of(event).surely_before(begun);
        let in_time =
            |event: &KnownEvent| track.shape.early_stop != EarlyStop::CannotTell || !is_early(event);
        // What answers a start lies after it: where no other was made by then, it answers this one. What may be done where
        // nothing started so may be of a process that this start is not of.
        let answers =
            |event: &KnownEvent| adrift.candidates.len() < 2 || event.kind().stage() == Stage::Accompanies;
        let is_sure = |event: &KnownEvent| {
            let mut others = others.iter().map(|other| Ends::of(other));
            answers(event) && !is_early(event) && others.all(|other| Ends::of(event).surely_before(other))
        };
        let mut case = Case::new(own_of(start.event));
        let of_candidate = self.cases.iter().filter(|other| adrift.candidates.contains(&other.entity));
        let of_candidate: Vec<&Case<'j>> = of_candidate.filter(|other| other.start().is_empty()).collect();
        case.start_with(start.alternative, start.event);
        let named = of_candidate.iter().flat_map(|other| other.stops.iter().copied());
        let unnamed =
            self.unlinked_stops.iter().map(|stop| Stop::new(stop, index.is_named(&track.shape.stop, stop)));
        let mut stops: Vec<Stop<'j>> = unnamed.filter(|stop| in_time(stop.event)).chain(named).collect();
        stops.iter_mut().for_each(|stop| stop.sure &= is_sure(stop.event));
        sort(&mut stops);
        case.stops = stops;
        let named =
            of_candidate.iter().flat_map(|other| other.not_required.iter().chain(&other.ended_by).copied());
        for event in self.unlinked_ends.iter().copied().chain(named).filter(|event| in_time(event)) {
            let excuses = index.is_named(&track.shape.not_required, event);
            let part = if excuses { Part::NotRequired } else { Part::EndedBy };
            case.add(part, Stop::new(event, is_sure(event)));
        }
        case.adrift = Some(adrift);
        case
    }
}

impl Adrift {
    /// What the table of endings ends it by: what reaches every process in the role for certain, what reaches one of those
    /// that it may be of perhaps, and the last of these for certain where each of them is over.
    pub(super) fn ends<'j>(&self, role: EntityRole, processes: &Processes<'j>) -> Vec<End<'j>> {
        let all = processes.of_line(|line| line.within.is_none() && line.ends_role(role));
        let mut ends: Vec<End<'j>> = all.collect();
        let candidates = || self.candidates.iter().filter_map(|entity| processes.get(role, *entity));
        let is_new = |end: &&End<'j>| end.line.is_some_and(|line| line.within.is_some());
        let perhaps = candidates().flat_map(|process| process.ends()).filter(is_new);
        let mut perhaps: Vec<End<'j>> = perhaps.map(|end| End { sure: false, ..*end }).collect();
        if candidates().next().is_some() && candidates().all(|process| process.end().is_some()) {
            let last = perhaps.iter_mut().max_by_key(|end| end.event.by_latest());
            last.into_iter().for_each(|end| end.sure = true);
        }
        ends.extend(perhaps);
        ends
    }
}
