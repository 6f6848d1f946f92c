//! Writes a file of events. The fields are put down by hand: no value tree is built for an event.

use std::io::{self, Write};

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike, Utc};
use domain::envelope::{Category, EventContext, ImportRef, SealedFields, StoredEvent};
use domain::ids::{CommandId, EventId, Position, Revision, StreamId};
use domain::time::{Occurred, Precision, SourceTime, When};
use uuid::Uuid;

use super::Header;
use super::header::HeaderLine;

/// Lines are handed on in pieces of about this many bytes.
const PIECE_BYTES: usize = 1 << 16;

/// One event on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The stream.
    pub stream: StreamId,
    /// What the stream is about.
    pub category: Category,
    /// The event's id.
    pub event_id: EventId,
    /// The command that recorded it.
    pub command_id: CommandId,
    /// Name of the kind.
    pub kind: &'a str,
    /// Version of the facts' shape.
    pub schema: u16,
    /// When it happened.
    pub occurred: Occurred,
    /// Who recorded it, and from where.
    pub context: &'a EventContext,
    /// The facts as canonical JSON; written as they are.
    pub facts: &'a str,
    /// The sealed fields in clear.
    pub sealed: &'a SealedFields,
    /// Whether there were sealed fields that nobody can open any more, because their key was destroyed.
    pub sealed_destroyed: bool,
    /// Where it stands in the ledger that it comes from.
    pub stored: Option<StoredPlace>,
}

/// Where an exported event stands in its ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPlace {
    /// Place in the ledger.
    pub position: Position,
    /// Place in the stream.
    pub revision: Revision,
    /// When the ledger recorded it.
    pub recorded_at: DateTime<Utc>,
}

impl<'a> Outgoing<'a> {
    /// An event that is in no ledger yet.
    #[cfg(test)]
    pub(crate) fn of_new(
        stream: StreamId,
        category: Category,
        command_id: CommandId,
        event: &'a domain::envelope::NewEvent,
    ) -> Self {
        Self {
            stream,
            category,
            event_id: event.event_id,
            command_id,
            kind: &event.kind,
            schema: event.schema_version,
            occurred: event.occurred,
            context: &event.context,
            facts: &event.facts,
            sealed: &event.sealed,
            sealed_destroyed: false,
            stored: None,
        }
    }

    /// An event of a ledger with its sealed fields opened; `None` where its facts were disposed of.
    pub fn of_stored(event: &'a StoredEvent, sealed: &'a SealedFields) -> Option<Self> {
        Some(Self {
            stream: event.stream,
            category: event.category,
            event_id: event.event_id,
            command_id: event.command_id,
            kind: &event.kind,
            schema: event.schema_version,
            occurred: event.occurred,
            context: &event.context,
            facts: event.facts.as_deref()?,
            sealed,
            sealed_destroyed: false,
            stored: Some(StoredPlace {
                position: event.position,
                revision: event.revision,
                recorded_at: event.recorded_at,
            }),
        })
    }
}

/// Writes a header and then events, buffered.
pub struct Writer<W: Write> {
    out: W,
    piece: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// What the output says.
    pub fn try_new(out: W, header: &Header) -> io::Result<Self> {
        let mut writer = Self { out, piece: Vec::with_capacity(PIECE_BYTES + 4096) };
        serde_json::to_writer(&mut writer.piece, &HeaderLine::from(header))?;
        writer.piece.push(b'\n');
        Ok(writer)
    }

    /// Writes one event. The caller keeps the lines of one command together.
    ///
    /// # Errors
    /// What the output says.
    pub fn event(&mut self, event: &Outgoing<'_>) -> io::Result<()> {
        push_line(&mut self.piece, event);
        self.hand_on(PIECE_BYTES)
    }

    /// Writes whole lines that are ready.
    ///
    /// # Errors
    /// What the output says.
    pub(crate) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.piece.extend_from_slice(lines);
        self.hand_on(PIECE_BYTES)
    }

    /// Writes what is still buffered, and gives the output back.
    ///
    /// # Errors
    /// What the output says; without this call the last lines may be missing.
    pub fn finish(mut self) -> io::Result<W> {
        self.hand_on(0)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn hand_on(&mut self, above: usize) -> io::Result<()> {
        if self.piece.len() > above {
            self.out.write_all(&self.piece)?;
            self.piece.clear();
        }
        Ok(())
    }
}

/// Puts one whole line, its end included, behind what `out` holds.
pub(crate) fn push_line(out: &mut Vec<u8>, event: &Outgoing<'_>) {
    out.extend_from_slice(b"{\"stream\":\"");
    push_uuid(out, event.stream.0);
    push_field(out, "\",\"category\":\"", event.category.name());
    out.extend_from_slice(b"\",\"event_id\":\"");
    push_uuid(out, event.event_id.0);
    out.extend_from_slice(b"\",\"command_id\":\"");
    push_uuid(out, event.command_id.0);
    push_field(out, "\",\"kind\":\"", event.kind);
    push_field(out, "\",\"schema\":", "");
    push_number(out, u64::from(event.schema));
    out.extend_from_slice(b",\"occurred\":\"");
    push_occurred(out, event.occurred);
    out.push(b'"');
    push_context(out, event.context);
    push_field(out, ",\"facts\":", event.facts);
    push_sealed(out, event.sealed);
    if event.sealed_destroyed {
        out.extend_from_slice(b",\"sealed_destroyed\":true");
    }
    if let Some(stored) = event.stored {
        push_stored(out, stored);
    }
    out.extend_from_slice(b"}\n");
}

fn push_context(out: &mut Vec<u8>, context: &EventContext) {
    out.extend_from_slice(b",\"recorded_by\":\"");
    push_uuid(out, context.recorded_by);
    out.extend_from_slice(b"\",\"role\":");
    push_json_text(out, &context.role);
    if let Some(team) = &context.team {
        out.extend_from_slice(b",\"team\":");
        push_json_text(out, team);
    }
    if let Some(time) = context.source_recorded_at {
        out.extend_from_slice(b",\"source_recorded_at\":\"");
        push_source_time(out, time);
        out.push(b'"');
    }
    if let Some(import) = &context.import {
        push_import(out, import);
    }
    push_optional_uuid(out, ",\"causation\":\"", context.causation.map(|event| event.0));
    push_optional_uuid(out, ",\"correlation\":\"", context.correlation);
    if let Some(mark) = context.confidentiality {
        push_field(out, ",\"confidentiality\":\"", mark.name());
        out.push(b'"');
    }
}

fn push_import(out: &mut Vec<u8>, import: &ImportRef) {
    out.extend_from_slice(b",\"import\":{\"import\":\"");
    push_uuid(out, import.import.0);
    out.extend_from_slice(b"\",\"as_at\":\"");
    push_day(out, import.as_at);
    out.extend_from_slice(b"\",\"sheet\":");
    push_json_text(out, &import.sheet);
    out.extend_from_slice(b",\"row\":");
    push_number(out, u64::from(import.row));
    out.push(b'}');
}

fn push_sealed(out: &mut Vec<u8>, sealed: &SealedFields) {
    for (index, (field, text)) in sealed.0.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b",\"sealed\":{" } else { b"," });
        push_json_text(out, field);
        out.push(b':');
        push_json_text(out, text);
    }
    if !sealed.is_empty() {
        out.push(b'}');
    }
}

fn push_stored(out: &mut Vec<u8>, stored: StoredPlace) {
    out.extend_from_slice(b",\"position\":");
    push_number(out, stored.position.0);
    out.extend_from_slice(b",\"revision\":");
    push_number(out, u64::from(stored.revision.0));
    out.extend_from_slice(b",\"recorded_at\":\"");
    push_source_time(out, SourceTime::At(stored.recorded_at));
    out.push(b'"');
}

fn push_field(out: &mut Vec<u8>, before: &str, text: &str) {
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn push_optional_uuid(out: &mut Vec<u8>, before: &str, id: Option<Uuid>) {
    if let Some(id) = id {
        out.extend_from_slice(before.as_bytes());
        push_uuid(out, id);
        out.push(b'"');
    }
}

/// The hyphenated lower-case form.
pub(crate) fn push_uuid(out: &mut Vec<u8>, id: Uuid) {
    let mut text = Uuid::encode_buffer();
    out.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
}

fn push_number(out: &mut Vec<u8>, number: u64) {
    write!(out, "{number}").expect("writing to a Vec cannot fail");
}

/// `YYYY-MM-DD`.
pub(crate) fn push_day(out: &mut Vec<u8>, day: NaiveDate) {
    match u32::try_from(day.year()) {
        Ok(year) if year <= 9999 => {
            push_two(out, year / 100);
            push_two(out, year % 100);
            out.push(b'-');
            push_two(out, day.month());
            out.push(b'-');
            push_two(out, day.day());
        }
        Ok(_) | Err(_) => write!(out, "{day}").expect("writing to a Vec cannot fail"),
    }
}

fn push_two(out: &mut Vec<u8>, number: u32) {
    for digit in [number / 10 % 10, number % 10] {
        out.push(b'0' + u8::try_from(digit).unwrap_or(0));
    }
}

/// `hh:mm`.
fn push_minute(out: &mut Vec<u8>, time: &impl Timelike) {
    push_two(out, time.hour());
    out.push(b':');
    push_two(out, time.minute());
}

fn push_occurred(out: &mut Vec<u8>, occurred: Occurred) {
    match occurred.when {
        When::On(day) => {
            push_day(out, day);
            if occurred.estimated {
                out.push(b'~');
            }
        }
        When::At(instant, precision) if !occurred.estimated => push_instant(out, instant, precision),
        When::At(..) | When::Within(..) | When::Unknown => {
            write!(out, "{occurred}").expect("writing to a Vec cannot fail");
        }
    }
}

/// With its offset, as precise as it was told.
fn push_instant(out: &mut Vec<u8>, instant: DateTime<FixedOffset>, precision: Precision) {
    let local = instant.naive_local();
    push_day(out, local.date());
    out.push(b'T');
    push_minute(out, &local);
    if precision == Precision::Second {
        out.push(b':');
        push_two(out, local.second());
    }
    let minutes = instant.offset().local_minus_utc() / 60;
    out.push(if minutes < 0 { b'-' } else { b'+' });
    let minutes = minutes.unsigned_abs();
    push_two(out, minutes / 60);
    out.push(b':');
    push_two(out, minutes % 60);
}

fn push_source_time(out: &mut Vec<u8>, time: SourceTime) {
    match time {
        SourceTime::On(day) => push_day(out, day),
        SourceTime::At(instant) => {
            let local = instant.naive_utc();
            push_day(out, local.date());
            out.push(b'T');
            push_minute(out, &local);
            out.push(b':');
            push_two(out, local.second());
            out.push(b'.');
            let micros = local.nanosecond() / 1000;
            push_two(out, micros / 10_000);
            push_two(out, micros / 100 % 100);
            push_two(out, micros % 100);
            out.push(b'Z');
        }
    }
}

/// A JSON text with its quotes.
pub(crate) fn push_json_text(out: &mut Vec<u8>, text: &str) {
    let plain = text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if plain {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(out, text).expect("writing a text to a Vec cannot fail");
    }
}
