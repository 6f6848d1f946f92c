//! The rows of one subject in an order of their own: by list, day and content, whatever order the file has them in.
//!
//! Where two rows contradict each other the first one counts, and several records of one day are told apart by what
//! they say. A source that writes the same rows in another order next time has told nothing new.

use std::cmp::Ordering;

use chrono::NaiveDate;

use crate::extract::{SourceRow, SubjectRows};
use crate::layout::Layout;

/// The rows in their own order, and for each its index in the file; `None` where the file has them in that order.
pub(super) fn ordered(rows: &SubjectRows, layout: &Layout) -> Option<(SubjectRows, Vec<usize>)> {
    let ranks: Vec<Rank> = rows.rows.iter().map(|row| rank(row, layout)).collect();
    let paths: Vec<Vec<usize>> = (0..rows.rows.len()).map(|index| path(rows, index)).collect();
    let order = |left: &usize, right: &usize| match (paths.get(*left), paths.get(*right)) {
        (Some(ours), Some(theirs)) => compare_paths((ours, theirs), (rows, &ranks)),
        _ => left.cmp(right),
    };
    let mut from: Vec<usize> = (0..rows.rows.len()).collect();
    from.sort_by(order);
    if from.is_sorted() {
        return None;
    }
    let mut to = vec![0; from.len()];
    for (new, old) in from.iter().enumerate() {
        if let Some(slot) = to.get_mut(*old) {
            *slot = new;
        }
    }
    let moved = |old: &usize| {
        let row = rows.rows.get(*old)?;
        let parent = row.parent.and_then(|parent| to.get(parent).copied());
        Some(SourceRow { parent, ..row.clone() })
    };
    let sorted = from.iter().filter_map(moved).collect();
    Some((SubjectRows { subject: rows.subject.clone(), ordinal: rows.ordinal, rows: sorted }, from))
}

/// Where a row stands before anything else of it is read: its list, and the day of its record.
type Rank = (usize, Option<NaiveDate>);

fn rank(row: &SourceRow, layout: &Layout) -> Rank {
    let list = layout.lists.iter().position(|list| list.code == row.list.code);
    let key = row.list.own_record().and_then(|rule| row.date(&rule.on));
    (list.unwrap_or(layout.lists.len()), key)
}

/// The rows around a row, the outermost first, and the row itself.
fn path(rows: &SubjectRows, index: usize) -> Vec<usize> {
    let parent = |index: &usize| rows.rows.get(*index).and_then(|row| row.parent);
    let mut path: Vec<usize> = std::iter::successors(Some(index), parent).collect();
    path.reverse();
    path
}

fn compare_paths((ours, theirs): (&[usize], &[usize]), (rows, ranks): (&SubjectRows, &[Rank])) -> Ordering {
    let apart = ours.iter().zip(theirs).find(|(left, right)| left != right);
    let Some((left, right)) = apart else { return ours.len().cmp(&theirs.len()) };
    let content = || match (rows.rows.get(*left), rows.rows.get(*right)) {
        (Some(left), Some(right)) => compare_content(left, right),
        _ => Ordering::Equal,
    };
    ranks.get(*left).cmp(&ranks.get(*right)).then_with(content).then(left.cmp(right))
}

/// By what the rows say: first of what their record began with, which seldom changes, then column by column.
fn compare_content(left: &SourceRow, right: &SourceRow) -> Ordering {
    let said = |row: &SourceRow, field: &str| -> Vec<String> {
        row.values_of(field).map(|value| format!("{:?} {}", value.reading, value.raw)).collect()
    };
    let began = left.list.own_record().into_iter().flat_map(|rule| rule.facts.values());
    let began = began.filter(|fact| !fact.kept).filter_map(|fact| fact.column());
    let all = left.list.columns.iter().map(|column| column.field.as_str());
    let mut compared = began.chain(all).map(|field| said(left, field).cmp(&said(right, field)));
    compared.find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}
