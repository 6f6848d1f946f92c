//! The fewest rows and cells of files that still show a fault.

use std::collections::BTreeSet;

use crate::truth::{File, Row, is_own_key};

/// The fewest rows and cells that still differ.
pub(crate) fn smallest(
    mut files: Vec<File>,
    differs: impl Fn(&[File]) -> Option<String>,
) -> (Vec<File>, String) {
    let mut told = differs(&files).unwrap();
    loop {
        let smaller = smaller(&files).into_iter().find_map(|files| differs(&files).map(|told| (files, told)));
        let Some((next, why)) = smaller else { return (files, told) };
        (files, told) = (next, why);
    }
}

fn smaller(files: &[File]) -> Vec<Vec<File>> {
    let mut all = Vec::new();
    if files.len() > 2 {
        all.extend((0..files.len()).map(|at| {
            let mut fewer = files.to_vec();
            fewer.remove(at);
            fewer
        }));
    }
    for at in 0..files.len() {
        for rows in fewer(&files[at].rows) {
            let mut changed = files.to_vec();
            changed[at].rows = rows;
            all.push(changed);
        }
    }
    // The same cell in every file.
    let fields: BTreeSet<&'static str> = files
        .iter()
        .flat_map(|file| &file.rows)
        .flat_map(|row| row.cells.iter().map(|cell| cell.0))
        .collect();
    for field in fields {
        let mut changed = files.to_vec();
        let is_key = |row: &Row| row.list.column(field).is_some_and(|column| is_own_key(row.list, column));
        for row in changed.iter_mut().flat_map(|file| &mut file.rows) {
            if !is_key(row) {
                row.cells.retain(|cell| cell.0 != field);
            }
        }
        if changed.iter().zip(files).any(|(new, old)| {
            new.rows.iter().zip(&old.rows).any(|(new, old)| new.cells.len() < old.cells.len())
        }) {
            all.insert(0, changed);
        }
    }
    all
}

/// The same rows without one of them, or one of its cells.
fn fewer(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut all = Vec::new();
    for at in 0..rows.len() {
        for within in fewer(&rows[at].within) {
            let mut without = rows.to_vec();
            without[at].within = within;
            all.push(without);
        }
    }
    all
}

pub(crate) fn show(rows: &[Row], depth: usize) -> String {
    rows.iter()
        .map(|row| {
            format!(
                "\n      {}{} {:?}{}",
                "  ".repeat(depth),
                row.list.code,
                row.cells,
                show(&row.within, depth + 1)
            )
        })
        .collect()
}
