//! An exported log: every event, so that the whole tree is rebuilt.

use std::io::BufRead;

use super::line::{Event, EventLine, Header};
use super::{FileFault, Lines};
use crate::anchors::{Anchors, Reach};
use crate::audit::{Audit, Wanted};
use crate::custody::Custody;
use crate::finding::Kind;
use crate::hash::Hash;
use crate::report::{self, Report};
use crate::section::{self, Section, Seen};

/// Events that are taken together; a power of two.
const SECTION: u64 = 1 << 12;

pub(super) fn verify<R: BufRead>(
    mut lines: Lines<R>,
    header: &Header,
    root: Hash,
    anchors: &Anchors,
    examples: usize,
) -> Result<Report, FileFault> {
    let size = header.tree_size;
    let mut wanted = Wanted { roots: [size].into(), leaves: [1].into(), ..Wanted::default() };
    anchors.wanted(&mut wanted);
    let mut log = Log::new(size, examples, wanted);
    let mut found = 0;
    while let Some(text) = lines.event(found)? {
        found += 1;
        let line: EventLine = serde_json::from_str(&text).map_err(|fault| lines.wrong(fault.to_string()))?;
        let event = line.open(&mut log.section.findings).map_err(|what| lines.wrong(unreadable(what)))?;
        log.event(event);
    }
    let mut audit = log.finish();
    let custody = Custody::of(&std::mem::take(&mut audit.system), &mut audit.findings);
    report::settle(&mut audit, &custody);
    let reach = Reach { size, head: size };
    let held = anchors.compare(&custody, &audit.sighted, reach, &mut audit.findings);
    let genesis = header.genesis.open(&mut audit.findings).map_err(|what| lines.wrong(unreadable(what)))?;
    compare(&mut audit, header, &custody, root, &genesis);
    Ok(Report::of(audit, &custody, held, 1, size))
}

pub(super) fn unreadable(what: &str) -> String {
    format!("{what} cannot be read")
}

/// Holds the first line against the events.
fn compare(audit: &mut Audit, header: &Header, custody: &Custody, root: Hash, genesis: &Event) {
    let size = header.tree_size;
    if audit.sighted.roots.get(&size).is_some_and(|found| *found != root) {
        let detail = "the events do not lead to the root of the first line";
        audit.findings.between(Kind::RowChanged, 1, size, 1, detail);
    }
    if custody.origins.last() != Some(&header.log_origin) {
        audit.findings.nowhere(Kind::RowChanged, "log_origin is not the origin that the events say");
    }
    if audit.sighted.leaves.get(&1).is_some_and(|first| *first != genesis.leaf_hash) {
        audit.findings.at(Kind::RowChanged, 1, None, "the genesis of the first line is not the first event");
    }
}

/// The log as far as it has been read.
struct Log {
    audit: Audit,
    section: Section,
    size: u64,
    examples: usize,
}

impl Log {
    fn new(size: u64, examples: usize, wanted: Wanted) -> Self {
        let mut audit = Audit::new(examples, wanted);
        audit.unplaced = true;
        Self { audit, section: Section::new(1, SECTION.min(size), examples), size, examples }
    }

    fn event(&mut self, event: Event) {
        if event.position > self.section.last && event.position <= self.size {
            self.go_to(event.position);
        }
        let (stream, position) = (event.place.map(|(stream, _, _)| stream), i64::try_from(event.position));
        let place = self.section.place(position.unwrap_or(i64::MAX), stream.as_ref());
        let Some(position) = place else { return };
        let Event { recorded_at, place, leaf_hash, disposed, system, .. } = event;
        self.section.rows.push(Seen { position, recorded_at, place, leaf_hash, disposed });
        self.section.system.extend(system);
    }

    /// Ends the section and starts that of a later position; whole sections that are not there are told as one hole.
    fn go_to(&mut self, position: u64) {
        let first = position - (position - 1) % SECTION;
        let last = (first + SECTION - 1).min(self.size);
        let section = std::mem::replace(&mut self.section, Section::new(first, last, self.examples));
        let next = section.last + 1;
        self.take(section);
        if next < first {
            self.hole(next, first - 1);
        }
    }

    fn take(&mut self, mut section: Section) {
        section.close();
        let levels = section::levels(&section);
        self.audit.absorb(section, &levels, Vec::new());
    }

    fn hole(&mut self, first: u64, last: u64) {
        self.audit.findings.between(Kind::Missing, first, last, last + 1 - first, "no event is there");
        self.audit.broken_at.get_or_insert(first);
    }

    fn finish(mut self) -> Audit {
        let section = std::mem::replace(&mut self.section, Section::new(1, 0, self.examples));
        let next = section.last + 1;
        self.take(section);
        if next <= self.size {
            self.hole(next, self.size);
        }
        self.audit
    }
}
