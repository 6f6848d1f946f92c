//! Cursors: opaque, by key, and bound to one ledger, epoch and list, so that one of another list is refused.

use async_graphql::Result;
use domain::ids::LedgerId;

use super::failure::fail;
use crate::asked::Knowledge;
use crate::errors::Code;

/// Rows that a page may have.
const FIRST: std::ops::RangeInclusive<i32> = 1..=100;

/// A page's size, checked.
pub(super) fn size(first: i32) -> Result<usize> {
    let size = FIRST.contains(&first).then(|| usize::try_from(first).ok()).flatten();
    size.ok_or_else(|| fail(Code::BadArgument, format!("first is {first}: ask for 1 to 100 rows")))
}

/// A cursor to the row with this key in a list.
pub(super) fn write(list: &str, knowledge: &Knowledge, key: &str) -> String {
    let ledger = &knowledge.ledger;
    format!("{list}.{}.{}.{key}", ledger.id.as_uuid().simple(), ledger.epoch)
}

/// The key of a cursor.
///
/// # Errors
/// `BAD_CURSOR` for one of another list, ledger or epoch.
pub(super) fn read(list: &str, knowledge: &Knowledge, cursor: &str) -> Result<String> {
    let bad =
        || fail(Code::BadCursor, "after is no cursor of this list in this ledger: start again without it");
    let mut parts = cursor.splitn(4, '.');
    let (Some(of), Some(ledger), Some(epoch), Some(key)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(bad());
    };
    let same_ledger = ledger.parse::<LedgerId>().is_ok_and(|ledger| ledger == knowledge.ledger.id);
    let same_epoch = epoch.parse::<u32>().is_ok_and(|epoch| epoch == knowledge.ledger.epoch);
    if of == list && same_ledger && same_epoch { Ok(key.to_owned()) } else { Err(bad()) }
}

/// One page of a list: its rows, and whether there are more before and after.
pub(super) struct Page<T> {
    pub(super) rows: Vec<T>,
    pub(super) has_previous: bool,
    pub(super) has_next: bool,
}

/// The rows after the one with a key.
///
/// # Errors
/// `BAD_CURSOR` where no row has the key, as when something was withdrawn meanwhile.
pub(super) fn page<T>(
    rows: Vec<T>,
    after: Option<&str>,
    size: usize,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>> {
    let from = match after {
        None => 0,
        Some(after) => {
            let at = rows.iter().position(|row| key(row) == after);
            at.ok_or_else(|| {
                fail(Code::BadCursor, "the row of this cursor is not in this answer: start again")
            })? + 1
        }
    };
    let has_next = rows.len() > from + size;
    Ok(Page { rows: rows.into_iter().skip(from).take(size).collect(), has_previous: from > 0, has_next })
}
