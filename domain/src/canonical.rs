//! Canonical JSON: one text for one value, so that a hash over it means something for ever.
//!
//! The form is that of RFC 8785 within I-JSON: object keys sorted by UTF-16 code units, no white space,
//! text in NFC without U+0000, no duplicate keys, no floats, integers within ±(2^53−1), and `null` never
//! written (an absent value is an absent key). The writer does not depend on `serde_json` feature flags.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc_quick};

pub use crate::canonical_scan::is_plainly_canonical;

/// The largest integer that every JSON reader keeps exactly.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Nesting deeper than this is refused.
pub const MAX_DEPTH: usize = 16;

/// Why a value has no canonical form, or a text is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotCanonical {
    /// A number with a fraction or exponent; money goes in pence, decimals as text.
    #[error("{path}: a number that is not an integer; write pence, or a decimal as text")]
    Float {
        /// Where in the value.
        path: String,
    },
    /// An integer that some readers would round.
    #[error("{path}: integer outside ±9007199254740991")]
    IntegerTooLarge {
        /// Where in the value.
        path: String,
    },
    /// Text that is not in Unicode normalisation form C.
    #[error("{path}: text is not in Unicode normal form C")]
    NotNormalised {
        /// Where in the value.
        path: String,
    },
    /// A U+0000, which PostgreSQL cannot hold.
    #[error("{path}: text holds U+0000")]
    NulCharacter {
        /// Where in the value.
        path: String,
    },
    /// A `null` where the key should be absent.
    #[error("{path}: null; leave the key out")]
    Null {
        /// Where in the value.
        path: String,
    },
    /// Nesting deeper than [`MAX_DEPTH`].
    #[error("{path}: nested deeper than 16")]
    TooDeep {
        /// Where in the value.
        path: String,
    },
    /// Text that is not JSON at all, or repeats a key.
    #[error("not readable as JSON: {reason}")]
    Unreadable {
        /// What the reader says, with line and column.
        reason: String,
    },
    /// JSON that is well-formed but not written in the canonical way.
    #[error("differs from its canonical form at byte {at}")]
    OtherForm {
        /// First byte that differs.
        at: usize,
    },
}

/// Writes a value canonically.
///
/// # Errors
/// [`NotCanonical`] names the first place that has no canonical form.
pub fn write(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::with_capacity(128);
    write_value(value, &mut out, &mut Path::default())?;
    Ok(out)
}

/// Checks that a text is exactly the canonical form of the value it holds.
///
/// # Errors
/// [`NotCanonical`] names the first difference; duplicate keys are found as well.
pub fn check(text: &str) -> Result<(), NotCanonical> {
    if is_plainly_canonical(text) {
        return Ok(());
    }
    let value = read(text)?;
    let canonical = write(&value)?;
    if canonical == text {
        return Ok(());
    }
    let at = canonical.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
    Err(NotCanonical::OtherForm { at })
}

/// A text in Unicode normal form C, as every text of an event has to be. The two look alike to every reader.
pub fn normal_form(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_normalised(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

/// Checks that a text outside the facts has a canonical form; `name` is its place in a message.
///
/// # Errors
/// [`NotCanonical::NulCharacter`] or [`NotCanonical::NotNormalised`].
pub fn check_text(name: &str, text: &str) -> Result<(), NotCanonical> {
    if text.contains('\0') {
        return Err(NotCanonical::NulCharacter { path: name.to_owned() });
    }
    if !text.is_ascii() && !is_normalised(text) {
        return Err(NotCanonical::NotNormalised { path: name.to_owned() });
    }
    Ok(())
}

/// Reads JSON of any form, refusing duplicate keys at every depth.
///
/// # Errors
/// [`NotCanonical::Unreadable`] with what and where.
pub fn read(text: &str) -> Result<Value, NotCanonical> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let unreadable = |error: serde_json::Error| NotCanonical::Unreadable { reason: error.to_string() };
    let value = UniqueKeys.deserialize(&mut reader).map_err(unreadable)?;
    reader.end().map_err(unreadable)?;
    Ok(value)
}

#[derive(Default)]
struct Path(Vec<String>);

impl Path {
    fn text(&self) -> String {
        if self.0.is_empty() { "value".to_owned() } else { self.0.join(".") }
    }
}

fn write_value(value: &Value, out: &mut String, path: &mut Path) -> Result<(), NotCanonical> {
    if path.0.len() > MAX_DEPTH {
        return Err(NotCanonical::TooDeep { path: path.text() });
    }
    match value {
        Value::Null => return Err(NotCanonical::Null { path: path.text() }),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_integer(number, out, path)?,
        Value::String(text) => write_text(text, out, path)?,
        Value::Array(items) => write_array(items, out, path)?,
        Value::Object(members) => write_object(members, out, path)?,
    }
    Ok(())
}

fn write_integer(number: &serde_json::Number, out: &mut String, path: &Path) -> Result<(), NotCanonical> {
    let integer = number
        .as_i64()
        .or_else(|| number.as_u64().map(|_| i64::MAX))
        .ok_or_else(|| NotCanonical::Float { path: path.text() })?;
    if !(-MAX_INTEGER..=MAX_INTEGER).contains(&integer) {
        return Err(NotCanonical::IntegerTooLarge { path: path.text() });
    }
    write!(out, "{integer}").expect("writing to a String cannot fail");
    Ok(())
}

fn write_array(items: &[Value], out: &mut String, path: &mut Path) -> Result<(), NotCanonical> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        path.0.push(index.to_string());
        write_value(item, out, path)?;
        path.0.pop();
    }
    out.push(']');
    Ok(())
}

fn write_object(
    members: &serde_json::Map<String, Value>,
    out: &mut String,
    path: &mut Path,
) -> Result<(), NotCanonical> {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_unstable_by(|(a, _), (b, _)| by_utf16(a, b));
    out.push('{');
    for (index, (key, member)) in sorted.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        path.0.push(key.clone());
        write_text(key, out, path)?;
        out.push(':');
        write_value(member, out, path)?;
        path.0.pop();
    }
    out.push('}');
    Ok(())
}

fn by_utf16(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

fn write_text(text: &str, out: &mut String, path: &Path) -> Result<(), NotCanonical> {
    if !text.is_ascii() && !is_normalised(text) {
        return Err(NotCanonical::NotNormalised { path: path.text() });
    }
    out.push('"');
    for character in text.chars() {
        match character {
            '\0' => return Err(NotCanonical::NulCharacter { path: path.text() }),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", u32::from(control)).expect("writing to a String cannot fail");
            }
            other => out.push(other),
        }
    }
    out.push('"');
    Ok(())
}

fn is_normalised(text: &str) -> bool {
    match is_nfc_quick(text.chars()) {
        unicode_normalization::IsNormalized::Yes => true,
        unicode_normalization::IsNormalized::No => false,
        unicode_normalization::IsNormalized::Maybe => text.chars().eq(text.nfc()),
    }
}

/// Reads a JSON value and refuses duplicate keys, which `serde_json` would silently merge.
struct UniqueKeys;

impl<'de> DeserializeSeed<'de> for UniqueKeys {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(UniqueKeys)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let member = members.next_value_seed(UniqueKeys)?;
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice")));
            }
            object.insert(key, member);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn known_answers() {
        let cases = [
            (
                json!({"b": 1, "a": [true, false], "c": {"z": "x", "y": -7}}),
                r#"{"a":[true,false],"b":1,"c":{"y":-7,"z":"x"}}"#,
            ),
            (
                json!({"\u{20ac}": "Euro", "\r": "CR", "1": "one", "\u{80}": "ctl"}),
                "{\"\\r\":\"CR\",\"1\":\"one\",\"\u{80}\":\"ctl\",\"\u{20ac}\":\"Euro\"}",
            ),
            (json!("\u{8}\t\n\u{c}\r\"\\\u{1f}/é"), "\"\\b\\t\\n\\f\\r\\\"\\\\\\u001f/é\""),
            (json!(9_007_199_254_740_991_i64), "9007199254740991"),
        ];
        for (value, expected) in cases {
            assert_eq!(write(&value).unwrap(), expected);
            check(expected).unwrap();
        }
    }

    #[test]
    fn keys_sort_by_utf16_code_units_not_by_code_points() {
        let text = write(&json!({"\u{fb01}": 1, "\u{1f600}": 2})).unwrap();
        assert_eq!(text, "{\"\u{1f600}\":2,\"\u{fb01}\":1}");
    }

    #[test]
    fn what_has_no_canonical_form_is_refused_with_its_place() {
        let cases = [
            (json!({"a": {"b": 1.5}}), "a.b: a number that is not an integer"),
            (json!({"a": 9_007_199_254_740_992_u64}), "a: integer outside"),
            (json!({"a": u64::MAX}), "a: integer outside"),
            (json!({"a": ["x", "e\u{301}"]}), "a.1: text is not in Unicode normal form C"),
            (json!({"a": "\0"}), "a: text holds U+0000"),
            (json!({"a": null}), "a: null"),
        ];
        for (value, expected) in cases {
            let message = write(&value).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }

    #[test]
    fn other_forms_are_refused_at_the_byte_that_differs() {
        for (text, at) in [("{\"a\": 1}", 5), ("{\"b\":1,\"a\":2}", 2), ("\"\\u0041\"", 1), ("{\"a\":1} ", 7)]
        {
            assert_eq!(check(text), Err(NotCanonical::OtherForm { at }), "{text}");
        }
        for text in ["{\"a\":1,\"a\":1}", "{\"x\":{\"a\":1,\"a\":1}}", "1e400", "{", "\"\\ud800\""] {
            assert!(check(text).is_err(), "{text}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::from),
            "[a-zé0-9\"\\\\\n\u{1f600}]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn writing_then_reading_is_identity(value in any_value()) {
            let text = write(&value).unwrap();
            check(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }
}
