//! One claim against what is held: new, known, corrected, withdrawn, reinstated or disputed.
//!
//! Only a file about a later day corrects. A file about the same day that says otherwise is in dispute,
//! and one about an earlier day adds what is missing and changes nothing. What somebody recorded by hand
//! is never corrected by a file.

use std::collections::BTreeSet;

use domain::envelope::SealedFields;
use domain::events::identity::{BirthRecorded, UnbornChildRegistered};
use domain::events::record_keeping::{
    CorrectionReason, DisputeReason, EventCorrected, EventReinstated, EventWithdrawn,
};
use domain::events::workforce::{WorkerAllocated, WorkerDeallocated};
use domain::events::{Body, CaseEvent, Entities, EntityRole, Kind};
use domain::ids::{EntityId, EventId};
use domain::time::Occurred;

use super::claims::{Claim, Emptied, Follow};
use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::identity;
use super::outcome::RowResult;
use super::planning::Planner;

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
            Some((id, Kind::ChildRegistered)) => self.settle_existing(id, claim),
            Some((id, _)) if unborn => {
                self.settle_existing(id, &unborn_claim(claim, stated.expected_date_of_birth))
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
        match follow {
            Follow::Once(claim) => self.settle_once(claim, entities, process),
            Follow::State(claim) => {
                let claim = self.with_worker(claim);
                self.settle_state(&claim, entities, process);
            }
            Follow::Nothing { kind, row, meaning, .. } => {
                self.settle_nothing(*kind, *row, *meaning, (entities, process));
            }
        }
    }

    fn settle_once(&mut self, claim: &Claim, entities: &Entities, process: Process) {
        let kind = claim.body.kind();
        let same = |event: &&HeldEvent| is_alike(&event.body, claim);
        let held = self.held.of_kind(kind, process).filter(same).min_by_key(|event| event.withdrawn);
        match held.map(|event| event.id) {
            Some(id) => self.settle_existing(id, claim),
            None => {
                self.record(claim, entities.clone());
            }
        }
    }

    /// Compares a claim with the held event that it is.
    pub(super) fn settle_existing(&mut self, id: EventId, claim: &Claim) {
        if self.is_lost(claim.row) {
            return;
        }
        let Some(held) = self.held.get(id).cloned() else {
            return;
        };
        let standing = self.standing_against(&held, claim.row);
        if held.withdrawn {
            if standing != Standing::Newest {
                return;
            }
            self.reinstate(&held, claim.row);
        }
        let claimed = merged(&held, claim);
        if claimed == held.case_event() {
            return;
        }
        match standing {
            Standing::Newest => self.correct(&held, claimed, claim),
            Standing::Equal => {
                let entities = held.entities.clone();
                self.dispute(claim, &entities, Some(id), DisputeReason::ContradictsHeldFact);
            }
            Standing::Older => {}
        }
    }

    /// How this file stands against an event: never newest against what it said itself, what
    /// another file about a later day was silent on, or what was recorded by hand.
    pub(super) fn standing_against(&self, held: &HeldEvent, row: usize) -> Standing {
        let by_list = self.import.standing(self.list_of(row));
        match held.asserted {
            Asserted::ByHand => Standing::Equal,
            Asserted::ByExtract { import, .. } if import == self.import.id => Standing::Equal,
            Asserted::ByExtract { as_at, .. } => match Standing::of(self.import.as_at, as_at) {
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

    fn reinstate(&mut self, held: &HeldEvent, row: usize) {
        let body = EventReinstated {
            target: held.id,
            reason: CorrectionReason::DataCleanUp,
            authorised_by: None,
            inferred: true,
        };
        let event = CaseEvent::new(self.by_now(self.list_of(row)), body);
        self.emit(&event, SealedFields::none(), row);
        if let Some(held) = self.held.get_mut(held.id) {
            held.withdrawn = false;
        }
        self.mark(row, RowResult::New);
    }

    /// Withdraws a held event, as the newest file no longer states it.
    pub(super) fn withdraw(&mut self, id: EventId, row: usize) {
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
        }
        self.mark(row, RowResult::New);
    }

    /// A state that differs from the one held is a new event, and the earlier one stands.
    fn settle_state(&mut self, claim: &Claim, entities: &Entities, process: Process) {
        let kind = claim.body.kind();
        let newest = self.newest_state(kind, process).cloned();
        let Some(held) = newest else {
            self.record(claim, entities.clone());
            return;
        };
        if merged(&held, claim).body == held.body {
            return;
        }
        let before = self.import.previous(self.list_of(claim.row));
        match self.standing_against(&held, claim.row) {
            Standing::Newest => {
                let claim =
                    Claim { occurred: Occurred::within(before, Some(self.import.as_at)), ..claim.clone() };
                self.record(&claim, entities.clone());
            }
            Standing::Equal => {
                self.dispute(claim, entities, Some(held.id), DisputeReason::ContradictsHeldFact);
            }
            Standing::Older => {
                let known =
                    self.held.of_kind(kind, process).any(|event| merged(event, claim).body == event.body);
                if !known {
                    self.record(claim, entities.clone());
                }
            }
        }
    }

    /// The newest state of a kind; an end of an allocation counts as one.
    fn newest_state(&self, kind: Kind, process: Process) -> Option<&HeldEvent> {
        let ends = (kind == Kind::WorkerAllocated).then_some(Kind::WorkerDeallocated);
        let kinds: Vec<Kind> = std::iter::once(kind).chain(ends).collect();
        self.held
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| kinds.contains(&event.kind()) && !event.withdrawn)
            .filter(|(_, event)| match process {
                Some((role, id)) => event.entities.get(role) == Some(id),
                None => event.entities.is_empty(),
            })
            .max_by_key(|(index, event)| (event.order_day(), *index))
            .map(|(_, event)| event)
    }

    fn settle_nothing(
        &mut self,
        kind: Kind,
        row: usize,
        meaning: Emptied,
        (entities, process): (&Entities, Process),
    ) {
        let newest = match meaning {
            Emptied::ValueWithdrawn | Emptied::Deallocated => self.newest_state(kind, process),
            Emptied::LatestWithdrawn => self
                .held
                .of_kind(kind, process)
                .filter(|event| !event.withdrawn)
                .max_by_key(|event| event.occurred.day()),
        };
        let Some(held) = newest.cloned() else { return };
        if self.is_lost(row) || self.standing_against(&held, row) != Standing::Newest {
            return;
        }
        match (meaning, &held.body) {
            (Emptied::Deallocated, Body::WorkerAllocated(WorkerAllocated { worker, .. })) => {
                let worker = *worker;
                self.deallocate(worker, row, entities);
            }
            (Emptied::Deallocated, _) => {}
            (Emptied::ValueWithdrawn | Emptied::LatestWithdrawn, _) => self.withdraw(held.id, row),
        }
    }

    fn deallocate(&mut self, worker: Option<domain::ids::StreamId>, row: usize, entities: &Entities) {
        let Some(source) = self.rows.rows.get(row) else { return };
        let claim = Claim {
            row,
            place: source.place.clone(),
            occurred: self.by_now(&source.list.code),
            dated: false,
            body: WorkerDeallocated { worker, ..Default::default() }.into(),
            silent: Vec::new(),
            sealed: SealedFields::none(),
            remarks: Vec::new(),
            discriminator: None,
        };
        self.record(&claim, entities.clone());
    }

    /// Puts a worker's stream in the place of the name.
    fn with_worker(&mut self, claim: &Claim) -> Claim {
        let (Body::WorkerAllocated(facts), Some(name)) = (&claim.body, claim.sealed.get("worker")) else {
            return claim.clone();
        };
        let worker = self.worker(name, claim.row);
        let body = WorkerAllocated { worker: Some(worker), ..facts.clone() }.into();
        Claim { body, sealed: SealedFields::none(), ..claim.clone() }
    }
}

fn unborn_claim(claim: &Claim, expected: Option<chrono::NaiveDate>) -> Claim {
    let body = UnbornChildRegistered { expected_date_of_birth: expected }.into();
    Claim { body, silent: Vec::new(), ..claim.clone() }
}

/// Whether a held event is the one that the claim speaks of: steps of one process differ by their step.
fn is_alike(held: &Body, claim: &Claim) -> bool {
    match (claim.discriminator, held, &claim.body) {
        (Some(_), Body::AdopterStepReached(held), Body::AdopterStepReached(claimed)) => {
            held.step == claimed.step
        }
        _ => true,
    }
}

/// Fields of the details that no return has a column for: what somebody recorded in them stays.
fn never_in_a_sheet(kind: Kind) -> &'static [&'static str] {
    let fields: &[(Kind, &[&str])] = &[
        (Kind::AssessmentCheckpointHeld, &["working_day", "decision"]),
        (Kind::BecameLookedAfter, &["reason"]),
        (Kind::ChildInNeedVisitMade, &["seen", "bedroom_seen"]),
        (Kind::ChildProtectionVisitMade, &["seen", "bedroom_seen"]),
        (Kind::ChildSeen, &["place", "bedroom_seen"]),
        (Kind::ContactReceived, &["channel", "concern"]),
        (Kind::EarlyHelpAssessmentCompleted, &["neglect", "needs"]),
        (Kind::EarlyHelpAssessmentStarted, &["form", "lead_professional", "consent"]),
        (Kind::HealthAssessmentCompleted, &["by"]),
        (
            Kind::InitialConferenceHeld,
            &["stated_target", "quorate", "categories", "participation", "parents_attended"],
        ),
        (Kind::LookedAfterReviewHeld, &["stated_due", "parts"]),
        (Kind::LookedAfterVisitMade, &["seen", "bedroom_seen"]),
        (Kind::MatchApproved, &["adopter"]),
        (Kind::PlacedForAdoption, &["adopter"]),
        (Kind::PlacementEnded, &["disrupted"]),
        (Kind::PlacementStarted, &["distance_miles", "intended_until_eighteen", "matched"]),
        (Kind::PreProceedingsConcluded, &["decision"]),
        (Kind::PreProceedingsMeetingHeld, &["number", "parents_represented"]),
        (Kind::ReferralReceived, &["reopened"]),
        (Kind::ReviewConferenceHeld, &["stated_due", "plan_continues", "quorate", "participation"]),
        (Kind::ReviewingOfficerContactMade, &["alone"]),
        (Kind::Section47EnquiryCompleted, &["substantiated", "conference_required"]),
        (Kind::StrategyDiscussionHeld, &["sequence", "agencies"]),
        (Kind::WorkerAllocated, &["reason"]),
        (Kind::WorkerDeallocated, &["reason"]),
    ];
    fields.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, fields)| *fields)
}

/// The claim as it would stand in the held event's place: what the row says nothing of stays.
fn merged(held: &HeldEvent, claim: &Claim) -> CaseEvent {
    let occurred = if claim.dated { claim.occurred } else { held.occurred };
    let current = held.case_event();
    let claimed = CaseEvent { occurred, body: claim.body.clone(), ..current.clone() };
    let silent: BTreeSet<&str> =
        claim.silent.iter().chain(never_in_a_sheet(held.body.kind())).copied().collect();
    if silent.is_empty() || claimed.body.kind() != current.body.kind() {
        return claimed;
    }
    with_fields_of(&claimed, &current, &silent).unwrap_or(claimed)
}

/// `event` with the named fields of its details taken from `other`; `None` where they have no such form.
fn with_fields_of(event: &CaseEvent, other: &CaseEvent, fields: &BTreeSet<&str>) -> Option<CaseEvent> {
    let mut facts: serde_json::Value = serde_json::from_str(&event.facts().ok()?).ok()?;
    let kept: serde_json::Value = serde_json::from_str(&other.facts().ok()?).ok()?;
    let details = facts.get_mut("details")?.as_object_mut()?;
    for field in fields {
        match kept.get("details").and_then(|details| details.get(*field)) {
            Some(value) => {
                details.insert((*field).to_owned(), value.clone());
            }
            None => {
                details.remove(*field);
            }
        }
    }
    let kind = event.body.kind();
    CaseEvent::read(event.occurred, kind.name(), kind.schema_version(), &facts.to_string()).ok()
}
