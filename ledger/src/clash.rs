//! Which events of an import contradict what is recorded: an id that stands for another event, or a stream that is
//! about something else.
//!
//! An import learns of the first such event when its chunk is refused; this finds all of them, so that they can be
//! named and left out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::envelope::{Category, StoredEvent};
use domain::ids::{EventId, StreamId};
use uuid::Uuid;

use crate::append::{FedEvent, OwnKeys};
use crate::keys::{KeyId, KeyPurpose, SecretKey};
use crate::ledger::on_blocking_thread;
use crate::read::{ReadFault, Reader};
use crate::same_event::{Given, Part, Sealed, difference};

/// How an event contradicts what is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// Its id stands for another event.
    OtherEvent {
        /// The first part in which they differ.
        differs: Part,
    },
    /// Its stream is about something else.
    OtherCategory {
        /// What the stream is about.
        actual: Category,
    },
}

const CATEGORIES: &str = "SELECT s.stream, e.category FROM unnest($1::uuid[]) AS s (stream) CROSS JOIN LATERAL \
                          (SELECT category FROM caseledger.events e WHERE e.stream = s.stream LIMIT 1) e";

/// The events that clash, by their place, in order.
pub(crate) async fn find(
    reader: &Reader,
    own: &OwnKeys,
    events: &[FedEvent],
) -> Result<Vec<(usize, Clash)>, ReadFault> {
    let ids: Vec<Uuid> = events.iter().map(|fed| fed.event.event_id.0).collect();
    let streams: Vec<Uuid> = events.iter().map(|fed| fed.stream.0).collect();
    let held = reader.events("event_id = ANY($1)", &[&ids]).await?;
    let held: HashMap<EventId, StoredEvent> = held.into_iter().map(|event| (event.event_id, event)).collect();
    let keys = keys_of(own, &held).await;
    let client = reader.connection().await?;
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
        } else if let Some(held) = held.get(&fed.event.event_id)
            && let Some(differs) = difference_of(own, held, fed, &keys)
        {
            found.push((place, Clash::OtherEvent { differs }));
        }
    }
    Ok(found)
}

/// Where an event differs from the recorded one.
fn difference_of(own: &OwnKeys, held: &StoredEvent, fed: &FedEvent, keys: &Found) -> Option<Part> {
    let event = &fed.event;
    let given = Given {
        stream: fed.stream,
        kind: &event.kind,
        schema_version: event.schema_version,
        occurred: &event.occurred.to_string(),
        facts: &event.facts,
        sealed: Sealed::Fields(&event.sealed),
        context: &event.context,
    };
    difference(own.ledger, held, &given, |id| keys.get(&id).cloned())
}

/// Keys that were looked for together, off the async threads.
type Found = HashMap<KeyId, SecretKey>;

/// The keys of whoever has something sealed among these events; a key that is gone is not among them.
async fn keys_of(own: &OwnKeys, held: &HashMap<EventId, StoredEvent>) -> Found {
    let sealed = held.values().filter(|event| event.sealed.is_some());
    let ids: HashSet<KeyId> =
        sealed.map(|event| KeyId::new(own.ledger, KeyPurpose::Subject(event.stream))).collect();
    let keys = Arc::clone(&own.keys);
    let find = move || {
        let key = |id: KeyId| keys.find(id).ok().flatten().map(|key| (id, key));
        ids.into_iter().filter_map(key).collect()
    };
    on_blocking_thread(find).await
}
