//! What a row states of a record whose day it could not say: a new placement type beside an unreadable start.
//!
//! A record needs its day, so it is none, and the value is refused with its place. Where it contradicts what is held, it
//! is also kept as a claim in dispute: a change that is dropped must not look like agreement.

use domain::events::record_keeping::DisputeReason;
use domain::events::{Body, Entities, EntityRole};
use domain::ids::EntityId;

use super::claims::{Claims, Follow};
use super::extracts::Standing;
use super::held::HeldEvent;
use super::planning::Planner;
use super::records::Resolution;
use super::settle::{is_alike, merged};

/// Code of the note.
const WITHOUT_DATE: &str = "value_without_date";

impl Planner<'_> {
    /// Settles, after all records, what could not be one.
    pub(super) fn settle_undated(&mut self, claims: &Claims, resolved: &[Resolution]) {
        for follow in &claims.own {
            self.undated(follow, &Entities::none(), None);
        }
        for (index, record) in claims.records.iter().enumerate() {
            let resolution = resolved.get(index).copied().unwrap_or(Resolution::Undecided);
            let entities = self.entities_of(record, resolution, &claims.records, resolved);
            let Some(entities) = entities else { continue };
            let process = claims.process(index, resolved);
            record.then.iter().for_each(|follow| self.undated(follow, &entities, process));
        }
    }

    fn undated(&mut self, follow: &Follow, entities: &Entities, process: Option<(EntityRole, EntityId)>) {
        let Follow::Undated(claim) = follow else { return };
        let of_kind = self.held.of_kind(claim.body.kind(), process).filter(|event| !event.withdrawn);
        let held: Vec<&HeldEvent> = of_kind.filter(|event| is_alike(&event.body, claim)).collect();
        let newest = held.iter().copied().max_by_key(|event| event.occurred.latest_day());
        let says_so = |event: &&HeldEvent| merged(event, claim).body == event.body;
        let known = match self.import.standing(self.list_of(claim.row)) {
            Standing::Older => held.iter().any(says_so),
            Standing::Newest | Standing::Equal => newest.as_ref().is_some_and(says_so),
        };
        if known || self.is_lost(claim.row) || self.noted_before(claim.row) {
            return;
        }
        let contradicts = newest.map(|event| event.id);
        match contradicts {
            Some(_) => self.dispute(claim, entities, contradicts, DisputeReason::ContradictsHeldFact),
            None => self.observe(WITHOUT_DATE, &[], claim),
        }
    }

    /// Whether this file noted such a value of a list before: the same file again, over which others may have come. Two rows
    /// without a day are noted once.
    fn noted_before(&self, row: usize) -> bool {
        let Some(source) = self.rows.rows.get(row) else { return false };
        let sheet = self.import.sheet(source.list);
        let is_it = |event: &HeldEvent| {
            matches!(&event.body, Body::ObservationNoted(noted) if noted.code.as_str() == WITHOUT_DATE)
                && event.said_by.contains(&(self.import.id, sheet.clone()))
                && !self.events.iter().any(|new| new.event_id == event.id)
        };
        self.held.events.iter().any(is_it)
    }
}
