//! Prepared commands whose hashes are still to be made: those of many commands are made side by side.
//!
//! The request hash tells a repeated request from a reused id: an HMAC over the streams and over a hash of each
//! event, without the ids, because a program that decides again after a lost answer makes new event ids for the
//! same events. Invariant: a [`Prepared`] leaves this module with all its hashes.

use std::sync::Arc;

use domain::envelope::NewEvent;

use super::StreamAppend;
use super::prepare::{Prepared, PreparedEvent};
use crate::hash::{Hash, MacParts};
use crate::hash_many::{Messages, hash_all, hashes};
use crate::leaf::{self, Salt};

/// A command without its hashes.
#[derive(Debug)]
pub(crate) struct Draft {
    prepared: Prepared,
    /// For each event: the request, the facts, and where there is one the sealed container.
    messages: Messages,
    requests: Arc<MacParts>,
}

/// About how many bytes the messages of an append have.
pub(super) fn room(append: &StreamAppend) -> usize {
    append.events.iter().map(|event| 2 * event.facts.len() + 512).sum()
}

/// Adds what an event asks for, without its ids.
pub(super) fn add_request(messages: &mut Messages, event: &NewEvent) {
    messages.write(|out| {
        out.extend_from_slice(b"CL1REQEV");
        write_request(out, event);
    });
}

/// Adds what is committed to apart from the envelope.
pub(super) fn add_facts(messages: &mut Messages, salt: &Salt, facts: &str, sealed: Option<&[u8]>) {
    messages.push(&leaf::facts_message(salt, facts));
    if let Some(container) = sealed {
        messages.push(&leaf::sealed_message(container));
    }
}

impl Draft {
    pub(super) fn new(prepared: Prepared, messages: Messages, requests: Arc<MacParts>) -> Self {
        Self { prepared, messages, requests }
    }

    /// Number of events.
    pub(crate) fn event_count(&self) -> usize {
        self.prepared.event_count()
    }

    /// Hashes one draft.
    pub(crate) fn finish(self) -> Prepared {
        let mut finished = finish(vec![self]);
        finished.pop().expect("as many as there were drafts")
    }
}

/// Hashes what the drafts hold, side by side; in their order.
pub(crate) fn finish(mut drafts: Vec<Draft>) -> Vec<Prepared> {
    let mut first = hash_all(drafts.iter().map(|draft| &draft.messages)).into_iter();
    let mut next = || first.next().expect("a hash for each message");
    let mut inner = Messages::with_room(drafts.len() * 256);
    for Draft { prepared, requests, .. } in &mut drafts {
        inner.write(|out| {
            out.extend_from_slice(requests.inner());
            write_streams(out, prepared, &mut next);
        });
    }
    let mut outer = Messages::with_room(drafts.len() * 128);
    for (draft, inner) in drafts.iter().zip(hashes(&inner)) {
        outer.push(&[draft.requests.outer(), &inner]);
    }
    let with_hash = |(draft, request_hash): (Draft, Hash)| Prepared { request_hash, ..draft.prepared };
    drafts.into_iter().zip(hashes(&outer)).map(with_hash).collect()
}

/// Writes the request's inner message, and fills in the events' hashes on the way.
fn write_streams(out: &mut Vec<u8>, prepared: &mut Prepared, mut next: impl FnMut() -> Hash) {
    out.extend_from_slice(b"CL1REQST");
    for append in &mut prepared.appends {
        out.extend_from_slice(append.stream.0.as_bytes());
        out.extend_from_slice(&append.category.code().to_be_bytes());
        out.extend_from_slice(&append.events.len().to_be_bytes());
        for event in &mut append.events {
            out.extend_from_slice(&next());
            fill_in(event, &mut next);
        }
    }
}

fn fill_in(event: &mut PreparedEvent, mut next: impl FnMut() -> Hash) {
    event.facts_commitment = next();
    if event.sealed.is_some() {
        event.sealed_hash = next();
    }
}

fn write_request(out: &mut Vec<u8>, event: &NewEvent) {
    let context = &event.context;
    let import = context.import.as_ref();
    part(out, event.kind.as_bytes());
    out.extend_from_slice(&event.schema_version.to_be_bytes());
    part(out, event.occurred.to_string().as_bytes());
    part(out, event.facts.as_bytes());
    part(out, &event.sealed.0.len().to_be_bytes());
    for (name, text) in &event.sealed.0 {
        part(out, name.as_bytes());
        part(out, text.as_bytes());
    }
    out.extend_from_slice(context.recorded_by.as_bytes());
    part(out, context.role.as_bytes());
    optional(out, context.team.as_deref());
    optional(out, context.source_recorded_at.map(|time| time.to_string()).as_deref());
    let row = import.map(|import| format!("{} {} {}", import.import, import.as_at, import.row));
    optional(out, row.as_deref());
    optional(out, import.map(|import| import.sheet.as_str()));
    optional(out, context.causation.map(|id| id.to_string()).as_deref());
    optional(out, context.correlation.map(|id| id.to_string()).as_deref());
    optional(out, context.confidentiality.map(|mark| mark.name()));
}

/// Bytes with their length before them.
fn part(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a part is far shorter than 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    part(out, text.unwrap_or_default().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Mac256;

    #[test]
    fn the_two_messages_of_a_mac_give_what_the_library_gives() {
        let (key, text) = ([7; 32], b"some text of a request");
        let parts = MacParts::new(&key);
        let mut message = Messages::default();
        message.push(&[parts.inner(), b"CL1REQST", text]);
        let inner = hashes(&message);
        let mut message = Messages::default();
        message.push(&[parts.outer(), &inner[0]]);
        let mut library = Mac256::new(&key, b"CL1REQST");
        library.bytes(text);
        assert_eq!(hashes(&message), [library.finish()]);
    }
}
