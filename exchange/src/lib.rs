//! Files in and out: Annex A workbooks and children in need census files are
//! recognised by content and read into source rows, each value with the place
//! it came from.
//!
//! This crate opens files and judges formats; it does not know PostgreSQL, and
//! it decides nothing about practice: what a row means for a child's journey is
//! the planner's work, over the domain's own decider.

pub mod actions;
mod annex_a;
mod cin_census;
mod codes;
mod content;
mod date_order;
mod dates;
pub mod delimited;
mod described;
mod errors;
mod extract;
mod guard;
pub mod import;
pub mod jsonl;
mod layout;
mod package;
mod placeholders;
mod reading;
mod recognise;
pub mod reconcile;
mod tables;
mod text;

pub use content::Content;
pub use described::{NotDescribed, check_described};
pub use errors::ReadError;
pub use extract::{
    AsAt, Extract, ListScope, Note, Place, Reading, Refusal, SourceRow, SourceValue, Subject, SubjectRows,
};
pub use guard::Limits;
pub use layout::{
    Act, Below, Blank, Column, EventRule, FactRule, FactSource, Layout, List, Owner, PersonRule, Replaces,
    Role, ValueKind, Window,
};
pub use recognise::{Format, Options, open, read, recognise};
pub mod synthetic;
