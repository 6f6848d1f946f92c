//! A bundle: the events of one stream and those of the system stream that are needed to judge them, each proved to stand in the
//! tree of one signed root, and a roster that proves up to which position none was left out.

use std::io::BufRead;

use serde::Deserialize;

use super::exported::unreadable;
use super::line::{Event, EventLine, Header, hashes};
use super::{FileFault, Lines};
use crate::anchors::{Anchors, Reach};
use crate::audit::{Audit, Wanted};
use crate::custody::Custody;
use crate::finding::Kind;
use crate::hash::{Hash, unhex, uuid_of, uuid_text};
use crate::notes;
use crate::report::{self, Report};
use crate::row::Id;
use crate::section::{Section, Seen};
use crate::streams::{StreamEnd, roster_leaf};
use crate::tree;

/// The line that proves the end of the stream in a roster.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RosterLine {
    roster: Roster,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Roster {
    /// Where the roster was recorded; that event is in the bundle.
    position: u64,
    stream: String,
    revision: i32,
    leaf_hash: String,
    index: u64,
    of: u64,
    proof: Vec<String>,
}

pub(super) fn verify<R: BufRead>(
    mut lines: Lines<R>,
    header: &Header,
    root: Hash,
    anchors: &Anchors,
    examples: usize,
) -> Result<Report, FileFault> {
    let size = header.tree_size;
    let stream = header.stream.as_deref().and_then(uuid_of).ok_or(FileFault::Header { field: "stream" })?;
    let mut wanted = Wanted::default();
    anchors.wanted(&mut wanted);
    let mut audit = Audit::new(examples, wanted);
    audit.unplaced = true;
    // The root is not rebuilt but given; each event is proved against it.
    audit.sighted.roots.insert(size, root);
    let (live, emptied, rosters) = (Vec::new(), Vec::new(), Vec::new());
    let mut bundle = Bundle { audit, stream, root, size, last: 0, live, emptied, rosters };
    bundle.line(&header.genesis, &lines)?;
    let mut found = 0;
    while let Some(text) = lines.event(found)? {
        if text.starts_with("{\"roster\":") {
            let line: RosterLine =
                serde_json::from_str(&text).map_err(|fault| lines.wrong(fault.to_string()))?;
            bundle.rosters.push(line.roster);
            continue;
        }
        found += 1;
        let line: EventLine = serde_json::from_str(&text).map_err(|fault| lines.wrong(fault.to_string()))?;
        bundle.line(&line, &lines)?;
    }
    bundle.finish(header, anchors)
}

struct Bundle {
    audit: Audit,
    stream: Id,
    root: Hash,
    size: u64,
    last: u64,
    /// Position, revision and leaf hash of the stream's events that say where they belong.
    live: Vec<(u64, i32, Hash)>,
    /// Position and leaf hash of events that were disposed of.
    emptied: Vec<(u64, Hash)>,
    rosters: Vec<Roster>,
}

impl Bundle {
    /// Takes one event; the genesis of the first line may come again in its place.
    fn line<R: BufRead>(&mut self, line: &EventLine, lines: &Lines<R>) -> Result<(), FileFault> {
        let event = line.open(&mut self.audit.findings).map_err(|what| lines.wrong(unreadable(what)))?;
        let place = Some(event.position).filter(|position| *position > self.last && *position <= self.size);
        let Some(position) = place else {
            return Err(
                lines.wrong(format!("position {} is not in order, or beyond the tree", event.position))
            );
        };
        self.last = position;
        let proof = event.proof.as_deref().ok_or_else(|| lines.wrong("the event has no proof"))?;
        let stream = event.place.map(|(stream, _, _)| stream);
        if !tree::includes(&self.root, self.size, position - 1, &event.leaf_hash, proof) {
            let detail = "the event's proof does not lead to the root";
            self.audit.findings.at(Kind::RowChanged, position, stream.as_ref(), detail);
        }
        self.take(position, event);
        Ok(())
    }

    fn take(&mut self, position: u64, event: Event) {
        if self.audit.wanted.leaves.contains(&position) {
            self.audit.sighted.leaves.insert(position, event.leaf_hash);
        }
        // The system stream is there in part; that its revisions are whole says nothing here.
        let place = event.place.filter(|(stream, _, _)| *stream == self.stream);
        let Event { recorded_at, leaf_hash, disposed, system, .. } = event;
        self.live.extend(place.map(|(_, revision, _)| (position, revision, leaf_hash)));
        self.emptied.extend(disposed.then_some((position, leaf_hash)));
        let mut section = Section::new(position, position, 1);
        section.rows.push(Seen { position, recorded_at, place, leaf_hash, disposed });
        section.system.extend(system);
        self.audit.broken_at = Some(position);
        self.audit.absorb(section, &[], Vec::new());
    }

    fn finish(mut self, header: &Header, anchors: &Anchors) -> Result<Report, FileFault> {
        let custody = Custody::of(&std::mem::take(&mut self.audit.system), &mut self.audit.findings);
        // A bundle may show some events only; that none was left out is what a roster proves, not the revisions.
        let left_out = std::mem::take(&mut self.audit.gaps);
        report::settle(&mut self.audit, &custody);
        let reach = Reach { size: self.size, head: self.size };
        let mut held = anchors.compare(&custody, &self.audit.sighted, reach, &mut self.audit.findings);
        if custody.origins.last() != Some(&header.log_origin) {
            self.audit.findings.nowhere(Kind::RowChanged, "log_origin is not the origin that the events say");
        }
        if let Some(up_to) = header.up_to {
            held.notes.push(format!("it shows the stream as it stood at position {up_to}"));
            self.later_than(up_to);
        }
        let in_part = self.rosters.is_empty();
        held.notes.push(self.completeness(&custody)?);
        if let Some(gap) = left_out.last().filter(|_| in_part) {
            held.notes.push(format!(
                "it shows some events only: {} revisions of the stream are not in it",
                gap.skipped
            ));
        }
        let mut report = Report::of(self.audit, &custody, held, 1, self.size);
        report.root = Some(notes::base64(&self.root));
        Ok(report)
    }

    fn later_than(&mut self, up_to: u64) {
        for (position, _, _) in self.live.iter().filter(|(position, _, _)| *position > up_to) {
            let detail = format!("the event is later than position {up_to}, which the first line names");
            self.audit.findings.at(Kind::Extra, *position, Some(&self.stream), detail);
        }
    }

    /// Up to which position nothing of the stream was left out, as a sentence.
    fn completeness(&mut self, custody: &Custody) -> Result<String, FileFault> {
        let name = uuid_text(&self.stream);
        let mut complete = None;
        for roster in std::mem::take(&mut self.rosters) {
            match self.proved(&roster, custody)? {
                Some(up_to) => complete = complete.max(Some((up_to, roster.revision))),
                None => {
                    let detail = "the roster line does not lead to the root of the roster recorded here";
                    self.audit.findings.at(Kind::RowChanged, roster.position, Some(&self.stream), detail);
                }
            }
        }
        let Some((up_to, revision)) = complete else {
            return Ok(format!(
                "no roster is in this bundle: that nothing of stream {name} was left out is not proved"
            ));
        };
        if self.is_whole(up_to, revision, custody) {
            return Ok(format!(
                "stream {name} is complete up to position {up_to}: revisions 1 to {revision}"
            ));
        }
        let detail = format!("not all of the revisions 1 to {revision} that the roster knows are there");
        self.audit.findings.at(Kind::Missing, up_to, Some(&self.stream), detail);
        Ok(format!("stream {name} is not complete up to position {up_to}"))
    }

    /// The position up to which a roster line speaks, if it leads to a roster that was recorded.
    fn proved(&self, line: &Roster, custody: &Custody) -> Result<Option<u64>, FileFault> {
        let field = |field| FileFault::Header { field };
        let leaf_hash = unhex(&line.leaf_hash).ok_or(field("leaf_hash of the roster line"))?;
        let proof = hashes(&line.proof).ok_or(field("proof of the roster line"))?;
        let stream = uuid_of(&line.stream).ok_or(field("stream of the roster line"))?;
        let leaf = tree::leaf_hash(&roster_leaf(&stream, &StreamEnd { revision: line.revision, leaf_hash }));
        let recorded = custody.rosters.iter().find(|held| held.position == line.position);
        let holds = recorded.filter(|held| {
            let proved = tree::includes(&held.root, line.of, line.index, &leaf, &proof);
            proved
                && stream == self.stream
                && held.streams == line.of
                && self.has(line.revision, &leaf_hash, custody)
        });
        Ok(holds.map(|held| held.up_to))
    }

    /// Whether the event that ends the stream in the roster is in the bundle, or was there and is disposed of.
    fn has(&self, revision: i32, leaf_hash: &Hash, custody: &Custody) -> bool {
        let live = self.live.iter().any(|(_, held, leaf)| (*held, leaf) == (revision, leaf_hash));
        let of_stream = |position| custody.disposal_of(position) == Some(self.stream);
        live || self.emptied.iter().any(|(position, leaf)| leaf == leaf_hash && of_stream(*position))
    }

    fn is_whole(&self, up_to: u64, revision: i32, custody: &Custody) -> bool {
        let live = self.live.iter().filter(|(position, _, _)| *position <= up_to).count();
        let emptied = custody.disposed_before(&self.stream, up_to + 1);
        u64::try_from(live).is_ok_and(|live| Ok(live + emptied) == u64::try_from(revision))
    }
}
