//! Conditions on the facts of an event.
//!
//! A rule file writes them as `where = { field = value }`. The field must be one of the event kind's own, and a value must
//! be one that the field can take: both are held against the kind's JSON schema when the file is read, so that a slip of
//! the pen is a defect of the file and not a rule that never fires.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

use serde_json::Value as Json;

use super::{DefectReason, Field};
use crate::events::{Body, Code, DecimalText, Kind};

/// One condition on the facts of one event kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    field: Box<str>,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Is(bool),
    /// Anything but this, also where nothing is stated.
    IsNot(bool),
    OneOf(Vec<Box<str>>),
    /// Anything but these, also where nothing is stated.
    NoneOf(Vec<Box<str>>),
    /// The set holds one of these.
    Holds(Vec<Box<str>>),
    AtLeast(i64),
    MoreThan(i64),
    LessThan(i64),
    /// Whether the field is stated at all.
    Stated(bool),
}

impl Condition {
    /// Whether the facts meet the condition; a field that is not stated meets none but `stated = false`.
    #[must_use]
    pub fn holds(&self, body: &Body) -> bool {
        let field = Field::of(body, &self.field);
        let one_of = |any: &[Box<str>], text: &str| any.iter().any(|one| one.as_ref() == text);
        match (&self.test, &field) {
            (Test::Stated(wanted), field) => (*field != Field::Absent) == *wanted,
            (Test::Is(wanted), Field::Flag(flag)) => wanted == flag,
            (Test::IsNot(unwanted), field) => *field != Field::Flag(*unwanted),
            (Test::OneOf(any), Field::Text(text)) => one_of(any, text),
            (Test::NoneOf(any), field) => !matches!(field, Field::Text(text) if one_of(any, text)),
            (Test::Holds(any), Field::Several(held)) => held.iter().any(|text| one_of(any, text)),
            (Test::AtLeast(least), Field::Number(number)) => number >= least,
            (Test::MoreThan(bound), Field::Number(number)) => number > bound,
            (Test::LessThan(bound), Field::Number(number)) => number < bound,
            (Test::AtLeast(least), Field::Text(text)) => compared(text, *least).is_some_and(Ordering::is_ge),
            (Test::MoreThan(bound), Field::Text(text)) => compared(text, *bound).is_some_and(Ordering::is_gt),
            (Test::LessThan(bound), Field::Text(text)) => compared(text, *bound).is_some_and(Ordering::is_lt),
            (
                Test::Is(_)
                | Test::OneOf(_)
                | Test::Holds(_)
                | Test::AtLeast(_)
                | Test::MoreThan(_)
                | Test::LessThan(_),
                _,
            ) => false,
        }
    }

    /// Whether the facts meet the condition; `None` where they do not state the field that it asks about.
    #[must_use]
    pub fn check(&self, body: &Body) -> Option<bool> {
        let of_what_is_stated = match &self.test {
            Test::Stated(_) | Test::IsNot(_) | Test::NoneOf(_) | Test::Holds(_) => false,
            Test::Is(_) | Test::OneOf(_) | Test::AtLeast(_) | Test::MoreThan(_) | Test::LessThan(_) => true,
        };
        let silent = of_what_is_stated && Field::of(body, &self.field) == Field::Absent;
        (!silent).then(|| self.holds(body))
    }

    /// Whether the facts do not state the field that is asked for, so that the condition may hold for all that is known.
    #[must_use]
    pub fn is_unstated(&self, body: &Body) -> bool {
        !matches!(self.test, Test::Stated(_) | Test::IsNot(_) | Test::NoneOf(_))
            && Field::of(body, &self.field) == Field::Absent
    }

    /// Reads the condition `field = value` on events of `kind`. `<field>_include` asks what a set holds, `{ at_least = n }`
    /// and its like bound a number, `{ stated = false }` asks for a field that is not filled,
    /// `{ not = false }` for one that does not say no, `{ none_of = [...] }` for one that holds none of these codes.
    pub(super) fn read(kind: Kind, name: &str, value: toml::Value) -> Result<Self, DefectReason> {
        let unusable = |reason: String| DefectReason::UnusableCondition {
            kind: kind.name(),
            field: name.to_owned(),
            reason,
        };
        let shapes = FieldShapes::of(kind);
        let field = name.strip_suffix("_include").filter(|set| shapes.shape(set).is_some()).unwrap_or(name);
        let shape = shapes
            .shape(field)
            .ok_or_else(|| unusable("rules know no such condition on this kind".to_owned()))?;
        let test = test_of(&shape, value, field != name).map_err(unusable)?;
        Ok(Self { field: field.into(), test })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = &self.field;
        match &self.test {
            Test::Is(wanted) => write!(f, "{field} is {}", if *wanted { "yes" } else { "no" }),
            Test::IsNot(unwanted) => write!(f, "{field} is not {}", if *unwanted { "yes" } else { "no" }),
            Test::OneOf(any) => write!(f, "{field} is {}", any.join(" or ")),
            Test::NoneOf(any) => write!(f, "{field} is not {}", any.join(" or ")),
            Test::Holds(any) => write!(f, "{field} includes {}", any.join(" or ")),
            Test::AtLeast(least) => write!(f, "{field} is at least {least}"),
            Test::MoreThan(bound) => write!(f, "{field} is more than {bound}"),
            Test::LessThan(bound) => write!(f, "{field} is less than {bound}"),
            Test::Stated(true) => write!(f, "{field} is stated"),
            Test::Stated(false) => write!(f, "{field} is not stated"),
        }
    }
}

/// Checks that a kind has this field and that it holds a civil day, as a last day in time must.
pub(super) fn check_day_field(kind: Kind, field: &str) -> Result<(), DefectReason> {
    match FieldShapes::of(kind).shape(field) {
        Some(FieldShape::Text { date: true, .. }) => Ok(()),
        Some(_) => Err("the field does not hold a date"),
        None => Err("the kind has no such field"),
    }
    .map_err(|reason| DefectReason::UnusableCondition {
        kind: kind.name(),
        field: field.to_owned(),
        reason: reason.to_owned(),
    })
}

/// Checks that a kind has this field.
pub(super) fn check_field(kind: Kind, field: &str) -> Result<(), DefectReason> {
    match FieldShapes::of(kind).shape(field) {
        Some(_) => Ok(()),
        None => Err(DefectReason::UnusableCondition {
            kind: kind.name(),
            field: field.to_owned(),
            reason: "the kind has no such field".to_owned(),
        }),
    }
}

/// What a field can hold, from the kind's JSON schema.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FieldShape {
    Flag,
    Number,
    /// A decimal number, held as a text.
    Decimal,
    /// With the closed list of values, where there is one.
    Text {
        values: Option<Vec<String>>,
        date: bool,
    },
    Several(Option<Vec<String>>),
    Other,
}

/// The schemas of the kinds that rules have asked for; making one takes longer than reading a rule.
static SCHEMAS: LazyLock<Vec<OnceLock<Json>>> =
    LazyLock::new(|| Kind::ALL.iter().map(|_| OnceLock::new()).collect());

struct FieldShapes(&'static Json);

impl FieldShapes {
    fn of(kind: Kind) -> Self {
        let place = SCHEMAS.get(kind as usize).expect("there is a place for each kind");
        Self(place.get_or_init(|| kind.details_schema().to_value()))
    }

    fn shape(&self, field: &str) -> Option<FieldShape> {
        self.0.get("properties")?.get(field).map(|property| self.read(property))
    }

    fn read(&self, property: &Json) -> FieldShape {
        let property = self.resolved(property);
        let is = |name: &str| match property.get("type") {
            Some(Json::String(one)) => one == name,
            Some(Json::Array(any)) => any.iter().any(|one| one == name),
            _ => false,
        };
        if let Some(values) = closed_list(property) {
            FieldShape::Text { values: Some(values), date: false }
        } else if is("boolean") {
            FieldShape::Flag
        } else if is("integer") {
            FieldShape::Number
        } else if is("array") {
            match property.get("items").map(|items| self.read(items)) {
                Some(FieldShape::Text { values, .. }) => FieldShape::Several(values),
                _ => FieldShape::Other,
            }
        } else if property.get("pattern").and_then(Json::as_str) == Some(DecimalText::PATTERN) {
            FieldShape::Decimal
        } else if is("string") {
            FieldShape::Text { values: None, date: property.get("format").is_some_and(|it| it == "date") }
        } else {
            FieldShape::Other
        }
    }

    /// Follows references, and passes through "this or nothing".
    fn resolved<'s>(&'s self, property: &'s Json) -> &'s Json {
        if let Some(path) = property.get("$ref").and_then(Json::as_str) {
            let target = path.strip_prefix('#').and_then(|pointer| self.0.pointer(pointer));
            return target.map_or(property, |target| self.resolved(target));
        }
        let either = property.get("anyOf").and_then(Json::as_array);
        let stated =
            either.and_then(|any| any.iter().find(|one| one.get("type").is_none_or(|it| it != "null")));
        stated.map_or(property, |stated| self.resolved(stated))
    }
}

/// The values of a closed list, written as `enum` or as one `const` each.
fn closed_list(property: &Json) -> Option<Vec<String>> {
    let texts = |values: Vec<&Json>| -> Vec<String> {
        values.into_iter().filter_map(Json::as_str).map(str::to_owned).collect()
    };
    if let Some(values) = property.get("enum").and_then(Json::as_array) {
        return Some(texts(values.iter().collect()));
    }
    let each = property.get("oneOf").and_then(Json::as_array)?;
    let mut values = Vec::new();
    for one in each {
        match (one.get("const"), closed_list(one)) {
            (Some(value), _) => values.extend(texts(vec![value])),
            (None, Some(more)) => values.extend(more),
            (None, None) => return None,
        }
    }
    Some(values)
}

fn test_of(shape: &FieldShape, value: toml::Value, holds: bool) -> Result<Test, String> {
    if let toml::Value::Table(table) = &value {
        return bound(shape, table);
    }
    match (shape, value) {
        (FieldShape::Flag, toml::Value::Boolean(flag)) => Ok(Test::Is(flag)),
        (FieldShape::Text { values, date: false }, toml::Value::Array(any)) if !holds => {
            codes(values.as_deref(), any).map(Test::OneOf)
        }
        (FieldShape::Several(values), toml::Value::Array(any)) if holds => {
            codes(values.as_deref(), any).map(Test::Holds)
        }
        (FieldShape::Flag, _) => Err("expected true or false".to_owned()),
        (FieldShape::Number | FieldShape::Decimal, _) => {
            Err("expected a bound such as { at_least = 3 }".to_owned())
        }
        (FieldShape::Text { .. }, _) => Err("expected a list of codes".to_owned()),
        (FieldShape::Several(_), _) => {
            Err("expected a list of codes, under the field's name with _include".to_owned())
        }
        (FieldShape::Other, _) => Err("rules do not look into this field".to_owned()),
    }
}

fn bound(shape: &FieldShape, table: &toml::Table) -> Result<Test, String> {
    let expected = || "expected one of at_least, more_than, less_than, none_of, not or stated".to_owned();
    let mut entries = table.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else { return Err(expected()) };
    match (name.as_str(), value, shape) {
        ("stated", toml::Value::Boolean(stated), _) => Ok(Test::Stated(*stated)),
        ("none_of", toml::Value::Array(any), FieldShape::Text { values, date: false }) => {
            codes(values.as_deref(), any.clone()).map(Test::NoneOf)
        }
        ("not", toml::Value::Boolean(flag), FieldShape::Flag) => Ok(Test::IsNot(*flag)),
        (test, toml::Value::Integer(number), FieldShape::Number | FieldShape::Decimal) => match test {
            "at_least" => Ok(Test::AtLeast(*number)),
            "more_than" => Ok(Test::MoreThan(*number)),
            "less_than" => Ok(Test::LessThan(*number)),
            _ => Err(expected()),
        },
        _ => Err(expected()),
    }
}

/// How a decimal text stands to a whole number; `None` where the text is no decimal.
fn compared(text: &str, bound: i64) -> Option<Ordering> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let beyond = part.bytes().any(|digit| digit != b'0');
    let away_from_zero = if whole.starts_with('-') { Ordering::Less } else { Ordering::Greater };
    let at_whole = whole.parse::<i128>().ok()?.cmp(&i128::from(bound));
    Some(if beyond { at_whole.then(away_from_zero) } else { at_whole })
}

fn codes(values: Option<&[String]>, any: Vec<toml::Value>) -> Result<Vec<Box<str>>, String> {
    let code = |value: toml::Value| {
        let text = value.as_str().ok_or("expected a list of codes")?;
        match values {
            Some(list) if !list.iter().any(|one| one == text) => {
                Err(format!("{text:?} is not one of {}", list.join(", ")))
            }
            None if Code::try_new(text).is_err() => Err(format!("{text:?} is not a code")),
            Some(_) | None => Ok(text.into()),
        }
    };
    any.into_iter().map(code).collect()
}
