//! What the modules of the children in need census claim.

use std::collections::BTreeSet;

use domain::events::EntityRole;
use domain::events::assessment::{
    AssessmentAuthorised, AssessmentCheckpointHeld, AssessmentKind, AssessmentStarted,
};
use domain::events::child_in_need::{ChildInNeedPlanEnded, ChildInNeedPlanStarted};
use domain::events::child_protection::{InitialConferenceHeld, InitialConferenceKind, ReviewConferenceHeld};
use domain::events::court::{ApplicationIssued, OrderApplied};
use domain::events::front_door::{CaseClosed, ReferralReceived};
use domain::events::identity::ChildDied;
use domain::events::pre_proceedings::{
    FamilyGroupMeetingHeld, FamilyGroupMeetingOffered, LetterBeforeProceedingsSent, LetterOfIssueSent,
    PreProceedingsConcluded, PreProceedingsMeetingHeld, PreProceedingsStarted,
};

use super::values::{Founding, Row, Stated};
use super::{Claim, Follow, Gathering, annex_a};
use crate::extract::{SourceRow, Subject, SubjectRows};

/// Gathers every module of one child.
pub(super) fn child(to: &mut Gathering, rows: &SubjectRows) {
    let as_at = to.as_at;
    for (index, source) in rows.rows.iter().enumerate() {
        let row = Row { index, source, as_at };
        match source.list.code.as_str() {
            "child" => to.follow(None, row.once("died_on", ChildDied {}).into_iter().flatten()),
            "referral" => referral(to, row, &rows.rows),
            "assessment" => assessment(to, row),
            "in_need_plan" => in_need_plan(to, row),
            "section_47" => section_47(to, row),
            "protection_plan" => {
                let parent = to.parent_of(source);
                annex_a::plan(to, row, parent);
            }
            "review_conference" => {
                let founding = Founding::listed(EntityRole::Conference, to.parent_of(source));
                to.found(row, "reviewed_on", founding, |claim| claim, ReviewConferenceHeld::default());
            }
            "pre_proceedings" => pre_proceedings(to, row),
            _ => {}
        }
    }
    if let Subject::Child(id) = &rows.subject {
        to.person(id, rows);
    }
}

fn referral(to: &mut Gathering, row: Row<'_>, rows: &[SourceRow]) {
    let facts = ReferralReceived {
        source: row.code("source").value(),
        primary_need: row.code("primary_need").value(),
        ..Default::default()
    };
    let opening = |claim: Claim| claim.codes(row, &[("source", "source"), ("primary_need", "primary_need")]);
    let founding = Founding::listed(EntityRole::Referral, None);
    let Some(record) = to.found(row, "received_on", founding, opening, facts) else {
        return;
    };
    annex_a::referral_decision(to, row, record);
    let reason = row.code("closure_reason").value();
    let closed = row
        .once("closed_on", CaseClosed { reason })
        .map(|follow| follow.with(|claim| claim.codes(row, &[("closure_reason", "reason")])));
    to.follow(Some(record), closed.into_iter().flatten());
    if !answers_an_enquiry(row, rows) {
        let facts = InitialConferenceHeld {
            kind: InitialConferenceKind::Unlinked,
            led_to_plan: None,
            ..Default::default()
        };
        let founding = Founding::listed(EntityRole::Conference, [record]);
        to.found_if_stated(row, "held_on", founding, |claim| claim.silent_on(&["led_to_plan"]), facts);
    }
}

/// Whether the conference at the level of the referral is the one of an enquiry in it: the same day.
fn answers_an_enquiry(row: Row<'_>, rows: &[SourceRow]) -> bool {
    let day = row.date("held_on").value();
    day.is_some()
        && rows
            .iter()
            .filter(|other| other.list.code == "section_47" && other.parent == Some(row.index))
            .any(|enquiry| enquiry.date("held_on") == day)
}

fn assessment(to: &mut Gathering, row: Row<'_>) {
    let founding = Founding::listed(EntityRole::Assessment, to.parent_of(row.source));
    let facts = AssessmentStarted { kind: AssessmentKind::Single };
    let Some(record) = to.found(row, "started_on", founding, |claim| claim, facts) else {
        return;
    };
    to.follow(
        Some(record),
        row.once("reviewed_on", AssessmentCheckpointHeld::default()).into_iter().flatten(),
    );
    let facts = AssessmentAuthorised { factors: row.codes("factor"), support_needed: None };
    let authorised = row.once("authorised_on", facts).map(|follow| {
        follow.with(|claim| claim.codes(row, &[("factor", "factors")]).silent_on(&["support_needed"]))
    });
    to.follow(Some(record), authorised.into_iter().flatten());
}

fn in_need_plan(to: &mut Gathering, row: Row<'_>) {
    let founding = Founding::listed(EntityRole::ChildInNeedPlan, to.parent_of(row.source));
    let Some(record) = to.found(row, "started_on", founding, |claim| claim, ChildInNeedPlanStarted {}) else {
        return;
    };
    to.follow(Some(record), row.once("ended_on", ChildInNeedPlanEnded {}).into_iter().flatten());
}

fn section_47(to: &mut Gathering, row: Row<'_>) {
    let referral = to.parent_of(row.source);
    let Some(enquiry) = annex_a::enquiry(to, row, referral, row.date("target_on").value()) else {
        return;
    };
    let facts = InitialConferenceHeld {
        kind: InitialConferenceKind::Initial,
        led_to_plan: None,
        ..Default::default()
    };
    let founding = Founding::listed(EntityRole::Conference, [enquiry].into_iter().chain(referral));
    to.found_if_stated(row, "held_on", founding, |claim| claim.silent_on(&["led_to_plan"]), facts);
}

fn pre_proceedings(to: &mut Gathering, row: Row<'_>) {
    let founding = Founding::listed(EntityRole::PreProceedings, to.parent_of(row.source));
    let Some(record) = to.found(row, "started_on", founding, |claim| claim, PreProceedingsStarted {}) else {
        return;
    };
    let started = row.date("started_on").value();
    let outcome = row.code("outcome").value();
    let concluded = row
        .once("decided_on", PreProceedingsConcluded { outcome, ..Default::default() })
        .map(|follow| follow.with(|claim| claim.codes(row, &[("outcome", "outcome")])));
    let offered = match row.flag("family_meeting_offered") {
        Stated::Value(offered) => {
            Some(row.by_then("family_meeting_offered", started, FamilyGroupMeetingOffered { offered }))
        }
        Stated::Blank | Stated::Silent => None,
    };
    let held = match row.flag("family_meeting_facilitated") {
        Stated::Value(held) => {
            Some(row.by_then("family_meeting_facilitated", started, FamilyGroupMeetingHeld { held }))
        }
        Stated::Blank | Stated::Silent => None,
    };
    let dated = [
        row.once("letter_on", LetterBeforeProceedingsSent {}),
        row.once("first_meeting_on", PreProceedingsMeetingHeld { initial: true, ..Default::default() }),
        concluded,
        row.once("protection_letter_on", LetterOfIssueSent {}),
    ];
    to.follow(Some(record), dated.into_iter().flatten());
    to.follow(Some(record), offered.into_iter().chain(held).map(Follow::Once).collect::<Vec<_>>());
    let facts = ApplicationIssued { orders: BTreeSet::from([OrderApplied::NotStated]), ..Default::default() };
    let founding = Founding::listed(EntityRole::Application, [record]);
    to.found_if_stated(row, "issued_on", founding, |claim| claim, facts);
}
