//! From the rows of one subject, and what is held of it, to events: what an import adds,
//! corrects, withdraws or disputes.
//!
//! Everything here is pure: the rows, the stream's history and the earlier extracts go in, and
//! events and one outcome per row come out. Writing them is the caller's.
//! The rules are explained for the analyst in `docs/imports.md`. The invariant: the outcomes add
//! up to the rows read, and the same file planned again over its own events adds nothing.

mod absence;
mod acts;
mod begun_with;
mod behalf;
mod claims;
mod contradicting;
mod coverage;
mod decisions;
mod enclosing;
mod exclusive;
mod extracts;
mod fill;
mod held;
mod identifiers;
mod identity;
mod later;
mod left;
mod likenesses;
mod nearest;
mod not_named;
mod ordered;
mod outcome;
mod overturned;
mod planning;
mod records;
mod rejudged;
mod replaced;
mod settle;
mod silent;
mod states;
mod twins;
mod undated;
mod withdrawn;

pub use acts::worker_name;
pub use decisions::{Answer, Decisions, Question, UnreadableDecisions};
pub use extracts::{PriorExtract, declaration, emptied_lists, events_declaration, list_code, with_unread};
pub use identifiers::{IdentifierMap, UnreadableMap, earlier_stream, subject_stream};
pub use left::Left;
pub use likenesses::{Likenesses, alike_held, looked_up};
pub use outcome::{Counts, RefusedCell, RowOutcome, RowResult};
pub use planning::{SubjectPlan, Worker, plan, plan_absent};
pub use withdrawn::{Kept, WhyWithdrawn, Withdrawn};

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::ids::{ImportId, KeyedIds, StreamId};

use crate::extract::ListScope;
use crate::recognise::Format;

/// What one import brings with it beside the rows.
#[derive(Clone, Copy)]
pub struct Import<'a> {
    /// The import.
    pub id: ImportId,
    /// Code of the authority.
    pub authority: &'a str,
    /// Name of the source system; a child is known by authority, system and identifier.
    pub system: &'a str,
    /// Format of the file.
    pub format: Format,
    /// The day that the file describes.
    pub as_at: NaiveDate,
    /// Lists and columns that the file holds.
    pub scope: &'a [ListScope],
    /// Extracts of the same authority and system that the ledger already holds, in any order.
    pub prior: &'a [PriorExtract],
    /// Answers to the questions of an earlier run.
    pub decisions: &'a Decisions,
    /// Identifiers of this system under which a child of another is known.
    pub identifiers: &'a IdentifierMap,
    /// Workers of the system who are known under an id that another ledger made, by [`worker_name`].
    pub workers: &'a BTreeMap<String, StreamId>,
    /// The ledger's keyed ids.
    pub ids: &'a dyn KeyedIds,
}
