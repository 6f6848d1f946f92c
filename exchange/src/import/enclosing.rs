//! A process that a row only names, by its first day: the period of care of an adoption decision.
//!
//! The row's own record says which one it is. Where the decision is held already, another day of entering care is a
//! correction of its period of care, and not a second one; so it is in whatever order the files come.

use std::collections::BTreeSet;

use domain::events::EntityRole;
use domain::ids::{EntityId, EventId};

use super::claims::{Mode, Record};
use super::extracts::Standing;
use super::fill::list_of;
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::records::{Resolution, process_of};
use crate::layout::{Blank, List};

impl Planner<'_> {
    /// Resolves records that are held under another day, as what stands within them says; those that are left.
    pub(super) fn match_enclosed(
        &self,
        records: &[Record],
        left: &[usize],
        resolved: &mut [Option<Resolution>],
        taken: &mut BTreeSet<EventId>,
    ) -> Vec<usize> {
        let mut open = Vec::new();
        for &index in left {
            let held = self.held_around((records, index), resolved, taken);
            match (held, resolved.get_mut(index)) {
                (Some(event), Some(slot)) => {
                    taken.insert(event.id);
                    let process = process_of(event, event.kind().own_role());
                    *slot = Some(Resolution::Held { opening: event.id, process });
                }
                _ => open.push(index),
            }
        }
        open
    }

    /// The held process around the records that name this one, where it is one alone.
    fn held_around(
        &self,
        (records, index): (&[Record], usize),
        resolved: &[Option<Resolution>],
        taken: &BTreeSet<EventId>,
    ) -> Option<&HeldEvent> {
        let record = records.get(index)?;
        let role = record.own?;
        let is_it = |link: &usize| {
            let twin = resolved.get(*link).copied().flatten();
            *link == index || twin == Some(Resolution::Duplicate { of: index })
        };
        let named_by = records.iter().filter(|other| {
            let names = other.links.first().is_some_and(is_it) && other.mode == Mode::Listed;
            names && self.names_by_day(other.row, role)
        });
        let around: BTreeSet<EntityId> = named_by
            .flat_map(|other| self.held_as_own(other))
            .filter_map(|event| event.entities.get(role))
            .collect();
        let mut openings = around.into_iter().filter_map(|id| self.opening_of(Some((role, id))));
        let event = openings.next().filter(|_| openings.next().is_none())?;
        let is_free =
            !taken.contains(&event.id) && !event.withdrawn && event.kind() == record.opening.body.kind();
        (is_free && self.may_move(record, event)).then_some(event)
    }

    /// The held events that a row's own record is, or may be under another day.
    fn held_as_own(&self, own: &Record) -> Vec<&HeldEvent> {
        let kind = own.opening.body.kind();
        let of_day = |event: &&HeldEvent| {
            let days = own.key.is_some_and(|key| event.earlier_days.contains(&key));
            !event.withdrawn && (own.is_of(event.occurred.day()) || days)
        };
        let named: Vec<&HeldEvent> = self.held.of_kind(kind, None).filter(of_day).collect();
        if !named.is_empty() {
            return named;
        }
        let ids = match self.dated_later(own, None, |_| false) {
            later if later.is_empty() => self.gone(own, None, &BTreeSet::new()),
            later => later,
        };
        ids.into_iter().filter_map(|id| self.held.get(id)).collect()
    }

    /// Whether the list of a row only names processes of a role by their day.
    fn names_by_day(&self, row: usize, role: EntityRole) -> bool {
        self.rows.rows.get(row).is_some_and(|row| only_names(row.list, role))
    }

    /// Whether a record may be a held one of another day: a file about an earlier day corrects nothing, and a newer one
    /// corrects the day where only lists that name the process by it gave it.
    fn may_move(&self, record: &Record, event: &HeldEvent) -> bool {
        let Some(role) = event.kind().own_role() else { return false };
        let named_only = event
            .said_by
            .iter()
            .all(|(_, sheet)| list_of(sheet).is_none_or(|(_, list)| only_names(list, role)));
        match self.standing_against(event, record.row) {
            Standing::Older => true,
            Standing::Newest | Standing::Equal => named_only && event.asserted != Asserted::ByHand,
        }
    }
}

/// Whether a list names processes of a role by their day, and says nothing by leaving one out.
fn only_names(list: &List, role: EntityRole) -> bool {
    let opens = |rule: &&crate::layout::EventRule| rule.opened() == Some(role);
    list.events.iter().find(opens).is_some_and(|rule| rule.absence == Blank::Silent)
}
