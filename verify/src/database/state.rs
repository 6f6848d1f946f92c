//! What a run remembers for the next one: the tree's left parts, the end of each stream, and what the system stream said. It is
//! the auditor's own file; whoever can change it can hide what it remembers.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio_postgres::Client;

use super::DatabaseFault;
use crate::audit::Audit;
use crate::custody::Custody;
use crate::finding::{Findings, Kind};
use crate::hash::{Hash, hex, unhex, uuid_of, uuid_text};
use crate::notes;
use crate::row::Id;
use crate::section::SystemEvent;
use crate::streams::StreamEnd;
use crate::tree::Range;

/// What one run hands to the next.
#[derive(Clone, Debug)]
pub struct State {
    ledger: Id,
    epoch: u32,
    tree: Range,
    recorded_at: i64,
    streams: Vec<(Id, StreamEnd)>,
    system: Vec<SystemEvent>,
}

/// Why a text is no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the state: {what} cannot be read")]
pub struct StateFault {
    /// From 1.
    pub line: usize,
    /// What.
    pub what: &'static str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Top {
    state: u32,
    ledger: String,
    epoch: u32,
    size: u64,
    root: String,
    peaks: Vec<String>,
    recorded_at: String,
    streams: usize,
    system: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemLine {
    position: u64,
    stream: String,
    event_id: String,
    kind: String,
    facts: String,
}

impl State {
    pub(super) fn of(audit: &Audit, custody: &Custody, system: Vec<SystemEvent>) -> Option<Self> {
        Some(Self {
            ledger: custody.ledger?,
            epoch: custody.epoch,
            tree: audit.tree.clone(),
            recorded_at: audit.last_recorded_at,
            streams: audit.streams.sorted(),
            system,
        })
    }

    /// The size that was checked.
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    pub(super) fn root(&self) -> Hash {
        self.tree.root()
    }

    pub(super) fn system(&self) -> Vec<SystemEvent> {
        self.system.clone()
    }

    pub(super) fn restore(&self, audit: &mut Audit) {
        audit.tree = self.tree.clone();
        audit.last_recorded_at = self.recorded_at;
        for (stream, end) in &self.streams {
            audit.streams.restore(*stream, *end);
        }
    }

    /// Whether the database is still the one that was remembered: its first event, and the head of the remembered size.
    pub(super) async fn hold_against(
        &self,
        client: &Client,
        has_roots: bool,
        findings: &mut Findings,
    ) -> Result<(), DatabaseFault> {
        let size = i64::try_from(self.size()).unwrap_or(i64::MAX);
        let root = if has_roots { "h.root" } else { "NULL::bytea" };
        let sql = format!(
            "SELECT (SELECT facts::text FROM caseledger.events WHERE position = 1), h.tree_size, {root} \
             FROM (SELECT) AS one LEFT JOIN caseledger.heads h ON h.tree_size = $1"
        );
        let rows = client.query(&sql, &[&size]).await.map_err(DatabaseFault::database("heads"))?;
        let Some(row) = rows.first() else { return Ok(()) };
        let genesis = row.get::<_, Option<&str>>(0).unwrap_or("");
        if !genesis.contains(&uuid_text(&self.ledger)) {
            findings.at(Kind::Unreadable, 1, None, "the remembered state is of another ledger");
        }
        let stored = row.get::<_, Option<&[u8]>>(2);
        if row.get::<_, Option<i64>>(1).is_none() || stored.is_some_and(|stored| *stored != self.root()) {
            let detail = format!("no head of size {size} has the root that was remembered");
            findings.between(Kind::ForkOrRollback, 1, self.size(), 1, detail);
        }
        Ok(())
    }

    /// The state as text: one JSON object, then one line a stream, then one a system event.
    pub fn to_text(&self) -> String {
        let top = Top {
            state: 1,
            ledger: uuid_text(&self.ledger),
            epoch: self.epoch,
            size: self.size(),
            root: notes::base64(&self.root()),
            peaks: self.tree.peaks().iter().map(|peak| notes::base64(peak)).collect(),
            recorded_at: self.recorded_at.to_string(),
            streams: self.streams.len(),
            system: self.system.len(),
        };
        let mut text = json(&top);
        for (stream, end) in &self.streams {
            text.push_str(&format!("{} {} {}\n", uuid_text(stream), end.revision, hex(&end.leaf_hash)));
        }
        for event in &self.system {
            text.push_str(&json(&SystemLine {
                position: event.position,
                stream: uuid_text(&event.stream),
                event_id: uuid_text(&event.event_id),
                kind: event.kind.clone(),
                facts: String::from_utf8_lossy(&event.facts).into_owned(),
            }));
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// [`StateFault`].
    pub fn parse(text: &str) -> Result<Self, StateFault> {
        let wrong = |line, what| StateFault { line, what };
        let mut lines = (1..).zip(text.lines());
        let first = lines.next().map_or("", |(_, text)| text);
        let top: Top = serde_json::from_str(first).map_err(|_| wrong(1, "the first line"))?;
        let peaks: Option<Vec<Hash>> = top.peaks.iter().map(|peak| notes::hash_of(peak)).collect();
        let tree = peaks.and_then(|peaks| Range::kept(top.size, peaks)).ok_or(wrong(1, "peaks"))?;
        if top.state != 1 || notes::hash_of(&top.root) != Some(tree.root()) {
            return Err(wrong(1, "root"));
        }
        let streams = lines
            .by_ref()
            .take(top.streams)
            .map(|(line, text)| stream_end(text).ok_or(wrong(line, "a stream")));
        let streams = streams.collect::<Result<Vec<_>, _>>()?;
        let system = lines.map(|(line, text)| system_event(text).ok_or(wrong(line, "a system event")));
        let system = system.collect::<Result<Vec<_>, _>>()?;
        if (streams.len(), system.len()) != (top.streams, top.system) {
            return Err(wrong(text.lines().count(), "the end"));
        }
        let ledger = uuid_of(&top.ledger).ok_or(wrong(1, "ledger"))?;
        let recorded_at = top.recorded_at.parse().map_err(|_| wrong(1, "recorded_at"))?;
        Ok(Self { ledger, epoch: top.epoch, tree, recorded_at, streams, system })
    }
}

fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("texts and numbers are always JSON");
    text + "\n"
}

fn stream_end(text: &str) -> Option<(Id, StreamEnd)> {
    let mut parts = text.split(' ');
    let stream = uuid_of(parts.next()?)?;
    let end = StreamEnd { revision: parts.next()?.parse().ok()?, leaf_hash: unhex(parts.next()?)? };
    parts.next().is_none().then_some((stream, end))
}

fn system_event(text: &str) -> Option<SystemEvent> {
    let line: SystemLine = serde_json::from_str(text).ok()?;
    Some(SystemEvent {
        position: line.position,
        stream: uuid_of(&line.stream)?,
        event_id: uuid_of(&line.event_id)?,
        kind: line.kind,
        facts: line.facts.into_bytes(),
    })
}
