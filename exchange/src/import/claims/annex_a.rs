//! What the lists of Annex A claim about a child.

use domain::events::EntityRole;
use domain::events::Kind;
use domain::events::assessment::{AssessmentAuthorised, AssessmentKind, AssessmentStarted, ChildSeen};
use domain::events::child_in_need::{ChildInNeedCaseClosed, ChildInNeedCaseOpened, ChildInNeedVisitMade};
use domain::events::child_protection::{
    ChildProtectionPlanEnded, ChildProtectionPlanStarted, ChildProtectionVisitMade, ConferenceNotRequired,
    InitialConferenceHeld, InitialConferenceKind, PlanCategoryRecorded, ReviewConferenceHeld,
    Section47EnquiryStarted, StrategyDiscussionHeld,
};
use domain::events::early_help::{EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted};
use domain::events::front_door::{ContactReceived, ReferralDecisionMade, ReferralOutcome, ReferralReceived};
use domain::events::identity::DisabilityRecorded;
use domain::events::workforce::WorkerAllocated;

use super::values::{Founding, Row, Stated};
use super::{Emptied, Follow, Gathering, adoption, looked_after};
use crate::extract::{Subject, SubjectRows};

/// Gathers every list of one child.
pub(super) fn child(to: &mut Gathering, rows: &SubjectRows) {
    let as_at = to.as_at;
    for (index, source) in rows.rows.iter().enumerate() {
        let row = Row { index, source, as_at };
        let record = match source.list.code.as_str() {
            "1" => contact(to, row),
            "2" => early_help(to, row),
            "3" => referral(to, row),
            "4" => assessment(to, row),
            "5" => section_47(to, row),
            "6" => in_need(to, row),
            "7" => protection_plan(to, row),
            "8" => looked_after::period_of_care(to, row),
            "9" => looked_after::leaver(to, row),
            "10" => adoption::child(to, row),
            _ => None,
        };
        if !to.is_refused(index) {
            disability(to, row);
            allocation(to, row, record);
        }
    }
    if let Subject::Child(id) = &rows.subject {
        to.person(id, rows);
    }
}

fn contact(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let facts = ContactReceived { source: row.code("source").value(), ..Default::default() };
    let founding = Founding::listed(EntityRole::Contact, None);
    to.found(row, "received_on", founding, |claim| claim.codes(row, &[("source", "source")]), facts)
}

fn early_help(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let founding = Founding::listed(EntityRole::EarlyHelpAssessment, None);
    let seal = [("organisation", "organisation")];
    let facts = EarlyHelpAssessmentStarted { form: None, ..Default::default() };
    let record =
        to.found(row, "started_on", founding, |claim| claim.silent_on(&["form"]).sealing(row, &seal), facts)?;
    to.follow(
        Some(record),
        row.once("completed_on", EarlyHelpAssessmentCompleted::default()).into_iter().flatten(),
    );
    Some(record)
}

fn referral(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let facts =
        ReferralReceived { source: row.code("source").value(), primary_need: None, ..Default::default() };
    let founding = Founding::listed(EntityRole::Referral, None);
    let opening =
        |claim: super::Claim| claim.codes(row, &[("source", "source")]).silent_on(&["primary_need"]);
    let record = to.found(row, "received_on", founding, opening, facts)?;
    referral_decision(to, row, record);
    Some(record)
}

/// What was decided on a referral; the day is not in the file.
pub(super) fn referral_decision(to: &mut Gathering, row: Row<'_>, record: usize) {
    let follow = match row.flag("no_further_action") {
        Stated::Value(nothing_further) => {
            let outcome =
                if nothing_further { ReferralOutcome::NoFurtherAction } else { ReferralOutcome::Progressed };
            let received = row.date("received_on").value();
            Follow::State(row.by_then("no_further_action", received, ReferralDecisionMade { outcome }))
        }
        Stated::Blank => row.nothing(Kind::ReferralDecisionMade, Emptied::ValueWithdrawn),
        Stated::Silent => return,
    };
    to.follow(Some(record), follow);
}

fn assessment(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let founding = Founding::listed(EntityRole::Assessment, None);
    let facts = AssessmentStarted { kind: AssessmentKind::Single };
    let record = to.found(row, "started_on", founding, |claim| claim, facts)?;
    let started = row.date("started_on").value();
    match row.flag("child_seen") {
        Stated::Value(true) => {
            let seen = row
                .by_then("child_seen", started, ChildSeen { alone: None, ..Default::default() })
                .silent_on(&["alone"]);
            to.follow(Some(record), Follow::Once(seen));
        }
        Stated::Value(false) | Stated::Blank => {
            to.follow(Some(record), row.nothing(Kind::ChildSeen, Emptied::ValueWithdrawn));
        }
        Stated::Silent => {}
    }
    let support_needed = row.code("outcome").value().and_then(|code| match code.as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    });
    let facts = AssessmentAuthorised { factors: std::collections::BTreeSet::new(), support_needed };
    let authorised = row.once("authorised_on", facts).map(|follow| {
        follow.with(|claim| claim.codes(row, &[("outcome", "support_needed")]).silent_on(&["factors"]))
    });
    to.follow(Some(record), authorised.into_iter().flatten());
    Some(record)
}

fn section_47(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let enquiry = enquiry(to, row, None, None)?;
    let facts = InitialConferenceHeld {
        kind: InitialConferenceKind::Initial,
        led_to_plan: row.flag("resulted_in_plan").value(),
        ..Default::default()
    };
    let opening = |claim: super::Claim| {
        if row.has("resulted_in_plan") { claim } else { claim.silent_on(&["led_to_plan"]) }
    };
    to.found_if_stated(row, "held_on", Founding::listed(EntityRole::Conference, [enquiry]), opening, facts);
    Some(enquiry)
}

/// The strategy discussion that initiated an enquiry, and the enquiry: both on the day in `started_on`.
pub(super) fn enquiry(
    to: &mut Gathering,
    row: Row<'_>,
    referral: Option<usize>,
    target: Option<chrono::NaiveDate>,
) -> Option<usize> {
    let discussion = Founding::listed(EntityRole::StrategyDiscussion, referral);
    let held = StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() };
    let discussion = to.found(row, "started_on", discussion, |claim| claim, held)?;
    let facts = Section47EnquiryStarted { stated_conference_target: target };
    let opening = |claim: super::Claim| {
        if row.has("target_on") { claim } else { claim.silent_on(&["stated_conference_target"]) }
    };
    let founding = Founding::listed(EntityRole::Enquiry, referral.into_iter().chain([discussion]));
    let enquiry = to.found(row, "started_on", founding, opening, facts)?;
    // Rows enclosed in this one belong to the enquiry, not to the discussion.
    if let Some(first) = to.first_of_row.get_mut(row.index) {
        *first = Some(enquiry);
    }
    match row.flag("conference_not_required") {
        Stated::Value(true) => {
            let started = row.date("started_on").value();
            let claim = row.by_then("conference_not_required", started, ConferenceNotRequired {});
            to.follow(Some(enquiry), Follow::Once(claim));
        }
        Stated::Value(false) | Stated::Blank => {
            let nothing = row.nothing(Kind::ConferenceNotRequired, Emptied::ValueWithdrawn);
            to.follow(Some(enquiry), nothing);
        }
        Stated::Silent => {}
    }
    Some(enquiry)
}

fn in_need(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let facts = ChildInNeedCaseOpened {
        primary_need: row.code("primary_need").value(),
        status: row.code("case_status").value(),
    };
    // The status moves on while the case is open, so a later one does not correct the opening.
    let opening = |claim: super::Claim| {
        claim
            .codes(row, &[("primary_need", "primary_need"), ("case_status", "status")])
            .silent_on(&["status"])
    };
    let founding = Founding::listed(EntityRole::ChildInNeedCase, None);
    let record = to.found(row, "started_on", founding, opening, facts)?;
    let reason = row.code("closure_reason").value();
    let closed = row
        .once("closed_on", ChildInNeedCaseClosed { reason })
        .map(|follow| follow.with(|claim| claim.codes(row, &[("closure_reason", "reason")])));
    to.follow(Some(record), closed.into_iter().flatten());
    let visit = |claim: super::Claim| claim.silent_on(&["alone"]);
    to.found_if_stated(
        row,
        "seen_on",
        Founding::latest(None, [record]),
        visit,
        ChildInNeedVisitMade { alone: None, ..Default::default() },
    );
    Some(record)
}

fn protection_plan(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let record = plan(to, row, None)?;
    let alone = row.flag("seen_alone").value();
    let visit = |claim: super::Claim| if row.has("seen_alone") { claim } else { claim.silent_on(&["alone"]) };
    let latest = Founding::latest(None, [record]);
    to.found_if_stated(
        row,
        "visited_on",
        latest,
        visit,
        ChildProtectionVisitMade { alone, ..Default::default() },
    );
    let review = Founding::latest(Some(EntityRole::Conference), [record]);
    to.found_if_stated(row, "reviewed_on", review, |claim| claim, ReviewConferenceHeld::default());
    Some(record)
}

/// A child protection plan with its latest category and its end.
pub(super) fn plan(to: &mut Gathering, row: Row<'_>, referral: Option<usize>) -> Option<usize> {
    let facts = ChildProtectionPlanStarted {
        category: row.code("initial_category").value(),
        stated_previous_plans: row.count("previous_plans").value(),
    };
    // The number of earlier plans is the source's own count: kept once, reconciled, never corrected.
    let opening = |claim: super::Claim| {
        claim.codes(row, &[("initial_category", "category")]).silent_on(&["stated_previous_plans"])
    };
    let record = to.found(row, "started_on", Founding::listed(EntityRole::Plan, referral), opening, facts)?;
    if let Stated::Value(category) = row.code("latest_category")
        && row.code("initial_category") != Stated::Value(category.clone())
    {
        let started = row.date("started_on").value();
        let claim = row.by_then("latest_category", started, PlanCategoryRecorded { category });
        to.follow(Some(record), Follow::State(claim.codes(row, &[("latest_category", "category")])));
    }
    let ended = row
        .once("ended_on", ChildProtectionPlanEnded { reason: None })
        .map(|follow| follow.with(|claim| claim.silent_on(&["reason"])));
    to.follow(Some(record), ended.into_iter().flatten());
    Some(record)
}

fn disability(to: &mut Gathering, row: Row<'_>) {
    if let Stated::Value(disabled) = row.flag("disabled") {
        let claim = row.by_then("disabled", None, DisabilityRecorded { disabled });
        to.follow(None, Follow::Once(claim));
    }
}

/// Who holds the case on the day described. The worker is named by the sealed field
/// `worker` here, and by a stream of their own once the claim is settled.
fn allocation(to: &mut Gathering, row: Row<'_>, record: Option<usize>) {
    let follow = match row.text("worker") {
        Stated::Value(name) => {
            let facts = WorkerAllocated { worker: None, role: None, ..Default::default() };
            let mut claim = row.by_then("worker", None, facts).silent_on(&["role"]);
            claim.sealed = claim.sealed.with("worker", name);
            Follow::State(claim)
        }
        Stated::Blank => row.nothing(Kind::WorkerAllocated, Emptied::Deallocated),
        Stated::Silent => return,
    };
    to.follow(record, follow);
}
