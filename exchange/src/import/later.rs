//! What files about later days, imported before, say of what this file adds: the state is the one that the files give in the
//! order of their days.
//!
//! An older file that is imported late records what it states. A newer file that names the same record and leaves the cell
//! empty, or that should name the record and does not, takes it back as it would have done had it come second; these acts
//! carry the newer file and its day. What the newer file could not say takes nothing back, and nothing takes back what was
//! recorded by hand.

use chrono::NaiveDate;
use domain::envelope::{EventContext, ImportRef};
use domain::events::{Body, EntityRole, Kind};
use domain::ids::{EntityId, EventId, ImportId};
use serde_json::{Map, Value};

use super::claims::{Claim, Emptied, Record};
use super::extracts::{PriorExtract, list_code};
use super::fill::list_of;
use super::held::{Asserted, HeldEvent, NO_LIST};
use super::planning::Planner;
use super::silent::rule_for;
use super::{Import, absence};
use crate::extract::{ListScope, Place};
use crate::layout::{Blank, EventRule, List, Owner, Role, Window};
use crate::recognise::Format;

/// A file about a later day that was imported before.
pub(super) struct NewerFile {
    extract: PriorExtract,
    format: Format,
    scope: Vec<ListScope>,
    /// The files about earlier days than its own, this one among them.
    before: Vec<PriorExtract>,
}

/// The file for which something is recorded while another one is imported.
pub(super) struct Behalf {
    /// Code of the list.
    pub(super) sheet: String,
    /// The row; 0 where it is not known, or there is none.
    row: u32,
    /// The import that records it.
    by: ImportId,
}

impl Behalf {
    /// The context of what is recorded for `import`.
    pub(super) fn context(&self, import: Import<'_>) -> EventContext {
        let mut context = EventContext::new(self.by.as_uuid(), "import");
        let (sheet, row) = (self.sheet.clone(), self.row);
        context.import = Some(ImportRef { import: import.id, as_at: import.as_at, sheet, row });
        context
    }
}

/// The files about later days than that of an import, the earliest first.
pub(super) fn newer_files(import: &Import<'_>) -> Vec<NewerFile> {
    let is_newer = |extract: &&PriorExtract| extract.import != import.id && extract.as_at > import.as_at;
    let mut newer: Vec<&PriorExtract> = import.prior.iter().filter(is_newer).collect();
    newer.sort_by_key(|extract| extract.as_at);
    newer.into_iter().filter_map(|extract| NewerFile::new(extract, import)).collect()
}

impl NewerFile {
    fn new(extract: &PriorExtract, import: &Import<'_>) -> Option<Self> {
        let known = |format: &Format| {
            let layout = format.layout()?;
            layout
                .lists
                .iter()
                .any(|list| extract.lists.contains_key(&layout.sheet(&list.code)))
                .then_some(())
        };
        let format =
            [Format::AnnexA, Format::CinCensus].into_iter().find(|format| known(format).is_some())?;
        let scope = extract.lists.iter().filter_map(|(sheet, columns)| {
            let list = list_of(sheet)?.1.code.clone();
            Some(ListScope { list, fields: columns.iter().cloned().collect(), rows: None, unnamed: 0 })
        });
        let own = PriorExtract {
            import: import.id,
            as_at: import.as_at,
            lists: import
                .scope
                .iter()
                .map(|scope| (list_code(import.format, &scope.list), scope.fields.iter().cloned().collect()))
                .collect(),
        };
        let earlier =
            import.prior.iter().filter(|other| other.import != import.id && other.as_at < extract.as_at);
        let before = earlier.cloned().chain([own]).collect();
        Some(NewerFile { extract: extract.clone(), format, scope: scope.collect(), before })
    }

    /// The import as it was when no file followed it, and this one came before.
    fn import<'a>(&'a self, by: Import<'a>) -> Import<'a> {
        let PriorExtract { import: id, as_at, .. } = self.extract;
        Import { id, as_at, format: self.format, scope: &self.scope, prior: &self.before, ..by }
    }
}

type Process = Option<(EntityRole, EntityId)>;

impl Planner<'_> {
    /// Settles what each newer file says of what this one recorded.
    pub(super) fn settle_later(&mut self) {
        for file in self.newer {
            let by = self.import;
            let unsaid = std::mem::take(&mut self.unsaid);
            self.import = file.import(by);
            for (id, row) in self.fresh.clone() {
                self.left_empty((id, row), file, by);
                self.left_out(id, file, by);
            }
            (self.import, self.unsaid, self.behalf) = (by, unsaid, None);
        }
    }

    /// Takes back an event whose cell the newer file leaves empty in its record.
    fn left_empty(&mut self, (id, row): (EventId, usize), file: &NewerFile, by: Import<'_>) {
        for (sheet, columns) in &file.extract.lists {
            let Some(event) = self.held.get(id).filter(|event| !event.withdrawn).cloned() else { return };
            let Some((_, list)) = list_of(sheet) else { continue };
            let Some(rule) = rule_for(list, &event.body) else { continue };
            if list.is_own_key(rule) || !columns.contains(&rule.on) {
                continue;
            }
            let role = record_of(list, rule);
            let process = role.and_then(|role| Some((role, event.entities.get(role)?)));
            if role.is_some() != process.is_some() {
                continue;
            }
            let Some(spoken) = self.spoken_row(&file.extract, sheet, process) else { continue };
            let opening = self.opening_of(process).map(|opening| opening.id);
            if self.is_noted_unsaid(opening, &rule.on) {
                continue;
            }
            self.behalf = Some(Behalf { sheet: sheet.clone(), row: spoken, by: by.id });
            self.take_back(&event, (list, rule, sheet), (row, process));
        }
    }

    fn take_back(
        &mut self,
        event: &HeldEvent,
        (list, rule, sheet): (&'static List, &'static EventRule, &str),
        (row, process): (usize, Process),
    ) {
        let role = list.column(&rule.on).map(|column| column.role);
        if role == Some(Role::Key) {
            // A further record of the row: the row names another one, or none.
            let is_of_list = event.sheet.as_deref() == Some(sheet) && rule.absence == Blank::Withdraws;
            if is_of_list && absence::is_in_window(self, event, list) {
                self.withdraw_record(event.id);
            }
            return;
        }
        let fresh = |event: &HeldEvent| self.fresh.iter().any(|(id, _)| *id == event.id);
        if self.states(rule.kind, process).any(|event| !fresh(event)) {
            return;
        }
        let meaning = match role {
            Some(Role::Latest) => Emptied::LatestWithdrawn,
            Some(Role::State) => rule.emptied.map_or(Emptied::ValueWithdrawn, Emptied::Gives),
            Some(
                Role::Key | Role::Attribute | Role::Derived | Role::Identifier | Role::Child | Role::Adopter,
            )
            | None => Emptied::ValueWithdrawn,
        };
        if rule.starts_as.is_some() {
            self.give_as_begun(event, (list, rule), (row, process));
        } else if rule.blank == Blank::Withdraws {
            self.settle_nothing(rule.kind, row, meaning, (&event.entities, process));
        }
    }

    /// Records that a state was again the one with which its process began: the newer file says so by no event.
    fn give_as_begun(
        &mut self,
        event: &HeldEvent,
        (list, rule): (&'static List, &'static EventRule),
        (row, process): (usize, Process),
    ) {
        let Some(opening) = self.opening_of(process) else { return };
        let opens = list.own_record().into_iter().flat_map(|rule| &rule.facts);
        let mut begun = opens.filter(|(_, fact)| fact.column() == rule.starts_as.as_deref());
        let Some(value) = begun.next().and_then(|(field, _)| opening.body.fields().remove(field)) else {
            return;
        };
        let fields = rule.facts.iter().filter(|(_, fact)| fact.column() == Some(rule.on.as_str()));
        let fields: Map<String, Value> = fields.map(|(field, _)| (field.clone(), value.clone())).collect();
        let Ok(body) = Body::of(rule.kind, Value::Object(fields)) else { return };
        if body == event.body {
            return;
        }
        let code = self.list_of(row).to_owned();
        let occurred = self.since_the_last(&code);
        let place = self.rows.rows.get(row).map_or(Place::File, |source| source.place.clone());
        self.record(&Claim::of_body(row, place, occurred, body), event.entities.clone());
    }

    /// Withdraws a record that the newer file should name and does not.
    fn left_out(&mut self, id: EventId, file: &NewerFile, by: Import<'_>) {
        let Some(event) = self.held.get(id).filter(|event| !event.withdrawn).cloned() else { return };
        for list in self.import.lists() {
            let Some(rule) = absence::listed(list).find(|rule| rule.kind == event.kind()) else { continue };
            let is_own = list.is_own_key(rule) && absence::is_expected(self, &event, list);
            let key = event.occurred.day();
            let is_told =
                key.is_some_and(|day| self.held.coverage.is_stated_by(file.extract.import, rule.kind, day));
            let reaches = is_reached(self, &event, list, by.as_at);
            let parent =
                absence::enclosing(list, rule).and_then(|role| Some((role, event.entities.get(role)?)));
            let around = parent.is_none_or(|parent| self.is_spoken_of(&file.extract, parent));
            if is_own && is_told && reaches && around {
                self.behalf = Some(Behalf { sheet: NO_LIST.to_owned(), row: 0, by: by.id });
                self.withdraw_record(id);
                return;
            }
        }
    }

    /// The row in which a newer file speaks of a process, or of the child, in a list; 0 where it is not known.
    fn spoken_row(&self, extract: &PriorExtract, sheet: &str, process: Process) -> Option<u32> {
        let is_about =
            |event: &&HeldEvent| process.is_none_or(|(role, id)| event.entities.get(role) == Some(id));
        let said = |event: &&HeldEvent| {
            event.said_by.iter().any(|(import, list)| *import == extract.import && list == sheet)
        };
        let spoken = self.held.events.iter().filter(is_about).find(said)?;
        let first = spoken.said_by.first().is_some_and(|(import, _)| *import == extract.import);
        Some(if first { spoken.row } else { 0 })
    }

    fn is_spoken_of(&self, extract: &PriorExtract, process: (EntityRole, EntityId)) -> bool {
        extract.lists.keys().any(|sheet| self.spoken_row(extract, sheet, Some(process)).is_some())
    }

    /// Held records of newer files only, under the parent of a record that the newest of them should name: it may be one of
    /// them, of which that file gives another date.
    pub(super) fn dated_later(
        &self,
        record: &Record,
        parent: Option<(EntityRole, EntityId)>,
        is_taken: impl Fn(EventId) -> bool,
    ) -> Vec<EventId> {
        let Some((list, day)) = self.rows.rows.get(record.row).map(|row| row.list).zip(record.key) else {
            return Vec::new();
        };
        let sheet = self.import.sheet(list);
        let Some(file) = self.newer.iter().rfind(|file| file.extract.lists.contains_key(&sheet)) else {
            return Vec::new();
        };
        let kind = record.opening.body.kind();
        let (extract, as_at) = (&file.extract, file.extract.as_at);
        let is_own = list.events.iter().any(|rule| rule.kind == kind && list.is_own_key(rule));
        let is_told = self.held.coverage.is_stated_by(extract.import, kind, day);
        let is_named = parent.is_none_or(|parent| self.is_spoken_of(extract, parent));
        let from = list.window_from(as_at).filter(|_| absence::listed(list).any(|rule| rule.kind == kind));
        let is_in_window = from.is_some_and(|from| match list.window {
            Some(Window::Starts) => day >= from,
            Some(Window::Open) => last_told(record, list, self.import.as_at) >= from,
            None => false,
        });
        if !is_in_window || !is_named || (is_own && !is_told) {
            return Vec::new();
        }
        let of_newer = |event: &&HeldEvent| match event.asserted {
            Asserted::ByExtract { as_at, .. } => as_at > self.import.as_at && !event.by_hand,
            Asserted::ByHand => false,
        };
        self.under(kind, parent)
            .filter(of_newer)
            .filter(|event| !event.withdrawn && !is_taken(event.id) && event.sheet.as_ref() == Some(&sheet))
            .map(|event| event.id)
            .collect()
    }
}

/// The record whose empty cell speaks of an event of a rule; `None`: the child or adopter itself.
fn record_of(list: &List, rule: &EventRule) -> Option<EntityRole> {
    match rule.of {
        Some(Owner::Subject) => None,
        Some(Owner::Process(role)) => Some(role),
        None => rule
            .within
            .first()
            .copied()
            .filter(|_| rule.opened().is_some())
            .or_else(|| list.own_record()?.opened()),
    }
}

/// Whether the window of a newer file reaches back to the last day on which a record without an end is known to be open.
fn is_reached(planner: &Planner<'_>, event: &HeldEvent, list: &List, open_on: NaiveDate) -> bool {
    let is_open = list.window == Some(Window::Open) && absence::end_of(planner, event, list).is_none();
    let from = list.window_from(planner.import.as_at);
    !is_open || from.zip(open_on.succ_opt()).is_some_and(|(from, next)| next >= from)
}

/// The last day that a record states of itself: its end, or else the day after that of its file, by which it is open.
fn last_told(record: &Record, list: &List, as_at: NaiveDate) -> NaiveDate {
    let role = record.own;
    let ends: Vec<Kind> = role.into_iter().flat_map(|role| list.ends_of(role)).collect();
    let claims = record.then.iter().filter_map(super::claims::Follow::claim);
    let end = claims
        .filter(|claim| ends.contains(&claim.body.kind()))
        .filter_map(|claim| claim.occurred.earliest_day());
    end.max().or_else(|| as_at.succ_opt()).unwrap_or(as_at)
}
