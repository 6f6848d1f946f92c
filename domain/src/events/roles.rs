//! Several roles at once.

use super::EntityRole;

/// A set of roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles(u64);

const _: () = assert!(EntityRole::ALL.len() <= 64, "a set of roles has a bit for each");

impl Roles {
    /// Adds a role.
    pub(crate) fn insert(&mut self, role: EntityRole) {
        self.0 |= Self::bit(role);
    }

    /// Those that are in both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Each of them, in the order of [`EntityRole::ALL`].
    pub(crate) fn iter(self) -> impl Iterator<Item = EntityRole> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let next = EntityRole::ALL.get(usize::try_from(left.trailing_zeros()).ok()?).copied()?;
            left &= left - 1;
            Some(next)
        })
    }

    fn bit(role: EntityRole) -> u64 {
        1 << (role as u64)
    }
}

impl FromIterator<EntityRole> for Roles {
    fn from_iter<I: IntoIterator<Item = EntityRole>>(roles: I) -> Self {
        let mut set = Self::default();
        roles.into_iter().for_each(|role| set.insert(role));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_each_role_once_and_in_order() {
        let some = [EntityRole::TemporaryPlan, EntityRole::Action, EntityRole::Plan, EntityRole::Action];
        let set: Roles = some.into_iter().collect();
        let in_order = [EntityRole::Action, EntityRole::Plan, EntityRole::TemporaryPlan];
        assert_eq!(set.iter().collect::<Vec<_>>(), in_order);
        let every: Roles = EntityRole::ALL.iter().copied().collect();
        assert_eq!(every.iter().collect::<Vec<_>>(), EntityRole::ALL);
        assert_eq!(set.and(every), set);
        assert_eq!(set.and(Roles::default()).iter().next(), None);
    }
}
