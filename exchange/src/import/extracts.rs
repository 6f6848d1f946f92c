//! Earlier extracts, and which of them speaks last about a list.
//!
//! Precedence follows the day that a file describes, never the order of imports.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::events::Code;
use domain::events::governance::{AsAtSource, ExtractDeclared, ExtractScope};
use domain::ids::ImportId;

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
}

impl PriorExtract {
    /// Reads a declaration; `None` where it is of another authority or system.
    pub fn from_declared(declared: &ExtractDeclared, authority: &str, system: &str) -> Option<Self> {
        let same = declared.authority.as_str() == authority && declared.system.as_str() == system;
        same.then(|| PriorExtract {
            import: declared.import,
            as_at: declared.as_at,
            lists: declared.scope.iter().map(columns_of).collect(),
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

    /// The newest day before this extract's that another extract of the list describes.
    pub(super) fn previous(&self, list: &str) -> Option<NaiveDate> {
        self.others(list).map(|extract| extract.as_at).filter(|day| *day < self.as_at).max()
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
    file_digest: String,
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
    })
}

/// What is said of a file of events that another authority's ledger or system wrote.
///
/// # Errors
/// [`domain::events::NotACode`] where authority or system is not a code.
pub fn events_declaration(
    import: ImportId,
    as_at: NaiveDate,
    (authority, system): (&str, &str),
    file_digest: String,
) -> Result<ExtractDeclared, domain::events::NotACode> {
    let as_at = AsAt::Stated { day: as_at };
    declaration(import, (Format::EventsJsonLines, &as_at, &[]), (authority, system), file_digest)
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
    })
}
