//! Which of several records of one day a row is: the one of which it says least otherwise.
//!
//! The order of the rows says nothing. Two referrals of a day that change places in a newer file are the same two
//! referrals, and one whose decision changed meanwhile is still nearest to itself.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::events::Kind;
use domain::ids::{EntityId, EventId};
use serde_json::{Map, Value};

use super::claims::{Claim, Follow, Mode, Record};
use super::held::HeldEvent;
use super::planning::Planner;
use super::records::{Process, Resolution, process_of, set_all};
use super::settle::{is_alike, merged};

/// What a difference weighs: what a record began with seldom changes, what became of it does, and states change often.
const BEGAN: usize = 8;
const BECAME: usize = 2;
const STATE: usize = 1;

impl Planner<'_> {
    /// Takes, for the records of each day, the held ones of that day that are nearest to them.
    pub(super) fn match_keys(
        &self,
        records: &[Record],
        group: &[usize],
        parent: Option<Process>,
        resolved: &mut [Option<Resolution>],
        taken: &mut BTreeSet<EventId>,
    ) {
        for (nth, &index) in group.iter().enumerate() {
            let before = group.get(..nth).unwrap_or_default();
            let earlier = self.twin_of(index, before, (records, resolved));
            if let Some(slot) = resolved.get_mut(index) {
                *slot = earlier.map(|of| Resolution::Duplicate { of });
            }
        }
        // First those that are held with this day, then those of which a file corrected it.
        for corrected in [false, true] {
            self.match_days(records, group, (parent, corrected), resolved, taken);
        }
    }

    fn match_days(
        &self,
        records: &[Record],
        group: &[usize],
        (parent, corrected): (Option<Process>, bool),
        resolved: &mut [Option<Resolution>],
        taken: &mut BTreeSet<EventId>,
    ) {
        let open: Vec<usize> =
            group.iter().copied().filter(|at| resolved.get(*at).is_some_and(Option::is_none)).collect();
        let mut seen = BTreeSet::new();
        for record in open.iter().filter_map(|index| records.get(*index)) {
            if !seen.insert(record.apart()) {
                continue;
            }
            let of_day = |at: &usize| records.get(*at).is_some_and(|other| other.apart() == record.apart());
            let mut rows: Vec<usize> = open.iter().copied().filter(of_day).collect();
            let mut others = Vec::new();
            if record.one_a_day {
                // What contradicts the first one is in dispute, also where it is nearer to what is held.
                others = rows.split_off(1.min(rows.len()));
            }
            let held = self.may_be_held_as(record, (parent, corrected));
            let held: Vec<&HeldEvent> = held.filter(|event| !taken.contains(&event.id)).collect();
            for (row, opening) in self.nearest(records, &rows, &held) {
                taken.insert(opening);
                let own = records.get(row).and_then(|record| record.own);
                let process = self.held.get(opening).and_then(|event| process_of(event, own));
                if let Some(slot) = resolved.get_mut(row) {
                    *slot = Some(Resolution::Held { opening, process });
                }
                set_all(resolved, &others, Resolution::Exclusive { held: Some(opening), process });
            }
        }
    }

    /// The held records that one may be, by its key date, or by one that a file corrected since.
    pub(super) fn may_be_held_as(
        &self,
        record: &Record,
        (parent, corrected): (Option<Process>, bool),
    ) -> impl Iterator<Item = &HeldEvent> {
        let had_day = |event: &HeldEvent| record.key.is_some_and(|key| event.earlier_days.contains(&key));
        let is_of = move |event: &HeldEvent| {
            record.is_of(event.occurred.day()) || (corrected && record.mode == Mode::Listed && had_day(event))
        };
        // One that was taken back for another that ran at the same time is in dispute, and its claims are the other's.
        let is_other = |event: &HeldEvent| {
            event.withdrawn && !event.by_absence && self.held.is_disputed(&event.case_event())
        };
        self.under(record.opening.body.kind(), parent)
            .filter(move |event| is_of(event) && is_alike(&event.body, &record.opening))
            .filter(move |event| !is_other(event))
    }

    /// Pairs rows with held records of their day, the nearest first; of as near ones those that stand, and then by
    /// what they say.
    pub(super) fn nearest(
        &self,
        records: &[Record],
        rows: &[usize],
        held: &[&HeldEvent],
    ) -> Vec<(usize, EventId)> {
        if let ([row], [held]) = (rows, held) {
            return vec![(*row, held.id)];
        }
        let mut pairs: Vec<(usize, bool, String, usize, EventId)> = Vec::new();
        for event in held {
            let said = self.said_of(event);
            let distance = |row: &usize| self.distance((records, *row), event);
            pairs.extend(
                rows.iter().map(|row| (distance(row), event.withdrawn, said.clone(), *row, event.id)),
            );
        }
        pairs.sort();
        let (mut rows, mut taken) = (BTreeSet::new(), BTreeSet::new());
        let mut nearest = Vec::new();
        for (_, _, _, row, id) in pairs {
            if !rows.contains(&row) && !taken.contains(&id) {
                rows.insert(row);
                taken.insert(id);
                nearest.push((row, id));
            }
        }
        nearest
    }

    /// How much a record, with all that belongs to it, says otherwise than what is held of another.
    fn distance(&self, (records, index): (&[Record], usize), held: &HeldEvent) -> usize {
        let mut inside = BTreeSet::from([index]);
        for (at, record) in records.iter().enumerate().skip(index) {
            if record.links.iter().any(|link| inside.contains(link)) {
                inside.insert(at);
            }
        }
        let belonging = self.belonging(held);
        let own = records.get(index).map_or(0, |record| changes(held, &record.opening) * BEGAN);
        let of_record = |at: usize| {
            let Some(record) = records.get(at) else { return 0 };
            let is_it = |event: &&HeldEvent| {
                event.kind() == record.opening.body.kind() && event.occurred.day() == record.key
            };
            let is_held = at == index || belonging.iter().copied().any(|event| is_it(&event));
            let follows: usize = record.then.iter().map(|follow| self.differs(follow, &belonging)).sum();
            follows + if is_held { 0 } else { BECAME }
        };
        own + inside.into_iter().map(of_record).sum::<usize>()
    }

    /// Whether a follow says otherwise than what is held of the record's process.
    fn differs(&self, follow: &Follow, belonging: &[&HeldEvent]) -> usize {
        let of_kind = |kind: Kind| belonging.iter().copied().filter(move |event| event.kind() == kind);
        match follow {
            Follow::Once(claim) => {
                let mut same = of_kind(claim.body.kind()).filter(|event| is_alike(&event.body, claim));
                if same.any(|event| merged(event, claim) == event.case_event()) { 0 } else { BECAME }
            }
            Follow::State { claim, as_begun } => {
                let told = self.with_known_worker(claim);
                let state = on_day(belonging, claim.body.kind(), self.import.as_at);
                let same = state.map_or(*as_begun, |state| {
                    state.kind() == told.body.kind() && merged(state, &told).body == state.body
                });
                if same { 0 } else { STATE }
            }
            Follow::Nothing { rule, .. } => {
                let state = on_day(belonging, rule.kind, self.import.as_at);
                let is_held = state.is_some_and(|event| event.kind() == rule.kind);
                match (is_held, rule.emptied) {
                    (false, _) => 0,
                    (true, Some(_)) => STATE,
                    (true, None) => BECAME,
                }
            }
            Follow::Undated(_) | Follow::Unsaid { .. } | Follow::Silent { .. } | Follow::Doubtful { .. } => 0,
        }
    }

    /// What is held of a record, as a text to put records in an order: without ids.
    fn said_of(&self, opening: &HeldEvent) -> String {
        let text = |event: &HeldEvent| {
            format!("{} {} {}", event.kind().name(), event.occurred, Value::Object(event.body.fields()))
        };
        let mut rest: Vec<String> =
            self.belonging(opening).into_iter().filter(|event| event.id != opening.id).map(text).collect();
        rest.sort();
        format!("{} {}", text(opening), rest.join(" "))
    }

    /// The events of a held record's process and of the processes within it; of one that is withdrawn, what went with it.
    pub(super) fn belonging(&self, opening: &HeldEvent) -> Vec<&HeldEvent> {
        let own = |event: &HeldEvent| event.kind().own_role().and_then(|role| event.entities.get(role));
        let mut processes: BTreeSet<EntityId> = own(opening).into_iter().collect();
        let stands = |event: &HeldEvent| !event.withdrawn || opening.withdrawn;
        let belongs = |event: &HeldEvent, processes: &BTreeSet<EntityId>| {
            stands(event) && event.entities.iter().any(|(_, id)| processes.contains(&id))
        };
        loop {
            let of_them = self.held.events.iter().filter(|event| belongs(event, &processes));
            let more: Vec<EntityId> = of_them.filter_map(own).filter(|id| !processes.contains(id)).collect();
            if more.is_empty() {
                break;
            }
            processes.extend(more);
        }
        self.held.events.iter().filter(|event| belongs(event, &processes)).collect()
    }
}

/// The state as it was held on a day, or the first one after it; an end of an allocation counts as one.
fn on_day<'h>(belonging: &[&'h HeldEvent], kind: Kind, day: NaiveDate) -> Option<&'h HeldEvent> {
    let end = (kind == Kind::WorkerAllocated).then_some(Kind::WorkerDeallocated);
    let states =
        || belonging.iter().copied().filter(|event| event.kind() == kind || Some(event.kind()) == end);
    let by_then =
        states().filter(|event| event.order_day() <= Some(day)).max_by_key(|event| event.order_day());
    by_then.or_else(|| states().min_by_key(|event| event.order_day()))
}

/// In how many facts a claim would change a held event.
fn changes(held: &HeldEvent, claim: &Claim) -> usize {
    let claimed = merged(held, claim).body;
    let (ours, theirs): (Map<String, Value>, Map<String, Value>) = (held.body.fields(), claimed.fields());
    let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
    names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name)).count()
}
