//! One claim against what is held: new, known, corrected, withdrawn, reinstated or disputed.
//!
//! Only a file about a later day corrects. A file about the same day that says otherwise is in dispute,
//! and one about an earlier day adds what is missing and changes nothing. What somebody recorded by hand
//! is never corrected by a file.

use domain::envelope::SealedFields;
use domain::events::identity::{BirthRecorded, UnbornChildRegistered};
use domain::events::pathway::PersonalAdviserAllocated;
use domain::events::record_keeping::{
    CorrectionReason, DisputeReason, EventCorrected, EventReinstated, EventWithdrawn,
};
use domain::events::workforce::WorkerAllocated;
use domain::events::{Body, CaseEvent, Entities, EntityRole, Kind, Stage};
use domain::ids::{EntityId, EventId};
use domain::time::Occurred;
use serde_json::Value;

use super::claims::{Claim, Emptied, Follow};
use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::identity::{self, says_nothing};
use super::outcome::RowResult;
use super::planning::Planner;
use super::withdrawn::WhyWithdrawn;
use crate::extract::Place;
use crate::layout::EventRule;

/// A process by its role.
type Process = Option<(EntityRole, EntityId)>;

impl Planner<'_> {
    /// Settles who the child is.
    pub(super) fn settle_registration(&mut self, claim: &Claim) {
        let held = identity::registered(&self.held).map(|event| (event.id, event.kind()));
        let Body::ChildRegistered(stated) = &claim.body else {
            return;
        };
        let unborn = stated.date_of_birth.is_none() && stated.expected_date_of_birth.is_some();
        match held {
            Some((id, Kind::ChildRegistered)) => self.settle_existing(id, claim, &Entities::none()),
            Some((id, _)) if unborn => {
                let claim = unborn_claim(claim, stated.expected_date_of_birth);
                self.settle_existing(id, &claim, &Entities::none());
            }
            None if unborn => {
                self.record(&unborn_claim(claim, stated.expected_date_of_birth), Entities::none());
            }
            Some(_) => {
                if let Some(born) = stated.date_of_birth {
                    let body = BirthRecorded { sex: stated.sex }.into();
                    let occurred = Occurred::on(born);
                    let birth =
                        Claim { occurred, dated: true, body, sealed: SealedFields::none(), ..claim.clone() };
                    self.record(&birth, Entities::none());
                }
                self.record(claim, Entities::none());
            }
            None => {
                self.record(claim, Entities::none());
            }
        }
    }

    /// Settles what follows an opening event, or belongs to the subject itself.
    pub(super) fn settle_follow(&mut self, follow: &Follow, entities: &Entities, process: Process) {
        if self.waits(follow, entities, process) {
            return;
        }
        match follow {
            Follow::Once(claim) => self.settle_once(claim, entities, process),
            Follow::State { claim, as_begun } => {
                let claim = self.with_worker(claim);
                self.settle_state(&claim, *as_begun, (entities, process));
            }
            Follow::Nothing { rule, row, meaning } => {
                self.settle_nothing(rule, *row, *meaning, (entities, process));
            }
            Follow::Silent { rule, row } => self.note_unsaid_event(rule, *row, process),
            // The one is settled after all records; what the others leave open is part of what the file holds.
            Follow::Undated(_) | Follow::Unsaid { .. } | Follow::Doubtful { .. } => {}
        }
    }

    fn settle_once(&mut self, claim: &Claim, entities: &Entities, process: Process) {
        let kind = claim.body.kind();
        let same = |event: &&HeldEvent| is_alike(&event.body, claim);
        let held = self.held.of_kind(kind, process).filter(same).min_by_key(|event| event.withdrawn);
        match held.map(|event| event.id) {
            Some(id) => self.settle_existing(id, claim, entities),
            None => {
                self.record(claim, entities.clone());
            }
        }
    }

    /// Compares a claim with the held event that it is.
    pub(super) fn settle_existing(&mut self, id: EventId, claim: &Claim, entities: &Entities) {
        if self.is_lost(claim.row) {
            return;
        }
        let Some(mut held) = self.held.get(id).cloned() else {
            return;
        };
        let standing = self.standing_against(&held, claim.row);
        if held.withdrawn {
            // That it was missing in another file of the same day is not known better than that it stands in this one.
            let returns = standing == Standing::Newest || (standing == Standing::Equal && held.by_absence);
            if !returns {
                return;
            }
            self.reinstate(&held, claim.row);
            self.reinstate_process(&held, claim.row);
        }
        self.note_unsaid_facts(id, claim);
        let filled = self.filled(&held, claim, (entities, standing));
        if standing == Standing::Newest {
            let base = HeldEvent { body: filled.body, ..held.clone() };
            let merged = merged(&base, claim);
            let occurred = if claim.dated { merged.occurred } else { filled.occurred };
            let claimed = CaseEvent { occurred, entities: filled.entities, ..merged };
            if claimed != held.case_event() {
                self.correct(&held, claimed, claim);
            }
            return;
        }
        self.fill(&mut held, filled, claim);
        let said = informative(claim);
        if standing == Standing::Equal && merged(&held, &said) != held.case_event() {
            let entities = held.entities.clone();
            self.dispute(claim, &entities, Some(id), DisputeReason::ContradictsHeldFact);
        }
    }

    /// How this file stands against an event: never newest against what it said itself, what
    /// another file about a later day was silent on, or what was recorded by hand.
    pub(super) fn standing_against(&self, held: &HeldEvent, row: usize) -> Standing {
        let by_list = self.import.standing(self.list_of(row));
        match held.asserted {
            Asserted::ByHand => Standing::Equal,
            Asserted::ByExtract { import, .. } if import == self.import.id => Standing::Equal,
            // A row of the same day that names a record overrules what followed from its absence.
            Asserted::ByExtract { as_at, .. } => match Standing::of(self.import.as_at, as_at) {
                Standing::Equal if held.inferred && by_list != Standing::Older => Standing::Newest,
                Standing::Newest => by_list,
                Standing::Equal => Standing::Equal,
                Standing::Older => Standing::Older,
            },
        }
    }

    fn correct(&mut self, held: &HeldEvent, replacement: CaseEvent, claim: &Claim) {
        let changed = held.case_event().differences(&replacement);
        let body = EventCorrected {
            target: held.id,
            replacement: Box::new(replacement.clone()),
            changed,
            reason: CorrectionReason::DataCleanUp,
            authorised_by: None,
            inferred: true,
        };
        let event = CaseEvent::new(self.by_now(self.list_of(claim.row)), body);
        self.emit(&event, claim.sealed.clone(), claim.row);
        let asserted = Asserted::ByExtract { import: self.import.id, as_at: self.import.as_at };
        if let Some(held) = self.held.get_mut(held.id) {
            let CaseEvent { occurred, entities, authors, body } = replacement;
            (held.occurred, held.entities, held.authors) = (occurred, entities, authors);
            (held.body, held.asserted) = (body, asserted);
        }
        self.mark(claim.row, RowResult::New);
    }

    pub(super) fn reinstate(&mut self, held: &HeldEvent, row: usize) {
        let body = EventReinstated {
            target: held.id,
            reason: CorrectionReason::DataCleanUp,
            authorised_by: None,
            inferred: true,
        };
        let event = CaseEvent::new(self.by_now(self.list_of(row)), body);
        self.emit(&event, SealedFields::none(), row);
        if let Some(held) = self.held.get_mut(held.id) {
            (held.withdrawn, held.by_absence) = (false, false);
        }
        self.mark(row, RowResult::New);
    }

    /// Brings back, with the opening of a process, what was withdrawn with it because no row named the process.
    fn reinstate_process(&mut self, opening: &HeldEvent, row: usize) {
        let process = opening.kind().own_role().and_then(|role| Some((role, opening.entities.get(role)?)));
        let Some((role, id)) = process.filter(|_| opening.by_absence) else { return };
        let went_with_it = |event: &&HeldEvent| {
            let is_gone = event.withdrawn && event.by_absence && event.asserted == opening.asserted;
            is_gone && event.entities.get(role) == Some(id)
        };
        let gone: Vec<HeldEvent> = self.held.events.iter().filter(went_with_it).cloned().collect();
        for event in gone {
            self.reinstate(&event, row);
        }
    }

    /// Withdraws a held event, as the newest file no longer states it.
    pub(super) fn withdraw(&mut self, id: EventId, row: usize) {
        if self.withdraw_again(id) {
            return;
        }
        let body = EventWithdrawn {
            target: id,
            reason: CorrectionReason::DataCleanUp,
            authorised_by: None,
            inferred: true,
        };
        let event = CaseEvent::new(self.by_now(self.list_of(row)), body);
        self.emit(&event, SealedFields::none(), row);
        let asserted = Asserted::ByExtract { import: self.import.id, as_at: self.import.as_at };
        if let Some(held) = self.held.get_mut(id) {
            (held.withdrawn, held.asserted) = (true, asserted);
            held.by_absence = row == usize::MAX;
        }
        self.mark(row, RowResult::New);
    }

    pub(super) fn settle_nothing(
        &mut self,
        rule: &'static EventRule,
        row: usize,
        meaning: Emptied,
        (entities, process): (&Entities, Process),
    ) {
        let kind = rule.kind;
        let newest = match meaning {
            Emptied::ValueWithdrawn | Emptied::Gives(_) => {
                // Of several of one day, the last.
                self.states_by(rule, process).max_by_key(|event| event.order_day())
            }
            Emptied::NoneYet => return,
            Emptied::LatestWithdrawn => self
                .held
                .of_kind(kind, process)
                .filter(|event| !event.withdrawn)
                .max_by_key(|event| event.occurred.day()),
        };
        let Some(held) = newest.cloned() else { return };
        let taken_back =
            |event: &HeldEvent| event.withdrawn && event.asserted.import() == Some(self.import.id);
        let is_done = meaning == Emptied::LatestWithdrawn && self.held.of_kind(kind, process).any(taken_back);
        if self.is_lost(row) || is_done {
            return;
        }
        if self.standing_against(&held, row) != Standing::Newest {
            self.settle_nothing_late(&held, row, meaning, (entities, process));
            return;
        }
        match (meaning, &held.body) {
            (Emptied::Gives(next), body) if body.kind() == kind => {
                self.give(next, body, row, (entities, process))
            }
            // The state that an empty cell gives is held already.
            (Emptied::Gives(_), _) => {}
            (Emptied::ValueWithdrawn | Emptied::LatestWithdrawn | Emptied::NoneYet, _) => {
                let place = self.rows.rows.get(row).map_or(Place::File, |source| source.place.clone());
                self.note_withdrawn(&held, WhyWithdrawn::Emptied { place });
                self.withdraw(held.id, row);
            }
        }
    }

    /// An empty cell of a file between two: what an older file gave, and a newer one gives no more, as it names the next.
    fn settle_nothing_late(
        &mut self,
        newest: &HeldEvent,
        row: usize,
        meaning: Emptied,
        (entities, process): (&Entities, Process),
    ) {
        let of_day = |event: &HeldEvent| match event.asserted {
            Asserted::ByExtract { as_at, .. } => Some(as_at),
            Asserted::ByHand => None,
        };
        let (kind, day) = (newest.kind(), self.import.as_at);
        if of_day(newest).is_none_or(|other| other <= day) {
            return;
        }
        let place = self.rows.rows.get(row).map_or(Place::File, |source| source.place.clone());
        if let Emptied::Gives(next) = meaning
            && next == kind
        {
            // It was so by the day of this file already.
            let by_now = Occurred::within(None, Some(day));
            let claim = Claim::of_body(row, place, by_now, newest.body.clone());
            self.narrow(newest.clone(), &claim, entities);
            return;
        }
        let older = self.states(kind, process).filter(|event| of_day(event).is_some_and(|other| other < day));
        let Some(before) = older.max_by_key(|event| event.order_day()).cloned() else { return };
        match meaning {
            Emptied::LatestWithdrawn => {
                self.note_withdrawn(&before, WhyWithdrawn::Emptied { place });
                self.withdraw(before.id, row);
                self.withdraw_inferred(&before, row);
            }
            Emptied::Gives(next) if before.kind() == kind && newest.kind() == kind => {
                let body = before.body.clone();
                self.give(next, &body, row, (entities, process));
                self.begin_later(&Claim::of_body(row, place, before.occurred, body), process);
            }
            Emptied::Gives(_) | Emptied::ValueWithdrawn | Emptied::NoneYet => {}
        }
    }

    /// Withdraws what was inferred of a record that is withdrawn.
    fn withdraw_inferred(&mut self, opening: &HeldEvent, row: usize) {
        let Some(role) = opening.kind().own_role() else { return };
        let process = opening.entities.get(role);
        let is_of = |event: &&HeldEvent| {
            let ends = event.kind().stage() == Stage::Ends && event.kind().own_role() == Some(role);
            let is_undated = ends && event.occurred.day().is_none() && !event.withdrawn;
            is_undated && process.is_some() && event.entities.get(role) == process
        };
        let inferred: Vec<EventId> = self.held.events.iter().filter(is_of).map(|event| event.id).collect();
        inferred.into_iter().for_each(|id| self.withdraw(id, row));
    }

    /// Records the state that an emptied cell gives, about whom the held one was.
    fn give(&mut self, kind: Kind, held: &Body, row: usize, (entities, process): (&Entities, Process)) {
        let Some(source) = self.rows.rows.get(row) else { return };
        let about = held.fields().remove_entry("worker");
        let Ok(body) = Body::of(kind, Value::Object(about.into_iter().collect())) else { return };
        let occurred = self.since_the_last(row, held, process);
        let claim = Claim::of_body(row, source.place.clone(), occurred, body);
        self.record(&claim, entities.clone());
    }

    /// Puts a worker's stream in the place of the name, and remembers the worker for registration.
    pub(super) fn with_worker(&mut self, claim: &Claim) -> Claim {
        let told = self.with_known_worker(claim);
        if let Some(name) = claim.sealed.get("worker").filter(|_| told.sealed.is_empty()) {
            self.register_worker(name, claim.row);
        }
        told
    }

    /// Puts a worker's stream in the place of the name.
    pub(super) fn with_known_worker(&self, claim: &Claim) -> Claim {
        let Some(name) = claim.sealed.get("worker") else { return claim.clone() };
        let worker = Some(self.worker_stream(name));
        let (body, field) = if let Body::WorkerAllocated(facts) = &claim.body {
            (Body::from(WorkerAllocated { worker, ..facts.clone() }), "worker")
        } else if let Body::PersonalAdviserAllocated(_) = &claim.body {
            (Body::from(PersonalAdviserAllocated { adviser: worker }), "adviser")
        } else {
            return claim.clone();
        };
        Claim { body, stated: vec![field], sealed: SealedFields::none(), ..claim.clone() }
    }
}

/// The claim without what only says that nobody knows, which contradicts nothing.
fn informative(claim: &Claim) -> Claim {
    let fields = claim.body.fields();
    let says = |field: &&'static str| fields.get(*field).is_none_or(|value| !says_nothing(field, value));
    Claim { stated: claim.stated.iter().copied().filter(says).collect(), ..claim.clone() }
}

fn unborn_claim(claim: &Claim, expected: Option<chrono::NaiveDate>) -> Claim {
    let body = UnbornChildRegistered { expected_date_of_birth: expected }.into();
    Claim { body, stated: vec!["expected_date_of_birth"], unsure: Vec::new(), ..claim.clone() }
}

/// Whether a held event is the one that the claim speaks of, where a process can have several of the kind.
pub(super) fn is_alike(held: &Body, claim: &Claim) -> bool {
    claim.apart_by.is_none_or(|field| held.fields().get(field) == claim.body.fields().get(field))
}

/// The claim as it would stand in the held event's place: what the row does not state stays.
pub(super) fn merged(held: &HeldEvent, claim: &Claim) -> CaseEvent {
    let occurred = if claim.dated { claim.occurred } else { held.occurred };
    let current = held.case_event();
    if claim.body.kind() != current.body.kind() {
        return CaseEvent { occurred, body: claim.body.clone(), ..current };
    }
    if claim.body == current.body {
        return CaseEvent { occurred, ..current };
    }
    let (mut fields, mut claimed) = (current.body.fields(), claim.body.fields());
    for field in &claim.stated {
        fields.remove(*field);
    }
    let given = claim.stated.iter().chain(&claim.unsure).filter_map(|field| claimed.remove_entry(*field));
    for (field, value) in given.collect::<Vec<_>>() {
        fields.entry(field).or_insert(value);
    }
    let body = Body::of(current.body.kind(), Value::Object(fields));
    CaseEvent { occurred, body: body.unwrap_or_else(|_| claim.body.clone()), ..current }
}
