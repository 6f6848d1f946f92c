//! A source system's file into the ledger: each subject's rows planned over what is held, then recorded.
//!
//! The planning is `exchange`'s; here its events are written in chunks and its outcomes counted. A chunk holds
//! whole subjects, so a file that is interrupted leaves whole subjects only, and the same command goes on.

mod answers;
mod given;
pub(super) mod known;
mod prior;
mod waiting;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Context as _;
use chrono::NaiveDate;
use domain::envelope::{Category, EventContext, SealedFields};
use domain::events::governance::ExtractDeclared;
use domain::events::{CaseEvent, RecordedEvent};
use domain::ids::{EventId, ImportId, KeyedIds, Revision, StreamId};
use domain::time::Occurred;
use exchange::import::{
    Decisions, IdentifierMap, Import, Likenesses, PriorExtract, SubjectPlan, alike_held, declaration,
    earlier_stream, emptied_lists, looked_up, plan, plan_absent, subject_stream, with_unread,
};
use exchange::{Extract, ListScope, SubjectRows};
use ledger::keys::SecretKey;
use ledger::{
    AppendError, Command, Expected, Ledger, LedgerIds, MAX_EVENTS_PER_CHUNK, Recorded, StreamAppend,
};
use recording::indexed;

use self::given::{Given, decisions, no_authority, origin};
pub(crate) use self::given::{identifier_map, read};
pub(crate) use self::known::{Known, Meant};
use self::prior::imported_streams;
use self::waiting::{holds, is_registration, rows_of};
use super::authority::{self, Said};
use super::digest;
use super::progress::Progress;
use super::report::Report;
use super::running::still_is;
use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::{Open, Server};
use crate::{signing, writing};

/// Brings a file of a source system in.
pub(super) async fn run(
    server: &Server,
    name: &str,
    arguments: &ImportArguments,
) -> Result<Outcome, Failure> {
    let digest = digest(&arguments.file)?;
    let extract = read(&arguments.file, arguments.as_at, &arguments.reading)?;
    let declared = digest.clone();
    let given =
        Given { digest, identifiers: identifier_map(&arguments.reading)?, decisions: decisions(arguments)? };
    let mut open = if server.holds(name).await? { Some(server.open(name).await?) } else { None };
    let of_ledger = match &open {
        Some(open) => Some(open.ledger.genesis().authority.to_string()),
        None => arguments.authority.clone(),
    };
    let stated = extract.authority.as_deref();
    let authority = authority::of_file(of_ledger.as_deref(), stated, Said::of_import(arguments))?
        .ok_or_else(no_authority)?;
    if open.is_none() {
        answers::refuse_without_ledger(&given.decisions, arguments)?;
    }
    if open.is_none() && !arguments.check {
        let of_ledger = of_ledger.as_deref().unwrap_or(&authority);
        eprintln!("creating ledger {name:?} for authority {of_ledger}");
        server.open_or_create(name, of_ledger).await?;
        open = Some(server.open(name).await?);
    }
    let signing = match open.as_ref().filter(|_| !arguments.check) {
        Some(open) => open.begin_writing().await?,
        None => None,
    };
    let mut importing = Importing::new(open, &extract, authority, arguments, given).await?;
    importing.check_map().await?;
    importing.check_answers().await?;
    let day = extract.as_at.day();
    let of = &importing.authority;
    eprintln!("{:?} of authority {of} as at {day} ({})", extract.format, origin(&extract));
    if !arguments.check {
        importing.declare()?;
    }
    importing.rows(extract).await?;
    importing.absent().await?;
    if !arguments.check {
        importing.declare_unread()?;
    }
    importing.flush().await?;
    if let Some(open) = importing.open.as_ref().filter(|_| !arguments.check) {
        writing::note_keys(&open.ledger).await;
        open.project().await?;
        signing::finish(signing, &open.ledger).await?;
    }
    let printed = importing.report.print(arguments);
    still_is(&arguments.file, &declared)?;
    printed
}

/// Where a subject is held.
enum Held {
    /// On this stream, with what is recorded there; without one, the rows name nobody.
    On(Option<StreamId>, Vec<RecordedEvent>),
    /// It was disposed of.
    Disposed(Option<StreamId>),
    /// On one of these; we cannot tell which.
    Unclear(Vec<StreamId>),
}

/// One import under way.
struct Importing<'a> {
    arguments: &'a ImportArguments,
    /// What the files that the ledger holds claim to be, and whom it knows under ids of another ledger.
    known: Known,
    open: Option<Open>,
    ids: LedgerIds,
    id: ImportId,
    /// What the file claims to be, and how often it claimed something else; `None` where that is recorded.
    declared: Option<(ExtractDeclared, usize)>,
    /// What the file claims to be, and what was recorded of that before.
    stated: (ExtractDeclared, Vec<ExtractDeclared>),
    authority: String,
    as_at: NaiveDate,
    format: exchange::Format,
    scope: Vec<ListScope>,
    prior: Vec<PriorExtract>,
    decisions: Decisions,
    identifiers: IdentifierMap,
    likenesses: Likenesses,
    seen: BTreeSet<StreamId>,
    counted: BTreeSet<StreamId>,
    /// Workers who are registered, or are with what waits.
    registered: BTreeSet<StreamId>,
    /// Of whom no row of a list could be read.
    unread: BTreeMap<String, BTreeSet<StreamId>>,
    waiting: Vec<StreamAppend>,
    chunk: u64,
    report: Report,
}

impl<'a> Importing<'a> {
    async fn new(
        open: Option<Open>,
        extract: &Extract,
        authority: String,
        arguments: &'a ImportArguments,
        given: Given,
    ) -> Result<Self, Failure> {
        let ids = match &open {
            Some(open) => open.ledger.ids().clone(),
            // A check without a ledger needs ids that live no longer than the report.
            None => LedgerIds::new(SecretKey::random().or_fail(Outcome::Fault)?),
        };
        let digest = &given.digest;
        let as_at = extract.as_at.day();
        let of_bytes =
            ImportId(ids.entity(&["import", &arguments.system, &as_at.to_string(), digest]).as_uuid());
        let known = match &open {
            Some(open) => Known::read(&open.ledger, (&authority, &arguments.system)).await?,
            None => Known::default(),
        };
        let content = ids.entity(&["content", &extract.content.digest()]).to_string();
        let id = known.same_rows((of_bytes, as_at), (&authority, &arguments.system), &content);
        let all = &known.declared;
        let prior =
            all.iter().filter_map(|held| PriorExtract::from_declared(held, &authority, &arguments.system));
        let prior: Vec<PriorExtract> = prior.collect();
        let (mut scope, mut emptied) = (extract.scope.clone(), Vec::new());
        if !arguments.empty_lists {
            emptied = emptied_lists((extract.format, as_at), &extract.scope, &prior);
            // What is declared says whether the list was taken at its word.
            scope.retain(|held| !emptied.contains(&held.list.as_str()));
        }
        let keyed_digest = ids.entity(&["file", digest]).to_string();
        let what = (extract.format, &extract.as_at, scope.as_slice());
        let whose = (authority.as_str(), arguments.system.as_str());
        let own: Vec<&ExtractDeclared> = all.iter().filter(|held| held.import == id).collect();
        // A copy of the file, or one from before contents were digested, is declared by what stands there.
        let digests = own.first().map(|held| (held.file_digest.clone(), held.content_digest.clone()));
        let digests = digests.unwrap_or((keyed_digest, Some(content)));
        let declared = declaration(id, what, whose, digests).or_fail(Outcome::Usage)?;
        // The same file holds other columns by another alias file, or by a version that knows more headers.
        let again = own.len();
        let stated = (declared.clone(), own.iter().map(|held| (*held).clone()).collect());
        let declared = (!own.contains(&&declared)).then_some((declared, again));
        let mut report = Report::new(extract, id);
        // The declaration of the extract itself is an event as well.
        report.planned = u64::from(declared.is_some());
        emptied.into_iter().for_each(|list| report.emptied(list));
        Ok(Self {
            arguments,
            known,
            open,
            ids,
            id,
            declared,
            authority,
            as_at,
            stated,
            prior,
            decisions: given.decisions,
            identifiers: given.identifiers,
            likenesses: Likenesses::default(),
            report,
            format: extract.format,
            scope,
            seen: BTreeSet::new(),
            counted: BTreeSet::new(),
            registered: BTreeSet::new(),
            unread: BTreeMap::new(),
            waiting: Vec::new(),
            chunk: 0,
        })
    }

    /// Records what the file claims to be, before any of its rows.
    fn declare(&mut self) -> Result<(), Failure> {
        let Some((declared, again)) = self.declared.take() else { return Ok(()) };
        let event = CaseEvent::new(Occurred::on(self.as_at), declared);
        let context = EventContext::new(self.id.as_uuid(), "import");
        let (id, number) = (self.id.to_string(), again.to_string());
        let parts = ["extract", &id, &number];
        let parts = if again == 0 { &parts[..2] } else { &parts[..] };
        let event_id = self.ids.event(self.as_at, parts);
        let new = event.to_new(event_id, SealedFields::none(), context).or_fail(Outcome::Fault)?;
        let stream = authority_stream(&self.ids, &self.authority);
        self.waiting.push(StreamAppend::new(stream, Category::Authority, Expected::Any, vec![new]));
        Ok(())
    }

    /// Declares the people whose rows could not be read, so that nothing is concluded from their absence when an older file
    /// is imported later.
    fn declare_unread(&mut self) -> Result<(), Failure> {
        let (declared, own) = &self.stated;
        let again = with_unread(declared, self.format, &self.unread).filter(|again| !own.contains(again));
        let of_now = usize::from(!own.contains(declared));
        self.declared = again.map(|again| (again, own.len() + of_now));
        self.declare()
    }

    async fn rows(&mut self, extract: Extract) -> Result<(), Failure> {
        let mut progress = Progress::new();
        for (done, subject) in (0..).zip(extract) {
            progress.tell(done, "children and adopters read");
            let subject = subject
                .with_context(|| self.arguments.file.display().to_string())
                .or_fail(Outcome::DataProblem)?;
            self.subject(&subject).await?;
        }
        Ok(())
    }

    async fn subject(&mut self, rows: &SubjectRows) -> Result<(), Failure> {
        let (stream, earlier) = self.streams(rows);
        for note in self.likenesses.see(rows) {
            self.report.remark(note.code, &format!("{}: {}", note.place, note.text));
        }
        // A child that stands twice in a file is planned over what its first rows gave.
        let waits = |append: &StreamAppend| [stream, earlier].contains(&Some(append.stream));
        if self.waiting.iter().any(waits) {
            self.flush().await?;
        }
        let mut held = self.held(rows).await?;
        if let Held::On(Some(stream), _) = held
            && self.waiting.iter().any(|append| append.stream == stream)
        {
            self.flush().await?;
            held = self.held(rows).await?;
        }
        let (stream, history) = match held {
            Held::On(stream, history) => (stream, history),
            Held::Disposed(stream) => {
                self.seen.extend(stream);
                self.report.disposed(rows);
                return Ok(());
            }
            Held::Unclear(streams) => {
                self.report.unclear(rows, &streams);
                self.seen.extend(streams);
                return Ok(());
            }
        };
        if history.is_empty() {
            self.likenesses_held(rows, stream).await?;
        }
        self.seen.extend(stream);
        let planned = plan(self.import(), stream, rows, &history);
        self.take(planned, history.len()).await
    }

    /// The stream of a subject, and the one under which an earlier version recorded it.
    fn streams(&self, rows: &SubjectRows) -> (Option<StreamId>, Option<StreamId>) {
        let whose = (self.authority.as_str(), self.arguments.system.as_str());
        let stream = subject_stream(&self.ids, whose, &self.identifiers, &rows.subject);
        (stream, earlier_stream(&self.ids, whose, rows))
    }

    /// The stream over which a subject is planned, and what is recorded on it.
    async fn held(&self, rows: &SubjectRows) -> Result<Held, Failure> {
        let (stream, earlier) = self.streams(rows);
        for stream in stream.into_iter().chain(earlier) {
            match self.history(Some(stream)).await? {
                None => return Ok(Held::Disposed(Some(stream))),
                Some(held) if !held.is_empty() => return Ok(Held::On(Some(stream), held)),
                Some(_) => {}
            }
        }
        let Some(open) = &self.open else { return Ok(Held::On(stream, Vec::new())) };
        let whose = (self.authority.as_str(), self.arguments.system.as_str());
        Ok(match self.known.meant(&open.ledger, whose, (&self.identifiers, &rows.subject)).await? {
            Meant::One(stream, held) => Held::On(Some(stream), held),
            Meant::Unclear(streams) => Held::Unclear(streams),
            Meant::Nobody => Held::On(stream, Vec::new()),
        })
    }

    /// Points at somebody new whose identifier looks like one that the ledger holds. Those of this file were compared.
    async fn likenesses_held(&mut self, rows: &SubjectRows, own: Option<StreamId>) -> Result<(), Failure> {
        let Some(open) = self.open.as_ref().filter(|_| own.is_some()) else { return Ok(()) };
        let Some((kind, alike)) = looked_up(&rows.subject) else { return Ok(()) };
        let held = open.ledger.find_by_identifier(kind, &alike).await.or_fail(Outcome::Fault)?;
        let other = held.into_iter().find(|held| Some(*held) != own && !self.seen.contains(held));
        if let Some(note) = other.and_then(|other| alike_held(rows, other)) {
            self.report.remark(note.code, &format!("{}: {}", note.place, note.text));
        }
        Ok(())
    }

    /// What is recorded on a stream; `None` where it was disposed of.
    async fn history(&self, stream: Option<StreamId>) -> Result<Option<Vec<RecordedEvent>>, Failure> {
        match (stream, &self.open) {
            (Some(stream), Some(open)) => history(&open.ledger, stream).await,
            _ => Ok(Some(Vec::new())),
        }
    }

    async fn take(&mut self, planned: SubjectPlan, held: usize) -> Result<(), Failure> {
        self.report.take(&planned);
        for (list, stream) in planned.unread.iter().zip(planned.stream.into_iter().cycle()) {
            self.unread.entry((*list).to_owned()).or_default().insert(stream);
        }
        if self.arguments.check { self.count(planned).await } else { self.write(planned, held).await }
    }

    /// Counts what [`Self::write`] would record.
    async fn count(&mut self, planned: SubjectPlan) -> Result<(), Failure> {
        if planned.stream.is_none() || planned.events.is_empty() {
            return Ok(());
        }
        self.report.planned += u64::try_from(planned.events.len()).unwrap_or(0);
        for worker in planned.workers {
            let held = match &self.open {
                Some(open) => history(&open.ledger, worker.stream).await?.is_none_or(|held| !held.is_empty()),
                None => false,
            };
            let new = self.counted.insert(worker.stream) && !held;
            self.report.planned += u64::from(new);
        }
        Ok(())
    }

    fn import(&self) -> Import<'_> {
        Import {
            id: self.id,
            authority: &self.authority,
            system: &self.arguments.system,
            format: self.format,
            as_at: self.as_at,
            scope: &self.scope,
            prior: &self.prior,
            decisions: &self.decisions,
            identifiers: &self.identifiers,
            workers: &self.known.workers,
            ids: &self.ids,
        }
    }

    async fn write(&mut self, planned: SubjectPlan, held: usize) -> Result<(), Failure> {
        let Some(stream) = planned.stream.filter(|_| !planned.events.is_empty()) else { return Ok(()) };
        let waiting: usize = self.waiting.iter().map(|append| append.events.len()).sum();
        if waiting + planned.events.len() + planned.workers.len() > MAX_EVENTS_PER_CHUNK {
            self.flush().await?;
        }
        for worker in planned.workers {
            if self.registers(worker.stream).await? {
                self.waiting.push(StreamAppend::new(
                    worker.stream,
                    Category::Worker,
                    Expected::Any,
                    vec![worker.registration],
                ));
            }
        }
        // What was planned over the history holds only while the history stands.
        let expected = Expected::behind(held);
        let mut append = StreamAppend::new(stream, planned.category, expected, planned.events);
        let named = planned.identifiers.into_iter();
        append.identifiers = named.flat_map(|(kind, value)| indexed(&kind, &value)).collect();
        self.waiting.push(append);
        Ok(())
    }

    /// Whether a worker is still to be registered. Whichever file names a worker first registers them, from its own row:
    /// another file has nothing to add to it.
    async fn registers(&mut self, worker: StreamId) -> Result<bool, Failure> {
        let Some(open) = self.open.as_ref().filter(|_| self.registered.insert(worker)) else {
            return Ok(false);
        };
        let held = open.ledger.read_stream(worker, Revision(1)).await.or_fail(Outcome::Fault)?;
        Ok(held.is_empty())
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        while let Some(open) = self.open.as_ref().filter(|_| !self.waiting.is_empty()) {
            // The same file over another history is another chunk, so the history's head is part of its name.
            let head = open.ledger.head().await.or_fail(Outcome::Fault)?.position;
            let parts = ["rows", &self.id.to_string(), &head.to_string(), &self.chunk.to_string()];
            let command_id = self.ids.command(self.as_at, &parts);
            let ledger = open.ledger.clone();
            self.chunk += 1;
            let appends = std::mem::take(&mut self.waiting);
            let registers = appends.iter().any(|append| append.category == Category::Worker);
            let kept = if registers { appends.clone() } else { Vec::new() };
            let rows = rows_of(&appends);
            match ledger.append_bulk(Command { command_id, appends }).await {
                Ok(written) => {
                    let Recorded { already, event_count, .. } = written.recorded;
                    self.report.written(already, u64::from(event_count), written.known);
                }
                Err(AppendError::EventIdReused { event_id }) if is_registration(&kept, event_id) => {
                    // Another import registered this worker a moment ago, from a row of its own.
                    self.waiting = kept.into_iter().filter(|append| !holds(append, event_id)).collect();
                }
                Err(fault) => return Err(self.not_written(fault, &rows)),
            }
        }
        Ok(())
    }

    /// Says which part of the file is not recorded, and the row where one event is to blame.
    fn not_written(&self, fault: AppendError, rows: &HashMap<EventId, String>) -> Failure {
        let file = self.arguments.file.display();
        let row =
            if let AppendError::EventIdReused { event_id } = &fault { rows.get(event_id) } else { None };
        let place = row.map_or_else(|| format!("a part of {file}"), |row| format!("{file}, {row}"));
        let told = format!("record {place}; what came before it is recorded, run the same command again");
        Failure { outcome: writing::of_append(&fault), error: anyhow::Error::new(fault).context(told) }
    }

    /// Streams that earlier extracts filled and this file does not name: only absence speaks.
    async fn absent(&mut self) -> Result<(), Failure> {
        let Some(ledger) =
            self.open.as_ref().map(|open| open.ledger.clone()).filter(|_| !self.prior.is_empty())
        else {
            return Ok(());
        };
        for stream in imported_streams(&ledger, &self.prior).await? {
            if !self.seen.contains(&stream) {
                let Some(history) = history(&ledger, stream).await? else { continue };
                let planned = plan_absent(self.import(), stream, &history);
                self.take(planned, history.len()).await?;
            }
        }
        Ok(())
    }
}

/// The stream of the authority itself.
pub(crate) fn authority_stream(ids: &impl KeyedIds, authority: &str) -> StreamId {
    ids.stream(&["authority", authority])
}

/// Everything recorded on a stream; `None` where it was disposed of, in whole or in part: nothing can be planned over it.
pub(crate) async fn history(
    ledger: &Ledger,
    stream: StreamId,
) -> Result<Option<Vec<RecordedEvent>>, Failure> {
    let stored = ledger.read_stream(stream, Revision(1)).await.or_fail(Outcome::Fault)?;
    if stored.iter().any(|event| event.facts.is_none()) {
        return Ok(None);
    }
    let read = stored.into_iter().map(|event| RecordedEvent::try_from(event).or_fail(Outcome::Integrity));
    Ok(Some(read.collect::<Result<_, _>>()?))
}
