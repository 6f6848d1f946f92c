//! Facts in canonical form straight from their types, without a value tree between.
//!
//! It knows what facts hold: codes, dates, ids, small numbers, flags and lists of those, all ASCII. Anything
//! else is refused, and the caller takes the slow way. Invariant (tested over whole files): the text equals
//! what [`domain::events::CaseEvent::facts`] writes.

use std::fmt;
use std::io::Write as _;
use std::ops::Range;

use domain::events::Entities;
use serde::ser::{Impossible, Serialize, SerializeSeq, SerializeStruct, Serializer};

/// Something that plain facts never hold.
#[derive(Debug)]
pub(super) struct NotPlain;

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("facts hold something else than codes, dates, ids, numbers, flags and lists")
    }
}

impl std::error::Error for NotPlain {}

impl serde::ser::Error for NotPlain {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// The canonical text of an event's facts.
pub(super) fn facts_text(details: &impl Serialize, entities: &Entities) -> Result<String, NotPlain> {
    let mut out = Vec::with_capacity(192);
    out.extend_from_slice(b"{\"details\":");
    details.serialize(&mut Plain { out: &mut out })?;
    for (index, (role, id)) in entities.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b",\"entities\":{" } else { b"," });
        push_quoted(&mut out, role.name());
        out.extend_from_slice(b":\"");
        let mut buffer = uuid::Uuid::encode_buffer();
        out.extend_from_slice(id.0.hyphenated().encode_lower(&mut buffer).as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(if entities.is_empty() { b"}" } else { b"}}" });
    String::from_utf8(out).map_err(|_| NotPlain)
}

fn push_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

struct Plain<'a> {
    out: &'a mut Vec<u8>,
}

/// Whether something was written: an absent value is an absent key.
type Written = Result<bool, NotPlain>;

macro_rules! integers {
    ($($method:ident: $kind:ty),+) => {$(
        fn $method(self, number: $kind) -> Written {
            write!(self.out, "{number}").map_err(|_| NotPlain)?;
            Ok(true)
        }
    )+};
}

macro_rules! refused {
    ($($method:ident($($kind:ty),*) -> $result:ty;)+) => {$(
        fn $method(self, $(_: $kind),*) -> Result<$result, NotPlain> {
            Err(NotPlain)
        }
    )+};
}

impl<'a, 'b> Serializer for &'b mut Plain<'a> {
    type Ok = bool;
    type Error = NotPlain;
    type SerializeSeq = List<'a, 'b>;
    type SerializeStruct = Members<'a, 'b>;
    type SerializeTuple = Impossible<bool, NotPlain>;
    type SerializeTupleStruct = Impossible<bool, NotPlain>;
    type SerializeTupleVariant = Impossible<bool, NotPlain>;
    type SerializeMap = Impossible<bool, NotPlain>;
    type SerializeStructVariant = Impossible<bool, NotPlain>;

    integers! { serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32 }

    fn serialize_bool(self, flag: bool) -> Written {
        self.out.extend_from_slice(if flag { b"true" } else { b"false" });
        Ok(true)
    }

    fn serialize_str(self, text: &str) -> Written {
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
            return Err(NotPlain);
        }
        push_quoted(self.out, text);
        Ok(true)
    }

    fn serialize_none(self) -> Written {
        Ok(false)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a, 'b>, NotPlain> {
        self.out.push(b'[');
        Ok(List { plain: self, empty: true })
    }

    fn serialize_struct(self, _: &'static str, fields: usize) -> Result<Members<'a, 'b>, NotPlain> {
        self.out.push(b'{');
        Ok(Members { plain: self, spans: Vec::with_capacity(fields) })
    }

    refused! {
        serialize_i64(i64) -> bool;
        serialize_u64(u64) -> bool;
        serialize_f32(f32) -> bool;
        serialize_f64(f64) -> bool;
        serialize_char(char) -> bool;
        serialize_bytes(&[u8]) -> bool;
        serialize_unit() -> bool;
        serialize_unit_struct(&'static str) -> bool;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Written {
        Err(NotPlain)
    }
}

struct List<'a, 'b> {
    plain: &'b mut Plain<'a>,
    empty: bool,
}

impl SerializeSeq for List<'_, '_> {
    type Ok = bool;
    type Error = NotPlain;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotPlain> {
        if !self.empty {
            self.plain.out.push(b',');
        }
        self.empty = false;
        value.serialize(&mut *self.plain).map(|_| ())
    }

    fn end(self) -> Written {
        self.plain.out.push(b']');
        Ok(true)
    }
}

struct Members<'a, 'b> {
    plain: &'b mut Plain<'a>,
    /// Each member's key, and where it stands in the text.
    spans: Vec<(&'static str, Range<usize>)>,
}

impl Members<'_, '_> {
    /// Puts members that came in another order into the order of their keys.
    fn sort(&mut self) {
        let Some(start) = self.spans.first().map(|(_, span)| span.start) else { return };
        let written = self.plain.out.split_off(start);
        self.spans.sort_unstable_by_key(|(key, _)| *key);
        for (index, (_, span)) in self.spans.iter().enumerate() {
            if index > 0 {
                self.plain.out.push(b',');
            }
            let text = written.get(span.start - start..span.end - start).unwrap_or_default();
            self.plain.out.extend_from_slice(text);
        }
    }
}

impl SerializeStruct for Members<'_, '_> {
    type Ok = bool;
    type Error = NotPlain;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), NotPlain> {
        let before = self.plain.out.len();
        if !self.spans.is_empty() {
            self.plain.out.push(b',');
        }
        let start = self.plain.out.len();
        push_quoted(self.plain.out, key);
        self.plain.out.push(b':');
        if value.serialize(&mut *self.plain)? {
            self.spans.push((key, start..self.plain.out.len()));
        } else {
            self.plain.out.truncate(before);
        }
        Ok(())
    }

    fn end(mut self) -> Written {
        if !self.spans.is_sorted_by_key(|(key, _)| *key) {
            self.sort();
        }
        self.plain.out.push(b'}');
        Ok(true)
    }
}
