//! Which of the waiting commands can be written on top of a tip, and with which revisions. Pure.
//!
//! A command is planned whole or not at all; one that is refused leaves no trace in the plan.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::ids::{CommandId, EventId, Position, Revision, StreamId};

use super::appender::Waiting;
use super::prepare::{Prepared, PreparedAppend, PreparedEvent};
use super::tip::{StreamEnd, Tip};
use super::{AppendError, Expected, StreamRevisions};

/// One event with its place.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    pub(crate) command_id: CommandId,
    pub(crate) append: &'a PreparedAppend,
    pub(crate) event: &'a PreparedEvent,
    pub(crate) revision: Revision,
}

/// What the plan holds for one command.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is written from this position on.
    Write { first_position: Position, event_count: u32, streams: Vec<StreamRevisions> },
    /// It contradicts the tip.
    Refuse(AppendError),
    /// It shares an id with a command before it in the batch: its turn comes when that one is decided.
    Later,
}

/// A batch on top of a tip.
#[derive(Debug, Default)]
pub(crate) struct Plan<'a> {
    /// One verdict for each waiting command, in order.
    pub(crate) verdicts: Vec<Verdict>,
    /// The events to write, in position order.
    pub(crate) rows: Vec<Row<'a>>,
    /// Streams that must be looked up before anything can be planned.
    pub(crate) unknown: BTreeSet<StreamId>,
    /// Ends of the touched streams after the batch.
    pub(crate) ends: HashMap<StreamId, StreamEnd>,
}

/// Plans the waiting commands in their order.
pub(crate) fn plan<'a>(tip: &Tip, waiting: &'a [Waiting]) -> Plan<'a> {
    let mut planner =
        Planner { tip, plan: Plan::default(), commands: HashSet::new(), events: HashSet::new() };
    for one in waiting {
        let verdict = planner.decide(&one.prepared);
        planner.plan.verdicts.push(verdict);
    }
    planner.plan
}

struct Planner<'a, 't> {
    tip: &'t Tip,
    plan: Plan<'a>,
    commands: HashSet<CommandId>,
    events: HashSet<EventId>,
}

impl<'a> Planner<'a, '_> {
    fn decide(&mut self, prepared: &'a Prepared) -> Verdict {
        if self.shares_an_id(prepared) {
            return Verdict::Later;
        }
        let mut ends: BTreeMap<StreamId, StreamEnd> = BTreeMap::new();
        let mut starts: Vec<u32> = Vec::with_capacity(prepared.appends.len());
        for append in &prepared.appends {
            let end = ends.get(&append.stream).copied().unwrap_or_else(|| self.end_of(append));
            match extended(append, end) {
                Ok(after) => {
                    starts.push(end.revision);
                    ends.insert(append.stream, after);
                }
                Err(refusal) => return Verdict::Refuse(refusal),
            }
        }
        self.accept(prepared, &starts, ends)
    }

    fn shares_an_id(&mut self, prepared: &Prepared) -> bool {
        let known = self.commands.contains(&prepared.command_id)
            || prepared.events().any(|event| self.events.contains(&event.event_id));
        self.commands.insert(prepared.command_id);
        self.events.extend(prepared.events().map(|event| event.event_id));
        known
    }

    /// The stream's end as far as it is known; what is not known is noted, except for a stream that should not
    /// exist: if it does, the unique key on its revision says so.
    fn end_of(&mut self, append: &PreparedAppend) -> StreamEnd {
        let end = self.plan.ends.get(&append.stream).copied().or_else(|| self.tip.stream(append.stream));
        end.unwrap_or_else(|| {
            if append.expected != Expected::NoStream {
                self.plan.unknown.insert(append.stream);
            }
            StreamEnd::EMPTY
        })
    }

    fn accept(
        &mut self,
        prepared: &'a Prepared,
        starts: &[u32],
        ends: BTreeMap<StreamId, StreamEnd>,
    ) -> Verdict {
        let first = self.tip.size() + count(self.plan.rows.len()) + 1;
        let mut streams: BTreeMap<StreamId, StreamRevisions> = BTreeMap::new();
        for (append, start) in prepared.appends.iter().zip(starts) {
            for (event, revision) in append.events.iter().zip(start + 1..) {
                let revision = Revision(revision);
                self.plan.rows.push(Row { command_id: prepared.command_id, append, event, revision });
                let stream = append.stream;
                let whole = StreamRevisions { stream, first: revision, last: revision };
                streams.entry(stream).or_insert(whole).last = revision;
            }
        }
        self.plan.ends.extend(ends);
        Verdict::Write {
            first_position: Position(first),
            event_count: u32::try_from(prepared.event_count()).unwrap_or(u32::MAX),
            streams: streams.into_values().collect(),
        }
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).expect("a length fits 64 bits")
}

/// The stream's end after the append, or why the append does not fit.
fn extended(append: &PreparedAppend, end: StreamEnd) -> Result<StreamEnd, AppendError> {
    let (stream, expected) = (append.stream, append.expected);
    let fits = match expected {
        Expected::Any => true,
        Expected::NoStream => end.revision == 0,
        Expected::Exactly(revision) => end.revision == revision.0,
    };
    if !fits {
        return Err(AppendError::Conflict { stream, expected, actual: end.revision });
    }
    match end.category {
        Some(actual) if actual != append.category => {
            Err(AppendError::OtherCategory { stream, given: append.category, actual })
        }
        Some(_) | None => {
            let added = u32::try_from(append.events.len()).unwrap_or(u32::MAX);
            Ok(StreamEnd { revision: end.revision.saturating_add(added), category: Some(append.category) })
        }
    }
}
