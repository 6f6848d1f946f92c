//! The acts of a plan: events, disputes and notes, each with its row, import and id.

use domain::envelope::{EventContext, ImportRef, NewEvent, SealedFields};
use domain::events::identity::identifiers;
use domain::events::record_keeping::{DisputeReason, ObservationNoted};
use domain::events::workforce::WorkerRegistered;
use domain::events::{Body, CaseEvent, Code, Entities, EntityRole, Kind};
use domain::ids::{EntityId, EventId, StreamId};
use domain::time::Occurred;

use super::claims::{Claim, Remark};
use super::held::{Asserted, HeldEvent, NO_LIST};
use super::outcome::RowResult;
use super::planning::{Planner, Worker};
use super::settle::merged;
use crate::extract::{Note, SourceRow};
use crate::layout::List;

impl Planner<'_> {
    /// Records a new event for a claim.
    pub(super) fn record(&mut self, claim: &Claim, entities: Entities) -> Option<EventId> {
        if self.is_lost(claim.row) {
            return None;
        }
        let event = CaseEvent { entities, ..CaseEvent::new(claim.occurred, claim.body.clone()) };
        let id = self.emit(&event, claim.sealed.clone(), claim.row);
        self.hold(id, event, claim.row);
        self.fresh.push((id, claim.row));
        self.note_unsaid_facts(id, claim);
        let after = claim.occurred.earliest_day().is_some_and(|day| day > self.import.as_at);
        let after = after.then_some(Remark { code: "after_day_described", field: "occurred" });
        for remark in claim.remarks.iter().chain(&after) {
            self.observe_field(remark, id, claim);
        }
        if after.is_some() {
            let note = Note {
                place: claim.place.clone(),
                code: "after_day_described",
                text: "the date lies after the day that the file describes; recorded as it stands: check it"
                    .to_owned(),
            };
            self.notes.push((claim.row, note));
        }
        self.mark(claim.row, RowResult::New);
        Some(id)
    }

    /// Adds an event of the record about the record, or one that is held already. Its id is made of its place in the
    /// stream: the same file, imported again with answers or aliases, gives other events over what it gave before.
    pub(super) fn emit(&mut self, event: &CaseEvent, sealed: SealedFields, row: usize) -> EventId {
        let kind = event.body.kind().name();
        let number = (self.before + self.events.len()).to_string();
        let import = self.import.id.to_string();
        let stream = self.stream.to_string();
        let id = self.import.ids.event(self.import.as_at, &[&import, &stream, kind, &number]);
        let context = self.context(row);
        let named = identifiers(event, &sealed).into_iter();
        self.identifiers.extend(named.map(|(kind, value)| (kind.to_owned(), value.to_owned())));
        let new = event.to_new(id, sealed, context).expect("codes, dates and ids have a canonical form");
        self.events.push(new);
        id
    }

    pub(super) fn hold(&mut self, id: EventId, event: CaseEvent, row: usize) {
        let source = self.rows.rows.get(row);
        let sheet = self.behalf.as_ref().map(|behalf| behalf.sheet.clone());
        let sheet = sheet.or_else(|| source.map(|source| self.import.sheet(source.list)));
        let row = source.map_or(0, |source| source.number(self.rows.ordinal));
        let asserted = Asserted::ByExtract { import: self.import.id, as_at: self.import.as_at };
        let CaseEvent { occurred, entities, authors, body } = event;
        let (withdrawn, inferred) = (false, sheet.as_deref().is_none_or(|sheet| sheet == NO_LIST));
        self.held.add(HeldEvent {
            id,
            occurred,
            earlier_days: occurred.day().into_iter().collect(),
            entities,
            authors,
            body,
            asserted,
            said_by: sheet.iter().map(|sheet| (self.import.id, sheet.clone())).collect(),
            sheet,
            row,
            withdrawn,
            by_hand: false,
            by_absence: false,
            inferred,
        });
    }

    /// When an import's own act happened: between the extract before and the day described.
    pub(super) fn by_now(&self, list: &str) -> Occurred {
        Occurred::within(self.import.previous(list), Some(self.import.as_at))
    }

    /// When a state changed that two files of the list tell differently: after the day that the earlier one describes, at
    /// whose end it still was as it was. A file that could not say the state does not tell that it still was so.
    pub(super) fn since_the_last(
        &self,
        row: usize,
        state: &Body,
        process: Option<(EntityRole, EntityId)>,
    ) -> Occurred {
        let column = self.rule_of(row, state).map(|rule| rule.on.as_str());
        let opening = self.opening_of(process).map(|opening| opening.id);
        let states = self.states(state.kind(), process).flat_map(|event| self.days_of(event));
        let told = states.filter(|day| *day < self.import.as_at).max();
        let silent = column.and_then(|column| self.silent_since(opening, column, told));
        let last = self.import.previous_of((self.list_of(row), column), &self.spoken, silent).max(told);
        let since = last.and_then(|day| day.succ_opt()).filter(|day| *day <= self.import.as_at);
        Occurred::within(since, Some(self.import.as_at))
    }

    /// Whether a row of the list could not say which record of this kind it is, so that none of them is absent.
    pub(super) fn is_unsaid(&self, list: &List, kind: Kind) -> bool {
        self.unsaid.contains(&(list.code.as_str(), kind))
    }

    /// The list of a row.
    pub(super) fn list_of(&self, row: usize) -> &str {
        self.rows.rows.get(row).map_or("", |source| source.list.code.as_str())
    }

    fn context(&self, row: usize) -> EventContext {
        if let Some(behalf) = &self.behalf {
            return behalf.context(self.import);
        }
        let source = self.rows.rows.get(row);
        let mut context = EventContext::new(self.import.id.as_uuid(), "import");
        context.team = source.and_then(team);
        context.import = Some(ImportRef {
            import: self.import.id,
            as_at: self.import.as_at,
            sheet: source.map_or_else(|| NO_LIST.to_owned(), |source| self.import.sheet(source.list)),
            row: source.map_or(0, |source| source.number(self.rows.ordinal)),
        });
        context
    }

    /// Keeps a claim visibly without counting it.
    pub(super) fn dispute(
        &mut self,
        claim: &Claim,
        entities: &Entities,
        contradicts: Option<EventId>,
        reason: DisputeReason,
    ) {
        if self.is_lost(claim.row) {
            return;
        }
        let claimed =
            CaseEvent { entities: entities.clone(), ..CaseEvent::new(claim.occurred, claim.body.clone()) };
        if self.held.is_disputed(&claimed) {
            return;
        }
        let body = domain::events::record_keeping::SourceClaimDisputed {
            claim: Box::new(claimed.clone()),
            contradicts,
            reason,
        };
        let event = CaseEvent::new(self.by_now(self.list_of(claim.row)), body);
        self.emit(&event, claim.sealed.clone(), claim.row);
        self.held.new_disputes.push(claimed);
        self.mark(claim.row, RowResult::Disputed);
        let other = self.said_in_this_file(claim, contradicts, reason);
        let code = match (&other, reason) {
            (Some(_), DisputeReason::ExclusiveKind) => "process_told_twice",
            (Some(_), _) => "file_contradicts_itself",
            (None, _) => "disputed",
        };
        let text = self.why_disputed(claim, contradicts, reason) + &other.unwrap_or_default();
        self.notes.push((claim.row, Note { place: claim.place.clone(), code, text }));
    }

    /// Where this file itself says otherwise; `None` where another file does, or somebody by hand.
    fn said_in_this_file(
        &self,
        claim: &Claim,
        contradicts: Option<EventId>,
        reason: DisputeReason,
    ) -> Option<String> {
        let own = |event: &&HeldEvent| event.asserted.import() == Some(self.import.id) && !event.withdrawn;
        let other = match (contradicts, reason) {
            (_, DisputeReason::AnotherChild) => return None,
            (Some(id), _) => Some(self.held.get(id).filter(own)?),
            (None, _) => self.held.of_kind(claim.body.kind(), None).find(own),
        };
        let place = other.and_then(|other| Some(format!("{}, row {}", other.sheet.as_deref()?, other.row)));
        let place = place.unwrap_or_else(|| "another row".to_owned());
        Some(format!("; this file says otherwise itself, in {place}: which of the two is right?"))
    }

    /// What a claim contradicts, in words and without any value.
    fn why_disputed(&self, claim: &Claim, contradicts: Option<EventId>, reason: DisputeReason) -> String {
        let title = claim.body.kind().title();
        match reason {
            DisputeReason::AnotherChild => {
                format!(
                    "\"{title}\": the rows seem to be about another child than the one held under this identifier; if it is the \
                     same child, answer the question with --decide"
                )
            }
            DisputeReason::ExclusiveKind => {
                format!("\"{title}\": the child has another one at that time, to which what follows belongs")
            }
            DisputeReason::ContradictsHeldFact => {
                let held = contradicts.and_then(|id| self.held.get(id));
                let differs = held.map(|held| held.case_event().differences(&merged(held, claim)));
                let fields = differs.into_iter().flatten().collect::<Vec<_>>().join(", ");
                format!("\"{title}\" is held with another value of: {fields}")
            }
        }
    }

    /// Notes something irregular once.
    pub(super) fn observe(&mut self, code: &str, events: &[EventId], claim: &Claim) {
        let facts = ObservationNoted {
            code: Code::try_new(code).expect("observation codes are codes"),
            events: events.to_vec(),
            field: claim.occurred.day().and_then(|day| Code::try_new(&day.to_string()).ok()),
        };
        self.note_of_row(facts, claim.row);
    }

    fn observe_field(&mut self, remark: &Remark, event: EventId, claim: &Claim) {
        let facts = ObservationNoted {
            code: Code::try_new(remark.code).expect("observation codes are codes"),
            events: vec![event],
            field: Code::try_new(remark.field).ok(),
        };
        self.note_of_row(facts, claim.row);
    }

    /// Notes something of a row once.
    pub(super) fn note_of_row(&mut self, facts: ObservationNoted, row: usize) {
        let body = facts.into();
        if self.is_lost(row) || self.held.events.iter().any(|event| event.body == body) {
            return;
        }
        let event = CaseEvent::new(self.by_now(self.list_of(row)), body);
        let id = self.emit(&event, SealedFields::none(), row);
        self.hold(id, event, row);
        self.mark(row, RowResult::New);
    }

    /// The stream of a named worker.
    pub(super) fn worker_stream(&self, name: &str) -> StreamId {
        let (authority, system, name) = (self.import.authority, self.import.system, worker_name(name));
        let elsewhere = self.import.workers.get(&name).copied();
        elsewhere.unwrap_or_else(|| self.import.ids.stream(&["worker", authority, system, &name]))
    }

    /// Remembers a named worker for registration.
    pub(super) fn register_worker(&mut self, name: &str, row: usize) {
        let stream = self.worker_stream(name);
        let is_known = self.import.workers.values().any(|known| *known == stream);
        if !is_known && !self.workers.contains_key(&stream) {
            let registration = self.registration(stream, &folded(name), row);
            self.workers.insert(stream, Worker { stream, registration });
        }
    }

    fn registration(&self, stream: StreamId, name: &str, row: usize) -> NewEvent {
        let import = self.import.id.to_string();
        let parts = [import.as_str(), &stream.to_string(), "worker_registered"].map(str::to_owned);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let id = self.import.ids.event(self.import.as_at, &parts);
        let event =
            CaseEvent::new(Occurred::within(None, Some(self.import.as_at)), WorkerRegistered { role: None });
        let sealed = SealedFields::none().with("name", name);
        // The same worker stands in many rows: the registration names the import and no row.
        let mut context = self.context(row);
        context.team = None;
        context.import =
            context.import.map(|import| ImportRef { sheet: NO_LIST.to_owned(), row: 0, ..import });
        event.to_new(id, sealed, context).expect("codes, dates and ids have a canonical form")
    }
}

/// The name of a worker as it tells them apart: one space between its words, in lower case.
#[must_use]
pub fn worker_name(name: &str) -> String {
    folded(name).to_lowercase()
}

/// A name with one space between its words.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn team(row: &SourceRow) -> Option<String> {
    let value = row.value("team")?;
    matches!(value.reading, crate::extract::Reading::Text(_)).then(|| value.raw.clone())
}
