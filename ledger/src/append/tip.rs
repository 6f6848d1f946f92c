//! What this process believes about the end of the log.
//!
//! The belief may be out of date; winning the head that builds on its size proves that it was not.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::envelope::Category;
use domain::ids::StreamId;

use crate::proof::range::CompactRange;

/// More streams than this are forgotten and looked up again when needed (about 100 MB).
const MOST_STREAMS: usize = 1_000_000;

/// End of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamEnd {
    /// Last revision; 0 for a stream that has no event.
    pub(crate) revision: u32,
    /// What the stream is about; `None` for a stream that has no event.
    pub(crate) category: Option<Category>,
}

impl StreamEnd {
    pub(crate) const EMPTY: Self = Self { revision: 0, category: None };
}

/// End of the log, and of the streams that were looked at.
#[derive(Debug)]
pub(crate) struct Tip {
    /// The tree over everything up to here; its size is the log's.
    pub(crate) tree: CompactRange,
    pub(crate) recorded_at: DateTime<Utc>,
    /// Kinds of which the log is known to hold an event, by this process's own batches.
    pub(crate) kinds: HashSet<Cow<'static, str>>,
    streams: HashMap<StreamId, StreamEnd>,
}

impl Tip {
    pub(crate) fn new(tree: CompactRange, recorded_at: DateTime<Utc>) -> Self {
        Self { tree, recorded_at, kinds: HashSet::new(), streams: HashMap::new() }
    }

    /// The end of an empty log.
    pub(crate) fn of_nothing() -> Self {
        Self::new(CompactRange::empty(), DateTime::UNIX_EPOCH)
    }

    /// Number of events.
    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    pub(crate) fn stream(&self, stream: StreamId) -> Option<StreamEnd> {
        self.streams.get(&stream).copied()
    }

    /// Notes the ends of streams as they stand at this size.
    pub(crate) fn learn(&mut self, ends: impl IntoIterator<Item = (StreamId, StreamEnd)>) {
        if self.streams.len() > MOST_STREAMS {
            self.streams.clear();
        }
        self.streams.extend(ends);
    }

    /// Moves to a later head whose new events end these streams.
    pub(crate) fn advance(
        &mut self,
        tree: CompactRange,
        recorded_at: DateTime<Utc>,
        ends: impl IntoIterator<Item = (StreamId, StreamEnd)>,
    ) {
        self.tree = tree;
        self.recorded_at = recorded_at;
        self.learn(ends);
    }

    /// Moves to a head of which nothing else is known.
    pub(crate) fn restart(&mut self, tree: CompactRange, recorded_at: DateTime<Utc>) {
        *self = Self::new(tree, recorded_at);
    }
}
