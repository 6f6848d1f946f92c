//! Whom the ledger knows under another id than it would make of the file: another ledger of the authority recorded them, and
//! its events were brought in.
//!
//! Each ledger makes its ids with a key of its own. Where it holds nothing under the id that it would make, a child or adopter
//! is looked up by identifier, and a worker by name. Of two systems that use one identifier, each has its own child.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::envelope::StoredEvent;
use domain::events::governance::ExtractDeclared;
use domain::events::{Body, RecordedEvent};
use domain::ids::{ImportId, KeyedIds as _, StreamId};
use exchange::Subject;
use exchange::import::{IdentifierMap, subject_stream, worker_name};
use ledger::Ledger;

use super::{Importing, authority_stream, history};
use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// An authority and a system in it.
type Whose<'a> = (&'a str, &'a str);

/// What the imported files claim to be, and the workers whose id another ledger made.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What every extract claims to be.
    pub(in crate::commands::import) declared: Vec<ExtractDeclared>,
    /// Workers whose id another ledger made, by their name in lower case.
    pub(super) workers: BTreeMap<String, StreamId>,
}

/// Who a file means by an identifier under whose own id nothing is held.
#[derive(Debug)]
pub(crate) enum Meant {
    /// Somebody whom the ledger does not know.
    Nobody,
    /// The one on this stream, with what is recorded there.
    One(StreamId, Vec<RecordedEvent>),
    /// We cannot tell which of these it is, or whether it is one of them.
    Unclear(Vec<StreamId>),
}

/// How somebody who is held under the identifier stands to the system of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A file of the system told of them.
    This,
    /// Files of other systems alone did.
    Another,
    /// No file did.
    NoFile,
}

impl Known {
    /// Reads what every extract claims to be.
    pub(crate) async fn read(ledger: &Ledger, (authority, system): Whose<'_>) -> Result<Self, Failure> {
        let head = ledger.head().await.or_fail(Outcome::Fault)?.position;
        let events = ledger.read_other_streams(head).await.or_fail(Outcome::Fault)?;
        let (mut known, mut elsewhere) = (Known::default(), false);
        let own = authority_stream(ledger.ids(), authority);
        for event in events.iter().filter(|event| event.kind == "extract_declared" && event.facts.is_some()) {
            let read = RecordedEvent::try_from(event.clone()).or_fail(Outcome::Integrity)?;
            elsewhere |= event.stream != own;
            if let Body::ExtractDeclared(declared) = read.event.body {
                known.declared.push(declared);
            }
        }
        if elsewhere {
            known.workers = known.workers_elsewhere(ledger, &events, (authority, system)).await?;
        }
        Ok(known)
    }

    /// The workers of a system whose id another ledger made.
    async fn workers_elsewhere(
        &self,
        ledger: &Ledger,
        events: &[StoredEvent],
        whose: Whose<'_>,
    ) -> Result<BTreeMap<String, StreamId>, Failure> {
        let mut workers = BTreeMap::new();
        for event in events.iter().filter(|event| event.kind == "worker_registered") {
            let import = event.context.import.as_ref().map(|import| import.import);
            if !import.is_some_and(|import| self.is_of(import, whose)) {
                continue;
            }
            // A worker whose name is sealed with a key that is gone is nobody whom a file can name.
            let Ok(Some(sealed)) = ledger.unseal(event).await else { continue };
            let Some(name) = sealed.get("name").map(worker_name) else { continue };
            if event.stream != ledger.ids().stream(&["worker", whose.0, whose.1, &name]) {
                workers.insert(name, event.stream);
            }
        }
        Ok(workers)
    }

    /// The import that a file of a day is: that of its bytes where it is declared, or else one of the same rows in another order.
    pub(super) fn same_rows(
        &self,
        (of_bytes, as_at): (ImportId, NaiveDate),
        (authority, system): Whose<'_>,
        content: &str,
    ) -> ImportId {
        let has_rows = |held: &&ExtractDeclared| {
            held.content_digest.as_deref() == Some(content)
                && held.as_at == as_at
                && held.authority.as_str() == authority
                && held.system.as_str() == system
        };
        if self.declared.iter().any(|held| held.import == of_bytes) {
            return of_bytes;
        }
        self.declared.iter().find(has_rows).map_or(of_bytes, |held| held.import)
    }

    fn is_of(&self, import: ImportId, (authority, system): Whose<'_>) -> bool {
        self.declared.iter().any(|declared| {
            declared.import == import
                && declared.authority.as_str() == authority
                && declared.system.as_str() == system
        })
    }

    /// Who is meant by the identifier of a subject, under whose own ids nothing is held.
    pub(crate) async fn meant(
        &self,
        ledger: &Ledger,
        (authority, system): Whose<'_>,
        (map, subject): (&IdentifierMap, &Subject),
    ) -> Result<Meant, Failure> {
        let (kind, id) = match subject {
            Subject::Child(id) => ("la_child_id", id),
            Subject::Adopter(id) => ("adopter_id", id),
            Subject::Nobody => return Ok(Meant::Nobody),
        };
        let (known_system, known_id) = map.known(system, id);
        let streams = ledger.find_by_identifier(kind, known_id).await.or_fail(Outcome::Fault)?;
        let (mut this, mut unsure) = (Vec::new(), Vec::new());
        for stream in streams {
            let Some(held) = history(ledger, stream).await?.filter(|held| !held.is_empty()) else { continue };
            match self.told_of(&held, (authority, known_system)) {
                Of::This => this.push((stream, held)),
                Of::NoFile => unsure.push((stream, held)),
                Of::Another => {}
            }
        }
        // What no file told of is of the only system that there is, or of the one that the map names.
        if this.is_empty() && (map.is_mapped(system, id) || self.is_only((authority, system))) {
            this.append(&mut unsure);
        }
        let one = if this.len() == 1 { this.pop() } else { None };
        Ok(match one {
            Some((stream, held)) => Meant::One(stream, held),
            None if this.is_empty() && unsure.is_empty() => Meant::Nobody,
            None => Meant::Unclear(this.into_iter().chain(unsure).map(|(stream, _)| stream).collect()),
        })
    }

    fn told_of(&self, held: &[RecordedEvent], whose: Whose<'_>) -> Of {
        let imports: BTreeSet<ImportId> =
            held.iter().filter_map(|event| Some(event.context.import.as_ref()?.import)).collect();
        let is_declared = |import: &ImportId| self.declared.iter().any(|declared| declared.import == *import);
        match imports.iter().any(|import| self.is_of(*import, whose)) {
            true => Of::This,
            false if imports.iter().any(is_declared) => Of::Another,
            false => Of::NoFile,
        }
    }

    /// Whether no file of another system or authority is held.
    fn is_only(&self, (authority, system): Whose<'_>) -> bool {
        let is_it = |declared: &ExtractDeclared| {
            declared.authority.as_str() == authority && declared.system.as_str() == system
        };
        self.declared.iter().all(is_it)
    }
}

impl Importing<'_> {
    /// Refuses an identifier map that names somebody whom the ledger does not hold, before anything is recorded: a slip in it
    /// would make a child of its own.
    ///
    /// # Errors
    /// A [`Failure`] that names the line.
    pub(super) async fn check_map(&self) -> Result<(), Failure> {
        for (line, system, id) in self.identifiers.lines_of(&self.arguments.system) {
            if !self.is_held(system, id).await? {
                let file =
                    self.arguments.reading.identifiers.as_deref().unwrap_or(&self.arguments.file).display();
                return Err(Failure::new(
                    Outcome::DataProblem,
                    format!(
                        "{file}: line {line}: the ledger holds nobody under known_system and known_id; import the files \
                         of that system first, or correct the line; nothing is recorded"
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Whether anybody is held under an identifier of a system.
    async fn is_held(&self, system: &str, id: &str) -> Result<bool, Failure> {
        let Some(open) = &self.open else { return Ok(false) };
        let (whose, none) = ((self.authority.as_str(), system), IdentifierMap::default());
        for subject in [Subject::Child(id.to_owned()), Subject::Adopter(id.to_owned())] {
            let stream = subject_stream(&self.ids, whose, &none, &subject);
            if self.history(stream).await?.is_none_or(|held| !held.is_empty()) {
                return Ok(true);
            }
            if !matches!(self.known.meant(&open.ledger, whose, (&none, &subject)).await?, Meant::Nobody) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
