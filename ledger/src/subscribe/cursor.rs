//! A place in one history of one ledger, which a consumer keeps and brings back.
//!
//! A position alone says too little: another ledger, an older copy, or a copy that went on by itself has the same
//! numbers. A cursor therefore names ledger and epoch, and the leaf hash of the event that it stands on.
//! Invariant: a cursor that fits stands on the very event after which it was handed out.

use std::fmt;
use std::str::FromStr;

use domain::ids::{LedgerId, Position};
use thiserror::Error;

use crate::hash::{Hash, hex, unhex};

const LABEL: &str = "cl1";

/// How far a consumer has come. The text form is `cl1.LEDGER.EPOCH.POSITION.LEAF`, the leaf hash in lower-case hex;
/// at position 0 (nothing consumed) epoch and leaf hash say nothing and are `0` and `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    ledger: LedgerId,
    epoch: u32,
    position: Position,
    leaf_hash: Option<Hash>,
}

impl Cursor {
    /// Before the first event of a ledger.
    pub fn beginning(ledger: LedgerId) -> Self {
        Self { ledger, epoch: 0, position: Position(0), leaf_hash: None }
    }

    /// On an event, from parts that were stored one by one; at position 0 the rest is passed over.
    pub fn from_parts(ledger: LedgerId, epoch: u32, position: Position, leaf_hash: Hash) -> Self {
        if position.0 == 0 {
            return Self::beginning(ledger);
        }
        Self { ledger, epoch, position, leaf_hash: Some(leaf_hash) }
    }

    /// The ledger.
    pub fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// The epoch in which the last consumed event was recorded, from 1; 0 where nothing was consumed.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Position of the last consumed event; 0 where nothing was consumed.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Leaf hash of the last consumed event; `None` where nothing was consumed.
    pub fn leaf_hash(&self) -> Option<Hash> {
        self.leaf_hash
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leaf = self.leaf_hash.map_or_else(|| "-".to_owned(), |hash| hex(&hash));
        write!(f, "{LABEL}.{}.{}.{}.{leaf}", self.ledger, self.epoch, self.position.0)
    }
}

/// A text that is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the cursor is not understood; it is the text that a subscription handed out, unchanged")]
pub struct MalformedCursor;

impl FromStr for Cursor {
    type Err = MalformedCursor;

    fn from_str(text: &str) -> Result<Self, MalformedCursor> {
        let parts: [&str; 5] = text.split('.').collect::<Vec<_>>().try_into().map_err(|_| MalformedCursor)?;
        let [label, ledger, epoch, position, leaf] = parts;
        let ledger: LedgerId = ledger.parse().map_err(|_| MalformedCursor)?;
        let epoch: u32 = epoch.parse().map_err(|_| MalformedCursor)?;
        let position: u64 = position.parse().map_err(|_| MalformedCursor)?;
        let cursor = match unhex(leaf) {
            Some(hash) if position > 0 => Self::from_parts(ledger, epoch, Position(position), hash),
            None if position == 0 => Self::beginning(ledger),
            Some(_) | None => return Err(MalformedCursor),
        };
        // One spelling each: no signs, no leading zeros, no capitals.
        if label == LABEL && cursor.to_string() == text { Ok(cursor) } else { Err(MalformedCursor) }
    }
}

/// A cursor that does not fit the log as it is now. The consumer must not go on as if nothing had happened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CursorFault {
    /// It was handed out by another ledger.
    #[error("the cursor belongs to ledger {asked}, and this is ledger {ledger}")]
    OtherLedger {
        /// The cursor's ledger.
        asked: LedgerId,
        /// This one.
        ledger: LedgerId,
    },
    /// The log was restored from an older copy since, and goes on in a later epoch from before the cursor's place.
    #[error(
        "the cursor stands at position {asked} of epoch {epoch}, and a later epoch goes on from position \
         {goes_on_from}: what was read from there on is no longer in the log; undo it and read again from there"
    )]
    OtherEpoch {
        /// The cursor's position.
        asked: Position,
        /// The cursor's epoch.
        epoch: u32,
        /// First position of the epoch that follows the cursor's.
        goes_on_from: Position,
    },
    /// The log ends before the cursor's place: the database is an older copy.
    #[error(
        "the cursor stands at position {asked} and the log ends at {head}: the database is an older copy than the \
         one that was read"
    )]
    BeyondHead {
        /// The cursor's position.
        asked: Position,
        /// The last position of the log.
        head: Position,
    },
    /// The log reaches the cursor's place, and another event stands there: an older copy has gone on by itself.
    #[error(
        "at position {asked} the log holds another event than the one that was read: the database is a copy that \
         went on by itself, or was changed"
    )]
    OtherHistory {
        /// The cursor's position.
        asked: Position,
    },
}

/// What the log says about a cursor's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) head: Position,
    /// Epoch and leaf hash of the event at the cursor's position, where there is one.
    pub(super) event: Option<(u32, Hash)>,
    /// First position of the first epoch after the cursor's, where there is one.
    pub(super) goes_on_from: Option<Position>,
}

/// Compares a cursor of the right ledger with what the log says about its place.
pub(super) fn judge(cursor: &Cursor, place: Place) -> Result<(), CursorFault> {
    let (asked, epoch) = (cursor.position, cursor.epoch);
    let Some(leaf_hash) = cursor.leaf_hash else { return Ok(()) };
    match place.event {
        Some(found) if found == (epoch, leaf_hash) => return Ok(()),
        Some(_) | None => {}
    }
    match place.goes_on_from {
        Some(from) if from <= asked => Err(CursorFault::OtherEpoch { asked, epoch, goes_on_from: from }),
        // A later epoch that goes on behind the head cannot be; one behind the cursor leaves its place alone.
        Some(_) | None if place.head < asked => Err(CursorFault::BeyondHead { asked, head: place.head }),
        Some(_) | None => Err(CursorFault::OtherHistory { asked }),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LEDGER: LedgerId = LedgerId(Uuid::from_u128(7));

    fn cursor(epoch: u32, position: u64) -> Cursor {
        Cursor::from_parts(LEDGER, epoch, Position(position), [9; 32])
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_in_no_other_spelling() {
        for one in [cursor(1, 1), cursor(3, u64::MAX), cursor(1, 0)] {
            assert_eq!(one.to_string().parse(), Ok(one));
        }
        let text = cursor(2, 40).to_string();
        assert_eq!(text, format!("cl1.00000000-0000-0000-0000-000000000007.2.40.{}", "09".repeat(32)));
        for (from, to) in [
            ("cl1", "cl2"),
            (".2.", ".+2."),
            (".40.", ".040."),
            (".40.", ".0."),
            (".40.", ".-1."),
            (".40.", ".18446744073709551616."),
            ("0909", "090A"),
            ("0909", "09"),
            (".40", ".40.1"),
            ("cl1.", ""),
        ] {
            assert_eq!(text.replacen(from, to, 1).parse::<Cursor>(), Err(MalformedCursor), "{from} {to}");
        }
        let start = cursor(1, 0).to_string();
        assert_eq!(start.replace(".0.0.", ".1.0.").parse::<Cursor>(), Err(MalformedCursor));
    }

    #[test]
    fn a_place_fits_or_says_why_not() {
        let place = |head, event: Option<(u32, u8)>, goes_on_from: Option<u64>| Place {
            head: Position(head),
            event: event.map(|(epoch, byte)| (epoch, [byte; 32])),
            goes_on_from: goes_on_from.map(Position),
        };
        let asked = Position(40);
        let epoch = |from| CursorFault::OtherEpoch { asked, epoch: 2, goes_on_from: Position(from) };
        for (case, place, expected) in [
            ("the same event", place(50, Some((2, 9)), None), Ok(())),
            ("the last event", place(40, Some((2, 9)), None), Ok(())),
            ("a later epoch behind it", place(50, Some((2, 9)), Some(45)), Ok(())),
            (
                "an older copy",
                place(39, None, None),
                Err(CursorFault::BeyondHead { asked, head: Position(39) }),
            ),
            ("a copy that went on", place(50, Some((2, 8)), None), Err(CursorFault::OtherHistory { asked })),
            ("an epoch since", place(50, Some((3, 8)), Some(30)), Err(epoch(30))),
            ("an epoch since, still short", place(35, None, Some(30)), Err(epoch(30))),
            (
                "an epoch that is lost",
                place(50, Some((1, 8)), None),
                Err(CursorFault::OtherHistory { asked }),
            ),
            (
                "changed before a later epoch",
                place(50, Some((2, 8)), Some(45)),
                Err(CursorFault::OtherHistory { asked }),
            ),
        ] {
            assert_eq!(judge(&cursor(2, 40), place), expected, "{case}");
        }
        assert_eq!(judge(&cursor(2, 0), place(1, None, None)), Ok(()), "nothing was consumed");
    }
}
