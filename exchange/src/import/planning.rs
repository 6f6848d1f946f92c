//! Planning one subject: identity, records, what follows them, absence, coverage, in this order.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::envelope::{Category, NewEvent, SealedFields};
use domain::events::identity::IdentifierLinked;
use domain::events::record_keeping::DisputeReason;
use domain::events::{CaseEvent, Code, Entities, EntityRole, Kind, RecordedEvent};
use domain::ids::{EntityId, EventId, ImportId, StreamId};

use super::behalf::Behalf;
use super::claims::{self, Claims, Follow, Person, Record, Refused};
use super::contradicting::Second;
use super::exclusive::{Run, Running};
use super::fill::links;
use super::held::{Asserted, Held, HeldEvent};
use super::identity::{self, Same};
use super::later::{self, NewerFile};
use super::left::Left;
use super::outcome::{Counts, RefusedCell, RowOutcome, RowResult};
use super::records::Resolution;
use super::rejudged::SetAside;
use super::withdrawn::{Kept, Withdrawn};
use super::{Import, Question, coverage, not_named, ordered, twins};
use crate::extract::{Note, SourceRow, Subject, SubjectRows};
use crate::layout::List;

/// What an import does to the stream of one subject.
#[derive(Debug)]
pub struct SubjectPlan {
    /// The stream; `None` where the rows name nobody.
    pub stream: Option<StreamId>,
    /// Category of the stream.
    pub category: Category,
    /// Events to append in this order, as one atomic command.
    pub events: Vec<NewEvent>,
    /// The identifiers that the events name, by kind, under which their subject can be found.
    pub identifiers: Vec<(String, String)>,
    /// One outcome per row, in the order of the rows.
    pub rows: Vec<RowOutcome>,
    /// Questions that were inferred or wait for an answer.
    pub questions: Vec<Question>,
    /// Workers whom the events name; the caller registers those it does not know.
    pub workers: Vec<Worker>,
    /// Records that no row of their list names any more, and values whose cell is empty now: each withdrawn.
    pub withdrawn: Vec<Withdrawn>,
    /// Records that no row of their list names any more, kept because somebody recorded something of them by hand.
    pub kept: Vec<Kept>,
    /// Names of the answered questions that these rows ask, or asked before they were answered.
    pub asked: BTreeSet<String>,
    /// Records that no row names any more and that ended between two files.
    pub left: Vec<Left>,
    /// The lists with a row that could not be read, where nothing is recorded of the subject.
    pub unread: Vec<&'static str>,
}

impl SubjectPlan {
    /// The rows by result.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            counts.add(row.result);
        }
        counts
    }
}

/// A worker named in a file.
#[derive(Debug, Clone)]
pub struct Worker {
    /// The worker's stream.
    pub stream: StreamId,
    /// The event that registers the worker, with the name sealed.
    pub registration: NewEvent,
}

/// Plans the rows of one subject over the history of its stream.
///
/// `history` holds every event of `stream`, in any order: the subject's own ([`super::subject_stream`]), or the one
/// under which an earlier version of this program recorded the subject ([`super::earlier_stream`]).
pub fn plan(
    import: Import<'_>,
    stream: Option<StreamId>,
    rows: &SubjectRows,
    history: &[RecordedEvent],
) -> SubjectPlan {
    let layout = import.format.layout().filter(|_| rows.rows.len() > 1);
    let Some((sorted, from)) = layout.and_then(|layout| ordered::ordered(rows, layout)) else {
        return plan_ordered(import, stream, rows, history);
    };
    let mut planned = plan_ordered(import, stream, &sorted, history);
    let mut told: Vec<(usize, RowOutcome)> = from.into_iter().zip(planned.rows).collect();
    told.sort_by_key(|(index, _)| *index);
    planned.rows = told.into_iter().map(|(_, outcome)| outcome).collect();
    planned
}

/// Plans rows that stand in their own order, whatever order the file has them in.
fn plan_ordered(
    import: Import<'_>,
    stream: Option<StreamId>,
    rows: &SubjectRows,
    history: &[RecordedEvent],
) -> SubjectPlan {
    let category = match rows.subject {
        Subject::Adopter(_) => Category::Adopter,
        Subject::Child(_) | Subject::Nobody => Category::Child,
    };
    let claims = match import.format.layout() {
        Some(layout) => claims::gather(rows, layout, import.as_at),
        // Events are imported as events; they never arrive as rows.
        None => Claims::default(),
    };
    let newer = later::newer_files(&import);
    let unread = stream.map_or_else(Vec::new, |stream| not_named::unread_before(&import, stream));
    let mut planner = Planner::new(import, (stream, category), rows, history);
    planner.newer = &newer;
    planner.unsaid.clone_from(&claims.unsaid);
    planner.notes.clone_from(&claims.notes);
    planner.refuse(&claims.refused);
    if stream.is_some() {
        planner.claims(&claims, history);
        if !planner.events.is_empty() {
            planner.settle_unread_before(&unread, history);
        }
        planner.link(rows);
    }
    planner.finish(stream, &claims.refused)
}

/// Plans a stream that the file does not name: only absence counts.
///
/// To be called, after all rows, for every stream that holds events of an earlier extract of the same
/// authority and system. Streams of other systems come to no harm: their events are left alone.
pub fn plan_absent(import: Import<'_>, stream: StreamId, history: &[RecordedEvent]) -> SubjectPlan {
    let rows = SubjectRows { subject: Subject::Nobody, ordinal: 0, rows: Vec::new() };
    let category = history.first().map_or(Category::Child, |event| event.category);
    let mut planner = Planner::new(import, (Some(stream), category), &rows, history);
    planner.withdraw_absent(&[]);
    planner.settle_left(&[], history);
    planner.finish(Some(stream), &[])
}

/// A statement that waits: with the processes of its events, and its own.
type Waiting = (Follow, Entities, Option<(EntityRole, EntityId)>);

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) import: Import<'a>,
    /// The files about later days that were imported before, the earliest first.
    pub(super) newer: &'a [NewerFile],
    /// The newer file that says what is being recorded; `None` where it is this one.
    pub(super) behalf: Option<Behalf>,
    /// What newer files concluded of records that this file names.
    pub(super) aside: SetAside,
    /// Statements that another one of the file takes the place of.
    second: BTreeSet<Second>,
    /// Those among them that wait until all others are settled.
    last: Vec<Waiting>,
    /// The files that left something behind for a row about the child or adopter.
    pub(super) spoken: BTreeSet<ImportId>,
    /// Records of which a file about a later day than the one that is heard says whether they were.
    pub(super) spared: BTreeSet<EventId>,
    /// What the rows recorded so far, each with its row.
    pub(super) fresh: Vec<(EventId, usize)>,
    pub(super) stream: StreamId,
    pub(super) rows: &'a SubjectRows,
    pub(super) held: Held,
    pub(super) questions: Vec<Question>,
    pub(super) withdrawn: Vec<Withdrawn>,
    pub(super) kept: Vec<Kept>,
    /// Names of the answered questions that the rows ask.
    pub(super) asked: BTreeSet<String>,
    pub(super) left: Vec<Left>,
    /// Lists and kinds of which a row could not say which record it is.
    pub(super) unsaid: Vec<(&'static str, Kind)>,
    /// For each record that opens an exclusive process, the days on which it runs.
    pub(super) runs: Vec<Option<Run>>,
    /// For each record in whose place another of the file stands, that other.
    pub(super) losers: Vec<Option<usize>>,
    /// Those that stand, with the days on which the file knows them to run.
    pub(super) running: Vec<Running>,
    /// Exclusive processes of this file by kind and day.
    pub(super) begun: BTreeMap<(Kind, Option<NaiveDate>), Option<EntityId>>,
    pub(super) notes: Vec<(usize, Note)>,
    pub(super) category: Category,
    /// How many events the stream holds before the plan.
    pub(super) before: usize,
    pub(super) events: Vec<NewEvent>,
    pub(super) identifiers: Vec<(String, String)>,
    pub(super) results: Vec<RowResult>,
    pub(super) workers: BTreeMap<StreamId, Worker>,
}

impl<'a> Planner<'a> {
    fn new(
        import: Import<'a>,
        (stream, category): (Option<StreamId>, Category),
        rows: &'a SubjectRows,
        history: &[RecordedEvent],
    ) -> Self {
        Planner {
            import,
            newer: &[],
            behalf: None,
            aside: SetAside::default(),
            second: BTreeSet::new(),
            last: Vec::new(),
            spoken: {
                let own = (!rows.rows.is_empty()).then_some(import.id);
                later::spoken(history).into_iter().chain(own).collect()
            },
            spared: BTreeSet::new(),
            fresh: Vec::new(),
            stream: stream.unwrap_or(StreamId(uuid::Uuid::nil())),
            rows,
            held: Held::new(history),
            questions: Vec::new(),
            withdrawn: Vec::new(),
            kept: Vec::new(),
            asked: BTreeSet::new(),
            left: Vec::new(),
            unsaid: Vec::new(),
            runs: Vec::new(),
            losers: Vec::new(),
            running: Vec::new(),
            begun: BTreeMap::new(),
            notes: Vec::new(),
            category,
            before: history.len(),
            events: Vec::new(),
            identifiers: Vec::new(),
            results: vec![RowResult::Known; rows.rows.len()],
            workers: BTreeMap::new(),
        }
    }
}

impl Planner<'_> {
    fn refuse(&mut self, refused: &[Refused]) {
        for cell in refused.iter().filter(|cell| cell.whole_row) {
            self.mark(cell.row, RowResult::Refused);
        }
    }

    fn claims(&mut self, claims: &Claims, history: &[RecordedEvent]) {
        self.note_answered(&claims.records);
        let recurring = self.recurring(&claims.records);
        if let Some(person) = &claims.person {
            match identity::judge(&self.held, person, (recurring, self.import.id)) {
                Same::Another(held) if !self.is_said_to_be_the_same(person, held) => {
                    self.dispute_all(claims, person, (held, history));
                    return;
                }
                Same::Another(_) => self.settle_corrected(person),
                Same::Corrected => self.settle_corrected(person),
                Same::Yes => self.settle_person(person),
            }
        }
        let resolutions = self.resolve(&claims.records);
        self.second = self.contradicted(claims, &resolutions);
        for (index, record) in claims.records.iter().enumerate() {
            self.settle_record(index, record, claims, &resolutions);
        }
        let none = Entities::none();
        let told = |follow: &Follow| claims.is_told_elsewhere(follow, None, &resolutions);
        for follow in claims.own.iter().filter(|follow| !told(follow)) {
            self.settle_follow(follow, &none, None);
        }
        for (follow, entities, process) in std::mem::take(&mut self.last) {
            self.dispute_second(&follow, &entities, process);
        }
        self.settle_undated(claims, &resolutions);
        self.end_replaced(&resolutions);
        self.withdraw_absent(&resolutions);
        self.settle_left(&resolutions, history);
        if self.category == Category::Child && (claims.person.is_some() || !history.is_empty()) {
            coverage::state(self, claims, (&resolutions, history));
        }
        self.settle_later(history);
    }

    /// Records once that a child known from another system has this system's identifier too.
    fn link(&mut self, rows: &SubjectRows) {
        let Subject::Child(id) = &rows.subject else { return };
        let system = self.import.system;
        let row = (0..rows.rows.len()).find(|row| !self.is_lost(*row));
        let (Some(row), true) = (row, self.import.identifiers.is_mapped(system, id)) else { return };
        let ours =
            |import| import == self.import.id || self.import.prior.iter().any(|held| held.import == import);
        let linked = |event: &HeldEvent| {
            links(event, "la_child_id")
                && matches!(event.asserted, Asserted::ByExtract { import, .. } if ours(import))
        };
        if self.held.of_kind(Kind::IdentifierLinked, None).any(linked) {
            return;
        }
        let identifier = Code::try_new("la_child_id").expect("a literal code");
        let body = IdentifierLinked { identifier };
        let event = CaseEvent::new(self.by_now(self.list_of(row)), body);
        let new = self.emit(&event, SealedFields::none().with("value", id), row);
        self.hold(new, event, row);
        self.mark(row, RowResult::New);
    }

    /// The rows seem to describe another child: everything that they claim is kept as disputed. What the file says of the one
    /// who is held cannot be told, as of a child whose rows could not be read.
    fn dispute_all(
        &mut self,
        claims: &Claims,
        person: &Person,
        (held, history): (EventId, &[RecordedEvent]),
    ) {
        let reason = DisputeReason::AnotherChild;
        self.dispute(&person.claim, &Entities::none(), Some(held), reason);
        for record in &claims.records {
            let follows = record.then.iter().filter_map(claims::Follow::claim);
            for claim in std::iter::once(&record.opening).chain(follows) {
                self.dispute(claim, &Entities::none(), Some(held), reason);
            }
        }
        for claim in claims.own.iter().filter_map(claims::Follow::claim) {
            self.dispute(claim, &Entities::none(), Some(held), reason);
        }
        let rows = self.rows;
        let has_rows = |list: &&List| rows.rows.iter().any(|row| row.list.code == list.code);
        let lists: Vec<&'static List> = self.import.lists().iter().filter(has_rows).collect();
        coverage::state_unread(self, &lists, history);
    }

    /// The same child in spite of what contradicts: settled as a correction, and noted.
    fn settle_corrected(&mut self, person: &Person) {
        self.settle_person(person);
        if let Some(registered) = identity::registered(&self.held).map(|event| event.id) {
            self.observe("identity_corrected", &[registered], &person.claim);
        }
        let text = "the date of birth, or more than one of it, sex and ethnicity, differs from what is held; the child's \
                    processes recur, or an answer says so: it is taken for the same child; check it";
        self.remark(person.claim.row, "identity_corrected", text);
    }

    /// Notes something about a row for the report.
    pub(super) fn remark(&mut self, row: usize, code: &'static str, text: &str) {
        let Some(source) = self.rows.rows.get(row) else { return };
        self.notes.push((row, Note { place: source.place.clone(), code, text: text.to_owned() }));
    }

    fn settle_person(&mut self, person: &Person) {
        for (row, name) in &person.renamed {
            let text = format!(
                "the row gives the child another {name} than an earlier row of the file, and only the first is recorded: \
                 check which is right"
            );
            self.remark(*row, "identifier_differs", &text);
        }
        let further = self.further_identifiers(person);
        self.settle_registration(&person.claim);
        for identifier in further {
            self.link_further(identifier, person);
        }
        let registered = identity::registered(&self.held).map(|event| event.id);
        for claim in &person.contradictions {
            self.dispute(claim, &Entities::none(), registered, DisputeReason::ContradictsHeldFact);
        }
    }

    fn settle_record(&mut self, index: usize, record: &Record, claims: &Claims, resolved: &[Resolution]) {
        let all = claims.records.as_slice();
        let resolution = resolved.get(index).copied().unwrap_or(Resolution::Undecided);
        let Some(entities) = self.entities_of(record, resolution, all, resolved) else {
            self.mark(record.row, RowResult::Undecided);
            return;
        };
        let opening = twins::opening_of(index, record, (all, resolved));
        match resolution {
            Resolution::Held { opening: held, .. } => {
                self.set_aside(held);
                self.settle_existing(held, &opening, &entities);
            }
            Resolution::New { .. } => {
                self.record(&opening, entities.clone());
            }
            Resolution::Earlier { newest } => {
                self.observe("earlier_than_held", &[newest], &opening);
                return;
            }
            // What follows the disputed opening belongs to the process that stands.
            Resolution::Exclusive { held, .. } => {
                self.dispute(&opening, &entities, held, DisputeReason::ExclusiveKind);
            }
            Resolution::Duplicate { of } => self.note_repeated(record.row, all.get(of).map(|twin| twin.row)),
            Resolution::Undecided => {}
        }
        let process = record.own.and_then(|role| entities.get(role).map(|id| (role, id)));
        let told = |follow: &Follow| claims.is_told_elsewhere(follow, process, resolved);
        for follow in record.then.iter().filter(|follow| !told(follow)) {
            self.settle_follow(follow, &entities, process);
        }
    }

    /// Holds back a statement that another one of the file takes the place of; whether it is one.
    pub(super) fn waits(
        &mut self,
        follow: &Follow,
        entities: &Entities,
        process: Option<(EntityRole, EntityId)>,
    ) -> bool {
        let is_second =
            follow.claim().is_some_and(|claim| self.second.contains(&(claim.row, claim.body.kind())));
        if is_second {
            self.last.push((follow.clone(), entities.clone(), process));
        }
        is_second
    }

    /// Lowers the result of a row; a refused row stays refused.
    pub(super) fn mark(&mut self, row: usize, result: RowResult) {
        if let Some(held) = self.results.get_mut(row) {
            *held = (*held).min(result);
        }
    }

    /// Whether nothing of the row may be recorded.
    pub(super) fn is_lost(&self, row: usize) -> bool {
        matches!(self.results.get(row), Some(RowResult::Refused | RowResult::Undecided))
    }

    /// Whether a row of the list was read.
    pub(super) fn read_row_of(&self, list: &crate::layout::List) -> bool {
        let mut rows = self.rows.rows.iter().zip(&self.results);
        rows.any(|(row, result)| row.list.code == list.code && *result != RowResult::Refused)
    }

    /// Whether a row of the list waits for an answer.
    pub(super) fn waiting_row_of(&self, list: &crate::layout::List) -> bool {
        let mut rows = self.rows.rows.iter().zip(&self.results);
        rows.any(|(row, result)| row.list.code == list.code && *result == RowResult::Undecided)
    }

    /// Whether a row of the list was refused.
    pub(super) fn lost_row_of(&self, list: &crate::layout::List) -> bool {
        let rows = self.rows.rows.iter().zip(&self.results);
        rows.into_iter().any(|(row, result)| row.list.code == list.code && *result == RowResult::Refused)
    }

    fn finish(self, stream: Option<StreamId>, refused: &[Refused]) -> SubjectPlan {
        let outcome = |(index, (row, result)): (usize, (&SourceRow, &RowResult))| RowOutcome {
            place: row.place.clone(),
            list: row.list.code.clone(),
            result: *result,
            refused: refused.iter().filter(|cell| cell.row == index).map(refused_cell).collect(),
            notes: {
                let noted = self.notes.iter().filter(|(row, _)| *row == index).map(|(_, note)| note);
                row.notes.iter().chain(noted).cloned().collect()
            },
        };
        let rows = self.rows.rows.iter().zip(&self.results).enumerate().map(outcome).collect();
        let lists = self.import.lists().iter().filter(|list| self.lost_row_of(list));
        let is_nobody = stream.is_none() || self.before > 0 || !self.events.is_empty();
        let unread = lists.filter(|_| !is_nobody).map(|list| list.code.as_str()).collect();
        SubjectPlan {
            stream,
            category: self.category,
            events: self.events,
            identifiers: self.identifiers,
            rows,
            questions: self.questions,
            workers: self.workers.into_values().collect(),
            withdrawn: self.withdrawn,
            kept: self.kept,
            asked: self.asked,
            left: self.left,
            unread,
        }
    }
}

fn refused_cell(cell: &Refused) -> RefusedCell {
    RefusedCell {
        place: cell.place.clone(),
        column: cell.column.clone(),
        value: cell.value.clone(),
        reason: cell.reason.clone(),
    }
}

/// Whole days between two days, without sign.
pub(super) fn days_apart(left: NaiveDate, right: NaiveDate) -> i64 {
    left.signed_duration_since(right).num_days().abs()
}
