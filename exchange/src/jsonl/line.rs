//! One line: its fields as they stand there, and the event that they make.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use domain::canonical;
use domain::envelope::{Category, Confidentiality, EventContext, ImportRef, NewEvent, SealedFields};
use domain::events::{CaseEvent, Code, Kind, MalformedEvent};
use domain::ids::{CommandId, EventId, ImportId, StreamId};
use domain::time::{Occurred, SourceTime, london_day};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::LineFault;
use super::redact::without_values;
use crate::placeholders;

/// Most bytes of facts and sealed fields of one event, as the ledger takes them.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

/// One event of a file, checked and with its facts in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    /// Line in the file, from 1; the header is line 1.
    pub line: u64,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
    /// The command; consecutive lines with one id are one atomic command.
    pub command_id: CommandId,
    /// The event as the ledger takes it.
    pub event: NewEvent,
    /// The same event with its facts read.
    pub read: CaseEvent,
}

/// The fields of a line, in the order in which they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    stream: Uuid,
    category: Category,
    event_id: Uuid,
    command_id: Uuid,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    schema: u16,
    occurred: Occurred,
    recorded_by: Uuid,
    #[serde(borrow)]
    role: Cow<'a, str>,
    team: Option<String>,
    source_recorded_at: Option<SourceTime>,
    import: Option<ImportFields>,
    causation: Option<Uuid>,
    correlation: Option<Uuid>,
    confidentiality: Option<Confidentiality>,
    #[serde(borrow)]
    facts: &'a RawValue,
    sealed: Option<Sealed>,
    /// What was sealed is lost with its key: the event has nothing sealed here.
    #[serde(rename = "sealed_destroyed")]
    _sealed_destroyed: Option<bool>,
    /// Where it stood in the ledger that it comes from; of no meaning for another.
    #[serde(rename = "position")]
    _position: Option<u64>,
    #[serde(rename = "revision")]
    _revision: Option<u32>,
    recorded_at: Option<DateTime<Utc>>,
}

/// Like [`ImportRef`], but strict.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportFields {
    import: Uuid,
    as_at: NaiveDate,
    sheet: String,
    row: u32,
}

impl EventLine {
    /// Reads one line of text.
    pub(super) fn read(line: u64, text: &str) -> Result<Self, LineFault> {
        let mut fields: Fields<'_> = serde_json::from_str(text).map_err(|error| shape(&error))?;
        let kind = kind_of(&fields)?;
        let (facts, schema_version, read) =
            facts_of(kind, fields.occurred, fields.schema, fields.facts.get())?;
        check_days(fields.occurred, fields.source_recorded_at, &facts)?;
        let sealed = fields.sealed.take().map(|sealed| SealedFields(sealed.0)).unwrap_or_default();
        check_texts(&fields)?;
        check_sealed(&sealed, &facts)?;
        Ok(Self {
            line,
            stream: StreamId(fields.stream),
            category: fields.category,
            command_id: CommandId(fields.command_id),
            event: NewEvent {
                event_id: EventId(fields.event_id),
                occurred: fields.occurred,
                kind: Cow::Borrowed(kind.name()),
                schema_version,
                facts,
                sealed,
                context: context_of(fields),
            },
            read,
        })
    }

    /// A day of the event that has not come yet: on which it happened, or on which somebody was born. What a file of a
    /// source system told is recorded as it stood there, and observed.
    pub fn ahead_of(&self, today: NaiveDate) -> Option<(&'static str, NaiveDate)> {
        if self.event.context.import.is_some() {
            return None;
        }
        let born = self.read.body.fields().remove("date_of_birth");
        let born = born.and_then(|day| day.as_str()?.parse().ok());
        let days = [("occurred", self.event.occurred.earliest_day()), ("facts (date_of_birth)", born)];
        days.into_iter().find_map(|(field, day)| Some((field, day.filter(|day| *day > today)?)))
    }
}

pub(crate) fn shape(error: &serde_json::Error) -> LineFault {
    LineFault::Shape { column: error.column(), reason: without_values(&error.to_string()) }
}

fn kind_of(fields: &Fields<'_>) -> Result<Kind, LineFault> {
    let kind = recordable_kind(&fields.kind)?;
    if kind.stands_in(fields.category) {
        return Ok(kind);
    }
    Err(LineFault::WrongCategory { kind: kind.name(), category: fields.category, expected: kind.category() })
}

/// The kind of this name, unless the ledger alone writes it.
pub(crate) fn recordable_kind(name: &str) -> Result<Kind, LineFault> {
    let kind = Kind::from_name(name).map_err(|_| LineFault::UnknownKind {
        kind: Code::try_new(name).map_or_else(|_| "that is no code".to_owned(), |code| code.to_string()),
    })?;
    if kind.category() == Category::System {
        Err(LineFault::LedgerOnly { kind: kind.name() })
    } else {
        Ok(kind)
    }
}

/// The facts in canonical form with the version of their shape, and read. What is plainly canonical keeps its bytes and
/// its version; what is written anew has the newest.
pub(crate) fn facts_of(
    kind: Kind,
    occurred: Occurred,
    schema: u16,
    text: &str,
) -> Result<(String, u16, CaseEvent), LineFault> {
    let read = |text: &str| CaseEvent::read(occurred, kind.name(), schema, text).map_err(malformed);
    if canonical::is_plainly_canonical(text) {
        return Ok((text.to_owned(), schema, read(text)?));
    }
    let not_canonical = |error: canonical::NotCanonical| LineFault::Facts {
        kind: kind.name(),
        version: schema,
        reason: without_values(&error.to_string()),
    };
    let rewritten =
        canonical::read(text).and_then(|value| canonical::write(&value)).map_err(not_canonical)?;
    let event = read(&rewritten)?;
    // Written from what was read, so that sets are sorted as well.
    Ok((event.facts().map_err(not_canonical)?, kind.schema_version(), event))
}

/// Refuses a day that source systems write where they have none: whether the event happened is not known, nor when.
pub(crate) fn check_days(
    occurred: Occurred,
    entered: Option<SourceTime>,
    facts: &str,
) -> Result<(), LineFault> {
    let occurred = [occurred.earliest_day(), occurred.latest_day()];
    let entered = match entered {
        Some(SourceTime::At(instant)) => Some(london_day(instant)),
        Some(SourceTime::On(day)) => Some(day),
        None => None,
    };
    let beside = occurred.into_iter().map(|day| ("occurred", day));
    for (field, day) in beside.chain([("source_recorded_at", entered)]) {
        if let Some(day) = day.filter(|day| placeholders::is_no_day(*day)) {
            return Err(no_day(field.to_owned(), day));
        }
    }
    match placeholders::day_in(facts) {
        Some((field, day)) => Err(no_day(format!("facts ({field})"), day)),
        None => Ok(()),
    }
}

fn no_day(field: String, day: NaiveDate) -> LineFault {
    match placeholders::is_day(day) {
        true => LineFault::Placeholder { field, day },
        false => LineFault::TooEarly { field, day },
    }
}

/// Checks the texts beside the facts as the ledger will.
fn check_texts(fields: &Fields<'_>) -> Result<(), LineFault> {
    let sheet = fields.import.as_ref().map(|import| import.sheet.as_str());
    let texts =
        [("role", Some(fields.role.as_ref())), ("team", fields.team.as_deref()), ("import.sheet", sheet)];
    for (name, text) in texts {
        canonical::check_text(name, text.unwrap_or_default()).map_err(no_text)?;
    }
    if fields.import.as_ref().is_some_and(|import| i32::try_from(import.row).is_err()) {
        return Err(LineFault::Row);
    }
    Ok(())
}

pub(crate) fn check_sealed(sealed: &SealedFields, facts: &str) -> Result<(), LineFault> {
    let mut bytes = facts.len();
    for (name, text) in &sealed.0 {
        if name.is_empty() || name.len() > 255 {
            return Err(LineFault::SealedName);
        }
        // A name that is no code may itself name somebody.
        let shown = if Code::try_new(name).is_ok() { format!("sealed.{name}") } else { "sealed".to_owned() };
        canonical::check_text(&shown, name)
            .and_then(|()| canonical::check_text(&shown, text))
            .map_err(no_text)?;
        bytes += name.len() + text.len();
    }
    if bytes > MAX_EVENT_BYTES { Err(LineFault::TooMuch { bytes }) } else { Ok(()) }
}

fn no_text(error: canonical::NotCanonical) -> LineFault {
    LineFault::Text { reason: error.to_string() }
}

fn malformed(error: MalformedEvent) -> LineFault {
    match error {
        MalformedEvent::UnknownKind { kind } => LineFault::UnknownKind { kind },
        MalformedEvent::UnknownVersion { kind, version, newest } => {
            LineFault::UnknownVersion { kind, version, newest }
        }
        MalformedEvent::Facts { kind, version, reason } => {
            LineFault::Facts { kind, version, reason: without_values(&reason) }
        }
        MalformedEvent::Disposed { .. } => unreachable!("only stored events can be disposed of"),
    }
}

fn context_of(fields: Fields<'_>) -> EventContext {
    // When another ledger recorded it is, for this one, when the source says that it was entered.
    let source_recorded_at = fields.source_recorded_at.or(fields.recorded_at.map(SourceTime::At));
    EventContext {
        recorded_by: fields.recorded_by,
        role: Cow::Owned(fields.role.into_owned()),
        team: fields.team,
        source_recorded_at,
        import: fields.import.map(|import| ImportRef {
            import: ImportId(import.import),
            as_at: import.as_at,
            sheet: import.sheet,
            row: import.row,
        }),
        causation: fields.causation.map(EventId),
        correlation: fields.correlation,
        confidentiality: fields.confidentiality,
        stamped_at: None,
    }
}

/// Sealed fields with unique names.
pub(crate) struct Sealed(pub(crate) BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Sealed {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(UniqueFields)
    }
}

struct UniqueFields;

impl<'de> Visitor<'de> for UniqueFields {
    type Value = Sealed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed fields, each a text")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sealed, A::Error> {
        let mut sealed = BTreeMap::new();
        while let Some((field, text)) = map.next_entry::<String, String>()? {
            match sealed.entry(field) {
                Entry::Vacant(free) => free.insert(text),
                Entry::Occupied(_) => return Err(A::Error::custom("a sealed field stands twice")),
            };
        }
        Ok(Sealed(sealed))
    }
}
