//! Which events a consumer wants. The database picks them out, page by page.

use domain::ids::StreamId;
use uuid::Uuid;

use crate::read::StreamRange;

/// Events of some kinds, of some streams, of a range of streams; all that is said must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventFilter {
    pub(super) kinds: Option<Vec<String>>,
    pub(super) streams: Option<Vec<Uuid>>,
    pub(super) range: StreamRange,
}

impl EventFilter {
    /// Every event.
    pub const ALL: Self = Self { kinds: None, streams: None, range: StreamRange::ALL };

    /// Only events of these kinds (stored names, such as `contact_received`); none where the list is empty.
    #[must_use]
    pub fn of_kinds<K: Into<String>>(self, kinds: impl IntoIterator<Item = K>) -> Self {
        Self { kinds: Some(kinds.into_iter().map(Into::into).collect()), ..self }
    }

    /// Only events of these streams; none where the list is empty.
    #[must_use]
    pub fn of_streams(self, streams: impl IntoIterator<Item = StreamId>) -> Self {
        Self { streams: Some(streams.into_iter().map(|stream| stream.0).collect()), ..self }
    }

    /// Only events of a range of streams: one share of [`StreamRange::split`], for consumers that work side by side.
    #[must_use]
    pub fn in_range(self, range: StreamRange) -> Self {
        Self { range, ..self }
    }

    /// How many positions one page may pass over. Named streams are found through their own index; everything else
    /// is looked at row by row, a few milliseconds' worth at a time.
    pub(super) fn reach(&self, limit: u32) -> u64 {
        if *self == Self::ALL {
            u64::from(limit)
        } else if self.streams.is_some() {
            500_000
        } else {
            20_000
        }
    }

    /// The condition on a page and its order. Parameters: after, up to, limit, kinds, streams, first and last stream.
    pub(super) fn sql(&self, columns: &str) -> String {
        let condition = "position > $1 AND position <= $2 AND ($4::text[] IS NULL OR kind = ANY($4)) \
                         AND ($5::uuid[] IS NULL OR stream = ANY($5)) AND stream BETWEEN $6 AND $7";
        if self.streams.is_some() {
            // The fence keeps the planner from walking all positions only because they come in order.
            format!(
                "SELECT * FROM (SELECT {columns} FROM caseledger.events WHERE {condition} OFFSET 0) AS found \
                 ORDER BY position LIMIT $3"
            )
        } else {
            format!("SELECT {columns} FROM caseledger.events WHERE {condition} ORDER BY position LIMIT $3")
        }
    }
}
