//! How an event reads: a short title, and its details as label and value.
//!
//! The same words stand on pages, in tables and in answers of the interface.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::events::{CaseEvent, EntityRole, Group, Kind, code_lists};
use domain::time::{Occurred, When};
use serde_json::Value;

/// A short title, in the past tense.
pub const fn title(kind: Kind) -> &'static str {
    kind.title()
}

/// The lane of the journey in which an event is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Early help.
    EarlyHelp,
    /// Contacts, referrals and decisions.
    FrontDoor,
    /// Assessment.
    Assessment,
    /// Child in need.
    ChildInNeed,
    /// Child protection.
    ChildProtection,
    /// Pre-proceedings and court.
    Court,
    /// Looked after, placements, reviews and visits.
    LookedAfter,
    /// Services at the edge of care, family group conferences, the way home.
    EdgeOfCare,
    /// Missing, exploitation, custody, homelessness.
    MissingAndRisk,
    /// Health and education.
    Health,
    /// Permanence and adoption.
    Adoption,
    /// Care leavers.
    CareLeavers,
    /// Identity, workers and the record about the record.
    Record,
}

impl Lane {
    /// Every lane, from top to bottom.
    pub const ALL: [Self; 13] = [
        Self::EarlyHelp,
        Self::FrontDoor,
        Self::Assessment,
        Self::ChildInNeed,
        Self::ChildProtection,
        Self::Court,
        Self::LookedAfter,
        Self::EdgeOfCare,
        Self::MissingAndRisk,
        Self::Health,
        Self::Adoption,
        Self::CareLeavers,
        Self::Record,
    ];

    /// The lane's name for the reader.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EarlyHelp => "Early help",
            Self::FrontDoor => "Front door",
            Self::Assessment => "Assessment",
            Self::ChildInNeed => "Child in need",
            Self::ChildProtection => "Child protection",
            Self::Court => "Court",
            Self::LookedAfter => "Looked after",
            Self::EdgeOfCare => "Edge of care",
            Self::MissingAndRisk => "Missing and risk",
            Self::Health => "Health",
            Self::Adoption => "Adoption",
            Self::CareLeavers => "Care leavers",
            Self::Record => "Record",
        }
    }
}

/// The lane in which events of this kind are drawn. Health without education, and the child in need, have lanes of
/// their own; the rest follows the groups of the catalogue.
pub const fn lane(kind: Kind) -> Lane {
    match kind.group() {
        Group::RecordKeeping | Group::Identity | Group::Governance => Lane::Record,
        Group::EarlyHelp => Lane::EarlyHelp,
        Group::FrontDoor => Lane::FrontDoor,
        Group::Assessment => assessment_lane(kind),
        Group::ChildProtection => Lane::ChildProtection,
        Group::Court => Lane::Court,
        Group::LookedAfter | Group::PrivateFostering => Lane::LookedAfter,
        Group::Health => Lane::Health,
        Group::Permanence => Lane::Adoption,
        Group::EdgeOfCare => Lane::EdgeOfCare,
        Group::CareLeavers => Lane::CareLeavers,
        Group::MissingAndRisk => Lane::MissingAndRisk,
    }
}

const fn assessment_lane(kind: Kind) -> Lane {
    let in_need = matches!(
        kind,
        Kind::ChildInNeedCaseOpened
            | Kind::ChildInNeedCaseClosed
            | Kind::ChildInNeedPlanStarted
            | Kind::ChildInNeedPlanReviewed
            | Kind::ChildInNeedPlanEnded
            | Kind::ChildInNeedVisitMade
    );
    if in_need { Lane::ChildInNeed } else { Lane::Assessment }
}

/// What a process is called.
pub const fn role_name(role: EntityRole) -> &'static str {
    match role {
        EntityRole::Action => "action",
        EntityRole::Adopter => "adopter",
        EntityRole::AdoptionCase => "adoption",
        EntityRole::Alert => "alert",
        EntityRole::Application => "court application",
        EntityRole::Assessment => "assessment",
        EntityRole::CarePlan => "care plan",
        EntityRole::Challenge => "challenge of the chair",
        EntityRole::ChildAssessmentOrder => "child assessment order",
        EntityRole::ChildInNeedCase => "child in need case",
        EntityRole::ChildInNeedPlan => "child in need plan",
        EntityRole::Conference => "conference",
        EntityRole::Contact => "contact",
        EntityRole::DeprivationOfLibertyOrder => "deprivation of liberty order",
        EntityRole::Detention => "detention",
        EntityRole::Direction => "direction of the court",
        EntityRole::EarlyHelpAssessment => "early help assessment",
        EntityRole::EarlyHelpCase => "early help",
        EntityRole::EdgeOfCareService => "edge of care service",
        EntityRole::EducationHealthCare => "education, health and care process",
        EntityRole::EmergencyOrder => "emergency protection order",
        EntityRole::Enquiry => "section 47 enquiry",
        EntityRole::Escalation => "escalation",
        EntityRole::FamilyGroupConference => "family group conference",
        EntityRole::FamilyProgramme => "family programme",
        EntityRole::Hearing => "hearing",
        EntityRole::HomelessReferral => "homeless referral",
        EntityRole::ImprovementAction => "improvement action",
        EntityRole::Incident => "serious incident",
        EntityRole::MissingEpisode => "missing episode",
        EntityRole::PathwayPlan => "pathway plan",
        EntityRole::PeriodOfCare => "period of care",
        EntityRole::Placement => "placement",
        EntityRole::Plan => "child protection plan",
        EntityRole::PoliceProtection => "police protection",
        EntityRole::PreProceedings => "pre-proceedings",
        EntityRole::PrivateFostering => "private fostering",
        EntityRole::Proceedings => "set of proceedings",
        EntityRole::Referral => "referral",
        EntityRole::Review => "looked-after review",
        EntityRole::StrategyDiscussion => "strategy discussion",
        EntityRole::TemporaryPlan => "temporary plan of another authority",
    }
}

/// What has no article.
const WITHOUT_ARTICLE: [EntityRole; 6] = [
    EntityRole::AdoptionCase,
    EntityRole::EarlyHelpCase,
    EntityRole::Detention,
    EntityRole::PoliceProtection,
    EntityRole::PreProceedings,
    EntityRole::PrivateFostering,
];

/// One process of a role within a sentence: `a referral`, `an assessment`, `early help`.
pub fn one(role: EntityRole) -> String {
    let name = role_name(role);
    if WITHOUT_ARTICLE.contains(&role) {
        name.to_owned()
    } else if name.starts_with(['a', 'e', 'i', 'o', 'u']) {
        format!("an {name}")
    } else {
        format!("a {name}")
    }
}

/// The details of an event for the reader, in alphabetical order of their labels; entity ids are left out. A code of a
/// list is followed by what it meant on the day of the event: `N1 (Abuse or neglect)`.
pub fn details(event: &CaseEvent) -> Vec<(String, String)> {
    // Facts that were read can be written again.
    let Ok(facts) = event.facts() else { return Vec::new() };
    let Ok(Value::Object(facts)) = serde_json::from_str::<Value>(&facts) else { return Vec::new() };
    let Some(Value::Object(details)) = facts.get("details") else { return Vec::new() };
    let labels = labels(event);
    let told = |(field, value): (&String, &Value)| {
        Some((field.replace('_', " "), plain(value, labels.get(field.as_str()))?))
    };
    details.iter().filter_map(told).collect()
}

/// What codes of one field mean.
type Labels<'a> = BTreeMap<&'a str, &'a str>;

/// What the codes of an event meant on its day, by field; where the day is not certain, on the last that is possible.
fn labels(event: &CaseEvent) -> BTreeMap<&'static str, Labels<'_>> {
    let mut found = BTreeMap::<_, Labels<'_>>::new();
    let day = event.occurred.latest_day().unwrap_or(NaiveDate::MAX);
    event.body.coded().codes(&mut |at| {
        let listed = code_lists::list(at.list)
            .and_then(|list| list.codes.iter().find(|listed| listed.code == at.code.as_str()));
        if let Some(label) = listed.and_then(|listed| listed.label_on(day)) {
            found.entry(at.field).or_default().insert(at.code.as_str(), label);
        }
    });
    found
}

fn plain(value: &Value, labels: Option<&Labels<'_>>) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => {
            let words = text.replace('_', " ");
            let label = labels.and_then(|labels| labels.get(text.as_str()));
            Some(label.map_or_else(|| words.clone(), |label| format!("{words} ({label})")))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(|item| plain(item, labels)).collect();
            (!items.is_empty()).then(|| items.join(", "))
        }
    }
}

/// A practice time for the reader, as precise as it is known: `19 September 2022`, `19 September 2022, 14:30`,
/// `between 1 and 19 September 2022`. A date never becomes midnight.
pub fn when(occurred: Occurred) -> String {
    let text = match occurred.when {
        When::At(instant, _) => {
            instant.with_timezone(&chrono_tz::Europe::London).format("%-d %B %Y, %H:%M").to_string()
        }
        When::On(day) => long_date(day),
        When::Within(Some(from), Some(to)) => format!("between {} and {}", long_date(from), long_date(to)),
        When::Within(Some(from), None) => format!("on or after {}", long_date(from)),
        When::Within(None, Some(to)) => format!("on or before {}", long_date(to)),
        When::Within(None, None) | When::Unknown => "date not known".to_owned(),
    };
    if occurred.estimated { format!("{text} (estimated)") } else { text }
}

/// A day for the reader: `19 September 2022`.
pub fn long_date(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use domain::events::Body;
    use domain::events::front_door::ReferralReceived;

    use super::*;

    #[test]
    fn a_code_is_followed_by_what_it_meant_on_its_day() {
        let code = |text: &str| Some(text.parse().unwrap());
        let told = |day: &str, source: &str, need: &str| {
            let body: Body =
                ReferralReceived { source: code(source), primary_need: code(need), ..Default::default() }
                    .into();
            details(&CaseEvent::new(day.parse().unwrap(), body))
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>()
        };
        assert_eq!(told("2026-03-31", "5D", "N1"), ["N1 (Abuse or neglect)", "5D (Early help)"]);
        assert_eq!(
            told("2026-04-01", "5D", "N1"),
            ["N1 (Abuse, neglect and exploitation)", "5D (Early help)"]
        );
        assert_eq!(told("2026-04-01", "ZZ9", "N1")[1], "ZZ9", "an unknown code stands alone");
    }
}
