//! Where each process of a journey stands in its list.

use std::collections::BTreeMap;

use crate::events::EntityRole;
use crate::ids::EntityId;

/// As many of the last processes of a role are looked at one by one: a journey touches the same one again soon.
const LOOKED_THROUGH: usize = 8;

/// The places of processes, by role and id.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<OfRole>);

/// Those of one role.
#[derive(Debug, Default)]
struct OfRole {
    /// In the order in which the journey first names them.
    in_order: Vec<(EntityId, usize)>,
    /// The same by their id, where there are many.
    by_id: BTreeMap<EntityId, usize>,
}

impl Places {
    /// The place of a process.
    pub(super) fn get(&self, role: EntityRole, entity: EntityId) -> Option<usize> {
        let OfRole { in_order, by_id } = self.0.get(role as usize)?;
        let last = in_order.iter().rev().take(LOOKED_THROUGH).find(|(held, _)| *held == entity);
        last.map(|(_, place)| *place).or_else(|| by_id.get(&entity).copied())
    }

    /// How many processes there are in a role.
    pub(super) fn number(&self, role: EntityRole) -> usize {
        self.0.get(role as usize).map_or(0, |it| it.in_order.len())
    }

    /// Those of one role, in the order in which the journey first names them.
    pub(super) fn of_role(&self, role: EntityRole) -> impl Iterator<Item = usize> + '_ {
        let of_role = self.0.get(role as usize);
        of_role.into_iter().flat_map(|it| &it.in_order).map(|(_, place)| *place)
    }

    /// Notes the place of a process that has none yet.
    pub(super) fn add(&mut self, role: EntityRole, entity: EntityId, place: usize) {
        if self.0.len() <= role as usize {
            self.0.resize_with(EntityRole::ALL.len(), OfRole::default);
        }
        let Some(of_role) = self.0.get_mut(role as usize) else { return };
        of_role.in_order.push((entity, place));
        // What is no longer among the last is found by its id.
        let older = of_role.in_order.len().checked_sub(LOOKED_THROUGH + 1);
        if let Some((entity, place)) = older.and_then(|older| of_role.in_order.get(older)).copied() {
            of_role.by_id.insert(entity, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_of_many_processes_is_found_in_its_own_role() {
        let mut places = Places::default();
        let entity = |number: u128| EntityId(Uuid::from_u128(number));
        for number in 0..40 {
            places.add(EntityRole::Plan, entity(number), usize::try_from(number).unwrap() + 100);
        }
        places.add(EntityRole::Review, entity(3), 7);
        for number in 0..40 {
            let place = usize::try_from(number).unwrap() + 100;
            assert_eq!(places.get(EntityRole::Plan, entity(number)), Some(place));
        }
        assert_eq!(places.get(EntityRole::Review, entity(3)), Some(7));
        assert_eq!(places.get(EntityRole::Review, entity(4)), None);
        assert_eq!(places.get(EntityRole::Action, entity(3)), None);
        assert_eq!(places.of_role(EntityRole::Plan).collect::<Vec<_>>(), (100..140).collect::<Vec<_>>());
        assert_eq!((places.number(EntityRole::Plan), places.number(EntityRole::Action)), (40, 0));
    }
}
