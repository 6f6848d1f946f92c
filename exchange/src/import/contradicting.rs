//! Two statements of one file about one thing that say it differently: one counts, and the other is told once, in dispute.
//!
//! Which one counts depends on the file alone: the one of the first list of the format, and there the first by what it
//! says, in whatever order the rows stand. Were each of them compared with what is held, the state would change with
//! every import of such a file.

use std::collections::{BTreeMap, BTreeSet};

use domain::events::record_keeping::DisputeReason;
use domain::events::{Entities, EntityRole, Kind};
use domain::ids::EntityId;
use serde_json::Value;

use super::claims::{Claim, Claims, Follow};
use super::planning::Planner;
use super::records::Resolution;

type Process = Option<(EntityRole, EntityId)>;

/// What is stated: the kind of event, its process, and what tells several of the kind apart.
type About = (Kind, Process, Option<String>);

/// A statement that another one of the file takes the place of: its row and what it is about.
pub(super) type Second = (usize, Kind);

impl Planner<'_> {
    /// The statements of the file that contradict one that counts before them.
    pub(super) fn contradicted(&self, claims: &Claims, resolved: &[Resolution]) -> BTreeSet<Second> {
        let mut about: BTreeMap<About, Vec<&Claim>> = BTreeMap::new();
        let own = claims.own.iter().map(|follow| (None, follow));
        let of_records = claims.records.iter().enumerate().flat_map(|(index, record)| {
            let process = claims.process(index, resolved);
            record.then.iter().map(move |follow| (process, follow))
        });
        for (process, follow) in own.chain(of_records) {
            if let Some(claim) = follow.claim().filter(|claim| !self.is_lost(claim.row)) {
                about.entry(about_of(process, claim)).or_default().push(claim);
            }
        }
        let mut second = BTreeSet::new();
        for mut claims in about.into_values().filter(|claims| claims.len() > 1) {
            claims.sort_by_cached_key(|claim| (self.place_of_list(claim.row), text_of(claim), claim.row));
            let (first, others) = claims.split_first().expect("there are several");
            let differing = others.iter().filter(|claim| claim.row != first.row && contradicts(first, claim));
            second.extend(differing.map(|claim| (claim.row, claim.body.kind())));
        }
        second
    }

    /// Where the list of a row stands in its format.
    fn place_of_list(&self, row: usize) -> Option<usize> {
        let code = self.list_of(row);
        self.import.lists().iter().position(|list| list.code == code)
    }

    /// Keeps a statement that another one of the file takes the place of, as a claim in dispute.
    pub(super) fn dispute_second(&mut self, follow: &Follow, entities: &Entities, process: Process) {
        let Some(claim) = follow.claim() else { return };
        let claim = self.with_worker(claim);
        let contradicts = self.newest_state(claim.body.kind(), process).map(|event| event.id);
        self.dispute(&claim, entities, contradicts, DisputeReason::ContradictsHeldFact);
    }
}

fn about_of(process: Process, claim: &Claim) -> About {
    let apart = claim.apart_by.and_then(|field| claim.body.fields().remove(field));
    (claim.body.kind(), process, apart.map(|value| value.to_string()))
}

/// What a claim says, as a text to put claims in an order.
fn text_of(claim: &Claim) -> String {
    let fields = Value::Object(claim.body.fields());
    format!("{} {fields} {:?}", claim.occurred, claim.sealed.0)
}

/// Whether two claims of one kind cannot both be true: another day, another value, another name.
fn contradicts(first: &Claim, other: &Claim) -> bool {
    let other_day = first.dated && other.dated && first.occurred != other.occurred;
    let name = |claim: &Claim| claim.sealed.get("worker").map(str::to_lowercase);
    let other_name = name(first).zip(name(other)).is_some_and(|(first, other)| first != other);
    other_day || other_name || !first.agrees_with(other)
}
