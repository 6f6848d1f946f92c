//! The stored form of an event's facts, and the way back.
//!
//! Facts are `{"authors":{…},"details":{…},"entities":{…}}` in canonical form; `authors` and `entities` are left
//! out where there are none.
//! Unknown kind, version or field is a typed error, never ignored.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{Authors, Body, CaseEvent, Entities, Kind, upcast};
use crate::canonical::{self, NotCanonical};
use crate::envelope::{Category, EventContext, NewEvent, SealedFields, StoredEvent};
use crate::ids::{CommandId, EventId, Position, Revision, StreamId};
use crate::time::Occurred;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredFacts<F> {
    pub(super) details: F,
    #[serde(default)]
    pub(super) entities: Entities,
    #[serde(default)]
    pub(super) authors: Authors,
}

impl<F> StoredFacts<F> {
    pub(super) fn with<G>(self, details: impl FnOnce(F) -> G) -> StoredFacts<G> {
        StoredFacts { details: details(self.details), entities: self.entities, authors: self.authors }
    }
}

/// An event that cannot be read: history that this program does not understand.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MalformedEvent {
    /// The kind is not known to this program.
    #[error("unknown event kind {kind:?}; a newer program may have written it")]
    UnknownKind {
        /// The kind as stored.
        kind: String,
    },
    /// The schema version is newer than this program knows.
    #[error("schema version {version} of {kind} is not known; this program reads up to {newest}")]
    UnknownVersion {
        /// The kind.
        kind: &'static str,
        /// The version as stored.
        version: u16,
        /// The newest version that this program reads.
        newest: u16,
    },
    /// The facts do not have the shape of their kind.
    #[error("facts of {kind} version {version}: {reason}")]
    Facts {
        /// The kind.
        kind: &'static str,
        /// The version.
        version: u16,
        /// What the reader says.
        reason: String,
    },
    /// The facts were disposed of.
    #[error("facts of event {event_id} were disposed of")]
    Disposed {
        /// The event.
        event_id: EventId,
    },
}

impl Kind {
    /// The kind with this stored name.
    ///
    /// # Errors
    /// [`MalformedEvent::UnknownKind`].
    pub fn from_name(name: &str) -> Result<Self, MalformedEvent> {
        Self::by_name(name).ok_or_else(|| MalformedEvent::UnknownKind { kind: name.to_owned() })
    }
}

impl Body {
    /// The `details` of its facts by field; what is absent has no field.
    #[must_use]
    pub fn fields(&self) -> Map<String, Value> {
        let mut details = self.written();
        drop_nulls(&mut details);
        if let Value::Object(fields) = details { fields } else { Map::new() }
    }

    fn written(&self) -> Value {
        self.details().expect("facts are maps of text, numbers and lists")
    }
}

impl CaseEvent {
    /// The facts in canonical form.
    ///
    /// # Errors
    /// [`NotCanonical`] where a text in the facts has no canonical form.
    pub fn facts(&self) -> Result<String, NotCanonical> {
        canonical::write(&self.facts_value())
    }

    fn facts_value(&self) -> Value {
        let mut facts = Map::from_iter([("details".to_owned(), Value::Object(self.body.fields()))]);
        if !self.entities.is_empty() {
            facts.insert("entities".to_owned(), json!(self.entities));
        }
        if !self.authors.is_unknown() {
            facts.insert("authors".to_owned(), json!(self.authors));
        }
        Value::Object(facts)
    }

    /// Names of what differs in another event of the same kind: `occurred`, `entities`, `authors`, or a field of the details.
    pub fn differences(&self, other: &Self) -> BTreeSet<String> {
        let (ours, theirs) = (self.body.fields(), other.body.fields());
        let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        let mut changed: BTreeSet<String> =
            names.into_iter().filter(|name| ours.get(*name) != theirs.get(*name)).cloned().collect();
        if self.occurred != other.occurred {
            changed.insert("occurred".to_owned());
        }
        if self.entities != other.entities {
            changed.insert("entities".to_owned());
        }
        if self.authors != other.authors {
            changed.insert("authors".to_owned());
        }
        changed
    }

    /// The same with what changed between two states of a copy of it, field by field. A field in which this event said
    /// something else than the copy did before stays: there it has a word of its own.
    #[must_use]
    pub fn carrying(&self, before: &Self, after: &Self) -> Self {
        let mut carried = self.clone();
        if self.occurred == before.occurred {
            carried.occurred = after.occurred;
        }
        if self.authors == before.authors {
            carried.authors = after.authors;
        }
        for (role, id) in after.entities.iter() {
            let was = before.entities.get(role);
            if was != Some(id) && self.entities.get(role) == was {
                carried.entities.insert(role, id);
            }
        }
        carried.body = self.body_carrying(before, after).unwrap_or(carried.body);
        carried
    }

    /// The body with the fields that changed; `None` where none did, or where they make no body of this kind.
    fn body_carrying(&self, before: &Self, after: &Self) -> Option<Body> {
        let fields = |event: &Self| match event.facts_value().get_mut("details").map(Value::take) {
            Some(Value::Object(fields)) => fields,
            Some(_) | None => Map::new(),
        };
        let (mut own, was, now) = (fields(self), fields(before), fields(after));
        let names: BTreeSet<&String> = was.keys().chain(now.keys()).collect();
        let moved = |name: &&String| was.get(*name) != now.get(*name) && own.get(*name) == was.get(*name);
        let moved: Vec<String> = names.into_iter().filter(moved).cloned().collect();
        if moved.is_empty() {
            return None;
        }
        for name in moved {
            match now.get(&name) {
                Some(value) => own.insert(name, value.clone()),
                None => own.remove(&name),
            };
        }
        let facts = json!({ "details": own }).to_string();
        Body::read(self.body.kind(), &facts).ok().map(|read| read.details)
    }

    /// Reads an event from its stored parts; facts of an older version are brought to the newest shape.
    ///
    /// # Errors
    /// [`MalformedEvent`] for a kind, version or field that this program does not know.
    pub fn read(occurred: Occurred, kind: &str, version: u16, facts: &str) -> Result<Self, MalformedEvent> {
        let kind = Kind::from_name(kind)?;
        let newest = upcast::to_newest(kind, version, facts)?;
        let read = Body::read(kind, newest.as_deref().unwrap_or(facts)).map_err(|error| {
            MalformedEvent::Facts { kind: kind.name(), version, reason: error.to_string() }
        })?;
        Ok(Self { occurred, entities: read.entities, authors: read.authors, body: read.details })
    }

    /// The event as the ledger takes it.
    ///
    /// # Errors
    /// [`NotCanonical`] where a text in the facts has no canonical form.
    pub fn to_new(
        &self,
        event_id: EventId,
        sealed: SealedFields,
        context: EventContext,
    ) -> Result<NewEvent, NotCanonical> {
        let kind = self.body.kind();
        Ok(NewEvent {
            event_id,
            occurred: self.occurred,
            kind: kind.name().into(),
            schema_version: kind.schema_version(),
            facts: self.facts()?,
            sealed,
            context,
        })
    }
}

/// An absent value is an absent key.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A whole event inside another event's facts (the replacement that a correction carries).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nested {
    occurred: Occurred,
    kind: String,
    schema: u16,
    facts: Value,
}

impl Serialize for CaseEvent {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        let kind = self.body.kind();
        let nested = Nested {
            occurred: self.occurred,
            kind: kind.name().to_owned(),
            schema: kind.schema_version(),
            facts: self.facts_value(),
        };
        nested.serialize(writer)
    }
}

impl<'de> Deserialize<'de> for CaseEvent {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let nested = Nested::deserialize(reader)?;
        Self::read(nested.occurred, &nested.kind, nested.schema, &nested.facts.to_string())
            .map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for CaseEvent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CaseEvent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "description": "a whole event: occurred, kind, schema version and facts",
            "required": ["occurred", "kind", "schema", "facts"],
            "additionalProperties": false,
            "properties": {
                "occurred": { "type": "string" },
                "kind": { "type": "string" },
                "schema": { "type": "integer", "minimum": 1 },
                "facts": { "type": "object" }
            }
        })
    }
}

/// An event of the ledger with its facts read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEvent {
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
    /// When the ledger recorded it.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it, and from where.
    pub context: EventContext,
    /// What happened.
    pub event: CaseEvent,
}

impl TryFrom<StoredEvent> for RecordedEvent {
    type Error = MalformedEvent;

    fn try_from(stored: StoredEvent) -> Result<Self, Self::Error> {
        let facts = stored.facts.as_deref().ok_or(MalformedEvent::Disposed { event_id: stored.event_id })?;
        let event = CaseEvent::read(stored.occurred, &stored.kind, stored.schema_version, facts)?;
        Ok(Self {
            position: stored.position,
            stream: stored.stream,
            category: stored.category,
            revision: stored.revision,
            event_id: stored.event_id,
            command_id: stored.command_id,
            recorded_at: stored.recorded_at,
            context: stored.context,
            event,
        })
    }
}
