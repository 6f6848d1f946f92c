//! Of two processes of an exclusive kind that one file tells to run at one time, the file alone decides which one stands.
//!
//! Where an older file told of the other alone, that one is held: the newest file takes it back, and what belongs to it
//! belongs to the one that stands, as it does where the newest file was imported first.

use domain::envelope::SealedFields;
use domain::events::record_keeping::{CorrectionReason, EventCorrected};
use domain::events::{CaseEvent, EntityRole};
use domain::ids::{EntityId, EventId};

use super::claims::Record;
use super::extracts::Standing;
use super::held::{Asserted, HeldEvent};
use super::planning::Planner;
use super::records::Resolution;

impl Planner<'_> {
    /// For each record of which another of the file takes the place, that other.
    pub(super) fn losers(&self, records: &[Record]) -> Vec<Option<usize>> {
        let mut order: Vec<usize> = (0..records.len()).filter(|index| self.run(*index).is_some()).collect();
        order.sort_by_key(|index| self.run(*index).map(|run| (!run.own_row, run.from)));
        let mut losers = vec![None; records.len()];
        let mut standing: Vec<usize> = Vec::new();
        for index in order {
            let kind = |at: usize| records.get(at).map(|record| record.opening.body.kind());
            let beside = standing.iter().copied().find(|other| {
                let both = self.run(*other).zip(self.run(index));
                kind(*other) == kind(index) && both.is_some_and(|(other, run)| other.excludes(&run))
            });
            match (beside, losers.get_mut(index)) {
                (Some(winner), Some(slot)) => *slot = Some(winner),
                _ => standing.push(index),
            }
        }
        losers
    }

    /// Whether the newest file may take the held opening of a record back, of which another takes the place.
    pub(super) fn is_overturned(&self, records: &[Record], index: usize, opening: EventId) -> bool {
        let loses = self.losers.get(index).copied().flatten().is_some();
        let Some((record, held)) = records.get(index).zip(self.held.get(opening)).filter(|_| loses) else {
            return false;
        };
        let newest = self.import.standing(self.list_of(record.row)) == Standing::Newest;
        let older = matches!(held.asserted, Asserted::ByExtract { as_at, .. } if as_at < self.import.as_at);
        newest && older && !held.withdrawn && !self.belonging(held).iter().any(|event| event.by_hand)
    }

    /// Takes back each held opening in whose place another stands, and moves what belongs to it.
    pub(super) fn overturn(&mut self, records: &[Record], resolved: &mut [Option<Resolution>]) {
        for index in 0..records.len() {
            let Some(Resolution::Held { opening, process: Some(own) }) =
                resolved.get(index).copied().flatten()
            else {
                continue;
            };
            let winner = self.losers.get(index).copied().flatten();
            let stands = winner.and_then(|winner| resolved.get(winner).copied().flatten());
            let (
                Some(
                    Resolution::Held { process: Some(other), .. } | Resolution::New { process: Some(other) },
                ),
                true,
            ) = (stands, self.is_overturned(records, index, opening))
            else {
                continue;
            };
            let Some((role, row)) = records.get(index).and_then(|record| Some((record.own?, record.row)))
            else {
                continue;
            };
            if own != other {
                self.move_all((role, own, other), opening, row);
                self.withdraw(opening, row);
                if let Some(slot) = resolved.get_mut(index) {
                    *slot = Some(Resolution::Exclusive { held: None, process: Some(other) });
                }
            }
        }
    }

    fn move_all(
        &mut self,
        (role, own, other): (EntityRole, EntityId, EntityId),
        opening: EventId,
        row: usize,
    ) {
        let is_of = |event: &&HeldEvent| {
            event.id != opening && !event.withdrawn && event.entities.get(role) == Some(own)
        };
        let moved: Vec<HeldEvent> = self.held.events.iter().filter(is_of).cloned().collect();
        for event in moved {
            let mut replacement = event.case_event();
            replacement.entities.insert(role, other);
            let body = EventCorrected {
                target: event.id,
                changed: event.case_event().differences(&replacement),
                replacement: Box::new(replacement.clone()),
                reason: CorrectionReason::DataCleanUp,
                authorised_by: None,
                inferred: true,
            };
            let correction = CaseEvent::new(self.by_now(self.list_of(row)), body);
            self.emit(&correction, SealedFields::none(), row);
            if let Some(held) = self.held.get_mut(event.id) {
                held.entities = replacement.entities;
            }
        }
    }
}
