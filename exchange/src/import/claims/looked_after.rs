//! What lists 8 and 9 claim: periods of care, what is the latest in them, and care leavers.

use domain::events::care_leavers::{
    CareLeaverAccommodationRecorded, CareLeaverActivityRecorded, CareLeaverContactRecorded,
    CareLeaverEligibilityRecorded,
};
use domain::events::health::{DentalCheckDone, HealthAssessmentCompleted};
use domain::events::identity::AsylumStatusRecorded;
use domain::events::looked_after::{
    BecameLookedAfter, CeasedToBeLookedAfter, LegalStatusChanged, LookedAfterReviewHeld,
    LookedAfterVisitMade, PermanencePlanRecorded, PlacementStarted, ReturnInterviewRecorded,
    ReviewingOfficerContactMade,
};
use domain::events::{Body, Code, EntityRole, Kind};

use super::values::{Founding, Row, Stated};
use super::{Claim, Emptied, Follow, Gathering};

/// List 8.
pub(super) fn period_of_care(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let facts = BecameLookedAfter {
        category_of_need: row.code("category_of_need").value(),
        legal_status: None,
        ..Default::default()
    };
    let opening = |claim: Claim| {
        claim.codes(row, &[("category_of_need", "category_of_need")]).silent_on(&["legal_status"])
    };
    let founding = Founding::listed(EntityRole::PeriodOfCare, None);
    let record = to.found(row, "started_on", founding, opening, facts)?;
    latest_of_care(to, row, record);
    placement(to, row, record);
    let reason = row.code("cease_reason").value();
    let ceased = row
        .once("ceased_on", CeasedToBeLookedAfter { reason })
        .map(|follow| follow.with(|claim| claim.codes(row, &[("cease_reason", "reason")])));
    to.follow(Some(record), ceased.into_iter().flatten());
    states_of_care(to, row, record);
    Some(record)
}

fn latest_of_care(to: &mut Gathering, row: Row<'_>, record: usize) {
    if let Stated::Value(status) = row.code("legal_status") {
        let opening = |claim: Claim| claim.codes(row, &[("legal_status", "status")]);
        let founding = Founding::latest(None, [record]);
        to.found_if_stated(row, "legal_status_started_on", founding, opening, LegalStatusChanged { status });
    }
    let participation = |claim: Claim| claim.silent_on(&["participation"]);
    let review = Founding::latest(Some(EntityRole::Review), [record]);
    let facts = LookedAfterReviewHeld { participation: None, ..Default::default() };
    to.found_if_stated(row, "reviewed_on", review, participation, facts);
    let acts: [(&'static str, Body, &'static [&'static str]); 4] = [
        ("visited_on", LookedAfterVisitMade { alone: None, ..Default::default() }.into(), &["alone"]),
        ("iro_contact_on", ReviewingOfficerContactMade::default().into(), &[]),
        (
            "health_assessed_on",
            HealthAssessmentCompleted { kind: None, ..Default::default() }.into(),
            &["kind"],
        ),
        ("dental_checked_on", DentalCheckDone {}.into(), &[]),
    ];
    for (field, body, silent) in acts {
        to.found_if_stated(
            row,
            field,
            Founding::latest(None, [record]),
            |claim| claim.silent_on(silent),
            body,
        );
    }
}

fn placement(to: &mut Gathering, row: Row<'_>, record: usize) {
    let facts = PlacementStarted {
        placement_type: row.code("placement_type").value(),
        provider: row.code("placement_provider").value(),
        short_break: false,
        ..Default::default()
    };
    let sealed =
        [("placement_postcode", "postcode"), ("placement_urn", "urn"), ("placement_authority", "location")];
    let opening = |claim: Claim| {
        claim
            .codes(row, &[("placement_type", "placement_type"), ("placement_provider", "provider")])
            .silent_on(&["short_break"])
            .sealing(row, &sealed)
    };
    let founding = Founding::latest(Some(EntityRole::Placement), [record]);
    to.found_if_stated(row, "placement_started_on", founding, opening, facts);
}

fn states_of_care(to: &mut Gathering, row: Row<'_>, record: usize) {
    let started = row.date("started_on").value();
    match row.code("permanence_plan") {
        Stated::Value(plan) => {
            let claim = row.by_then("permanence_plan", started, PermanencePlanRecorded { plan });
            to.follow(Some(record), Follow::State(claim.codes(row, &[("permanence_plan", "plan")])));
        }
        Stated::Blank => {
            let kind = Kind::PermanencePlanRecorded;
            to.follow(Some(record), row.nothing(kind, Emptied::ValueWithdrawn));
        }
        Stated::Silent => {}
    }
    let offered = row.flag("return_interview_offered").value();
    let accepted = row.flag("return_interview_accepted").value();
    if offered.is_some() || accepted.is_some() {
        let facts = ReturnInterviewRecorded { offered, accepted };
        to.follow(Some(record), Follow::State(row.by_then("return_interview_offered", started, facts)));
    }
    if let Stated::Value(unaccompanied) = row.flag("unaccompanied") {
        let facts = AsylumStatusRecorded { unaccompanied };
        to.follow(None, Follow::State(row.by_then("unaccompanied", None, facts)));
    }
}

/// List 9: each column is a state of its own, as it stands on the day described.
pub(super) fn leaver(to: &mut Gathering, row: Row<'_>) -> Option<usize> {
    let states = [
        state(row, "eligibility", Kind::CareLeaverEligibilityRecorded, |category| {
            CareLeaverEligibilityRecorded { category }.into()
        }),
        state(row, "in_touch", Kind::CareLeaverContactRecorded, |in_touch| {
            CareLeaverContactRecorded { in_touch }.into()
        }),
        state(row, "activity", Kind::CareLeaverActivityRecorded, |activity| {
            CareLeaverActivityRecorded { activity }.into()
        }),
        accommodation(row),
    ];
    to.follow(None, states.into_iter().flatten());
    None
}

fn state(row: Row<'_>, field: &'static str, kind: Kind, body: impl FnOnce(Code) -> Body) -> Option<Follow> {
    match row.code(field) {
        Stated::Value(code) => {
            let claim = row.by_then(field, None, body(code));
            Some(Follow::State(claim.codes(row, &[(field, field)])))
        }
        Stated::Blank => Some(row.nothing(kind, Emptied::ValueWithdrawn)),
        Stated::Silent => None,
    }
}

fn accommodation(row: Row<'_>) -> Option<Follow> {
    let suitable = row.code("accommodation_suitable").value().and_then(|code| match code.as_str() {
        "suitable" => Some(true),
        "unsuitable" => Some(false),
        _ => None,
    });
    let accommodation = row.code("accommodation");
    if accommodation == Stated::Blank && suitable.is_none() {
        let kind = Kind::CareLeaverAccommodationRecorded;
        return Some(row.nothing(kind, Emptied::ValueWithdrawn));
    }
    let accommodation = accommodation.value();
    if accommodation.is_none() && suitable.is_none() {
        return None;
    }
    let facts = CareLeaverAccommodationRecorded { accommodation, suitable };
    let claim = row.by_then("accommodation", None, facts);
    Some(Follow::State(claim.codes(row, &[("accommodation", "accommodation")])))
}
