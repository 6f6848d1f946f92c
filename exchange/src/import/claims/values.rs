//! From readings to the values that facts take.
//!
//! Only a true blank in a column that is there says "nothing". Whatever could not be said or read is
//! silent: it withdraws nothing, corrects nothing and re-opens nothing.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::{Body, Code, Kind};
use domain::time::Occurred;
use serde_json::{Map, Value};

use super::{Claim, Refused, Remark};
use crate::extract::{Reading, SourceRow, SourceValue};
use crate::layout::{EventRule, FactRule, FactSource};

/// One row with its index and the day that the file describes.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) index: usize,
    pub(super) source: &'a SourceRow,
    pub(super) as_at: NaiveDate,
}

/// What a column says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated<T> {
    /// The value.
    Value(T),
    /// A code that its list does not know.
    Unsure(T),
    /// The column is there, and empty.
    Blank,
    /// The column is missing, or its value cannot be told: nothing is said.
    Silent,
}

impl<T> Stated<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Stated::Value(value) | Stated::Unsure(value) => Some(value),
            Stated::Blank | Stated::Silent => None,
        }
    }
}

/// The facts of one event as a row gives them.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) details: Map<String, Value>,
    pub(super) stated: Vec<&'static str>,
    pub(super) unsure: Vec<&'static str>,
    pub(super) silent: Vec<(&'static str, &'static str)>,
    /// Whether a column, and not the format alone, gives any of them.
    pub(super) any: bool,
    pub(super) sealed: SealedFields,
    pub(super) remarks: Vec<Remark>,
}

impl<'a> Row<'a> {
    pub(super) fn date(&self, field: &str) -> Stated<NaiveDate> {
        self.read(field, |value| value.reading.date())
    }

    pub(super) fn text(&self, field: &str) -> Stated<&'a str> {
        self.read(field, |value| matches!(value.reading, Reading::Text(_)).then_some(value.raw.as_str()))
    }

    /// What a column states, as `wanted` reads it; what is of another kind is silent.
    fn read<T>(&self, field: &str, wanted: impl Fn(&'a SourceValue) -> Option<T>) -> Stated<T> {
        let Some(value) = self.source.value(field) else { return Stated::Silent };
        if value.reading == Reading::Blank {
            return Stated::Blank;
        }
        wanted(value).map_or(Stated::Silent, Stated::Value)
    }

    /// What the column says, as a value that facts can hold.
    pub(super) fn said(&self, field: &str) -> Stated<Value> {
        let mut values = self.source.values_of(field);
        let Some(first) = values.next() else { return Stated::Silent };
        if !first.column.many {
            return said(&first.reading);
        }
        let all: Vec<Stated<Value>> =
            std::iter::once(first).chain(values).map(|value| said(&value.reading)).collect();
        let unsure = all.iter().any(|said| matches!(said, Stated::Unsure(_)));
        let blank = all.contains(&Stated::Blank);
        let mut codes: Vec<Value> = all.into_iter().filter_map(Stated::value).collect();
        codes.sort_by(|left, right| left.as_str().cmp(&right.as_str()));
        codes.dedup();
        match (codes.is_empty(), blank, unsure) {
            (true, true, _) => Stated::Blank,
            (true, false, _) => Stated::Silent,
            (false, _, true) => Stated::Unsure(Value::Array(codes)),
            (false, _, false) => Stated::Value(Value::Array(codes)),
        }
    }

    /// Whether a cell of the column is not empty and says nothing: an error, a placeholder, what cannot be read.
    pub(super) fn is_silent(&self, column: &str) -> bool {
        self.source.values_of(column).any(|value| value.reading.says_nothing())
    }

    /// What a field of the facts is, by its rule.
    pub(super) fn field(&self, rule: &FactRule) -> Stated<Value> {
        match &rule.source {
            FactSource::Fixed(value) => Stated::Value(value.clone()),
            FactSource::Column { column, values } if values.is_empty() => self.said(column),
            FactSource::Column { column, values } => {
                let value = |said: Value| values.get(key(&said)).cloned();
                match self.said(column) {
                    Stated::Value(said) => {
                        value(said).or_else(|| rule.otherwise.clone()).map_or(Stated::Silent, Stated::Value)
                    }
                    // A code that its list does not know is none of those that the format leaves out.
                    Stated::Unsure(said) => value(said).map_or(Stated::Silent, Stated::Unsure),
                    Stated::Blank => Stated::Blank,
                    Stated::Silent => Stated::Silent,
                }
            }
        }
    }

    /// The facts and sealed texts that the rules give.
    pub(super) fn facts(
        &self,
        rules: &'static BTreeMap<String, FactRule>,
        sealed: &BTreeMap<String, String>,
    ) -> Facts {
        let mut facts = Facts::default();
        for (field, rule) in rules {
            let stated = self.field(rule);
            match &stated {
                Stated::Value(_) | Stated::Blank if !rule.kept => facts.stated.push(field),
                Stated::Unsure(_) if !rule.kept => facts.unsure.push(field),
                Stated::Value(_) | Stated::Unsure(_) | Stated::Blank | Stated::Silent => {}
            }
            if let Some(value) = stated.value() {
                facts.any |= rule.column().is_some();
                facts.details.insert(field.clone(), value);
            }
            if let Some(column) = rule.column() {
                facts.silent.extend(self.is_silent(column).then_some((field.as_str(), column)));
                self.remark_codes(column, &mut facts);
            }
        }
        for (name, column) in sealed {
            if let Stated::Value(text) = self.text(column) {
                facts.sealed = std::mem::take(&mut facts.sealed).with(name, text);
            }
        }
        facts
    }

    /// A code that facts cannot hold is sealed as it stood; one that its list does not know is marked.
    fn remark_codes(&self, column: &str, facts: &mut Facts) {
        for value in self.source.values_of(column) {
            let Reading::Code { code, known: false } = &value.reading else { continue };
            let remark = Remark { code: "code_unrecognised", field: &value.column.field };
            if !facts.remarks.contains(&remark) {
                facts.remarks.push(remark);
            }
            if Code::try_new(code).is_err() {
                facts.sealed =
                    std::mem::take(&mut facts.sealed).with(&format!("raw_{column}"), value.raw.clone());
            }
        }
    }

    /// The claim of an event with these facts; `None` where the facts lack what its kind must have.
    pub(super) fn claim(
        &self,
        (kind, on): (Kind, &str),
        (occurred, dated): (Occurred, bool),
        facts: Facts,
    ) -> Option<Claim> {
        let place = self.source.value(on).map_or(&self.source.place, |value| &value.place);
        Some(Claim {
            row: self.index,
            place: place.clone(),
            occurred,
            dated,
            body: Body::of(kind, Value::Object(facts.details)).ok()?,
            stated: facts.stated,
            unsure: facts.unsure,
            silent: facts.silent,
            sealed: facts.sealed,
            remarks: facts.remarks,
            apart_by: None,
        })
    }

    /// When an event happened whose day the source does not tell: by the day described.
    pub(super) fn by_then(&self, since: Option<&str>) -> Occurred {
        let from = since.and_then(|field| self.date(field).value()).filter(|day| *day <= self.as_at);
        Occurred::within(from, Some(self.as_at))
    }

    /// Whether the event's own flag, which is none of its facts, says yes or no.
    pub(super) fn flag_of(&self, rule: &EventRule) -> Option<bool> {
        let in_facts = rule.facts.values().any(|fact| fact.column() == Some(rule.on.as_str()));
        self.source.value(&rule.on)?.reading.flag().filter(|_| !in_facts)
    }
}

fn said(reading: &Reading) -> Stated<Value> {
    match reading {
        Reading::Blank => Stated::Blank,
        Reading::Date(day) => Stated::Value(Value::from(day.to_string())),
        Reading::Count(count) => u32::try_from(*count).map_or(Stated::Silent, |n| Stated::Value(n.into())),
        Reading::Flag(flag) => Stated::Value(Value::Bool(*flag)),
        Reading::Code { code, known } => match (Code::try_new(code), known) {
            (Ok(code), true) => Stated::Value(Value::from(code.as_str())),
            (Ok(code), false) => Stated::Unsure(Value::from(code.as_str())),
            (Err(_), _) => Stated::Silent,
        },
        // Texts are sealed, never facts.
        Reading::Text(_)
        | Reading::Decimal(_)
        | Reading::SourceError
        | Reading::Placeholder
        | Reading::NoStoredValue
        | Reading::NotThere
        | Reading::Unreadable { .. } => Stated::Silent,
    }
}

/// The name under which a format maps a value.
fn key(value: &Value) -> &str {
    match value {
        Value::Bool(true) => "yes",
        Value::Bool(false) => "no",
        Value::String(code) => code,
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => "",
    }
}

pub(super) fn refused(row: usize, value: &SourceValue, reason: &str, whole_row: bool) -> Refused {
    Refused {
        row,
        place: value.place.clone(),
        column: value.column.header().to_owned(),
        value: value.raw.clone(),
        reason: reason.to_owned(),
        whole_row,
    }
}
