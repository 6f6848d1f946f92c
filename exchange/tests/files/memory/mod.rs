//! A ledger in memory, to import files into it one after another. Every child is invented.

pub(crate) mod columns;
pub(crate) mod lists;
pub(crate) mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::envelope::{Category, EventContext, NewEvent, SealedFields};
use domain::events::governance::ExtractDeclared;
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};
use domain::identifier::normal_form;
use domain::ids::{CommandId, EntityId, EventId, ImportId, KeyedIds, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use exchange::import::{
    Counts, Decisions, IdentifierMap, Import, Kept, Left, PriorExtract, Question, RowOutcome, SubjectPlan,
    WhyWithdrawn, Withdrawn, declaration, plan, plan_absent, subject_stream, with_unread,
};
use exchange::reconcile::{Reconciliation, reconcile};
use exchange::{Options, Subject, SubjectRows};
use uuid::Uuid;

const FIXED: &dyn KeyedIds = &FixedIds;

/// Ids from a fixed hash: for tests only, as nothing here is secret.
struct FixedIds;

fn id(space: &str, parts: &[&str]) -> Uuid {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, space, parts).hash(&mut hasher);
        hasher.finish()
    };
    Uuid::from_u64_pair(half(1), half(2))
}

impl KeyedIds for FixedIds {
    fn stream(&self, parts: &[&str]) -> StreamId {
        StreamId(id("stream", parts))
    }

    fn entity(&self, parts: &[&str]) -> EntityId {
        EntityId(id("entity", parts))
    }

    fn event(&self, on: NaiveDate, parts: &[&str]) -> EventId {
        EventId(id(&format!("event {on}"), parts))
    }

    fn command(&self, on: NaiveDate, parts: &[&str]) -> CommandId {
        CommandId(id(&format!("command {on}"), parts))
    }
}

/// A ledger of one authority and one system.
#[derive(Default)]
pub(crate) struct Memory {
    streams: BTreeMap<StreamId, Vec<RecordedEvent>>,
    subjects: BTreeMap<Subject, StreamId>,
    extracts: Vec<ExtractDeclared>,
    ids: BTreeSet<EventId>,
    position: u64,
}

/// What one import did.
pub(crate) struct Done {
    pub(crate) counts: Counts,
    pub(crate) rows: Vec<RowOutcome>,
    pub(crate) kinds: BTreeMap<&'static str, usize>,
    pub(crate) events: usize,
    pub(crate) questions: Vec<Question>,
    /// How many records are withdrawn by their absence.
    pub(crate) withdrawn: u64,
    pub(crate) taken_back: Vec<Withdrawn>,
    pub(crate) kept: Vec<Kept>,
    pub(crate) asked: BTreeSet<String>,
    pub(crate) left: Vec<Left>,
    /// Of whom no row of a list could be read.
    pub(crate) unread: BTreeMap<String, BTreeSet<StreamId>>,
    /// Every sealed and every clear text, for the search for identifiers.
    pub(crate) facts: Vec<String>,
}

impl Memory {
    pub(crate) fn import(&mut self, bytes: &[u8], options: &Options) -> Done {
        self.import_with(bytes, options, "")
    }

    /// Imports a file; a file is known again by its bytes and its day.
    pub(crate) fn import_with(&mut self, bytes: &[u8], options: &Options, decisions: &str) -> Done {
        let decisions = Decisions::read(decisions).unwrap();
        self.import_from("test", bytes, options, (&decisions, &IdentifierMap::default()))
    }

    /// Imports a file of another system.
    pub(crate) fn import_from(
        &mut self,
        system: &str,
        bytes: &[u8],
        options: &Options,
        (decisions, identifiers): (&Decisions, &IdentifierMap),
    ) -> Done {
        let extract = exchange::read(bytes.to_vec(), options).unwrap();
        let as_at = extract.as_at.clone();
        let content = Some(extract.content.digest());
        let is_same = |held: &&ExtractDeclared| {
            held.content_digest == content && held.as_at == as_at.day() && held.system.as_str() == system
        };
        let held = self.extracts.iter().find(is_same).map(|held| held.import);
        let own = || ImportId(id("import", &[system, &format!("{:?}", as_at.day()), &format!("{bytes:?}")]));
        let import = held.unwrap_or_else(own);
        let (format, scope) = (extract.format, extract.scope.clone());
        let declared =
            declaration(import, (format, &as_at, &scope), ("201", system), ("00".to_owned(), content))
                .unwrap();
        let prior: Vec<PriorExtract> = self
            .extracts
            .iter()
            .filter_map(|declared| PriorExtract::from_declared(declared, "201", system))
            .collect();
        let import = Import {
            id: import,
            authority: "201",
            system,
            format,
            as_at: as_at.day(),
            scope: &scope,
            prior: &prior,
            decisions,
            identifiers,
            workers: &BTreeMap::new(),
            ids: FIXED,
        };
        let subjects: Vec<SubjectRows> = extract.map(Result::unwrap).collect();
        let done = self.plan_all(import, &subjects);
        let again = with_unread(&declared, format, &done.unread);
        // What is declared already is not declared again.
        for declared in std::iter::once(declared).chain(again) {
            if !self.extracts.contains(&declared) {
                self.extracts.push(declared);
            }
        }
        done
    }

    /// Reconciles a file against what is held.
    pub(crate) fn reconcile(&self, bytes: &[u8], options: &Options) -> Reconciliation {
        let extract = exchange::read(bytes.to_vec(), options).unwrap();
        let about = extract.as_at.day();
        let mut found = Reconciliation::default();
        for rows in extract.map(Result::unwrap) {
            let stream = self.subjects.get(&rows.subject);
            let history = stream.and_then(|stream| self.streams.get(stream)).map_or(&[][..], Vec::as_slice);
            reconcile(&mut found, about, &rows, history);
        }
        found
    }

    fn plan_all(&mut self, import: Import<'_>, subjects: &[SubjectRows]) -> Done {
        let mut done = Done {
            counts: Counts::default(),
            rows: Vec::new(),
            kinds: BTreeMap::new(),
            events: 0,
            questions: Vec::new(),
            withdrawn: 0,
            taken_back: Vec::new(),
            kept: Vec::new(),
            asked: BTreeSet::new(),
            left: Vec::new(),
            unread: BTreeMap::new(),
            facts: Vec::new(),
        };
        let read: BTreeSet<&Subject> = subjects.iter().map(|rows| &rows.subject).collect();
        let stream_of =
            |subject: &Subject| subject_stream(FIXED, ("201", import.system), import.identifiers, subject);
        let named: BTreeSet<StreamId> = read.into_iter().filter_map(stream_of).collect();
        for rows in subjects {
            self.plan_one(import, rows, &mut done);
        }
        let missing: Vec<StreamId> =
            self.streams.keys().filter(|stream| !named.contains(stream)).copied().collect();
        for stream in missing {
            let planned = plan_absent(import, stream, self.streams.get(&stream).unwrap());
            assert_eq!(planned.rows, []);
            self.take(stream, planned, &mut done);
        }
        let expected: usize = subjects.iter().map(|rows| rows.rows.len()).sum();
        assert_eq!(done.counts.rows(), expected as u64, "every row has one outcome");
        done
    }

    fn plan_one(&mut self, import: Import<'_>, rows: &SubjectRows, done: &mut Done) {
        let stream = subject_stream(FIXED, ("201", import.system), import.identifiers, &rows.subject);
        let history = stream.and_then(|stream| self.streams.get(&stream)).cloned().unwrap_or_default();
        let mut planned = plan(import, stream, rows, &history);
        for row in &planned.rows {
            done.counts.add(row.result);
        }
        done.rows.append(&mut planned.rows);
        let Some(stream) = planned.stream else {
            assert!(planned.events.is_empty());
            return;
        };
        if !planned.events.is_empty() {
            self.subjects.insert(rows.subject.clone(), stream);
        }
        self.take(stream, planned, done);
    }

    fn take(&mut self, stream: StreamId, planned: SubjectPlan, done: &mut Done) {
        done.questions.extend(planned.questions);
        let absent = planned.withdrawn.iter().filter(|it| it.why == WhyWithdrawn::NotListed).count();
        done.withdrawn += absent as u64;
        done.taken_back.extend(planned.withdrawn);
        done.kept.extend(planned.kept);
        done.asked.extend(planned.asked);
        done.left.extend(planned.left);
        for list in planned.unread {
            done.unread.entry(list.to_owned()).or_default().insert(stream);
        }
        done.events += planned.events.len();
        for event in planned.events {
            *done.kinds.entry(Kind::from_name(&event.kind).unwrap().name()).or_default() += 1;
            done.facts.push(event.facts.clone());
            self.append(stream, planned.category, event);
        }
    }

    fn append(&mut self, stream: StreamId, category: Category, new: NewEvent) {
        assert!(self.ids.insert(new.event_id), "no event id is used twice");
        self.position += 1;
        let event = CaseEvent::read(new.occurred, &new.kind, new.schema_version, &new.facts).unwrap();
        assert_eq!(
            event.body.kind().category(),
            if is_shared(&event.body) { Category::Child } else { category }
        );
        let held = self.streams.entry(stream).or_default();
        let revision = Revision(u32::try_from(held.len()).unwrap() + 1);
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        held.push(RecordedEvent {
            position: Position(self.position),
            stream,
            category,
            revision,
            event_id: new.event_id,
            command_id: CommandId(new.event_id.as_uuid()),
            recorded_at: start + Duration::seconds(i64::try_from(self.position).unwrap()),
            context: new.context,
            event,
        });
    }

    /// Records an event of a child or adopter by hand.
    pub(crate) fn by_hand(&mut self, subject: &Subject, event: &CaseEvent) {
        let stream = *self.subjects.get(subject).unwrap();
        let id = EventId(id("by hand", &[&format!("{event:?}"), &self.position.to_string()]));
        let context = EventContext::new(id.as_uuid(), "tests");
        let new = event.to_new(id, SealedFields::none(), context).unwrap();
        let category = self.streams.get(&stream).and_then(|events| events.first()).unwrap().category;
        self.append(stream, category, new);
    }

    /// The history of a child.
    pub(crate) fn history(&self, child: &str) -> &[RecordedEvent] {
        let stream = self.subjects.get(&Subject::Child(normal_form(child))).unwrap();
        self.streams.get(stream).unwrap()
    }

    /// The history of a child or adopter.
    pub(crate) fn held(&self, subject: &Subject) -> &[RecordedEvent] {
        self.streams.get(self.subjects.get(subject).unwrap()).unwrap()
    }

    /// The history of a child or adopter; `None` where nothing is held.
    pub(crate) fn held_of(&self, subject: &Subject) -> Option<&[RecordedEvent]> {
        self.subjects.get(subject).and_then(|stream| self.streams.get(stream)).map(Vec::as_slice)
    }

    /// How many children are held.
    pub(crate) fn children(&self) -> usize {
        self.subjects.len()
    }

    /// What is known of a child now.
    pub(crate) fn journey(&self, child: &str) -> Journey {
        let journey = Journey::known(self.history(child), KnownAt::NOW);
        assert_eq!(journey.anomalies, []);
        journey
    }

    /// The days of all events of a kind that stand, in practice order.
    pub(crate) fn days(&self, child: &str, kind: Kind) -> Vec<String> {
        let journey = self.journey(child);
        journey.events.iter().filter(|e| e.kind() == kind).map(|e| e.occurred.to_string()).collect()
    }

    /// How many events of a kind were ever recorded.
    pub(crate) fn recorded(&self, child: &str, kind: Kind) -> usize {
        self.history(child).iter().filter(|event| event.event.body.kind() == kind).count()
    }
}

/// The record about the record stands in streams of every category.
fn is_shared(body: &Body) -> bool {
    matches!(
        body.kind(),
        Kind::EventCorrected
            | Kind::EventWithdrawn
            | Kind::EventReinstated
            | Kind::SourceClaimDisputed
            | Kind::HistoryCoverageStated
            | Kind::ObservationNoted
    )
}
