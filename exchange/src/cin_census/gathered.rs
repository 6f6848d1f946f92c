//! One child, once: the elements of a child who stands in several are handed out together.
//!
//! Some exports write an element for each referral or plan. A journey needs all rows of a child at once: planned
//! element by element, what only a later element names would seem absent. How many elements each child has is counted
//! while the file is checked, so that only children with more than one wait for their last.

use std::collections::HashMap;
use std::io::BufRead;

use super::child::Children;
use crate::errors::ReadError;
use crate::extract::{Subject, SubjectRows};

/// How many elements and rows each child of a file has.
#[derive(Debug, Default)]
pub(super) struct Elements(HashMap<Subject, Counted>);

#[derive(Debug, Default, Clone, Copy)]
struct Counted {
    elements: u32,
    rows: usize,
}

impl Elements {
    /// Counts one more element; the rows that its child has so far.
    pub(super) fn count(&mut self, element: &SubjectRows) -> usize {
        if element.subject == Subject::Nobody {
            return element.rows.len();
        }
        let counted = self.0.entry(element.subject.clone()).or_default();
        counted.elements += 1;
        counted.rows += element.rows.len();
        counted.rows
    }

    /// Keeps only the children that stand in several elements.
    pub(super) fn several(mut self) -> Self {
        self.0.retain(|_, counted| counted.elements > 1);
        self.0.shrink_to_fit();
        self
    }
}

/// The children of a file, each with all its elements.
pub(super) struct Gathered<R> {
    children: Children<R>,
    left: Elements,
    waiting: HashMap<Subject, SubjectRows>,
}

impl<R: BufRead> Gathered<R> {
    /// `several` holds the children that stand in more than one element.
    pub(super) fn new(children: Children<R>, several: Elements) -> Self {
        Gathered { children, left: several, waiting: HashMap::new() }
    }

    /// The next child whose last element has been read; `None` at the end of the file.
    pub(super) fn next_child(&mut self) -> Result<Option<SubjectRows>, ReadError> {
        while let Some(element) = self.children.next_child()? {
            let Some(counted) = self.left.0.get_mut(&element.subject) else { return Ok(Some(element)) };
            counted.elements = counted.elements.saturating_sub(1);
            let is_last = counted.elements == 0;
            let subject = element.subject.clone();
            match self.waiting.get_mut(&subject) {
                Some(first) => join(first, element),
                None => {
                    self.waiting.insert(subject.clone(), element);
                }
            }
            if is_last {
                return Ok(self.waiting.remove(&subject));
            }
        }
        Ok(None)
    }
}

/// Adds the rows of a further element of the same child.
fn join(first: &mut SubjectRows, further: SubjectRows) {
    let before = first.rows.len();
    first.rows.extend(further.rows.into_iter().map(|mut row| {
        row.parent = row.parent.map(|parent| parent + before);
        row
    }));
}
