//! Which events a consumer wants. The database picks them out, page by page.

use crate::read::StreamRange;

/// Events of some kinds, of a range of streams; both must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    pub(super) kinds: Option<Vec<String>>,
    pub(super) range: StreamRange,
}

impl EventFilter {
    /// Every event.
    pub const ALL: Self = Self { kinds: None, range: StreamRange::ALL };

    /// Only events of these kinds (stored names, such as `contact_received`); none where the list is empty.
    #[must_use]
    pub fn of_kinds<K: Into<String>>(self, kinds: impl IntoIterator<Item = K>) -> Self {
        Self { kinds: Some(kinds.into_iter().map(Into::into).collect()), ..self }
    }

    /// Only events of a range of streams: one share of [`StreamRange::split`], for consumers that work side by side.
    #[must_use]
    pub fn in_range(self, range: StreamRange) -> Self {
        Self { range, ..self }
    }

    /// How many positions one page may pass over. Where something is filtered out, rows are looked at one by one, a few
    /// milliseconds' worth at a time.
    pub(super) fn reach(&self, limit: u32) -> u64 {
        if *self == Self::ALL { u64::from(limit) } else { 20_000 }
    }

    /// The condition on a page and its order. Parameters: after, up to, limit, kinds, first and last stream.
    pub(super) fn sql(&self, columns: &str) -> String {
        format!(
            "SELECT {columns} FROM caseledger.events WHERE position > $1 AND position <= $2 \
             AND ($4::text[] IS NULL OR kind = ANY($4)) AND stream BETWEEN $5 AND $6 ORDER BY position LIMIT $3"
        )
    }
}
