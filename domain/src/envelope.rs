//! What surrounds an event: who recorded it, in which role, from which source, and where it stands in the log.
//!
//! The envelope never says what the event means; that is in [`crate::events`]. Who *did* a thing is in the
//! facts, because it is often not who recorded it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{CommandId, EventId, ImportId, Position, Revision, StreamId};
use crate::time::{Occurred, SourceTime};

/// What kind of subject a stream is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// One child.
    Child,
    /// One household, with dated membership.
    Household,
    /// One set of proceedings.
    Proceedings,
    /// One adopter household.
    Adopter,
    /// One worker.
    Worker,
    /// The authority itself: extracts, targets, published figures, rule and calendar activation.
    Authority,
    /// The ledger's own keeping: genesis, keys, disposal, certificates.
    System,
}

impl Category {
    /// Every category, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::Child,
        Self::Household,
        Self::Proceedings,
        Self::Adopter,
        Self::Worker,
        Self::Authority,
        Self::System,
    ];

    /// The number that stands in the ledger for this category; never reused.
    pub const fn code(self) -> i16 {
        match self {
            Self::Child => 1,
            Self::Household => 2,
            Self::Proceedings => 3,
            Self::Adopter => 4,
            Self::Worker => 5,
            Self::Authority => 6,
            Self::System => 7,
        }
    }

    /// The category with this number, if there is one.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// The `snake_case` name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Household => "household",
            Self::Proceedings => "proceedings",
            Self::Adopter => "adopter",
            Self::Worker => "worker",
            Self::Authority => "authority",
            Self::System => "system",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who may see a record, where that is narrower than usual. Absent means: the usual rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidentiality {
    /// Only a named list.
    Restricted,
    /// Closed by an adoption order.
    SealedAdoption,
}

impl Confidentiality {
    /// The `snake_case` name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::SealedAdoption => "sealed_adoption",
        }
    }

    /// The mark with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Restricted, Self::SealedAdoption].into_iter().find(|mark| mark.name() == name)
    }
}

/// Where in a source file an event comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImportRef {
    /// The declared extract.
    pub import: ImportId,
    /// The extract's as-at date: the source held this row on that day (an upper bound of when it knew).
    pub as_at: NaiveDate,
    /// Short code of the sheet, list or module, for instance `list_7` or `section47`.
    pub sheet: String,
    /// Row in the sheet, or the child's ordinal in the file, from 1.
    pub row: u32,
}

/// What whoever records an event says about the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventContext {
    /// The stream id of the worker who recorded it; the import's id for an imported row; the ledger's own id
    /// for the ledger's own keeping. Never a name.
    pub recorded_by: Uuid,
    /// The role in which it was recorded, a short code such as `social_worker`.
    pub role: Cow<'static, str>,
    /// The team as it was recorded. On an extract this is the team on the extract's day, not on the event's.
    pub team: Option<String>,
    /// When the source system says that it was entered there.
    pub source_recorded_at: Option<SourceTime>,
    /// The file row that this event comes from.
    pub import: Option<ImportRef>,
    /// The event that led to this one.
    pub causation: Option<EventId>,
    /// What holds a group of events together, for instance the entity id of a referral.
    pub correlation: Option<Uuid>,
    /// A narrower circle of readers than usual.
    pub confidentiality: Option<Confidentiality>,
    /// The time in the ledger's row, where a clock had leapt and it is not when the event was recorded. Only of events that
    /// were read.
    pub stamped_at: Option<DateTime<Utc>>,
}

impl EventContext {
    /// A context with only the recorder and the role; the rest is absent.
    pub fn new(recorded_by: Uuid, role: impl Into<Cow<'static, str>>) -> Self {
        Self {
            recorded_by,
            role: role.into(),
            team: None,
            source_recorded_at: None,
            import: None,
            causation: None,
            correlation: None,
            confidentiality: None,
            stamped_at: None,
        }
    }
}

/// Identifying or narrative fields, sealed with the subject's key: field name to text. Prints no values.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedFields(pub BTreeMap<String, String>);

impl SealedFields {
    /// No sealed field.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same with one field more; an empty text is left out.
    #[must_use]
    pub fn with(mut self, field: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.0.insert(field.to_owned(), text);
        }
        self
    }

    /// The text of a field.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.get(field).map(String::as_str)
    }

    /// Whether there is nothing to seal.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SealedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFields({} fields)", self.0.len())
    }
}

/// An event as it is handed to the ledger: facts already in canonical form, sealed fields still in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// The event's id.
    pub event_id: EventId,
    /// When it happened in practice.
    pub occurred: Occurred,
    /// Stable `snake_case` name of what happened.
    pub kind: Cow<'static, str>,
    /// Version of the facts' shape.
    pub schema_version: u16,
    /// The facts as canonical JSON.
    pub facts: String,
    /// What only the holder of the subject's key may read.
    pub sealed: SealedFields,
    /// Who recorded it, and from where.
    pub context: EventContext,
}

/// An event as it stands in the ledger, facts still as their exact text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Place in the whole ledger.
    pub position: Position,
    /// The stream.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
    /// Place in the stream.
    pub revision: Revision,
    /// The event's id.
    pub event_id: EventId,
    /// The request that recorded it.
    pub command_id: CommandId,
    /// Stable `snake_case` name of what happened.
    pub kind: String,
    /// Version of the facts' shape.
    pub schema_version: u16,
    /// When it happened in practice.
    pub occurred: Occurred,
    /// When the ledger recorded it.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it, and from where.
    pub context: EventContext,
    /// The facts as canonical JSON; `None` after disposal.
    pub facts: Option<String>,
    /// The sealed container as stored; `None` where there is none or it was disposed of.
    pub sealed: Option<Vec<u8>>,
}
