//! A row of the events table as it stands in storage, and the envelope bytes rebuilt from it.
//!
//! Nothing is interpreted that need not be: texts stay bytes, ids stay 16 bytes. The envelope is
//! `docs/ledger-format.md` section 5, so each member stands here by its column's name, in sorted order.

mod date;

pub(crate) use date::push_date;

use crate::canonical::push_text;
use crate::hash::push_uuid;

/// 16 bytes of a UUID.
pub(crate) type Id = [u8; 16];

/// One stored event; borrowed from what was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) position: i64,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub(crate) recorded_at: i64,
    pub(crate) revision: i32,
    pub(crate) import_row: Option<i32>,
    /// Days since 1970-01-01.
    pub(crate) import_as_at: Option<i64>,
    pub(crate) category: i16,
    pub(crate) schema_version: i16,
    pub(crate) leaf_format: i16,
    pub(crate) stream: Id,
    pub(crate) event_id: Id,
    pub(crate) command_id: Id,
    pub(crate) recorded_by: Id,
    pub(crate) import_id: Option<Id>,
    pub(crate) causation: Option<Id>,
    pub(crate) correlation: Option<Id>,
    pub(crate) salt: Option<&'a [u8]>,
    pub(crate) leaf_hash: &'a [u8],
    pub(crate) kind: &'a [u8],
    pub(crate) occurred: &'a [u8],
    pub(crate) source_recorded_at: Option<&'a [u8]>,
    pub(crate) role: Option<&'a [u8]>,
    pub(crate) team: Option<&'a [u8]>,
    pub(crate) import_sheet: Option<&'a [u8]>,
    pub(crate) confidentiality: Option<&'a [u8]>,
    pub(crate) facts: Option<&'a [u8]>,
    pub(crate) sealed: Option<&'a [u8]>,
}

impl Row<'_> {
    /// Writes the envelope bytes.
    pub(crate) fn push_envelope(&self, out: &mut Vec<u8>) {
        push_integer(out, "{\"category\":", i64::from(self.category));
        push_id(out, ",\"causation\":\"", self.causation.as_ref());
        push_id(out, ",\"command_id\":\"", Some(&self.command_id));
        push_member(out, ",\"confidentiality\":", self.confidentiality);
        push_id(out, ",\"correlation\":\"", self.correlation.as_ref());
        push_id(out, ",\"event_id\":\"", Some(&self.event_id));
        if let Some(days) = self.import_as_at {
            out.extend_from_slice(b",\"import_as_at\":\"");
            push_date(out, days);
            out.push(b'"');
        }
        push_id(out, ",\"import_id\":\"", self.import_id.as_ref());
        if let Some(row) = self.import_row {
            push_integer(out, ",\"import_row\":", i64::from(row));
        }
        push_member(out, ",\"import_sheet\":", self.import_sheet);
        push_member(out, ",\"kind\":", Some(self.kind));
        push_member(out, ",\"occurred\":", Some(self.occurred));
        push_id(out, ",\"recorded_by\":\"", Some(&self.recorded_by));
        push_integer(out, ",\"revision\":", i64::from(self.revision));
        push_member(out, ",\"role\":", self.role);
        push_integer(out, ",\"schema_version\":", i64::from(self.schema_version));
        push_member(out, ",\"source_recorded_at\":", self.source_recorded_at);
        push_id(out, ",\"stream\":\"", Some(&self.stream));
        push_member(out, ",\"team\":", self.team);
        out.push(b'}');
    }
}

fn push_integer(out: &mut Vec<u8>, before: &str, value: i64) {
    out.extend_from_slice(before.as_bytes());
    push_decimal(out, value);
}

fn push_id(out: &mut Vec<u8>, before: &str, id: Option<&Id>) {
    if let Some(id) = id {
        out.extend_from_slice(before.as_bytes());
        push_uuid(out, id);
        out.push(b'"');
    }
}

fn push_member(out: &mut Vec<u8>, before: &str, text: Option<&[u8]>) {
    if let Some(text) = text {
        out.extend_from_slice(before.as_bytes());
        push_text(out, text);
    }
}

/// Writes an integer in decimal.
pub(crate) fn push_decimal(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let (mut digits, mut rest, mut first) = ([b'0'; 20], value.unsigned_abs(), 20);
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        (rest, first) = (rest / 10, place);
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(first..).unwrap_or(&[]));
}
