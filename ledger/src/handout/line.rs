//! One event as a line.

use domain::canonical;
use domain::ids::StreamId;
use serde_json::{Map, Value};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::hash::{Hash, hex};
use crate::notes::to_base64;
use crate::proof::InclusionProof;
use crate::rows::{JsonText, MalformedRow};

/// The columns, as [`EventLine::of`] takes them: first what is not in the envelope, then what is, by name.
pub(super) const COLUMNS: &str = "position, recorded_at, leaf_format, salt, leaf_hash, facts, sealed, \
    category, causation, command_id, confidentiality, correlation, event_id, import_as_at, import_id, import_row, \
    import_sheet, kind, occurred, recorded_by, revision, role, schema_version, source_recorded_at, stream, team";

/// How many columns stand before those of the envelope.
const BEFORE_ENVELOPE: usize = 7;

/// One event as it is handed out.
#[derive(Clone, Debug)]
pub struct EventLine {
    /// Where it stands.
    pub position: u64,
    /// Its stream.
    pub stream: StreamId,
    /// Its revision in the stream.
    pub revision: i32,
    /// Name of what happened.
    pub kind: String,
    /// Its leaf hash.
    pub leaf_hash: Hash,
    /// The facts, where they are there; for whoever chooses among events.
    pub facts: Option<String>,
    members: Map<String, Value>,
}

impl EventLine {
    pub(super) fn of(row: &Row) -> Result<Self, MalformedRow> {
        let position: i64 = row.get(0);
        let malformed = |column| MalformedRow { position, column, source: None };
        let leaf_hash = row.get::<_, &[u8]>(4).try_into().map_err(|_| malformed("leaf_hash"))?;
        let facts: Option<JsonText<'_>> = row.get(5);
        let mut line = Self {
            position: u64::try_from(position).map_err(|_| malformed("position"))?,
            stream: StreamId(row.get("stream")),
            revision: row.get("revision"),
            kind: row.get("kind"),
            leaf_hash,
            facts: facts.map(|facts| facts.0.to_owned()),
            members: Map::new(),
        };
        line.put("position", position);
        line.put("leaf_hash", hex(&leaf_hash));
        let salt: Option<[u8; 32]> = row.get::<_, Option<&[u8]>>(3).and_then(|salt| salt.try_into().ok());
        // A disposed event has its position and its leaf hash, and no more.
        if let Some((salt, facts)) = salt.zip(line.facts.clone()) {
            line.disclose(row, &salt, facts)?;
        }
        Ok(line)
    }

    fn disclose(&mut self, row: &Row, salt: &[u8; 32], facts: String) -> Result<(), MalformedRow> {
        let malformed = |column| MalformedRow { position: row.get(0), column, source: None };
        let recorded_at: chrono::DateTime<chrono::Utc> = row.get(1);
        let (hides_envelope, hides_facts) = salt.split_at(16);
        self.put("recorded_at", recorded_at.timestamp_micros().to_string());
        self.put("leaf_format", row.get::<_, i16>(2));
        self.put("envelope", envelope(row).ok_or_else(|| malformed("envelope"))?);
        self.put("envelope_salt", hex(hides_envelope));
        self.put("facts", facts);
        self.put("facts_salt", hex(hides_facts));
        if let Some(sealed) = row.get::<_, Option<&[u8]>>(6) {
            self.put("sealed", to_base64(sealed));
        }
        Ok(())
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.members.insert(name.to_owned(), value.into());
    }

    /// The same with the proof that it stands in a tree.
    #[must_use]
    pub fn with_proof(mut self, proof: &InclusionProof) -> Self {
        let hashes: Vec<Value> = proof.path.iter().map(|hash| to_base64(hash).into()).collect();
        self.put("proof", hashes);
        self
    }

    /// The line's JSON object.
    pub fn into_json(self) -> Value {
        Value::Object(self.members)
    }
}

/// The envelope bytes as text, rebuilt from the columns; `None` where a column cannot be written canonically.
fn envelope(row: &Row) -> Option<String> {
    let mut members = Map::new();
    for (index, column) in row.columns().iter().enumerate().skip(BEFORE_ENVELOPE) {
        let value = match column.type_().name() {
            "int2" => row.try_get::<_, Option<i16>>(index).ok()?.map(Value::from),
            "int4" => row.try_get::<_, Option<i32>>(index).ok()?.map(Value::from),
            "uuid" => row.try_get::<_, Option<Uuid>>(index).ok()?.map(|id| id.to_string().into()),
            "date" => {
                let day = row.try_get::<_, Option<chrono::NaiveDate>>(index).ok()?;
                day.map(|day| day.to_string().into())
            }
            _ => row.try_get::<_, Option<String>>(index).ok()?.map(Value::from),
        };
        members.extend(value.map(|value| (column.name().to_owned(), value)));
    }
    canonical::write(&Value::Object(members)).ok()
}
