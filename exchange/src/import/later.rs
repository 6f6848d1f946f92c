//! What files about later days, imported before, say of what this file adds: the state is the one that the files give in the
//! order of their days.
//!
//! An older file that is imported late records what it states. A newer file that names the same record and leaves the cell
//! empty, or that should name the record and does not, takes it back as it would have done had it come second; these acts
//! carry the newer file and its day. What the newer file could not say takes nothing back, and nothing takes back what was
//! recorded by hand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::events::{Body, CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, ImportId, Position, Revision};
use domain::time::Occurred;
use serde_json::{Map, Value};

use super::behalf::Behalf;
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
    pub(super) extract: PriorExtract,
    format: Format,
    scope: Vec<ListScope>,
    /// Of these, the lists of which every row names somebody: whom none of them names is not in them.
    pub(super) whole: Vec<ListScope>,
    /// The files about earlier days than its own, this one among them.
    before: Vec<PriorExtract>,
}

/// The files about later days than that of an import, the earliest first.
pub(super) fn newer_files(import: &Import<'_>) -> Vec<NewerFile> {
    files(import, |extract| extract.as_at > import.as_at)
}

pub(super) fn files(import: &Import<'_>, is_it: impl Fn(&PriorExtract) -> bool) -> Vec<NewerFile> {
    let is_newer = |extract: &&PriorExtract| extract.import != import.id && is_it(extract);
    let mut newer: Vec<PriorExtract> = Vec::new();
    // A file may be declared again: with what could not be read, or with more columns.
    for extract in import.prior.iter().filter(is_newer) {
        match newer.iter_mut().find(|held| held.import == extract.import) {
            Some(held) => {
                for (list, columns) in &extract.lists {
                    held.lists.entry(list.clone()).or_default().extend(columns.iter().cloned());
                }
                (held.whole, held.unread) = (extract.whole.clone(), extract.unread.clone());
            }
            None => newer.push(extract.clone()),
        }
    }
    newer.sort_by_key(|extract| extract.as_at);
    newer.iter().filter_map(|extract| NewerFile::new(extract, import)).collect()
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
        let held = extract.lists.iter().filter_map(|(sheet, columns)| {
            let list = list_of(sheet)?.1.code.clone();
            let scope = ListScope { list, fields: columns.iter().cloned().collect(), rows: None, unnamed: 0 };
            Some((extract.whole.contains(sheet), scope))
        });
        let held: Vec<(bool, ListScope)> = held.collect();
        let whole = held.iter().filter(|(is_whole, _)| *is_whole).map(|(_, scope)| scope.clone()).collect();
        let scope = held.into_iter().map(|(_, scope)| scope).collect();
        let own = PriorExtract {
            import: import.id,
            as_at: import.as_at,
            lists: import
                .scope
                .iter()
                .map(|scope| (list_code(import.format, &scope.list), scope.fields.iter().cloned().collect()))
                .collect(),
            empty: BTreeSet::new(),
            whole: BTreeSet::new(),
            unread: BTreeMap::new(),
        };
        let earlier =
            import.prior.iter().filter(|other| other.import != import.id && other.as_at < extract.as_at);
        let before = earlier.cloned().chain([own]).collect();
        Some(NewerFile { extract: extract.clone(), format, scope, whole, before })
    }

    /// Whether this is the file of an import.
    pub(super) fn is(&self, import: ImportId) -> bool {
        self.extract.import == import
    }

    /// The import and its day.
    pub(super) fn day_of(&self) -> Option<(ImportId, NaiveDate)> {
        Some((self.extract.import, self.extract.as_at))
    }

    /// The import as it was when no file followed it, and this one came before.
    pub(super) fn import<'a>(&'a self, by: Import<'a>) -> Import<'a> {
        let PriorExtract { import: id, as_at, .. } = self.extract;
        Import { id, as_at, format: self.format, scope: &self.scope, prior: &self.before, ..by }
    }
}

/// The files that named the child or adopter of a stream: each left something behind for one of its rows.
pub(super) fn spoken(history: &[RecordedEvent]) -> BTreeSet<ImportId> {
    let imports = history.iter().filter_map(|event| event.context.import.as_ref());
    imports.filter(|import| import.sheet != NO_LIST).map(|import| import.import).collect()
}

type Process = Option<(EntityRole, EntityId)>;

/// Where a newer file speaks of the record of an event.
struct Spoken {
    list: &'static List,
    rule: &'static EventRule,
    /// The row; 0 where it is not known.
    row: u32,
    process: Process,
}

impl<'a> Planner<'a> {
    /// Settles what each newer file says of what this one recorded.
    pub(super) fn settle_later(&mut self, history: &[RecordedEvent]) {
        for file in self.newer {
            let by = self.import;
            let unsaid = std::mem::take(&mut self.unsaid);
            self.import = file.import(by);
            let now = self.so_far(history);
            let concluded = self.aside.openings.clone();
            for (id, _) in concluded.into_iter().filter(|(_, import)| file.is(*import)) {
                self.left_out(id, file, (by, &now, true));
            }
            if self.spoken.contains(&file.extract.import) {
                for (id, row) in self.fresh.clone() {
                    self.left_empty((id, row), file, by);
                    self.said_again((id, row), file, by);
                    self.left_out(id, file, (by, &now, false));
                }
                self.replaced_later(by);
            } else {
                self.not_named(file, by, history);
            }
            self.gone_already(by);
            (self.import, self.unsaid, self.behalf) = (by, unsaid, None);
        }
        self.settle_aside();
    }

    /// Ends what the newest record of a newer file has replaced.
    fn replaced_later(&mut self, by: Import<'_>) {
        self.behalf = Some(Behalf::of_no_row(by.id));
        self.end_replaced(&[]);
    }

    /// Withdraws what this file says of a record that the newer file withdrew: it goes with it.
    fn gone_already(&mut self, by: Import<'_>) {
        let newer = self.import.id;
        let is_gone = |event: &HeldEvent| {
            event.entities.iter().any(|process| {
                let opening = self.opening_of(Some(process)).filter(|opening| opening.withdrawn);
                let by_newer =
                    |asserted| matches!(asserted, Asserted::ByExtract { import, .. } if import == newer);
                opening.is_some_and(|opening| by_newer(opening.asserted))
            })
        };
        let fresh = self.fresh.iter().filter_map(|(id, _)| self.held.get(*id));
        let gone: Vec<EventId> =
            fresh.filter(|event| !event.withdrawn && is_gone(event)).map(|event| event.id).collect();
        self.behalf = Some(Behalf::of_no_row(by.id));
        for id in gone {
            self.withdraw(id, usize::MAX);
        }
    }

    /// The history as it will be with what is planned so far.
    pub(super) fn so_far(&self, history: &[RecordedEvent]) -> Vec<RecordedEvent> {
        let last = history.iter().map(|event| event.position).max().unwrap_or(Position(0));
        let recorded_at = history.iter().map(|event| event.recorded_at).max().unwrap_or_default();
        let planned = (1..).zip(&self.events).filter_map(|(nth, new)| {
            Some(RecordedEvent {
                position: Position(last.0 + nth),
                stream: self.stream,
                category: self.category,
                revision: Revision(u32::try_from(history.len() as u64 + nth).ok()?),
                event_id: new.event_id,
                command_id: CommandId(self.import.id.as_uuid()),
                recorded_at,
                context: new.context.clone(),
                event: CaseEvent::read(new.occurred, &new.kind, new.schema_version, &new.facts).ok()?,
            })
        });
        let is_aside = |event: &RecordedEvent| {
            let Body::EventWithdrawn(withdrawn) = &event.event.body else {
                return self.aside.holds(event.event_id);
            };
            self.aside.holds(withdrawn.target)
        };
        history.iter().filter(|event| !is_aside(event)).cloned().chain(planned).collect()
    }

    /// Takes back an event whose cell the newer file leaves empty in its record.
    fn left_empty(&mut self, (id, row): (EventId, usize), file: &NewerFile, by: Import<'_>) {
        for sheet in file.extract.lists.keys() {
            let Some(event) = self.held.get(id).filter(|event| !event.withdrawn).cloned() else { return };
            let Some(spoken) = self.spoken_of(&event, sheet, file) else { continue };
            self.behalf = Some(Behalf { sheet: sheet.clone(), row: spoken.row, by: by.id });
            self.take_back(&event, (spoken.list, spoken.rule, sheet), (row, spoken.process));
        }
    }

    /// Records again the state that held before one that this file tells, and that the newer file repeats: it named the
    /// record, and left no event of the state behind.
    fn said_again(&mut self, (id, row): (EventId, usize), file: &NewerFile, by: Import<'_>) {
        for sheet in file.extract.lists.keys() {
            let Some(event) = self.held.get(id).filter(|event| !event.withdrawn).cloned() else { return };
            let Some(spoken) = self.spoken_of(&event, sheet, file) else { continue };
            let is_state = spoken.list.column(&spoken.rule.on).is_some_and(|on| on.role == Role::State);
            let Some(before) = self.state_around(&event, by.as_at, spoken.process).filter(|_| is_state)
            else {
                continue;
            };
            let Some(source) = self.rows.rows.get(row) else { return };
            self.behalf = Some(Behalf { sheet: sheet.clone(), row: spoken.row, by: by.id });
            let since = by.as_at.succ_opt();
            let occurred = Occurred::within(since, Some(self.import.as_at));
            let claim = Claim::of_body(row, source.place.clone(), occurred, before);
            self.record(&claim, event.entities.clone());
        }
    }

    /// The state before one that begins by a day, where that one is another and nothing tells of a later one.
    fn state_around(&self, event: &HeldEvent, day: NaiveDate, process: Process) -> Option<Body> {
        let kind = if event.kind() == Kind::WorkerDeallocated { Kind::WorkerAllocated } else { event.kind() };
        let others = || self.states(kind, process).filter(|other| other.id != event.id);
        if event.order_day() > Some(day) || others().any(|other| other.order_day() > Some(day)) {
            return None;
        }
        let before = others().max_by_key(|other| other.order_day())?;
        let is_told = before.asserted != Asserted::ByHand && before.body != event.body;
        is_told.then(|| before.body.clone())
    }

    /// Where a newer file speaks of the record of an event, in a list with its column: not where the cell could not say it.
    fn spoken_of(&self, event: &HeldEvent, sheet: &str, file: &NewerFile) -> Option<Spoken> {
        let (_, list) = list_of(sheet)?;
        let rule = rule_for(list, &event.body)?;
        let has_column = file.extract.lists.get(sheet).is_some_and(|columns| columns.contains(&rule.on));
        if list.is_own_key(rule) || !has_column {
            return None;
        }
        let role = record_of(list, rule);
        let process = role.and_then(|role| Some((role, event.entities.get(role)?)));
        if role.is_some() != process.is_some() {
            return None;
        }
        let named = || self.is_named_by_standing(process, list).then_some(0);
        let row = self.spoken_row(&file.extract, sheet, process).or_else(named)?;
        let opening = self.opening_of(process).map(|opening| opening.id);
        (!self.is_noted_unsaid(opening, &rule.on)).then_some(Spoken { list, rule, row, process })
    }

    /// Whether a file that should name a record did: it was held before, and stands. One that only repeats what is held
    /// leaves no other trace. Nor does one between this file, whose row names the record, and a newer one that told it first.
    fn is_named_by_standing(&self, process: Process, list: &'static List) -> bool {
        let Some(opening) = process.and_then(|process| self.opening_of(Some(process))) else { return false };
        let is_fresh = self.fresh.iter().any(|(id, _)| *id == opening.id) || self.aside.holds(opening.id);
        let is_unread = self.held.coverage.is_left_open_by(self.import.id, opening.kind());
        let should_name =
            absence::is_expected(self, opening, list) || absence::is_expected_between(self, opening, list);
        !is_fresh && !is_unread && !opening.withdrawn && should_name
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
        // What happened after the day of the newer file is none of its words.
        let day = Some(self.import.as_at);
        let is_dated = rule.starts_as.is_some() || role == Some(Role::Latest);
        let counts = |event: &HeldEvent| !is_dated || event.order_day() <= day;
        if self.states_by(rule, process).any(|event| counts(event) && !fresh(event)) {
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
            self.settle_nothing(rule, row, meaning, (&event.entities, process));
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
        let day = Some(self.import.as_at);
        let so_far = self.states(rule.kind, process).filter(|event| event.order_day() <= day);
        if so_far.max_by_key(|event| event.order_day()).is_none_or(|newest| newest.body == body) {
            return;
        }
        let occurred = self.since_the_last(row, &body, process);
        let place = self.rows.rows.get(row).map_or(Place::File, |source| source.place.clone());
        self.record(&Claim::of_body(row, place, occurred, body), event.entities.clone());
    }

    /// Withdraws a record that the newer file should name and does not, or ends it. `known`: that it does not name it is
    /// known.
    fn left_out(
        &mut self,
        id: EventId,
        file: &NewerFile,
        (by, now, known): (Import<'_>, &[RecordedEvent], bool),
    ) {
        let Some(event) = self.held.get(id).filter(|event| !event.withdrawn).cloned() else { return };
        for list in self.import.lists() {
            let Some(rule) = absence::listed(list).find(|rule| rule.kind == event.kind()) else { continue };
            let is_expected = absence::is_expected(self, &event, list);
            let is_own = list.is_own_key(rule);
            let from = list.window_from(self.import.as_at).filter(|_| list.window == Some(Window::Open));
            // A list of what is open in its window names also what began before.
            let told = event.occurred.day().max(from);
            let is_told =
                told.is_some_and(|day| self.held.coverage.is_stated_by(file.extract.import, rule.kind, day));
            let reaches = is_reached(self, &event, list, by.as_at);
            let parent =
                absence::enclosing(list, rule).and_then(|role| Some((role, event.entities.get(role)?)));
            let around = parent.is_none_or(|parent| self.is_spoken_of(&file.extract, parent));
            self.behalf = Some(Behalf::of_no_row(by.id));
            if is_expected && (known || (is_own && is_told && reaches && around)) {
                self.withdraw_record(id);
                return;
            }
            let left = self.left_between(&event, list, false).filter(|_| known || (is_told && around));
            if let Some(between) = left.filter(|(_, last)| !self.is_over(id, *last, now)) {
                self.leave(id, (list, rule), between);
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
        let from = list.window_from(as_at).filter(|_| absence::listed(list).any(|rule| rule.kind == kind));
        let told =
            if list.window == Some(Window::Open) { from.map_or(day, |from| from.max(day)) } else { day };
        let is_told = self.held.coverage.is_stated_by(extract.import, kind, told);
        // A process that a row only names by its day says nothing by its absence.
        let around = absence::listed(list)
            .find(|rule| rule.kind == kind)
            .is_none_or(|rule| absence::enclosing(list, rule).is_some());
        let is_named = parent.filter(|_| around).is_none_or(|parent| self.is_spoken_of(extract, parent));
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
