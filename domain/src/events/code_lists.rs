//! Code lists: which codes a field takes, of which return, and on which days of practice each is valid.
//!
//! They stand as data in `domain/data/code-lists.toml`. A list of a national return is closed: another code is
//! unknown. A local list is open: it only says what is usual. This module judges a code; whether anything is refused
//! for it is the decider's question.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::NaiveDate;
use serde::Deserialize;

use super::Code;
use crate::time::Occurred;

/// A list of codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    /// Its `snake_case` name, as fields refer to it.
    pub id: String,
    /// What the codes say.
    pub title: String,
    /// The national return and field that it belongs to; absent for a local list.
    #[serde(rename = "return")]
    pub of_return: Option<String>,
    /// Whether an authority may use other codes.
    pub open: bool,
    /// Whether the list was read in the return's own guide; never so for a local list.
    #[serde(default)]
    pub verified: bool,
    /// Where the codes were found.
    pub source: String,
    /// The codes, in the order of the list; never empty.
    pub codes: Vec<ListedCode>,
}

/// One code of a list.
#[derive(Debug, Deserialize)]
#[serde(from = "Written")]
pub struct ListedCode {
    /// The code.
    pub code: String,
    /// What it means, where the name does not say it.
    pub label: Option<String>,
    /// Labels that it has had since a day, oldest first; from then on they stand in the place of the earlier one.
    pub later: Vec<LaterLabel>,
    /// First day of practice on which it is valid; absent means from the start.
    pub from: Option<NaiveDate>,
    /// Last day, inclusive; absent means until now.
    pub to: Option<NaiveDate>,
    /// Whether those days were read in a source, rather than being general knowledge.
    pub years_read: bool,
}

/// A label that a code has had since a day.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaterLabel {
    /// First day of practice.
    #[serde(deserialize_with = "read_day")]
    pub from: NaiveDate,
    /// What the code means since then.
    pub label: String,
}

/// What a list says about a code on a day of practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is in the list and valid, or the day is not known well enough to say otherwise.
    Valid,
    /// It is not in an open list.
    Local,
    /// It is not in a closed list.
    Unknown,
    /// It is in the list, and certainly not valid on that day.
    OutOfYears {
        /// First valid day.
        from: Option<NaiveDate>,
        /// Last valid day, inclusive.
        to: Option<NaiveDate>,
        /// Whether the days were read in a source.
        read: bool,
    },
}

impl CodeList {
    /// What the list says about a code in an event of this time.
    pub fn judge(&self, code: &Code, occurred: Occurred) -> Judgement {
        match self.codes.iter().find(|listed| listed.code == code.as_str()) {
            Some(listed) => listed.judge(occurred),
            None if self.open => Judgement::Local,
            None => Judgement::Unknown,
        }
    }
}

impl ListedCode {
    /// What the code means in an event of a day.
    pub fn label_on(&self, day: NaiveDate) -> Option<&str> {
        let later = self.later.iter().rev().find(|later| later.from <= day);
        later.map(|later| later.label.as_str()).or(self.label.as_deref())
    }

    /// Every label that it has had.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.label.as_deref().into_iter().chain(self.later.iter().map(|later| later.label.as_str()))
    }

    /// Out of its years only where every possible day is.
    fn judge(&self, occurred: Occurred) -> Judgement {
        let too_early = self.from.zip(occurred.latest_day()).is_some_and(|(from, latest)| latest < from);
        let too_late = self.to.zip(occurred.earliest_day()).is_some_and(|(to, earliest)| earliest > to);
        if too_early || too_late {
            return Judgement::OutOfYears { from: self.from, to: self.to, read: self.years_read };
        }
        Judgement::Valid
    }
}

/// Every list, in the order of the file.
pub fn all() -> &'static [CodeList] {
    &lists().all
}

/// The list with this id.
pub fn list(id: &str) -> Option<&'static CodeList> {
    let lists = lists();
    lists.places.get(id).and_then(|place| lists.all.get(*place))
}

struct Lists {
    all: Vec<CodeList>,
    places: BTreeMap<String, usize>,
}

fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| {
        let file: File = toml::from_str(include_str!("../../data/code-lists.toml"))
            .expect("the code lists in the program are read by its tests");
        let places = file.list.iter().enumerate().map(|(place, list)| (list.id.clone(), place)).collect();
        Lists { all: file.list, places }
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    list: Vec<CodeList>,
}

/// A code as the file writes it: alone, or with what is known of it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Alone(String),
    Known(Known),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    code: String,
    label: Option<String>,
    from: Option<toml::value::Datetime>,
    to: Option<toml::value::Datetime>,
    years: Option<Years>,
    #[serde(default)]
    later: Vec<LaterLabel>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Years {
    Read,
    Unverified,
}

impl From<Written> for ListedCode {
    fn from(written: Written) -> Self {
        match written {
            Written::Alone(code) => {
                Self { code, label: None, later: Vec::new(), from: None, to: None, years_read: false }
            }
            Written::Known(known) => Self {
                code: known.code,
                label: known.label,
                later: known.later,
                from: known.from.map(day),
                to: known.to.map(day),
                years_read: known.years == Some(Years::Read),
            },
        }
    }
}

fn read_day<'de, D: serde::Deserializer<'de>>(reader: D) -> Result<NaiveDate, D::Error> {
    toml::value::Datetime::deserialize(reader).map(day)
}

fn day(written: toml::value::Datetime) -> NaiveDate {
    written.to_string().parse().expect("the days of the code lists are read by their tests")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::events::Kind;

    fn judged(list_id: &str, code: &str, when: &str) -> Judgement {
        list(list_id).unwrap().judge(&code.parse().unwrap(), when.parse().unwrap())
    }

    #[test]
    fn every_list_is_in_order_and_every_code_fits_into_facts() {
        let ids: BTreeSet<&str> = all().iter().map(|list| list.id.as_str()).collect();
        assert_eq!(ids.len(), all().len());
        for list in all() {
            let codes: BTreeSet<&str> = list.codes.iter().map(|code| code.code.as_str()).collect();
            assert!(!codes.is_empty() && codes.len() == list.codes.len(), "{}", list.id);
            assert!(codes.iter().all(|code| Code::try_new(code).is_ok()), "{}", list.id);
            let has_years = |code: &ListedCode| code.from.is_some() || code.to.is_some();
            assert!(list.codes.iter().all(|code| !code.years_read || has_years(code)), "{}", list.id);
            assert!(list.codes.iter().all(|code| code.from.zip(code.to).is_none_or(|(from, to)| from <= to)));
            for code in &list.codes {
                assert!(code.later.windows(2).all(|pair| pair[0].from < pair[1].from), "{}", code.code);
                assert!(code.later.is_empty() || code.label.is_some(), "{}", code.code);
            }
            assert_eq!(list.open, list.of_return.is_none() && list.id != "arrangements_order", "{}", list.id);
        }
    }

    #[test]
    fn every_list_that_a_field_names_is_there_and_every_list_is_used() {
        let mut named = BTreeSet::new();
        for kind in Kind::ALL {
            for field in kind.fields() {
                if let Some(id) = field.code_list {
                    assert!(list(&id).is_some(), "{}.{} takes codes of {id}", kind.name(), field.name);
                    named.insert(id);
                }
            }
        }
        let held: BTreeSet<String> = all().iter().map(|list| list.id.clone()).collect();
        assert_eq!(held, named);
    }

    #[test]
    fn a_code_is_judged_by_the_day_of_practice_as_far_as_that_is_known() {
        let out = |from: &str, to: &str, read| Judgement::OutOfYears {
            from: from.parse().ok(),
            to: to.parse().ok(),
            read,
        };
        let read = |from: &str, to: &str| out(from, to, true);
        let doubtful = |from: &str, to: &str| out(from, to, false);
        let cases = [
            ("referral_source", "1A", "2024-01-08", Judgement::Valid),
            ("referral_source", "99", "2024-01-08", Judgement::Unknown),
            ("agency", "police", "2024-01-08", Judgement::Valid),
            ("agency", "lifeboat", "2024-01-08", Judgement::Local),
            ("arrangements_order", "residence_order", "2014-04-21", Judgement::Valid),
            ("arrangements_order", "residence_order", "2014-04-22", read("", "2014-04-21")),
            ("arrangements_order", "child_arrangements_order", "2014-04-21", read("2014-04-22", "")),
            ("arrangements_order", "child_arrangements_order", "2014-04-22", Judgement::Valid),
            ("arrangements_order", "child_arrangements_order", "2014-04-01/2014-05-01", Judgement::Valid),
            ("arrangements_order", "child_arrangements_order", "unknown", Judgement::Valid),
            // Codes of some years are valid in them, and only doubtful outside.
            ("placement_type", "K3", "2023-05-01", Judgement::Valid),
            ("placement_type", "K3", "2023-03-31", doubtful("2023-04-01", "")),
            ("placement_type", "H5", "2024-03-31", Judgement::Valid),
            ("placement_type", "H5", "2024-04-01", doubtful("", "2024-03-31")),
            ("placement_type", "P2", "2024-04-01", doubtful("", "2024-03-31")),
            ("placement_type", "Z11", "2026-05-05", Judgement::Valid),
            ("placement_type", "Z14", "2026-03-31", doubtful("2026-04-01", "")),
            ("referral_source", "5D", "2024-01-05", Judgement::Valid),
        ];
        for (list, code, when, expected) in cases {
            assert_eq!(judged(list, code, when), expected, "{list} {code} {when}");
        }
    }

    #[test]
    fn a_label_is_that_of_the_day() {
        let label = |list_id: &str, code: &str, day: &str| {
            let listed = list(list_id).unwrap().codes.iter().find(|listed| listed.code == code).unwrap();
            listed.label_on(day.parse().unwrap()).unwrap().to_owned()
        };
        assert_eq!(label("category_of_need", "N1", "2026-03-31"), "Abuse or neglect");
        assert_eq!(label("category_of_need", "N1", "2026-04-01"), "Abuse, neglect and exploitation");
        assert_eq!(label("closure_reason", "RC3", "2014-04-21"), "Residence order");
        assert_eq!(label("closure_reason", "RC3", "2014-04-22"), "Child arrangements order");
        assert!(label("referral_source", "5B", "2024-01-05").starts_with("Other internal department"));
        assert!(label("referral_source", "5C", "2024-01-05").contains("another authority"));
        assert_eq!(label("referral_source", "5D", "2024-01-05"), "Early help");
        assert!(!label("referral_source", "5A", "2024-01-05").contains("robation"));
    }
}
