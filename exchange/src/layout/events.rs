//! Which events a row gives, as the format's table declares them.
//!
//! A rule names one column that decides whether, and often when, the event happened; the role of that
//! column says what a newer file may do with it. A kind or role of process that the domain does not
//! know is refused while the table is read.

use std::collections::BTreeMap;

use domain::events::{Body, EntityRole, Kind};
use domain::observations::is_exclusive;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// One event that a row can give.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct EventRule {
    /// The kind of event.
    pub kind: Kind,
    /// What it does to its process.
    pub act: Act,
    /// The column that decides: its date, its yes, or that it says anything.
    pub on: String,
    /// The column with the first day on which an undated event can have happened.
    pub since: Option<String>,
    /// Whom it follows; without it, the process that the row's own key opens.
    pub of: Option<Owner>,
    /// Processes of the row, or of the rows around it, to which an opening also belongs; the parent first.
    pub within: Vec<EntityRole>,
    /// Fields of its facts.
    pub facts: BTreeMap<String, FactRule>,
    /// Sealed texts, each with its column.
    pub sealed: BTreeMap<String, String>,
    /// What an empty cell says.
    pub blank: Blank,
    /// The event that an emptied cell gives instead of a withdrawal.
    pub emptied: Option<Kind>,
    /// The column that holds the state as it was when the process began.
    pub starts_as: Option<String>,
    /// The field that tells several events of this kind in one process apart.
    pub apart_by: Option<String>,
    /// A column of enclosed rows that holds the same act: where it has the same day, this one is not given.
    pub unless_below: Option<Below>,
    /// The event that ends the one before it where the list gives the newest only.
    pub replaces: Option<Replaces>,
    /// Whether a child has only one of them beginning on a day, so that several rows with that day are about one.
    pub one_a_day: bool,
    /// Whether a child or adopter has only one of them ever, so that another day of it is a correction.
    pub only_one: bool,
    /// What it means that a newer file no longer names the record.
    pub absence: Blank,
    /// The event with which a record ended that a newer file no longer names, where its end lies between two files.
    pub left: Option<Kind>,
    /// Whether the list holds every one of them; without it, as the column's role says.
    pub complete: Option<bool>,
}

/// What an event does to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It opens one.
    Opens,
    /// It stands within one, or belongs to the child alone.
    Gives,
    /// It ends one.
    Ends,
}

/// Whom an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The child or adopter, and no process.
    Subject,
    /// A process that the row opens.
    Process(EntityRole),
}

/// What an empty cell, or a record that is no longer named, says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blank {
    /// That it did not happen: what an older file held is withdrawn.
    #[default]
    Withdraws,
    /// Nothing.
    Silent,
}

/// A column of the rows that a row encloses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Below {
    /// Code of their list.
    pub list: String,
    /// The column.
    pub column: String,
}

/// How the newest of a list's records takes the place of the one before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replaces {
    /// The event that the one before ends with.
    #[serde(deserialize_with = "one_kind")]
    pub by: Kind,
    /// Values of its facts with which it stands beside the one before, such as the codes of temporary placements.
    #[serde(default)]
    pub unless: BTreeMap<String, Vec<Value>>,
    /// Facts of `unless` by which one stands beside another for a while only: any other that the list gives as the newest
    /// ends it.
    #[serde(default)]
    pub passing: Vec<String>,
}

/// Where the value of one field comes from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(from = "WrittenFact")]
pub struct FactRule {
    /// From a column or from the format itself.
    pub source: FactSource,
    /// Said once, when the record begins: a later file does not correct it.
    pub kept: bool,
    /// What the facts hold where the column states a code that `values` does not name.
    pub otherwise: Option<Value>,
    /// Whether it depends on it what duties follow from the event, so that none is certain where the source could not say it.
    pub decides: bool,
    /// Whether a row may state it before the act is done, so that it does not say that it was.
    pub early: bool,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum FactSource {
    /// The same for each such row.
    Fixed(Value),
    /// A column; `values` maps its codes, or yes and no, to what the facts hold.
    Column {
        /// The column.
        column: String,
        /// The value for each code; empty where the facts hold the code itself. A code without a value says nothing.
        values: BTreeMap<String, Value>,
    },
}

/// What all rows of a file say about the child itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonRule {
    /// Fields of `child_registered`.
    pub facts: BTreeMap<String, FactRule>,
    /// Sealed texts, each with its column.
    pub sealed: BTreeMap<String, String>,
}

impl FactRule {
    /// The column that it reads.
    pub fn column(&self) -> Option<&str> {
        match &self.source {
            FactSource::Fixed(_) => None,
            FactSource::Column { column, .. } => Some(column),
        }
    }
}

impl EventRule {
    /// The process that an event of this rule opens.
    pub fn opened(&self) -> Option<EntityRole> {
        self.kind.own_role().filter(|_| self.act == Act::Opens)
    }

    /// Whether the rule gives an event of this kind, and of several of the kind this one.
    pub fn gives(&self, body: &Body) -> bool {
        let apart = self.apart_by.as_ref().and_then(|field| Some((field, self.facts.get(field)?)));
        self.kind == body.kind()
            && apart.is_none_or(|(field, fact)| match &fact.source {
                FactSource::Fixed(value) => body.fields().get(field) == Some(value),
                FactSource::Column { .. } => true,
            })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, deserialize_with = "kind")]
    opens: Option<Kind>,
    #[serde(default, deserialize_with = "kind")]
    gives: Option<Kind>,
    #[serde(default, deserialize_with = "kind")]
    ends: Option<Kind>,
    on: String,
    since: Option<String>,
    #[serde(default, deserialize_with = "owner")]
    of: Option<Owner>,
    #[serde(default, deserialize_with = "roles")]
    within: Vec<EntityRole>,
    #[serde(default)]
    facts: BTreeMap<String, FactRule>,
    #[serde(default)]
    sealed: BTreeMap<String, String>,
    #[serde(default)]
    blank: Blank,
    #[serde(default, deserialize_with = "kind")]
    emptied: Option<Kind>,
    starts_as: Option<String>,
    apart_by: Option<String>,
    unless_below: Option<Below>,
    replaces: Option<Replaces>,
    #[serde(default)]
    one_a_day: bool,
    #[serde(default)]
    only_one: bool,
    #[serde(default)]
    absence: Blank,
    #[serde(default, deserialize_with = "kind")]
    left: Option<Kind>,
    complete: Option<bool>,
}

impl TryFrom<Written> for EventRule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let (kind, act) = match (written.opens, written.gives, written.ends) {
            (Some(kind), None, None) => (kind, Act::Opens),
            (None, Some(kind), None) => (kind, Act::Gives),
            (None, None, Some(kind)) => (kind, Act::Ends),
            _ => return Err(format!("the event on {:?} needs one of opens, gives and ends", written.on)),
        };
        let Written { on, since, of, within, facts, sealed, blank, emptied, .. } = written;
        let Written {
            starts_as,
            apart_by,
            unless_below,
            replaces,
            one_a_day,
            only_one,
            absence,
            left,
            complete,
            ..
        } = written;
        Ok(EventRule {
            kind,
            act,
            on,
            since,
            of,
            within,
            facts,
            sealed,
            blank,
            emptied,
            starts_as,
            apart_by,
            unless_below,
            replaces,
            one_a_day: one_a_day || only_one || is_exclusive(kind),
            only_one,
            absence,
            left,
            complete,
        })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenFact {
    Column(String),
    Fixed(WrittenFixed),
    Mapped(WrittenMapped),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFixed {
    is: Value,
    #[serde(default)]
    kept: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMapped {
    column: String,
    #[serde(default)]
    values: BTreeMap<String, Value>,
    #[serde(default)]
    kept: bool,
    otherwise: Option<Value>,
    #[serde(default)]
    decides: bool,
    #[serde(default)]
    early: bool,
}

impl From<WrittenFact> for FactRule {
    fn from(written: WrittenFact) -> Self {
        match written {
            WrittenFact::Column(column) => {
                let source = FactSource::Column { column, values: BTreeMap::new() };
                FactRule { source, kept: false, otherwise: None, decides: false, early: false }
            }
            WrittenFact::Fixed(WrittenFixed { is, kept }) => FactRule {
                source: FactSource::Fixed(is),
                kept,
                otherwise: None,
                decides: false,
                early: false,
            },
            WrittenFact::Mapped(WrittenMapped { column, values, kept, otherwise, decides, early }) => {
                FactRule { source: FactSource::Column { column, values }, kept, otherwise, decides, early }
            }
        }
    }
}

fn one_kind<'de, D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
    let name = String::deserialize(from)?;
    Kind::from_name(&name).map_err(de::Error::custom)
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Kind>, D::Error> {
    let name = String::deserialize(from)?;
    Kind::from_name(&name).map(Some).map_err(de::Error::custom)
}

fn role(name: &str) -> Result<EntityRole, String> {
    EntityRole::from_name(name).ok_or_else(|| format!("unknown role of a process {name:?}"))
}

fn roles<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<EntityRole>, D::Error> {
    let names = Vec::<String>::deserialize(from)?;
    names.iter().map(|name| role(name).map_err(de::Error::custom)).collect()
}

fn owner<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Owner>, D::Error> {
    let name = String::deserialize(from)?;
    if name == "child" {
        return Ok(Some(Owner::Subject));
    }
    role(&name).map(|role| Some(Owner::Process(role))).map_err(de::Error::custom)
}
