//! An act of a group belongs to the child's own processes.
//!
//! A household's conference names one enquiry at most, and each sibling has an own one. In a child's journey the act names
//! none of another child, so that it is read as one that names nothing: whose it is, is told by one mechanism, whichever
//! stream it stands in. A process that the child's own stream names stays.

use std::collections::BTreeSet;

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent};

/// Processes of a child's own stream.
pub(super) struct Links(BTreeSet<(EntityRole, EntityId)>);

/// Processes of which each child has own ones.
const ROLES: [EntityRole; 12] = [
    EntityRole::Application,
    EntityRole::ChildInNeedCase,
    EntityRole::ChildInNeedPlan,
    EntityRole::EarlyHelpAssessment,
    EntityRole::EarlyHelpCase,
    EntityRole::EdgeOfCareService,
    EntityRole::Enquiry,
    EntityRole::FamilyGroupConference,
    EntityRole::FamilyProgramme,
    EntityRole::Plan,
    EntityRole::PreProceedings,
    EntityRole::Referral,
];

impl Links {
    pub(super) fn of(own: &Journey) -> Self {
        let named = own.events.iter().flat_map(|event| event.entities.iter());
        Self(named.filter(|(role, _)| ROLES.contains(role)).collect())
    }

    /// Takes other children's processes from an act. `applications` are the child's in the act's set of proceedings: an act of
    /// the set is of the only one.
    pub(super) fn link(&self, act: &mut KnownEvent, applications: &BTreeSet<EntityId>) {
        for role in ROLES {
            let named = act.entities.get(role);
            let opens = act.kind().stage() == Stage::Opens && act.kind().own_role() == Some(role);
            if opens || named.is_some_and(|named| self.0.contains(&(role, named))) {
                continue;
            }
            let of_set = only(applications).filter(|_| role == EntityRole::Application);
            match of_set {
                Some(own) => act.entities.insert(role, own),
                None if self.0.iter().any(|(held, _)| *held == role) => act.entities.remove(role),
                None => {}
            }
        }
    }
}

fn only(all: &BTreeSet<EntityId>) -> Option<EntityId> {
    all.first().copied().filter(|_| all.len() == 1)
}
