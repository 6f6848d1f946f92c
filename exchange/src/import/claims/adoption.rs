//! What lists 10 and 11 claim: a child's way to adoption, and a prospective adopter's.

use domain::events::EntityRole;
use domain::events::adoption::{
    AdopterLeft, AdopterRegistered, AdopterStep, AdopterStepReached, AdoptionDecisionMade,
    AdoptionDecisionReversed, AdoptionOrderMade, FosterToAdoptPlaced, MatchApproved, PlacedForAdoption,
    PlacementOrderMade,
};
use domain::events::looked_after::BecameLookedAfter;

use super::values::{Founding, Row};
use super::{Claim, Follow, Gathering};
use crate::extract::{Subject, SubjectRows};

/// List 10. The day of entering care names the period of care, which list 8 may also hold.
pub(super) fn child(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let facts = BecameLookedAfter { category_of_need: None, legal_status: None, ..Default::default() };
    let silent = |claim: Claim| claim.silent_on(&["category_of_need", "legal_status"]);
    let care = Founding::listed(EntityRole::PeriodOfCare, None);
    let care = to.found_if_stated(row, "entered_care_on", care, silent, facts);
    let founding = Founding::listed(EntityRole::AdoptionCase, care);
    let seal = [("family_id", "family")];
    let opening = |claim: Claim| claim.sealing(row, &seal);
    let record = to.found(row, "decided_on", founding, opening, AdoptionDecisionMade {})?;
    let steps = [
        row.once("placement_order_on", PlacementOrderMade {}),
        row.once("matched_on", MatchApproved::default()),
        row.once("early_permanence_on", FosterToAdoptPlaced {}),
        row.once("placed_on", PlacedForAdoption::default()),
        row.once("order_on", AdoptionOrderMade {}),
        reversed(row),
    ];
    to.follow(Some(record), steps.into_iter().flatten());
    Some(record)
}

fn reversed(row: Row<'_>) -> Option<Follow> {
    let reason = row.code("reversal_reason").value();
    let follow = row.once("reversed_on", AdoptionDecisionReversed { reason, reverses: None })?;
    Some(follow.with(|claim| claim.codes(row, &[("reversal_reason", "reason")]).silent_on(&["reverses"])))
}

/// List 11, one adopter.
pub(super) fn adopter(to: &mut Gathering, rows: &SubjectRows) {
    let as_at = to.as_at;
    for (index, source) in rows.rows.iter().enumerate() {
        adopter_row(to, Row { index, source, as_at }, &rows.subject);
    }
}

fn adopter_row(to: &mut Gathering, row: Row<'_>, subject: &Subject) {
    let id = match subject {
        Subject::Adopter(id) | Subject::Child(id) => id.as_str(),
        Subject::Nobody => "",
    };
    let facts = AdopterRegistered {
        ethnicity: row.code("ethnicity").value(),
        disabled: row.flag("disabled").value(),
        fostering_for_adoption: row.flag("fostering_for_adoption").value(),
    };
    let seal = [("family_id", "family")];
    let opening = |claim: Claim| {
        let mut claim = claim
            .codes(row, &[("ethnicity", "ethnicity")])
            .silent_on(&["fostering_for_adoption"])
            .sealing(row, &seal);
        claim.sealed = claim.sealed.with("adopter_id", id);
        claim
    };
    let founding = Founding::listed(EntityRole::Adopter, None);
    let Some(record) = to.found(row, "enquired_on", founding, opening, facts) else {
        return;
    };
    to.follow(Some(record), STEPS.iter().filter_map(|(field, name, step)| reached(row, field, name, *step)));
    let reason = row.code("leaving_reason").value();
    let left = row
        .once("left_on", AdopterLeft { reason })
        .map(|follow| follow.with(|claim| claim.codes(row, &[("leaving_reason", "reason")])));
    to.follow(Some(record), left.into_iter().flatten());
}

const STEPS: [(&str, &str, AdopterStep); 10] = [
    ("enquired_on", "enquiry", AdopterStep::Enquiry),
    ("stage_one_started_on", "stage_one_started", AdopterStep::StageOneStarted),
    ("stage_one_ended_on", "stage_one_ended", AdopterStep::StageOneEnded),
    ("stage_two_started_on", "stage_two_started", AdopterStep::StageTwoStarted),
    ("stage_two_ended_on", "stage_two_ended", AdopterStep::StageTwoEnded),
    ("applied_on", "application_submitted", AdopterStep::ApplicationSubmitted),
    ("approved_on", "application_approved", AdopterStep::ApplicationApproved),
    ("matched_on", "matched", AdopterStep::Matched),
    ("placed_on", "children_placed", AdopterStep::ChildrenPlaced),
    ("order_on", "order_made", AdopterStep::OrderMade),
];

/// A step with its date. An emptied step is not withdrawn by its kind, which all steps share.
fn reached(row: Row<'_>, field: &str, name: &'static str, step: AdopterStep) -> Option<Follow> {
    let children = match step {
        AdopterStep::ChildrenPlaced => row.count("children_placed").value(),
        AdopterStep::Enquiry
        | AdopterStep::StageOneStarted
        | AdopterStep::StageOneEnded
        | AdopterStep::StageTwoStarted
        | AdopterStep::StageTwoEnded
        | AdopterStep::ApplicationSubmitted
        | AdopterStep::ApplicationApproved
        | AdopterStep::Matched
        | AdopterStep::OrderMade => None,
    };
    match row.once(field, AdopterStepReached { step, children })? {
        Follow::Once(claim) => Some(Follow::Once(claim.told_apart_by(name))),
        Follow::State(_) | Follow::Nothing { .. } => None,
    }
}
