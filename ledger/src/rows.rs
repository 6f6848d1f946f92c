//! Stored rows as events. A row that this program would never have written is malformed history, not a panic.

use std::error::Error;

use bytes::BytesMut;
use domain::envelope::{Category, Confidentiality, EventContext, ImportRef, StoredEvent};
use domain::ids::{CommandId, EventId, ImportId, Position, Revision, StreamId};
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use thiserror::Error;
use tokio_postgres::Row;

/// The columns of an event, in the order in which [`event`] takes them.
pub(crate) const COLUMNS: &str = "position, recorded_at, revision, import_row, import_as_at, category, schema_version, \
    stream, event_id, command_id, recorded_by, import_id, causation, correlation, kind, occurred, source_recorded_at, \
    role, team, import_sheet, confidentiality, facts, sealed";

/// A row that cannot be read as an event.
#[derive(Debug, Error)]
#[error("position {position}: {column} cannot be read")]
pub struct MalformedRow {
    /// Where.
    pub position: i64,
    /// Which column.
    pub column: &'static str,
    /// What the reader says.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// JSON as its exact text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonText<'a>(pub(crate) &'a str);

impl<'a> FromSql<'a> for JsonText<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }
}

impl ToSql for JsonText<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON
    }

    to_sql_checked!();
}

struct Reader<'a> {
    row: &'a Row,
    position: i64,
}

impl<'a> Reader<'a> {
    fn get<T: FromSql<'a>>(&self, index: usize, column: &'static str) -> Result<T, MalformedRow> {
        let malformed =
            |error| MalformedRow { position: self.position, column, source: Some(Box::new(error)) };
        self.row.try_get(index).map_err(malformed)
    }

    fn strange(&self, column: &'static str) -> MalformedRow {
        MalformedRow { position: self.position, column, source: None }
    }

    fn number<T: TryFrom<i64>>(
        &self,
        value: impl Into<i64>,
        column: &'static str,
    ) -> Result<T, MalformedRow> {
        T::try_from(value.into()).map_err(|_| self.strange(column))
    }

    fn parsed<T: std::str::FromStr>(&self, text: &str, column: &'static str) -> Result<T, MalformedRow>
    where
        T::Err: Error + Send + Sync + 'static,
    {
        let malformed =
            |error| MalformedRow { position: self.position, column, source: Some(Box::new(error)) };
        text.parse().map_err(malformed)
    }

    fn import(&self) -> Result<Option<ImportRef>, MalformedRow> {
        let Some(import) = self.get::<Option<uuid::Uuid>>(11, "import_id")? else { return Ok(None) };
        Ok(Some(ImportRef {
            import: ImportId(import),
            as_at: self.get(4, "import_as_at")?,
            sheet: self.get::<&str>(19, "import_sheet")?.to_owned(),
            row: self.number(self.get::<i32>(3, "import_row")?, "import_row")?,
        }))
    }

    fn context(&self) -> Result<EventContext, MalformedRow> {
        let role: Option<&str> = self.get(17, "role")?;
        let mut context =
            EventContext::new(self.get(10, "recorded_by")?, role.unwrap_or_default().to_owned());
        context.team = self.get::<Option<String>>(18, "team")?;
        let entered: Option<&str> = self.get(16, "source_recorded_at")?;
        context.source_recorded_at =
            entered.map(|text| self.parsed(text, "source_recorded_at")).transpose()?;
        context.import = self.import()?;
        context.causation = self.get::<Option<uuid::Uuid>>(12, "causation")?.map(EventId);
        context.correlation = self.get(13, "correlation")?;
        let mark: Option<&str> = self.get(20, "confidentiality")?;
        let known = |name| Confidentiality::from_name(name).ok_or_else(|| self.strange("confidentiality"));
        context.confidentiality = mark.map(known).transpose()?;
        Ok(context)
    }
}

/// Reads an event from a row of [`COLUMNS`].
pub(crate) fn event(row: &Row) -> Result<StoredEvent, MalformedRow> {
    let position: i64 = row.try_get(0).unwrap_or_default();
    let reader = Reader { row, position };
    let facts: Option<JsonText<'_>> = reader.get(21, "facts")?;
    let category = Category::from_code(reader.get(5, "category")?);
    Ok(StoredEvent {
        position: Position(reader.number(position, "position")?),
        stream: StreamId(reader.get(7, "stream")?),
        category: category.ok_or_else(|| reader.strange("category"))?,
        revision: Revision(reader.number(reader.get::<i32>(2, "revision")?, "revision")?),
        event_id: EventId(reader.get(8, "event_id")?),
        command_id: CommandId(reader.get(9, "command_id")?),
        kind: reader.get(14, "kind")?,
        schema_version: reader.number(reader.get::<i16>(6, "schema_version")?, "schema_version")?,
        occurred: reader.parsed(reader.get(15, "occurred")?, "occurred")?,
        recorded_at: reader.get(1, "recorded_at")?,
        context: reader.context()?,
        facts: facts.map(|facts| facts.0.to_owned()),
        sealed: reader.get(22, "sealed")?,
    })
}
