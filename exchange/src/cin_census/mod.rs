//! The children in need census: one XML message, read child by child.
//!
//! The census omits an element that has no value. Whether its absence says
//! "nothing there" or nothing at all is settled by the file as a whole: an element
//! that occurs anywhere in the file is in scope, and a row without it has a blank;
//! one that occurs nowhere says nothing.

mod child;
mod header;
mod input;

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::errors::ReadError;
use crate::extract::{AsAt, Extract, ListScope, Note, Subject, SubjectRows};
use crate::guard::Limits;
use crate::layout::Layout;
use crate::recognise::{Format, Options};
use child::Children;
pub(crate) use header::opening;

/// What one pass over a whole file found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    lists: BTreeMap<&'static str, ListSurvey>,
}

#[derive(Debug, Default)]
struct ListSurvey {
    rows: u64,
    fields: Vec<&'static str>,
}

impl Survey {
    fn count(&mut self, gathered: &SubjectRows) {
        for row in &gathered.rows {
            let list = self.lists.entry(row.list.code.as_str()).or_default();
            list.rows += 1;
            for value in &row.values {
                let field = value.column.field.as_str();
                if !list.fields.contains(&field) {
                    list.fields.push(field);
                }
            }
        }
    }

    fn scope(&self) -> Vec<ListScope> {
        let found = |list: &'static crate::layout::List| {
            self.lists.get(list.code.as_str()).map(|survey| ListScope {
                list: list.code.clone(),
                fields: survey.fields.iter().map(|field| (*field).to_owned()).collect(),
                rows: Some(survey.rows),
            })
        };
        Layout::cin_census().lists.iter().filter_map(found).collect()
    }

    fn has(&self, list: &str, field: &str) -> bool {
        self.lists.get(list).is_some_and(|survey| survey.fields.contains(&field))
    }
}

/// Reads the whole file once: UTF-8, well formed, within bounds.
///
/// # Errors
/// Any [`ReadError`], with byte offset or line and column.
pub(crate) fn check<R: BufRead>(source: R, limits: &Limits) -> Result<Survey, ReadError> {
    let mut survey = Survey::default();
    let (_, mut children) = start(source, limits)?;
    while let Some(gathered) = children.next_child()? {
        survey.count(&gathered);
    }
    Ok(survey)
}

/// Opens the file for reading child by child; `survey` comes from [`check`].
///
/// # Errors
/// [`ReadError::CensusHeader`] without a reference date; other errors as [`check`].
pub(crate) fn read<R: BufRead + 'static>(
    source: R,
    survey: Survey,
    options: &Options,
) -> Result<Extract, ReadError> {
    let (header, mut children) = start(source, &options.limits)?;
    let as_at = match options.as_at {
        Some(day) => AsAt::Given { day },
        None => AsAt::Stated { day: header.reference_date()? },
    };
    let mut notes: Vec<Note> = header.notes(as_at.day());
    notes.append(&mut children.notes);
    let scope = survey.scope();
    let subjects = std::iter::from_fn(move || {
        let next = children.next_child().transpose()?;
        Some(next.map(|gathered| child::with_blanks(gathered, &survey)))
    });
    Ok(Extract {
        format: Format::CinCensus,
        authority: header.authority().map(str::to_owned),
        system: header.software().map(str::to_owned),
        as_at,
        scope,
        notes,
        subjects: Box::new(subjects),
    })
}

fn start<R: BufRead>(source: R, limits: &Limits) -> Result<(header::Header, Children<R>), ReadError> {
    let mut input = input::Input::new(source, *limits);
    let header = header::read(&mut input)?;
    Ok((header, Children::new(input, limits.rows_of_one_child)))
}

fn subject(id: Option<&str>) -> Subject {
    match id {
        Some(id) if !id.is_empty() => Subject::Child(id.to_owned()),
        _ => Subject::Nobody,
    }
}

/// Checks that the bytes are UTF-8 without holding them.
///
/// # Errors
/// [`ReadError::InvalidUtf8`] with the offset of the first byte that does not belong.
pub(crate) fn check_utf8<R: BufRead>(mut source: R) -> Result<(), ReadError> {
    let mut offset: u64 = 0;
    let mut pending: Vec<u8> = Vec::new();
    loop {
        let available = source.fill_buf()?;
        let count = available.len();
        pending.extend_from_slice(available);
        source.consume(count);
        let valid = match std::str::from_utf8(&pending) {
            Ok(_) => pending.len(),
            Err(fault) if fault.error_len().is_none() && count > 0 => fault.valid_up_to(),
            Err(fault) => {
                let at = u64::try_from(fault.valid_up_to()).unwrap_or(u64::MAX);
                return Err(ReadError::InvalidUtf8 { byte_offset: offset.saturating_add(at) });
            }
        };
        if count == 0 {
            return Ok(());
        }
        pending.drain(..valid);
        offset = offset.saturating_add(u64::try_from(valid).unwrap_or(u64::MAX));
    }
}
