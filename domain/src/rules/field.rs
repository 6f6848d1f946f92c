//! One field of an event's facts, found without building the others.
//!
//! Rules name fields of any event kind; a kind's facts are plain structs, so a serializer that keeps the wanted field and
//! passes over the rest reads it without a copy of the whole. It does not know what a field means.
//!
//! Invariant: what is read here is what the stored form of the event holds under the same name.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use serde::ser::{self, Impossible, Serialize};

use crate::events::Body;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The kind has no such field, or it is not stated.
    Absent,
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A text, a code or a date.
    Text(Cow<'static, str>),
    /// A list or a set of texts.
    Several(Vec<Cow<'static, str>>),
    /// Something that rules do not look into.
    Other,
}

impl Field {
    /// The field with this name in the facts of an event.
    #[must_use]
    pub fn of(body: &Body, name: &str) -> Self {
        body.write_details(Details { wanted: name }).unwrap_or(Self::Other)
    }

    /// The field as a civil day.
    #[must_use]
    pub fn day(&self) -> Option<NaiveDate> {
        self.text().and_then(|text| text.parse().ok())
    }

    /// The field as a text, code or date.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// Facts are made of what this module reads, so this error only stands where a shape is not a struct.
#[derive(Debug)]
struct NotRead;

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a shape that rules read")
    }
}

impl std::error::Error for NotRead {}

impl ser::Error for NotRead {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Refuses the shapes that are listed, by what writing them would begin.
macro_rules! refuse {
    ($($begun:ident: $($name:ident($($kind:ty),*)),+;)+) => {$($(
        fn $name(self, $(_: $kind),*) -> Result<Self::$begun, NotRead> {
            Err(NotRead)
        }
    )+)+};
}

/// The facts as a whole: a struct, of which one field is wanted.
struct Details<'a> {
    wanted: &'a str,
}

struct Fields<'a> {
    wanted: &'a str,
    found: Field,
}

impl<'a> ser::Serializer for Details<'a> {
    type Ok = Field;
    type Error = NotRead;
    type SerializeSeq = Impossible<Field, NotRead>;
    type SerializeTuple = Impossible<Field, NotRead>;
    type SerializeTupleStruct = Impossible<Field, NotRead>;
    type SerializeTupleVariant = Impossible<Field, NotRead>;
    type SerializeMap = Impossible<Field, NotRead>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Impossible<Field, NotRead>;

    refuse! {
        Ok: serialize_bool(bool), serialize_i8(i8), serialize_i16(i16), serialize_i32(i32), serialize_i64(i64),
        serialize_u8(u8), serialize_u16(u16), serialize_u32(u32), serialize_u64(u64), serialize_f32(f32),
        serialize_f64(f64), serialize_char(char), serialize_str(&str), serialize_bytes(&[u8]), serialize_none(),
        serialize_unit(), serialize_unit_struct(&'static str),
        serialize_unit_variant(&'static str, u32, &'static str);
        SerializeSeq: serialize_seq(Option<usize>);
        SerializeTuple: serialize_tuple(usize);
        SerializeTupleStruct: serialize_tuple_struct(&'static str, usize);
        SerializeTupleVariant: serialize_tuple_variant(&'static str, u32, &'static str, usize);
        SerializeMap: serialize_map(Option<usize>);
        SerializeStructVariant: serialize_struct_variant(&'static str, u32, &'static str, usize);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Field, NotRead> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Field, NotRead> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Field, NotRead> {
        Err(NotRead)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, NotRead> {
        Ok(Fields { wanted: self.wanted, found: Field::Absent })
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = Field;
    type Error = NotRead;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), NotRead> {
        if key == self.wanted {
            self.found = value.serialize(Value).unwrap_or(Field::Other);
        }
        Ok(())
    }

    fn end(self) -> Result<Field, NotRead> {
        Ok(self.found)
    }
}

/// The value of the wanted field.
struct Value;

/// A list of texts.
struct Texts(Vec<Cow<'static, str>>);

impl ser::Serializer for Value {
    type Ok = Field;
    type Error = NotRead;
    type SerializeSeq = Texts;
    type SerializeTuple = Impossible<Field, NotRead>;
    type SerializeTupleStruct = Impossible<Field, NotRead>;
    type SerializeTupleVariant = Impossible<Field, NotRead>;
    type SerializeMap = Impossible<Field, NotRead>;
    type SerializeStruct = Impossible<Field, NotRead>;
    type SerializeStructVariant = Impossible<Field, NotRead>;

    refuse! {
        Ok: serialize_f32(f32), serialize_f64(f64), serialize_bytes(&[u8]), serialize_unit(),
        serialize_unit_struct(&'static str);
        SerializeTuple: serialize_tuple(usize);
        SerializeTupleStruct: serialize_tuple_struct(&'static str, usize);
        SerializeTupleVariant: serialize_tuple_variant(&'static str, u32, &'static str, usize);
        SerializeMap: serialize_map(Option<usize>);
        SerializeStruct: serialize_struct(&'static str, usize);
        SerializeStructVariant: serialize_struct_variant(&'static str, u32, &'static str, usize);
    }

    fn serialize_bool(self, value: bool) -> Result<Field, NotRead> {
        Ok(Field::Flag(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Field, NotRead> {
        Ok(Field::Number(value.into()))
    }

    fn serialize_i16(self, value: i16) -> Result<Field, NotRead> {
        Ok(Field::Number(value.into()))
    }

    fn serialize_i32(self, value: i32) -> Result<Field, NotRead> {
        Ok(Field::Number(value.into()))
    }

    fn serialize_i64(self, value: i64) -> Result<Field, NotRead> {
        Ok(Field::Number(value))
    }

    fn serialize_u8(self, value: u8) -> Result<Field, NotRead> {
        Ok(Field::Number(value.into()))
    }

    fn serialize_u16(self, value: u16) -> Result<Field, NotRead> {
        Ok(Field::Number(value.into()))
    }

    fn serialize_u32(self, value: u32) -> Result<Field, NotRead> {
        Ok(Field::Number(value.into()))
    }

    fn serialize_u64(self, value: u64) -> Result<Field, NotRead> {
        i64::try_from(value).map(Field::Number).map_err(|_| NotRead)
    }

    fn serialize_char(self, value: char) -> Result<Field, NotRead> {
        Ok(Field::Text(value.to_string().into()))
    }

    fn serialize_str(self, value: &str) -> Result<Field, NotRead> {
        Ok(Field::Text(value.to_owned().into()))
    }

    fn serialize_none(self) -> Result<Field, NotRead> {
        Ok(Field::Absent)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Field, NotRead> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Field, NotRead> {
        Ok(Field::Text(variant.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Field, NotRead> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Field, NotRead> {
        Err(NotRead)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Texts, NotRead> {
        Ok(Texts(Vec::with_capacity(length.unwrap_or_default())))
    }
}

impl ser::SerializeSeq for Texts {
    type Ok = Field;
    type Error = NotRead;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotRead> {
        if let Ok(Field::Text(text)) = value.serialize(Value) {
            self.0.push(text);
        }
        Ok(())
    }

    fn end(self) -> Result<Field, NotRead> {
        Ok(Field::Several(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::court::{ApplicationIssued, OrderApplied, TimetableExtended};
    use crate::events::looked_after::PlacementStarted;

    #[test]
    fn a_field_reads_as_it_is_stored() {
        let placement = Body::from(PlacementStarted {
            placement_type: Some("K2".parse().unwrap()),
            short_break: Some(true),
            ..PlacementStarted::default()
        });
        assert_eq!(Field::of(&placement, "placement_type").text(), Some("K2"));
        assert_eq!(Field::of(&placement, "provider"), Field::Absent);
        assert_eq!(Field::of(&placement, "short_break"), Field::Flag(true));
        assert_eq!(Field::of(&placement, "colour"), Field::Absent);
        let issued = Body::from(ApplicationIssued {
            orders: [OrderApplied::Care].into(),
            ..ApplicationIssued::default()
        });
        assert_eq!(Field::of(&issued, "orders"), Field::Several(vec!["care".into()]));
        let new_end = "2024-02-29".parse().unwrap();
        let extended = Body::from(TimetableExtended {
            new_end,
            reason: None,
            weeks: None,
            children: std::collections::BTreeSet::new(),
        });
        assert_eq!(Field::of(&extended, "new_end").day(), Some(new_end));
    }
}
