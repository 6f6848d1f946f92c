//! The children in need census: one XML message, read child by child.
//!
//! The census omits an element that has no value. Whether its absence says
//! "nothing there" or nothing at all is settled by the file as a whole: an element
//! that occurs anywhere in the file is in scope, and a row without it has a blank;
//! one that occurs nowhere says nothing.

mod child;
mod gathered;
mod header;
mod input;

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::content::Content;
use crate::date_order::DateOrder;
use crate::errors::ReadError;
use crate::extract::{AsAt, Extract, ListScope, Note, Subject, SubjectRows};
use crate::guard::Limits;
use crate::layout::Layout;
use crate::recognise::{Format, Options};
use child::Children;
use gathered::{Elements, Gathered};
pub(crate) use header::opening;

/// What one pass over a whole file found.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    lists: BTreeMap<&'static str, ListSurvey>,
    /// The children that stand in several elements.
    several: Elements,
    content: Content,
}

#[derive(Debug, Default)]
struct ListSurvey {
    rows: u64,
    unnamed: u64,
    /// The fields that occur, each with the order of its dates.
    fields: Vec<(&'static str, DateOrder)>,
}

impl Survey {
    fn count(&mut self, gathered: &SubjectRows) {
        self.content.add(gathered);
        for row in &gathered.rows {
            let list = self.lists.entry(row.list.code.as_str()).or_default();
            list.rows += 1;
            list.unnamed += u64::from(gathered.subject == Subject::Nobody);
            for value in &row.values {
                let field = value.column.field.as_str();
                let order = match list.fields.iter_mut().find(|(known, _)| *known == field) {
                    Some((_, order)) => order,
                    None => {
                        list.fields.push((field, DateOrder::default()));
                        &mut list.fields.last_mut().expect("one was just added").1
                    }
                };
                order.see(value);
            }
        }
    }

    fn scope(&self) -> Vec<ListScope> {
        let found = |list: &'static crate::layout::List| {
            self.lists.get(list.code.as_str()).map(|survey| ListScope {
                list: list.code.clone(),
                fields: survey.fields.iter().map(|(field, _)| (*field).to_owned()).collect(),
                rows: Some(survey.rows),
                unnamed: survey.unnamed,
            })
        };
        Layout::cin_census().lists.iter().filter_map(found).collect()
    }

    fn has(&self, list: &str, field: &str) -> bool {
        self.find(list, field).is_some()
    }

    /// The order in which the field's dates are written.
    fn order(&self, list: &str, field: &str) -> DateOrder {
        self.find(list, field).unwrap_or_default()
    }

    /// Whether any field of the file is written month first.
    fn is_month_first(&self) -> bool {
        let orders = self.lists.values().flat_map(|list| &list.fields);
        orders.into_iter().any(|(_, order)| order.is_month_first())
    }

    fn find(&self, list: &str, field: &str) -> Option<DateOrder> {
        let fields = self.lists.get(list)?.fields.iter();
        fields.into_iter().find(|(known, _)| *known == field).map(|(_, order)| *order)
    }
}

/// Reads the whole file once: UTF-8, well formed, within bounds.
///
/// # Errors
/// Any [`ReadError`], with byte offset or line and column.
pub(crate) fn check<R: BufRead>(source: R, limits: &Limits) -> Result<Survey, ReadError> {
    let mut survey = Survey::default();
    let mut elements = Elements::default();
    let (_, mut children) = start(source, limits)?;
    while let Some(element) = children.next_child()? {
        survey.count(&element);
        if elements.count(&element) > limits.rows_of_one_child {
            return Err(children.too_many_rows());
        }
    }
    survey.several = elements.several();
    Ok(survey)
}

/// Opens the file for reading child by child; `survey` comes from [`check`].
///
/// # Errors
/// [`ReadError::CensusHeader`] without a reference date; other errors as [`check`].
pub(crate) fn read<R: BufRead + 'static>(
    source: R,
    mut survey: Survey,
    options: &Options,
) -> Result<Extract, ReadError> {
    let (header, mut children) = start(source, &options.limits)?;
    let as_at = match options.as_at {
        Some(day) => AsAt::Given { day },
        None => AsAt::Stated { day: header.reference_date()? },
    }
    .checked(options.today)?;
    let mut notes: Vec<Note> = header.notes(as_at.day());
    notes.append(&mut children.notes);
    let (scope, content) = (survey.scope(), survey.content);
    let mut children = Gathered::new(children, std::mem::take(&mut survey.several));
    let subjects = std::iter::from_fn(move || {
        let next = children.next_child().transpose()?;
        Some(next.map(|gathered| child::completed(gathered, &survey)))
    });
    Ok(Extract {
        format: Format::CinCensus,
        authority: header.authority().map(str::to_owned),
        system: header.software().map(str::to_owned),
        as_at,
        scope,
        notes,
        content,
        subjects: Box::new(subjects),
    })
}

fn start<R: BufRead>(source: R, limits: &Limits) -> Result<(header::Header, Children<R>), ReadError> {
    let mut input = input::Input::new(source, *limits);
    let header = header::read(&mut input)?;
    Ok((header, Children::new(input, limits.rows_of_one_child)))
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
