//! What began on the day on which its process began, and is the same where that day was corrected.
//!
//! A child enters care, is placed and has a legal status on one day. A file that corrects the day gives it in all of these
//! columns, of which the list holds the latest only: read alone, the placement of the corrected day is a second one, and the
//! first one a placement before the care began.

use std::collections::BTreeSet;

use domain::ids::EventId;

use super::claims::Record;
use super::planning::Planner;
use super::records::{Process, Resolution};

impl Planner<'_> {
    /// Recognises records that a file dates to the beginning of their process, where what is held is dated to the held
    /// beginning and the two days differ. The rest is returned.
    pub(super) fn match_begun_with(
        &self,
        records: &[Record],
        left: &[usize],
        (parent, resolved): (Option<Process>, &mut [Option<Resolution>]),
        taken: &mut BTreeSet<EventId>,
    ) -> Vec<usize> {
        let mut rest = Vec::new();
        for &index in left {
            let found = records.get(index).and_then(|record| {
                let held = self.held_begun_with(records, record, (parent, resolved), taken)?;
                Some(self.take(record, held, taken))
            });
            match (found, resolved.get_mut(index)) {
                (Some(resolution), Some(slot)) => *slot = Some(resolution),
                _ => rest.push(index),
            }
        }
        rest
    }

    fn held_begun_with(
        &self,
        records: &[Record],
        record: &Record,
        (parent, resolved): (Option<Process>, &[Option<Resolution>]),
        taken: &BTreeSet<EventId>,
    ) -> Option<EventId> {
        let link = *record.links.first()?;
        let stated = records.get(link)?.key.filter(|day| record.key == Some(*day))?;
        let Some(Resolution::Held { opening, .. }) = resolved.get(link).copied().flatten() else {
            return None;
        };
        let held = self.held.get(opening)?.occurred.day().filter(|day| *day != stated)?;
        let began = self.under(record.opening.body.kind(), parent).find(|event| {
            !event.withdrawn && event.occurred.day() == Some(held) && !taken.contains(&event.id)
        });
        began.map(|event| event.id)
    }
}
