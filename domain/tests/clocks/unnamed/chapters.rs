//! Chapters of invented journeys in which every act names what it belongs to.

use chrono::{Days, NaiveDate};
use domain::events::{Body, Entities, EntityRole, Kind, Stage};
use serde_json::{Map, Value};

use super::dice::Dice;
use crate::support::{Story, born, process};

/// One act: the days between which it may lie, its kind, the roles of the processes that it names (with the number of the
/// process within the chapter, where there are several), its details, and how often of four it is there at all.
pub(super) type Line = (u64, u64, &'static str, &'static str, &'static str, u64);

const PROTECTION: &[Line] = &[
    (0, 0, "referral_received", "referral", "{}", 4),
    (0, 3, "referral_decision_made", "referral", r#"{"outcome":"progressed"}"#, 3),
    (0, 5, "referrer_informed", "referral", r#"{}"#, 2),
    (0, 8, "assessment_started", "assessment referral", r#"{"kind":"single"}"#, 3),
    (5, 20, "child_seen", "assessment referral", "{}", 2),
    (8, 30, "assessment_checkpoint_held", "assessment referral", "{}", 2),
    (30, 70, "assessment_authorised", "assessment referral", r#"{"support_needed":true}"#, 3),
    (
        1,
        6,
        "strategy_discussion_held",
        "strategy_discussion enquiry referral",
        r#"{"initiated_enquiry":true}"#,
        3,
    ),
    (6, 8, "section47_enquiry_started", "enquiry strategy_discussion referral", "{}", 4),
    (9, 22, "section47_enquiry_completed", "enquiry referral", "{}", 3),
    (9, 12, "conference_requested", "conference", "{}", 2),
    (9, 14, "conference_decision_made", "conference", r#"{"to_be_held":true}"#, 2),
    (12, 15, "agency_report_received", "conference", "{}", 2),
    (
        16,
        34,
        "initial_conference_held",
        "conference enquiry referral",
        r#"{"kind":"initial","led_to_plan":true}"#,
        3,
    ),
    (
        34,
        36,
        "child_protection_plan_started",
        "plan conference referral",
        r#"{"stated_previous_plans":0}"#,
        3,
    ),
    (37, 60, "core_group_held", "plan referral", "{}", 3),
    (37, 60, "child_protection_visit_made", "plan referral", r#"{"seen":true,"alone":true}"#, 3),
    (60, 80, "child_protection_visit_made", "plan referral", r#"{"seen":true,"alone":true}"#, 3),
    (90, 140, "review_conference_held", "conference.1 plan referral", "{}", 3),
    (100, 150, "plan_category_recorded", "plan", r#"{"category":"NEG"}"#, 1),
    (240, 330, "review_conference_held", "conference.2 plan referral", "{}", 2),
    (335, 800, "child_protection_plan_ended", "plan referral", "{}", 2),
    (801, 820, "case_closed", "referral", r#"{"reason":"RC1"}"#, 2),
];

const NO_CONFERENCE: &[Line] = &[
    (0, 0, "referral_received", "referral", "{}", 4),
    (
        1,
        6,
        "strategy_discussion_held",
        "strategy_discussion enquiry referral",
        r#"{"initiated_enquiry":true}"#,
        3,
    ),
    (6, 8, "section47_enquiry_started", "enquiry strategy_discussion referral", "{}", 4),
    (9, 30, "section47_enquiry_completed", "enquiry referral", r#"{"substantiated":false}"#, 2),
    (9, 30, "conference_not_required", "enquiry referral", "{}", 2),
    (31, 60, "case_closed", "referral", r#"{"reason":"RC1"}"#, 3),
];

const NEED: &[Line] = &[
    (0, 0, "referral_received", "referral contact", "{}", 4),
    (0, 0, "contact_received", "contact", "{}", 3),
    (0, 2, "contact_screened", "contact", "{}", 3),
    (2, 20, "assessment_started", "assessment referral", r#"{"kind":"single"}"#, 3),
    (25, 90, "assessment_authorised", "assessment referral", r#"{"support_needed":true}"#, 3),
    (26, 26, "child_in_need_case_opened", "child_in_need_case referral", "{}", 3),
    (26, 40, "child_in_need_plan_started", "child_in_need_plan child_in_need_case referral", "{}", 3),
    (41, 100, "child_in_need_visit_made", "child_in_need_plan referral", r#"{"seen":true}"#, 3),
    (100, 180, "child_in_need_plan_reviewed", "child_in_need_plan", "{}", 2),
    (190, 300, "child_in_need_plan_ended", "child_in_need_plan child_in_need_case referral", "{}", 2),
    (301, 310, "child_in_need_case_closed", "child_in_need_case referral", "{}", 2),
];

const CARE: &[Line] = &[
    (0, 0, "became_looked_after", "period_of_care", r#"{"legal_status":"V2","reason":"S"}"#, 4),
    (
        0,
        0,
        "placement_started",
        "placement period_of_care",
        r#"{"short_break":false,"placement_type":"U4"}"#,
        4,
    ),
    (0, 6, "looked_after_visit_made", "period_of_care", r#"{"seen":true,"alone":true}"#, 3),
    (8, 40, "looked_after_visit_made", "period_of_care", r#"{"seen":true,"alone":true}"#, 3),
    (5, 30, "care_plan_made", "care_plan period_of_care", "{}", 2),
    (10, 40, "health_assessment_completed", "period_of_care", r#"{"kind":"initial"}"#, 3),
    (10, 24, "looked_after_review_held", "review period_of_care", "{}", 3),
    (25, 45, "review_decisions_circulated", "review", "{}", 2),
    (60, 120, "looked_after_review_held", "review.1 period_of_care", "{}", 3),
    (60, 130, "permanence_plan_recorded", "period_of_care", "{}", 2),
    (60, 180, "placement_changed", "placement", "{}", 1),
    (60, 180, "dental_check_done", "period_of_care", "{}", 1),
    (200, 210, "legal_status_changed", "period_of_care", r#"{"status":"C1"}"#, 1),
    (300, 500, "placement_ended", "placement period_of_care", "{}", 2),
    (501, 502, "ceased_to_be_looked_after", "period_of_care", r#"{"reason":"E8"}"#, 2),
];

pub(super) const ADOPTION: &[Line] = &[
    (0, 0, "adoption_decision_made", "adoption_case", "{}", 4),
    (1, 30, "family_finding_started", "adoption_case", "{}", 2),
    (20, 60, "placement_order_made", "adoption_case", "{}", 3),
    (30, 70, "profile_updated", "adoption_case", "{}", 1),
    (70, 200, "match_approved", "adoption_case", "{}", 3),
    (201, 230, "foster_to_adopt_placed", "adoption_case", "{}", 1),
    (201, 260, "placed_for_adoption", "adoption_case", "{}", 2),
    (261, 290, "adoption_disrupted", "adoption_case", "{}", 1),
    (300, 500, "adoption_order_made", "adoption_case", "{}", 1),
    (300, 500, "adoption_decision_reversed", "adoption_case", "{}", 1),
];

const COURT: &[Line] = &[
    (0, 0, "pre_proceedings_started", "pre_proceedings", "{}", 4),
    (1, 10, "letter_before_proceedings_sent", "pre_proceedings", "{}", 3),
    (11, 25, "pre_proceedings_meeting_held", "pre_proceedings", r#"{"initial":true}"#, 3),
    (26, 60, "family_group_meeting_offered", "pre_proceedings", "{}", 2),
    (26, 60, "family_group_meeting_held", "pre_proceedings", "{}", 2),
    (60, 130, "pre_proceedings_concluded", "pre_proceedings", "{}", 3),
    (130, 136, "letter_of_issue_sent", "pre_proceedings", "{}", 2),
    (137, 140, "application_issued", "application", r#"{"orders":["care"]}"#, 3),
    (145, 160, "hearing_held", "hearing application", r#"{"kind":"case_management"}"#, 3),
    (146, 170, "interim_order_made", "application", r#"{"order":"interim_care"}"#, 2),
    (200, 280, "timetable_extended", "application", r#"{"new_end":"2023-09-29"}"#, 1),
    (300, 400, "final_order_made", "application", r#"{"order":"care"}"#, 2),
];

const MISSING: &[Line] = &[
    (0, 0, "missing_reported", "missing_episode", "{}", 4),
    (1, 2, "found_or_returned", "missing_episode", "{}", 3),
    (2, 3, "rhi_offered", "missing_episode", "{}", 2),
    (3, 4, "rhi_accepted", "missing_episode", "{}", 2),
    (3, 8, "rhi_held", "missing_episode", "{}", 2),
    (3, 8, "rhi_refused", "missing_episode", "{}", 2),
];

const OTHERS: &[Line] = &[
    (0, 0, "police_powers_used", "police_protection", "{}", 2),
    (1, 4, "police_powers_ended", "police_protection", "{}", 2),
    (0, 0, "epo_granted", "emergency_order", "{}", 2),
    (2, 6, "epo_extended", "emergency_order", r#"{"until":"2024-12-31"}"#, 2),
    (7, 20, "epo_ended", "emergency_order", "{}", 2),
    (0, 0, "police_detention_started", "detention", "{}", 2),
    (1, 3, "custody_notification_received", "detention", "{}", 2),
    (3, 15, "detention_visit_made", "detention", "{}", 2),
    (20, 80, "detention_ended", "detention", "{}", 2),
    (0, 0, "edge_of_care_referred", "edge_of_care_service", "{}", 2),
    (3, 20, "edge_of_care_started", "edge_of_care_service", "{}", 2),
    (30, 90, "edge_of_care_ended", "edge_of_care_service", "{}", 2),
    (0, 0, "fgc_referred", "family_group_conference", "{}", 2),
    (20, 60, "fgc_held", "family_group_conference", "{}", 2),
    (61, 70, "family_plan_agreed", "family_group_conference", "{}", 2),
    (0, 0, "private_fostering_arrangement_started", "private_fostering", "{}", 2),
    (2, 50, "private_fostering_visit_made", "private_fostering", "{}", 3),
    (51, 120, "private_fostering_visit_made", "private_fostering", "{}", 2),
    (130, 200, "private_fostering_arrangement_ended", "private_fostering", "{}", 2),
    (0, 0, "serious_incident_known", "incident", "{}", 2),
    (1, 9, "serious_incident_notified", "incident", "{}", 2),
    (5, 40, "rapid_review_done", "incident", "{}", 2),
    (0, 0, "iro_alert_raised", "alert", "{}", 2),
    (3, 20, "iro_alert_acknowledged", "alert", "{}", 2),
    (21, 60, "iro_alert_resolved", "alert", "{}", 2),
    (0, 0, "ehc_request_received", "education_health_care", "{}", 2),
    (30, 100, "ehc_assessment_completed", "education_health_care", "{}", 2),
    (101, 160, "ehc_plan_issued", "education_health_care", "{}", 2),
    (0, 0, "pathway_plan_made", "pathway_plan", "{}", 2),
    (50, 200, "pathway_plan_reviewed", "pathway_plan", "{}", 2),
];

pub(super) const CHAPTERS: &[&[Line]] =
    &[PROTECTION, NO_CONFERENCE, NEED, CARE, ADOPTION, COURT, MISSING, OTHERS];

/// An act as it was told, with every process that it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Act {
    pub(super) on: NaiveDate,
    pub(super) kind: Kind,
    pub(super) details: &'static str,
    pub(super) of: Vec<(EntityRole, u128)>,
}

impl Act {
    /// Whether it begins the process that it names in a role.
    pub(super) fn begins(&self, role: EntityRole) -> bool {
        // A journey towards adoption has no other beginning than its first act.
        let opens = self.kind.stage() == Stage::Opens || self.kind == Kind::AdoptionDecisionMade;
        opens && self.kind.own_role() == Some(role)
    }
}

/// The acts of a chapter that begins on a day; `number` tells its processes from those of others.
pub(super) fn chapter(lines: &[Line], from: NaiveDate, number: u128, dice: &mut Dice) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for (first, last, kind, of, details, often) in lines {
        if dice.below(4) >= *often {
            continue;
        }
        let on = from + Days::new(first + dice.below(last - first + 1));
        let of = of.split(' ').map(|named| numbered(named, number)).collect();
        let kind = Kind::from_name(kind).expect("chapters name kinds");
        acts.push(Act { on, kind, details, of });
    }
    // What nothing began has no acts.
    let mut left = acts.len() + 1;
    while acts.len() < left {
        left = acts.len();
        let begun: Vec<(EntityRole, u128)> = acts.iter().flat_map(begun).collect();
        acts.retain(|act| act.of.iter().all(|named| begun.contains(named)));
    }
    acts
}

fn begun(act: &Act) -> Vec<(EntityRole, u128)> {
    act.of.iter().filter(|named| act.begins(named.0)).copied().collect()
}

fn numbered(named: &str, chapter: u128) -> (EntityRole, u128) {
    let (name, number) = named.split_once('.').unwrap_or((named, "0"));
    let role = EntityRole::from_name(name).expect("chapters name roles");
    let place = EntityRole::ALL.iter().position(|one| *one == role).expect("a role is one of all");
    let number: u128 = number.parse().expect("a number");
    (role, chapter * 10_000 + u128::try_from(place).expect("few roles") * 10 + number)
}

/// The story of some acts, in the order of their days.
pub(super) fn story(acts: &[Act]) -> Story {
    let mut sorted: Vec<&Act> = acts.iter().collect();
    sorted.sort_by_key(|act| act.on);
    sorted.into_iter().fold(born("2012-05-01"), tell)
}

/// Adds an act to a story.
pub(super) fn tell(story: Story, act: &Act) -> Story {
    let mut sample = act.kind.sample();
    sample.entities = Entities::none();
    act.of.iter().for_each(|(role, number)| sample.entities.insert(*role, process(*number)));
    sample.body = body(act.kind, act.details);
    story.event(&act.on.to_string(), sample)
}

/// Facts of a kind: those that are written, and of the others the sample's where the kind has to have them.
fn body(kind: Kind, details: &str) -> Body {
    let written: Value = serde_json::from_str(details).expect("chapters write JSON");
    Body::of(kind, written.clone()).unwrap_or_else(|_| {
        let facts = kind.sample().facts().expect("a sample has facts");
        let facts: Value = serde_json::from_str(&facts).expect("facts are JSON");
        let details = facts.get("details").and_then(Value::as_object).cloned();
        let written = written.as_object().cloned().unwrap_or_default();
        let filled: Map<String, Value> = details.unwrap_or_default().into_iter().chain(written).collect();
        Body::of(kind, filled.into()).unwrap_or_else(|error| panic!("{}: {error}", kind.name()))
    })
}

/// A chapter by chance.
pub(super) fn any_chapter(dice: &mut Dice, left: &mut Vec<&'static [Line]>) -> &'static [Line] {
    let at = usize::try_from(dice.below(left.len() as u64)).expect("few chapters");
    left.swap_remove(at)
}
