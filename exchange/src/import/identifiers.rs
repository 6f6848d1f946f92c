//! Which identifiers of another system name a child that the ledger knows already.
//!
//! A map is a recorded decision: nothing is ever linked by date of birth or name.
//! The file is CSV with the header `system,id,known_system,known_id`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::identifier::normal_form;
use domain::ids::{KeyedIds, StreamId};

use crate::delimited::{self, OpenQuote, Row};
use crate::extract::{Subject, SubjectRows};
use crate::text;

/// A map from identifiers to the ones under which a child is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdentifierMap(BTreeMap<Name, Known>);

/// A system and an identifier in it.
type Name = (String, String);

/// Under what an identifier is known, and the line that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    name: Name,
    line: u64,
}

/// An identifier map that cannot be read. The message holds no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the identifier map: line {line}: {reason}")]
pub struct UnreadableMap {
    /// Line of the file, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: &'static str,
}

impl IdentifierMap {
    /// Reads a map.
    ///
    /// # Errors
    /// [`UnreadableMap`] for another header, a row without all four cells, an identifier that is mapped
    /// twice, or one that is mapped to an identifier that is itself mapped.
    pub fn read(text: &str) -> Result<Self, UnreadableMap> {
        let mut rows = delimited::rows(text, ',').map(cells);
        let header = rows.next().transpose()?.map(|(_, cells)| cells).unwrap_or_default();
        if header != ["system", "id", "known_system", "known_id"] {
            return Err(UnreadableMap {
                line: 1,
                reason: "the header is not system,id,known_system,known_id",
            });
        }
        let mut map = BTreeMap::new();
        for row in rows {
            let (line, cells) = row?;
            let [system, id, known_system, known_id] = cells.as_slice() else {
                return Err(UnreadableMap { line, reason: "a row needs four cells" });
            };
            if cells.iter().any(String::is_empty) {
                return Err(UnreadableMap { line, reason: "a cell is empty" });
            }
            let name = (system.clone(), normal_form(id));
            let known = Known { name: (known_system.clone(), normal_form(known_id)), line };
            if map.insert(name, known).is_some() {
                return Err(UnreadableMap { line, reason: "the identifier is mapped already" });
            }
        }
        let chained = map.values().filter(|known| map.contains_key(&known.name)).map(|known| known.line);
        if let Some(line) = chained.min() {
            return Err(UnreadableMap {
                line,
                reason: "an identifier is mapped to one that is itself mapped",
            });
        }
        Ok(IdentifierMap(map))
    }

    /// The system and identifier under which `id` of `system` is known; its own where it is not mapped. Identifiers
    /// are in their normal form here.
    pub fn known<'a>(&'a self, system: &'a str, id: &'a str) -> (&'a str, &'a str) {
        match self.0.get(&(system.to_owned(), id.to_owned())) {
            Some(Known { name: (system, id), .. }) => (system, id),
            None => (system, id),
        }
    }

    /// The lines about identifiers of a system, each with the system and identifier under which it is known.
    pub fn lines_of<'a>(&'a self, system: &'a str) -> impl Iterator<Item = (u64, &'a str, &'a str)> {
        let of_system = self.0.iter().filter(move |((of, _), _)| of == system);
        of_system.map(|(_, known)| (known.line, known.name.0.as_str(), known.name.1.as_str()))
    }

    /// Whether `id` of `system` is mapped to another.
    pub fn is_mapped(&self, system: &str, id: &str) -> bool {
        self.0.contains_key(&(system.to_owned(), id.to_owned()))
    }
}

/// The stream under which a version before the normal form recorded the subject: by the identifier as it is written.
/// `None` where that is its normal form.
pub fn earlier_stream(
    ids: &dyn KeyedIds,
    (authority, system): (&str, &str),
    rows: &SubjectRows,
) -> Option<StreamId> {
    let (space, id) = match &rows.subject {
        Subject::Child(id) => ("child", id),
        Subject::Adopter(id) => ("adopter", id),
        Subject::Nobody => return None,
    };
    let written = rows.written()?;
    (written != id).then(|| ids.stream(&[space, authority, system, written]))
}

/// The stream of a subject; `None` for nobody.
pub fn subject_stream(
    ids: &dyn KeyedIds,
    (authority, system): (&str, &str),
    map: &IdentifierMap,
    subject: &Subject,
) -> Option<StreamId> {
    let (space, id) = match subject {
        Subject::Child(id) => ("child", id),
        Subject::Adopter(id) => ("adopter", id),
        Subject::Nobody => return None,
    };
    let (system, id) = map.known(system, id);
    Some(ids.stream(&[space, authority, system, id]))
}

/// The line of a row, and its cells as they are kept.
fn cells(row: Result<Row<'_>, OpenQuote>) -> Result<(u64, Vec<String>), UnreadableMap> {
    let unclosed = |quote: OpenQuote| UnreadableMap {
        line: quote.line.into(),
        reason: "a quotation mark opens a cell here and does not close it",
    };
    let Row { line, cells, .. } = row.map_err(unclosed)?;
    let line = line.into();
    let kept = |cell: &Cow<'_, str>| text::kept(cell.trim()).map(Cow::into_owned);
    let cells: Result<Vec<String>, _> = cells.iter().map(kept).collect();
    Ok((line, cells.map_err(|refused| UnreadableMap { line, reason: refused.reason })?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_and_its_faults_are_named_by_line() {
        let map = IdentifierMap::read("system,id,known_system,known_id\nold, 7 ,new,70\n").unwrap();
        assert_eq!(map.known("old", "7"), ("new", "70"));
        assert_eq!(map.known("new", "7"), ("new", "7"));
        let table = [
            ("system,id\n", 1),
            ("system,id,known_system,known_id\nold,7,new\n", 2),
            ("system,id,known_system,known_id\nold,7,new,\n", 2),
            ("system,id,known_system,known_id\nold,6,new,60\nold,7,new,\"70\nold,8,new,80\n", 3),
            ("system,id,known_system,known_id\nold,6,new,60\nold,7\0,new,70\n", 3),
            ("system,id,known_system,known_id\nold,7,new,70\nold,7,new,71\n", 3),
            ("system,id,known_system,known_id\nold,7,new,70\nnew,70,next,1\n", 2),
            ("system,id,known_system,known_id\nnew,70,next,1\nold,8,new,80\nold,7,new,70\n", 4),
        ];
        for (text, line) in table {
            assert_eq!(IdentifierMap::read(text).unwrap_err().line, line, "{text}");
        }
    }
}
