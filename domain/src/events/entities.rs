//! Which processes an event belongs to: an id by role.

use std::fmt;

use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::EntityId;

macro_rules! entity_roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal),+ $(,)?) => {
        /// What a process is, seen from an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, schemars::JsonSchema)]
        #[schemars(rename_all = "snake_case")]
        pub enum EntityRole {
            $($(#[$doc])* $role),+
        }

        impl EntityRole {
            /// Every role, in alphabetical order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$role),+];

            /// The `snake_case` name, as stored.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$role => $name),+ }
            }

            /// The role with this name, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$role),)+ _ => None }
            }
        }
    };
}

entity_roles! {
    /// An action that a meeting agreed.
    Action = "action",
    /// An adopter's own application.
    Adopter = "adopter",
    /// A child's journey towards adoption, from the decision on.
    AdoptionCase = "adoption_case",
    /// An alert of the independent reviewing officer.
    Alert = "alert",
    /// A court application, per child.
    Application = "application",
    /// An assessment of need.
    Assessment = "assessment",
    /// A care plan.
    CarePlan = "care_plan",
    /// A challenge of a conference chair.
    Challenge = "challenge",
    /// A child assessment order.
    ChildAssessmentOrder = "child_assessment_order",
    /// A child-in-need case as the returns list it.
    ChildInNeedCase = "child_in_need_case",
    /// A child-in-need plan.
    ChildInNeedPlan = "child_in_need_plan",
    /// A child protection conference.
    Conference = "conference",
    /// A contact.
    Contact = "contact",
    /// An authorised deprivation of liberty.
    DeprivationOfLibertyOrder = "deprivation_of_liberty_order",
    /// A detention.
    Detention = "detention",
    /// A direction of the court.
    Direction = "direction",
    /// An early help assessment.
    EarlyHelpAssessment = "early_help_assessment",
    /// A stretch of early help.
    EarlyHelpCase = "early_help_case",
    /// The work of a service at the edge of care.
    EdgeOfCareService = "edge_of_care_service",
    /// An education, health and care process.
    EducationHealthCare = "education_health_care",
    /// An emergency protection order.
    EmergencyOrder = "emergency_order",
    /// A section 47 enquiry.
    Enquiry = "enquiry",
    /// A professional disagreement.
    Escalation = "escalation",
    /// A family group conference.
    FamilyGroupConference = "family_group_conference",
    /// A family's part in a programme.
    FamilyProgramme = "family_programme",
    /// A court hearing.
    Hearing = "hearing",
    /// A referral of a homeless young person.
    HomelessReferral = "homeless_referral",
    /// An improvement action.
    ImprovementAction = "improvement_action",
    /// A serious incident.
    Incident = "incident",
    /// A missing episode.
    MissingEpisode = "missing_episode",
    /// A pathway plan.
    PathwayPlan = "pathway_plan",
    /// A period of being looked after.
    PeriodOfCare = "period_of_care",
    /// A placement.
    Placement = "placement",
    /// A child protection plan.
    Plan = "plan",
    /// A stretch of police protection.
    PoliceProtection = "police_protection",
    /// A pre-proceedings process.
    PreProceedings = "pre_proceedings",
    /// A private fostering arrangement.
    PrivateFostering = "private_fostering",
    /// A set of proceedings.
    Proceedings = "proceedings",
    /// A referral.
    Referral = "referral",
    /// A looked-after review.
    Review = "review",
    /// A strategy discussion.
    StrategyDiscussion = "strategy_discussion",
    /// A plan of another authority, listed here for a time.
    TemporaryPlan = "temporary_plan",
}

impl fmt::Display for EntityRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The processes of one event, sorted by role, one id per role. Often empty, seldom more than three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entities(Vec<(EntityRole, EntityId)>);

impl Entities {
    /// No process.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// The process in a role.
    pub fn get(&self, role: EntityRole) -> Option<EntityId> {
        self.0.iter().find(|(held, _)| *held == role).map(|(_, id)| *id)
    }

    /// Sets the process in a role; an earlier one is replaced.
    pub fn insert(&mut self, role: EntityRole, id: EntityId) {
        match self.0.binary_search_by_key(&role, |(held, _)| *held) {
            Ok(at) => {
                if let Some(slot) = self.0.get_mut(at) {
                    slot.1 = id;
                }
            }
            Err(at) => self.0.insert(at, (role, id)),
        }
    }

    /// Takes away the process in a role.
    pub fn remove(&mut self, role: EntityRole) {
        self.0.retain(|(held, _)| *held != role);
    }

    /// Every role with its process, in order of the roles' names.
    pub fn iter(&self) -> impl Iterator<Item = (EntityRole, EntityId)> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Entities {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let mut map = writer.serialize_map(Some(self.0.len()))?;
        for (role, id) in &self.0 {
            map.serialize_entry(role.name(), id)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Entities {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(ByRole)
    }
}

struct ByRole;

impl<'de> Visitor<'de> for ByRole {
    type Value = Entities;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("entity ids by role")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entities, A::Error> {
        let mut entities = Entities::none();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let role = EntityRole::from_name(&name)
                .ok_or_else(|| de::Error::custom(format_args!("unknown entity role {name:?}")))?;
            entities.insert(role, map.next_value()?);
        }
        Ok(entities)
    }
}
