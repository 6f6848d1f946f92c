//! Which events of an import contradict what is recorded: an id that stands for another event, or a stream that is
//! about something else.
//!
//! An import learns of the first such event when its chunk is refused; this finds all of them, so that they can be
//! named and left out.

use std::collections::HashMap;

use domain::envelope::Category;
use domain::ids::{EventId, StreamId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::append::FedEvent;
use crate::read::{ReadFault, Reader};

/// How an event contradicts what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Its id stands for another event.
    OtherEvent,
    /// Its stream is about something else.
    OtherCategory {
        /// What the stream is about.
        actual: Category,
    },
}

const EVENTS: &str = "SELECT event_id, stream, kind, schema_version, occurred, facts::text \
                      FROM caseledger.events WHERE event_id = ANY($1)";
const CATEGORIES: &str = "SELECT s.stream, e.category FROM unnest($1::uuid[]) AS s (stream) CROSS JOIN LATERAL \
                          (SELECT category FROM caseledger.events e WHERE e.stream = s.stream LIMIT 1) e";

/// The events that clash, by their place, in order.
pub(crate) async fn find(reader: &Reader, events: &[FedEvent]) -> Result<Vec<(usize, Clash)>, ReadFault> {
    let client = reader.connection().await?;
    let ids: Vec<Uuid> = events.iter().map(|fed| fed.event.event_id.0).collect();
    let streams: Vec<Uuid> = events.iter().map(|fed| fed.stream.0).collect();
    let held = client.query(&client.prepare_cached(EVENTS).await?, &[&ids]).await?;
    let held: HashMap<EventId, &Row> =
        held.iter().map(|row| Ok((EventId(row.try_get(0)?), row))).collect::<Result<_, ReadFault>>()?;
    let categories = client.query(&client.prepare_cached(CATEGORIES).await?, &[&streams]).await?;
    let categories: HashMap<StreamId, i16> = categories
        .iter()
        .map(|row| Ok((StreamId(row.try_get(0)?), row.try_get(1)?)))
        .collect::<Result<_, ReadFault>>()?;
    let mut found = Vec::new();
    for (place, fed) in events.iter().enumerate() {
        let actual = categories.get(&fed.stream).and_then(|code| Category::from_code(*code));
        if let Some(actual) = actual.filter(|actual| *actual != fed.category) {
            found.push((place, Clash::OtherCategory { actual }));
        } else if let Some(row) = held.get(&fed.event.event_id)
            && !is_same(row, fed)?
        {
            found.push((place, Clash::OtherEvent));
        }
    }
    Ok(found)
}

/// Whether a recorded event says what this one says. Disposed facts cannot be compared.
fn is_same(row: &Row, fed: &FedEvent) -> Result<bool, ReadFault> {
    let (stream, kind, schema_version): (Uuid, &str, i16) =
        (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let (occurred, facts): (&str, Option<&str>) = (row.try_get(4)?, row.try_get(5)?);
    let event = &fed.event;
    Ok(stream == fed.stream.0
        && kind == event.kind
        && i32::from(schema_version) == i32::from(event.schema_version)
        && occurred == event.occurred.to_string()
        && facts.is_none_or(|facts| facts == event.facts))
}
