//! The first line of a file: what it is, whose it is, and whether anybody in it is real.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What the `format` field of the header says.
pub const FORMAT: &str = "caseledger-events";

/// The newest version of the form that this program reads and writes.
pub const VERSION: u32 = 1;

/// What the first line states about the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Code of the local authority (three digits), or a local code.
    pub authority: String,
    /// Whether every child, worker and family in the file is invented.
    pub invented: bool,
    /// A remark for readers; may be empty.
    pub note: String,
    /// The day the file is about, inclusive; absent where it is not about one day.
    pub as_at: Option<NaiveDate>,
}

/// The header as it stands on the line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HeaderLine {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) authority: String,
    pub(super) invented: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) note: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) as_at: Option<NaiveDate>,
}

impl From<&Header> for HeaderLine {
    fn from(header: &Header) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            authority: header.authority.clone(),
            invented: header.invented,
            note: header.note.clone(),
            as_at: header.as_at,
        }
    }
}
