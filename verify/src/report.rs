//! What a verification says at its end.

use crate::anchors::Held;
use crate::audit::Audit;
use crate::custody::Custody;
use crate::finding::{Findings, Kind};
use crate::hash::{Hash, uuid_text};
use crate::notes;

/// Exit code where nothing is wrong and nothing outside the database was compared with it.
pub const NOTHING_COMPARED: u8 = 18;

/// What was checked, what was found, and what was not looked at.
#[derive(Clone, Debug)]
pub struct Report {
    /// Id of the ledger; absent where its first event cannot be read.
    pub ledger: Option<String>,
    /// Its epoch.
    pub epoch: u32,
    /// Origin line of its checkpoints.
    pub origin: Option<String>,
    /// Size that was checked: positions 1 to `size`.
    pub size: u64,
    /// Root of the tree of that size, base64; absent where a row is missing.
    pub root: Option<String>,
    /// First position that was read in this run; above 1 in an incremental run and in a bundle.
    pub read_from: u64,
    /// How many events were read.
    pub events: u64,
    /// How many streams they belong to.
    pub streams: u64,
    /// How many of them were disposed of.
    pub disposed: u64,
    /// Sizes of signed checkpoints whose root is the log's, ascending.
    pub checkpoints: Vec<u64>,
    /// How many receipts agree.
    pub receipts: u64,
    /// What the check means beyond rows that agree, and what was not looked at; sentences.
    pub notes: Vec<String>,
    /// Whether nothing outside the database agreed with it: rows that agree with each other are no clean bill. A file is
    /// read as what it says of itself; there it is a note.
    pub nothing_compared: bool,
    /// From which position on the log says that each batch carries a MAC; absent where none does.
    pub macs_from: Option<u64>,
    /// What is wrong.
    pub findings: Findings,
}

impl Report {
    /// The exit code: that of the first damage; [`NOTHING_COMPARED`]; 0 where nothing is wrong.
    pub fn exit_code(&self) -> u8 {
        match self.findings.exit_code() {
            0 if self.nothing_compared => NOTHING_COMPARED,
            code => code,
        }
    }

    pub(crate) fn of(audit: Audit, custody: &Custody, held: Held, read_from: u64, size: u64) -> Self {
        let whole = audit.broken_at.is_none() && audit.tree.size() == size;
        let root = whole.then(|| audit.tree.root()).map(|root: Hash| notes::base64(&root));
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let mut notes = held.notes;
        if !held.outside {
            notes.push(
                "nothing that stands outside was compared (a kept checkpoint, a receipt, the log's key that you were given, \
                 the proof folder, an earlier run): the rows agree with each other, which does not show that they are the \
                 rows of before"
                    .to_owned(),
            );
        }
        Self {
            ledger: custody.ledger.map(|id| uuid_text(&id)),
            epoch: custody.epoch,
            origin: custody.origins.last().cloned(),
            size,
            root,
            read_from,
            events: audit.events,
            streams: count(audit.streams.len()),
            disposed: count(audit.disposed.len()),
            checkpoints: held.agreeing,
            receipts: held.receipts,
            notes,
            nothing_compared: false,
            macs_from: custody.macs_from,
            findings: audit.findings,
        }
    }
}

/// Holds the disposed rows and the rosters against what the log says of them.
pub(crate) fn settle(audit: &mut Audit, custody: &Custody) {
    for (position, stream) in std::mem::take(&mut audit.disposed_unsettled) {
        let by_right = match stream {
            Some(stream) => custody.is_authorised(&stream, position),
            None => custody.disposal_of(position).is_some(),
        };
        if !by_right {
            let detail = "the row is empty and two officers did not sign for it";
            audit.findings.at(Kind::UnauthorisedDisposal, position, stream.as_ref(), detail);
        }
        audit.disposed.push(position);
    }
    for gap in std::mem::take(&mut audit.gaps) {
        if gap.skipped != custody.disposed_before(&gap.stream, gap.position) {
            let detail = format!("{} revisions before it are not there", gap.skipped);
            audit.findings.at(Kind::Order, gap.position, Some(&gap.stream), detail);
        }
    }
    for roster in &custody.rosters {
        let Some((streams, root)) = audit.sighted.rosters.get(&roster.up_to) else { continue };
        if (*streams, *root) != (roster.streams, roster.root) {
            let detail = format!("the roster is not that of position {}", roster.up_to);
            audit.findings.at(Kind::RowChanged, roster.position, None, detail);
        }
    }
}
