//! The cells of one row that hold something, in as little memory as they need: a workbook may have two million.

use calamine::Data;

use crate::extract::Reading;

/// One cell that holds something.
pub(super) struct Cell {
    pub(super) value: Data,
    pub(super) is_formula: bool,
    /// What its text is, where the file calls it something that it is not.
    pub(super) fault: Option<Box<Reading>>,
}

impl Cell {
    /// A cell that holds a value, and no formula.
    pub(super) fn new(value: Data) -> Self {
        Self { value, is_formula: false, fault: None }
    }
}

/// The cells of one row by column, from 0 and ascending.
#[derive(Default)]
pub(super) struct Cells(Vec<(u32, Cell)>);

impl Cells {
    /// Adds a cell; one that stood in the same column is replaced.
    pub(super) fn insert(&mut self, column: u32, cell: Cell) {
        // Left to itself a list begins with room for four; a sheet may have a million rows of one cell.
        if self.0.is_empty() {
            self.0.reserve_exact(1);
        }
        match self.0.binary_search_by_key(&column, |(at, _)| *at) {
            Ok(index) => self.0.splice(index..=index, [(column, cell)]).for_each(drop),
            Err(index) => self.0.insert(index, (column, cell)),
        }
    }

    pub(super) fn get(&self, column: u32) -> Option<&Cell> {
        let index = self.0.binary_search_by_key(&column, |(at, _)| *at).ok()?;
        self.0.get(index).map(|(_, cell)| cell)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Cell)> {
        self.0.iter().map(|(at, cell)| (*at, cell))
    }

    pub(super) fn last_column(&self) -> Option<u32> {
        self.0.last().map(|(at, _)| *at)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<(u32, Cell)> for Cells {
    fn from_iter<T: IntoIterator<Item = (u32, Cell)>>(cells: T) -> Self {
        let mut row = Self::default();
        cells.into_iter().for_each(|(column, cell)| row.insert(column, cell));
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_in_the_order_of_their_columns_and_the_last_of_a_column_counts() {
        let text = |text: &str| Cell::new(Data::String(text.to_owned()));
        let cells: Cells =
            [(3, text("c")), (0, text("a")), (3, text("d")), (1, text("b"))].into_iter().collect();
        let seen: Vec<String> = cells.iter().map(|(at, cell)| format!("{at}{}", cell.value)).collect();
        assert_eq!(seen, ["0a", "1b", "3d"]);
        assert_eq!((cells.last_column(), cells.len(), cells.get(2).is_none()), (Some(3), 3, true));
    }
}
