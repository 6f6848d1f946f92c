//! What the columns and elements of each format mean, as data.
//!
//! The tables under `exchange/formats/` are part of the program: they are read
//! once, and a table that cannot be read is a mistake in the program that the
//! tests find. A layout says what a column *is*; it holds no value of any child.

#[cfg(test)]
mod defects;
mod events;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{Months, NaiveDate};
use domain::events::{EntityRole, Kind};
use serde::{Deserialize, Deserializer, de};

pub use events::{Act, Below, Blank, EventRule, FactRule, FactSource, Owner, PersonRule, Replaces};

/// The lists of one format.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Name of the format, `annex_a` or `cin_census`.
    pub format: String,
    /// What stands before a list's code where events name it.
    #[serde(default)]
    pub sheet_prefix: String,
    /// Whether the return leaves out what is empty, so that a list in the file holds all of its columns.
    #[serde(default)]
    pub leaves_out_empty: bool,
    /// What its rows say about the child.
    pub person: PersonRule,
    /// Further spellings of columns that several lists have, by field.
    #[serde(default)]
    pub shared: BTreeMap<String, Vec<String>>,
    /// Its lists, in the order in which a row of one may refer to a row of another.
    #[serde(rename = "list")]
    pub lists: Vec<List>,
}

/// One list of a workbook, or one repeated element of a census.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Short name, unique in the layout: `1` to `11`, or the module's name.
    pub code: String,
    /// What the list holds, in words.
    pub title: String,
    /// Sheet names under which the list is found.
    #[serde(default)]
    pub sheets: Vec<String>,
    /// Name of the repeated XML element.
    #[serde(default)]
    pub element: Option<String>,
    /// Elements inside it that only hold others.
    #[serde(default)]
    pub containers: Vec<String>,
    /// Code of the list whose element encloses this one.
    #[serde(default)]
    pub parent: Option<String>,
    /// Which records the list holds; `None`: absence says nothing.
    #[serde(default)]
    pub window: Option<Window>,
    /// Length of the window in months, ending with the day described.
    #[serde(default)]
    pub window_months: u32,
    /// The kind of record that a row describes.
    pub record: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The events that a row gives, a process before what belongs to it.
    #[serde(default, rename = "event")]
    pub events: Vec<EventRule>,
}

/// Which records a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Those that began within the window.
    Starts,
    /// Those that were open at any time within it.
    Open,
}

/// One column or element.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name inside the program, unique in the list.
    pub field: String,
    /// Accepted headers or element names, the standard one first.
    pub headers: Vec<String>,
    /// What a change of the value means.
    pub role: Role,
    /// What kind of value it holds.
    pub value: ValueKind,
    /// Code list of a [`ValueKind::Code`].
    #[serde(default)]
    pub codes: Option<String>,
    /// Kind of record, where it differs from the list's own.
    #[serde(default)]
    pub record: Option<String>,
    /// Whether the element may stand several times in one row.
    #[serde(default)]
    pub many: bool,
    /// The kind of event that a [`Role::Derived`] column counts; `None` where no event can answer it.
    #[serde(default, deserialize_with = "counted")]
    pub counts: Option<Kind>,
    /// How many months back it counts; `None`: all before the row's own record.
    #[serde(default)]
    pub counts_months: Option<u32>,
    /// Whether only the forms of some years have the column: without it, nothing is missing.
    #[serde(default)]
    pub optional: bool,
}

/// What a column says about the record it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names the child; sealed.
    Child,
    /// Names the adopter; sealed.
    Adopter,
    /// Another identifier or an address; sealed.
    Identifier,
    /// Makes the row this record and no other.
    Key,
    /// A change in a newer extract is a correction.
    Attribute,
    /// A later value is a new event, and the earlier one stands.
    State,
    /// The newest of many: each new date is a record of its own.
    Latest,
    /// The source's own count or age: its claim, reconciled, never an event.
    Derived,
}

/// What kind of value a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueKind {
    /// An identifier, kept as text without surrounding space.
    Identifier,
    /// A civil date.
    Date,
    /// A whole number, zero or more.
    Count,
    /// A number with a fraction, kept as text.
    Decimal,
    /// Yes or no.
    Flag,
    /// A code of a named list.
    Code,
    /// A person's name; sealed.
    Name,
    /// Free text; sealed.
    Text,
    /// A postcode; sealed.
    Postcode,
    /// A provider's unique reference number.
    Urn,
}

impl Layout {
    /// The eleven lists of Annex A.
    pub fn annex_a() -> &'static Layout {
        static LAYOUT: OnceLock<Layout> = OnceLock::new();
        LAYOUT.get_or_init(|| built_in(include_str!("../../formats/annex_a.toml")))
    }

    /// The modules of the children in need census.
    pub fn cin_census() -> &'static Layout {
        static LAYOUT: OnceLock<Layout> = OnceLock::new();
        LAYOUT.get_or_init(|| built_in(include_str!("../../formats/cin_census.toml")))
    }

    /// The code under which events and declarations name a list: `list_7`, `section_47`.
    pub fn sheet(&self, list: &str) -> String {
        format!("{}{list}", self.sheet_prefix)
    }

    /// The list with this code.
    pub fn list(&self, code: &str) -> Option<&List> {
        self.lists.iter().find(|list| list.code == code)
    }
}

impl List {
    /// First day of the window that ends with `as_at`, inclusive; `None` without a window.
    pub fn window_from(&self, as_at: NaiveDate) -> Option<NaiveDate> {
        self.window?;
        first_of_last(as_at, self.window_months)
    }

    /// The column with this field name.
    pub fn column(&self, field: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.field == field)
    }

    /// Whether each row must carry the column that decides on the event: the row is this record and no other.
    pub fn is_own_key(&self, rule: &EventRule) -> bool {
        self.column(&rule.on).is_some_and(|column| column.role == Role::Key && column.is_needed(self))
    }

    /// The event that a row's own key records; the last, where the key opens one process within another.
    pub fn own_record(&self) -> Option<&EventRule> {
        self.events.iter().rev().find(|rule| rule.act == Act::Opens && self.is_own_key(rule))
    }

    /// The kinds of event that end a process of this role.
    pub fn ends_of(&self, role: EntityRole) -> impl Iterator<Item = Kind> + '_ {
        let ends = move |rule: &&EventRule| rule.act == Act::Ends && rule.kind.own_role() == Some(role);
        self.events.iter().filter(ends).map(|rule| rule.kind)
    }

    /// The kind of record to which `column` belongs.
    pub fn record_of<'a>(&'a self, column: &'a Column) -> &'a str {
        column.record.as_deref().unwrap_or(&self.record)
    }
}

/// First day of the last `months` months that end with `last`, both inclusive.
///
/// Six months to the last day of a month are six whole months: those to 30 September begin on 1 April. Else they begin on
/// the day after the same day of the earlier month, or, where that month has no such day, after its last: those to 30
/// August begin on 1 March. Of two readings the shorter is taken, as a source that leaves out a day more has not
/// withdrawn what stood on it.
pub(crate) fn first_of_last(last: NaiveDate, months: u32) -> Option<NaiveDate> {
    let months = Months::new(months);
    let after_the_same_day = last.checked_sub_months(months)?.succ_opt()?;
    let of_the_next_day = last.succ_opt()?.checked_sub_months(months)?;
    Some(after_the_same_day.max(of_the_next_day))
}

impl Column {
    /// The header or element name of the standard.
    pub fn header(&self) -> &str {
        self.headers.first().map_or(self.field.as_str(), String::as_str)
    }

    /// Whether each row must carry the column to be placed at all.
    pub fn is_needed(&self, list: &List) -> bool {
        match self.role {
            Role::Child | Role::Adopter => true,
            Role::Key => list.record_of(self) == list.record,
            Role::Identifier | Role::Attribute | Role::State | Role::Latest | Role::Derived => false,
        }
    }
}

/// The letters and digits of a header, in lower case: what two spellings of one
/// header have in common. A raised digit is the mark of a footnote.
pub(crate) fn header_key(header: &str) -> String {
    let is_raised = |c: &char| matches!(c, '\u{b2}' | '\u{b3}' | '\u{b9}' | '\u{2070}'..='\u{209c}');
    header.chars().filter(|c| c.is_alphanumeric() && !is_raised(c)).flat_map(char::to_lowercase).collect()
}

/// Further header spellings of an authority: list code, field, spellings.
pub(crate) type Aliases = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn counted<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Kind>, D::Error> {
    let name = String::deserialize(from)?;
    Kind::from_name(&name).map(Some).map_err(de::Error::custom)
}

fn built_in(text: &str) -> Layout {
    let mut layout: Layout =
        toml::from_str(text).expect("the layout tables in the program are read by its tests");
    for list in &mut layout.lists {
        share(list, &layout.shared);
    }
    layout
}

/// Adds the shared spellings to the columns of a list, but for those that another of its columns has.
fn share(list: &mut List, shared: &BTreeMap<String, Vec<String>>) {
    let mut taken: BTreeSet<String> =
        list.columns.iter().flat_map(|column| &column.headers).map(|header| header_key(header)).collect();
    for column in &mut list.columns {
        for header in shared.get(&column.field).into_iter().flatten() {
            if taken.insert(header_key(header)) {
                column.headers.push(header.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn annex_a_declares_its_eleven_lists() {
        let codes: Vec<&str> = Layout::annex_a().lists.iter().map(|l| l.code.as_str()).collect();
        assert_eq!(codes, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
    }

    #[test]
    fn fields_and_headers_are_unique_in_each_list_and_code_lists_exist() {
        for layout in [Layout::annex_a(), Layout::cin_census()] {
            for list in &layout.lists {
                let fields: BTreeSet<&str> = list.columns.iter().map(|c| c.field.as_str()).collect();
                assert_eq!(fields.len(), list.columns.len(), "list {}", list.code);
                let mut headers = BTreeSet::new();
                for column in &list.columns {
                    for header in &column.headers {
                        assert!(headers.insert(header_key(header)), "{} {header}", list.code);
                    }
                    assert_eq!(
                        column.value == ValueKind::Code,
                        column.codes.is_some(),
                        "{} {}",
                        list.code,
                        column.field
                    );
                    if let Some(name) = &column.codes {
                        assert!(codes::has_list(name), "{name}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_months_to_the_end_of_a_month_are_whole_months() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let table = [
            (6, "2025-02-28", "2024-09-01"),
            (6, "2024-02-29", "2023-09-01"),
            (6, "2024-02-28", "2023-08-29"),
            (6, "2024-09-30", "2024-04-01"),
            (6, "2024-06-30", "2024-01-01"),
            (6, "2024-08-31", "2024-03-01"),
            (6, "2024-08-30", "2024-03-01"),
            (6, "2024-08-29", "2024-03-01"),
            (6, "2024-08-28", "2024-02-29"),
            (6, "2023-08-28", "2023-03-01"),
            (6, "2024-03-31", "2023-10-01"),
            (6, "2024-03-30", "2023-10-01"),
            (6, "2024-07-15", "2024-01-16"),
            (12, "2025-02-28", "2024-03-01"),
            (12, "2024-02-29", "2023-03-01"),
            (12, "2024-02-28", "2023-03-01"),
            (12, "2026-03-31", "2025-04-01"),
        ];
        for (months, last, first) in table {
            assert_eq!(first_of_last(day(last), months), Some(day(first)), "{months} months to {last}");
        }
    }

    #[test]
    fn header_spellings_that_differ_in_quotes_and_space_agree() {
        let table = [
            ("Date of Adoption Order ", "date of adoption order"),
            ("been ‘Missing’ from", "been 'Missing' from"),
            ("Child\u{a0}Unique ID", "Child Unique ID"),
            ("Referral NFA?", "Referral NFA"),
            ("\u{feff}Date of\r\nBirth\u{b9}*", "Date of Birth"),
        ];
        for (left, right) in table {
            assert_eq!(header_key(left), header_key(right));
        }
        assert_ne!(header_key("Date Stage 1 started"), header_key("Date Stage 2 started"));
    }
}
