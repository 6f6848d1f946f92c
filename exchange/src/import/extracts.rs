//! Earlier extracts, and which of them speaks last about a list.
//!
//! Precedence follows the day that a file describes, never the order of imports.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::events::Code;
use domain::events::governance::{AsAtSource, ExtractDeclared, ExtractScope};
use domain::ids::{ImportId, StreamId};

use super::Import;
use crate::extract::{AsAt, ListScope};
use crate::layout::List;
use crate::recognise::Format;

/// An extract that the ledger already holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorExtract {
    /// The import.
    pub import: ImportId,
    /// The day it describes.
    pub as_at: NaiveDate,
    /// The lists in its scope by their code, as declared, each with the fields of its columns.
    pub lists: BTreeMap<String, BTreeSet<String>>,
    /// The lists that are known to have no row.
    pub empty: BTreeSet<String>,
    /// The lists of which every row is known to name somebody.
    pub whole: BTreeSet<String>,
    /// Of whom no row could be read, and one of a list was not, by the code of the list.
    pub unread: BTreeMap<String, BTreeSet<StreamId>>,
}

impl PriorExtract {
    /// Reads a declaration; `None` where it is of another authority or system.
    pub fn from_declared(declared: &ExtractDeclared, authority: &str, system: &str) -> Option<Self> {
        let same = declared.authority.as_str() == authority && declared.system.as_str() == system;
        same.then(|| PriorExtract {
            import: declared.import,
            as_at: declared.as_at,
            lists: declared.scope.iter().map(columns_of).collect(),
            empty: lists_where(declared, |it| it.rows == Some(0)),
            whole: lists_where(declared, |it| it.unnamed == Some(0)),
            unread: declared
                .scope
                .iter()
                .map(|it| (it.list.to_string(), it.unread.clone().unwrap_or_default()))
                .collect(),
        })
    }
}

fn columns_of(scope: &ExtractScope) -> (String, BTreeSet<String>) {
    (scope.list.to_string(), scope.columns.iter().map(ToString::to_string).collect())
}

/// How an extract stands to what the ledger holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It describes a later day than anything held: it may correct and withdraw.
    Newest,
    /// It describes the same day: a difference is a dispute.
    Equal,
    /// It describes an earlier day: it may add, never correct.
    Older,
}

impl Standing {
    /// How a file about `as_at` stands to an assertion about `held`.
    pub(super) fn of(as_at: NaiveDate, held: NaiveDate) -> Self {
        match as_at.cmp(&held) {
            std::cmp::Ordering::Greater => Standing::Newest,
            std::cmp::Ordering::Equal => Standing::Equal,
            std::cmp::Ordering::Less => Standing::Older,
        }
    }
}

impl Import<'_> {
    /// How this import stands on `list`, by the newest other extract that holds the list.
    pub(super) fn standing(&self, list: &str) -> Standing {
        let newest = self.others(list).map(|extract| extract.as_at).max();
        newest.map_or(Standing::Newest, |held| Standing::of(self.as_at, held))
    }

    /// The days after this extract's that other extracts of the list describe.
    pub(super) fn newer_days(&self, list: &str) -> impl Iterator<Item = NaiveDate> {
        self.others(list).map(|extract| extract.as_at).filter(|day| *day > self.as_at)
    }

    /// The newest day before this extract's that another extract of the list describes.
    pub(super) fn previous(&self, list: &str) -> Option<NaiveDate> {
        self.others(list).map(|extract| extract.as_at).filter(|day| *day < self.as_at).max()
    }

    /// The newest such day of a file that names the child or adopter, has the column, and lies before the first `silent` one; of
    /// a list without a window, where a file that repeats what is held leaves no trace, of any.
    pub(super) fn previous_of(
        &self,
        (list, column): (&str, Option<&str>),
        spoken: &BTreeSet<ImportId>,
        silent: Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        self.last_before(self.as_at, (list, column), spoken, silent)
    }

    /// The same before another day than this extract's.
    pub(super) fn last_before(
        &self,
        before: NaiveDate,
        (list, column): (&str, Option<&str>),
        spoken: &BTreeSet<ImportId>,
        silent: Option<NaiveDate>,
    ) -> Option<NaiveDate> {
        let has_window = self.lists().iter().any(|it| it.code == list && it.window.is_some());
        let code = list_code(self.format, list);
        let has_column = |extract: &PriorExtract| {
            column.is_none_or(|column| extract.lists.get(&code).is_some_and(|held| held.contains(column)))
        };
        let others = self.others(list).filter(|extract| !has_window || spoken.contains(&extract.import));
        let told =
            others.filter(|extract| has_column(extract) && silent.is_none_or(|day| extract.as_at < day));
        told.map(|extract| extract.as_at).filter(|day| *day < before.min(self.as_at)).max()
    }

    /// The imports that are held, and this one, each with its day.
    pub(super) fn days(&self) -> impl Iterator<Item = (ImportId, NaiveDate)> {
        self.prior.iter().map(|extract| (extract.import, extract.as_at)).chain([(self.id, self.as_at)])
    }

    /// The list's scope in this file, where the file holds the list.
    pub(super) fn holds(&self, list: &List) -> Option<&ListScope> {
        self.scope.iter().find(|scope| scope.list == list.code)
    }

    /// The code under which events of `list` are recorded.
    pub(super) fn sheet(&self, list: &List) -> String {
        list_code(self.format, &list.code)
    }

    /// The lists of the file's format.
    pub(super) fn lists(&self) -> &'static [List] {
        self.format.layout().map_or(&[], |layout| &layout.lists)
    }

    fn others(&self, list: &str) -> impl Iterator<Item = &PriorExtract> {
        let code = list_code(self.format, list);
        self.prior
            .iter()
            .filter(move |extract| extract.import != self.id && extract.lists.contains_key(&code))
    }
}

/// The code under which a list stands in declarations and events: `list_7`, `section_47`.
pub fn list_code(format: Format, list: &str) -> String {
    format.layout().map_or_else(|| list.to_owned(), |layout| layout.sheet(list))
}

/// What is said of the extract itself, before any of its rows.
///
/// # Errors
/// [`domain::events::NotACode`] where authority or system is not a code.
pub fn declaration(
    import: ImportId,
    (format, as_at, scope): (Format, &AsAt, &[ListScope]),
    (authority, system): (&str, &str),
    (file_digest, content_digest): (String, Option<String>),
) -> Result<ExtractDeclared, domain::events::NotACode> {
    let name = format.layout().map_or("events", |layout| &layout.format);
    let as_at_source = match as_at {
        AsAt::Given { .. } => AsAtSource::Stated,
        AsAt::Stated { .. } => AsAtSource::Header,
        AsAt::Inferred { .. } => AsAtSource::Inferred,
    };
    let day = as_at.day();
    let scope: Result<Vec<ExtractScope>, _> =
        scope.iter().map(|list| extract_scope(format, day, list)).collect();
    Ok(ExtractDeclared {
        import,
        format: Code::try_new(name)?,
        authority: Code::try_new(authority)?,
        system: Code::try_new(system)?,
        as_at: day,
        as_at_source,
        scope: scope?,
        file_digest,
        content_digest,
    })
}

/// The lists of a declaration of which something is said, by their code.
fn lists_where(declared: &ExtractDeclared, is: impl Fn(&ExtractScope) -> bool) -> BTreeSet<String> {
    declared.scope.iter().filter(|scope| is(scope)).map(|scope| scope.list.to_string()).collect()
}

/// The lists of a file that hold no row, where files about earlier days held rows of the list: the export may have gone wrong, and
/// taken at its word such a list withdraws every record of it. By their code.
pub fn emptied_lists<'s>(
    (format, as_at): (Format, NaiveDate),
    scope: &'s [ListScope],
    prior: &[PriorExtract],
) -> Vec<&'s str> {
    let held_before = |list: &str| {
        let code = list_code(format, list);
        prior.iter().any(|extract| {
            let held = extract.lists.contains_key(&code) && !extract.empty.contains(&code);
            extract.as_at < as_at && held
        })
    };
    let has_window = |list: &str| {
        let list = format.layout().and_then(|layout| layout.list(list));
        list.is_some_and(|list| list.window.is_some())
    };
    let empty = scope.iter().filter(|scope| scope.rows == Some(0)).map(|scope| scope.list.as_str());
    empty.filter(|list| has_window(list) && held_before(list)).collect()
}

/// Of how many people at most a declaration names those of whom no row could be read.
const MOST_UNREAD: usize = 1_000;

/// The declaration again, with those of whom no row could be read, by the code of the list in the format; `None` where
/// there are none. Of a list with too many of them it is left open whom it names.
pub fn with_unread(
    declared: &ExtractDeclared,
    format: Format,
    unread: &BTreeMap<String, BTreeSet<StreamId>>,
) -> Option<ExtractDeclared> {
    let mut again = declared.clone();
    for scope in &mut again.scope {
        let of_list = unread.iter().find(|(list, _)| list_code(format, list) == scope.list.as_str());
        match of_list {
            Some((_, streams)) if streams.len() <= MOST_UNREAD => scope.unread = Some(streams.clone()),
            Some(_) => scope.unnamed = None,
            None => {}
        }
    }
    (again != *declared).then_some(again)
}

/// What is said of a file of events that another authority's ledger or system wrote.
///
/// # Errors
/// [`domain::events::NotACode`] where authority or system is not a code.
pub fn events_declaration(
    import: ImportId,
    as_at: NaiveDate,
    (authority, system): (&str, &str),
    digests: (String, Option<String>),
) -> Result<ExtractDeclared, domain::events::NotACode> {
    let as_at = AsAt::Stated { day: as_at };
    declaration(import, (Format::EventsJsonLines, &as_at, &[]), (authority, system), digests)
}

fn extract_scope(
    format: Format,
    as_at: NaiveDate,
    scope: &ListScope,
) -> Result<ExtractScope, domain::events::NotACode> {
    let list = format.layout().and_then(|layout| layout.list(&scope.list));
    let columns: Result<BTreeSet<Code>, _> = scope.fields.iter().map(|field| Code::try_new(field)).collect();
    Ok(ExtractScope {
        list: Code::try_new(&list_code(format, &scope.list))?,
        from: list.and_then(|list| list.window_from(as_at)),
        to: None,
        columns: columns?,
        rows: scope.rows,
        unnamed: u32::try_from(scope.unnamed).ok(),
        unread: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_a_row_is_pointed_at_where_an_earlier_file_held_it() {
        let scope = |list: &str, rows| ListScope {
            list: list.to_owned(),
            fields: vec!["started_on".to_owned()],
            rows: Some(rows),
            unnamed: 0,
        };
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let prior = PriorExtract {
            import: ImportId(uuid::Uuid::nil()),
            as_at: day("2024-05-31"),
            lists: ["list_5", "list_7", "list_9"].map(|list| (list.to_owned(), BTreeSet::new())).into(),
            empty: BTreeSet::from(["list_5".to_owned()]),
            whole: BTreeSet::new(),
            unread: BTreeMap::new(),
        };
        // List 5 had no row before, list 6 was never held, list 8 has a row, and list 9 withdraws nothing by absence.
        let lists = [scope("5", 0), scope("6", 0), scope("7", 0), scope("8", 1), scope("9", 0)];
        let emptied = |on| emptied_lists((Format::AnnexA, day(on)), &lists, std::slice::from_ref(&prior));
        assert_eq!(emptied("2024-06-28"), ["7"]);
        assert_eq!(emptied("2024-05-31"), [""; 0]);
    }
}
