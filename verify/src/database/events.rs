//! The rows of `events` between two positions.

use tokio_postgres::Client;

use super::DatabaseFault;
use super::copy::{self, days, int2, int4, int8, micros, nullable, uuid};
use crate::row::Row;
use crate::section::{Section, SectionReader};

/// The columns, in the order in which [`row`] takes them.
const COLUMNS: &str = "position, recorded_at, revision, import_row, import_as_at, category, schema_version, leaf_format, \
    stream, event_id, command_id, recorded_by, import_id, causation, correlation, salt, leaf_hash, kind, occurred, \
    source_recorded_at, role, team, import_sheet, confidentiality, facts, sealed";

/// Reads and hashes the rows of positions `first` to `last`.
pub(super) async fn read(
    client: &Client,
    first: u64,
    last: u64,
    examples: usize,
) -> Result<Section, DatabaseFault> {
    let mut reader = SectionReader::new(first, last, examples);
    let query = format!(
        "SELECT {COLUMNS} FROM caseledger.events WHERE position BETWEEN {first} AND {last} ORDER BY position"
    );
    copy::rows(client, "events", &query, |fields| row(fields).map(|row| reader.row(&row))).await?;
    Ok(reader.finish())
}

/// The fields as a row; `None` where one has another type.
fn row<'a>(fields: &[Option<&'a [u8]>; 26]) -> Option<Row<'a>> {
    let [
        position,
        recorded_at,
        revision,
        import_row,
        import_as_at,
        category,
        schema_version,
        leaf_format,
        stream,
        event_id,
        command_id,
        recorded_by,
        import_id,
        causation,
        correlation,
        salt,
        leaf_hash,
        kind,
        occurred,
        source_recorded_at,
        role,
        team,
        import_sheet,
        confidentiality,
        facts,
        sealed,
    ] = *fields;
    Some(Row {
        position: int8(position)?,
        recorded_at: micros(recorded_at)?,
        revision: int4(revision)?,
        import_row: nullable(import_row, int4)?,
        import_as_at: nullable(import_as_at, days)?,
        category: int2(category)?,
        schema_version: int2(schema_version)?,
        leaf_format: int2(leaf_format)?,
        stream: uuid(stream)?,
        event_id: uuid(event_id)?,
        command_id: uuid(command_id)?,
        recorded_by: uuid(recorded_by)?,
        import_id: nullable(import_id, uuid)?,
        causation: nullable(causation, uuid)?,
        correlation: nullable(correlation, uuid)?,
        salt,
        leaf_hash: leaf_hash?,
        kind: kind?,
        occurred: occurred?,
        source_recorded_at,
        role,
        team,
        import_sheet,
        confidentiality,
        facts,
        sealed,
    })
}
