//! What is wrong, where, and which exit code that means.
//!
//! All damage is counted; of each kind the lowest places are kept as examples. A finding names positions, streams and
//! ids, never what a row says.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use crate::hash::uuid_text;
use crate::row::Id;

/// Kinds of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A row is not what was hashed when it was recorded.
    RowChanged,
    /// A row is not there.
    Missing,
    /// A row is there that nothing accounts for.
    Extra,
    /// Revisions, times or commands are not in the order in which they were recorded.
    Order,
    /// A signature does not verify, or is by a key that the log does not know.
    BadSignature,
    /// The log does not grow out of what was signed or remembered: it was rewritten, forked or set back.
    ForkOrRollback,
    /// Fewer witnesses than asked for have signed the newest checkpoint.
    Unwitnessed,
    /// A row was emptied and no two officers signed for it.
    UnauthorisedDisposal,
    /// What was given cannot be read as what it should be.
    Unreadable,
}

impl Kind {
    /// Every kind, in the order of their exit codes.
    pub const ALL: [Self; 9] = [
        Self::RowChanged,
        Self::Missing,
        Self::Extra,
        Self::Order,
        Self::BadSignature,
        Self::ForkOrRollback,
        Self::Unwitnessed,
        Self::UnauthorisedDisposal,
        Self::Unreadable,
    ];

    /// The program's exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::RowChanged => 10,
            Self::Missing => 11,
            Self::Extra => 12,
            Self::Order => 13,
            Self::BadSignature => 14,
            Self::ForkOrRollback => 15,
            Self::Unwitnessed => 16,
            Self::UnauthorisedDisposal => 17,
            Self::Unreadable => 20,
        }
    }

    /// The `snake_case` name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RowChanged => "row_changed",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Order => "order",
            Self::BadSignature => "bad_signature",
            Self::ForkOrRollback => "fork_or_rollback",
            Self::Unwitnessed => "unwitnessed",
            Self::UnauthorisedDisposal => "unauthorised_disposal",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Where something is wrong. Ordered by what is more use to know: a position, then a stretch, then neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// At this position.
    At {
        /// From 1.
        position: u64,
    },
    /// Somewhere from `first` to `last`, both inclusive.
    Between {
        /// From 1.
        first: u64,
        /// From 1.
        last: u64,
    },
    /// Not at any position.
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At { position } => write!(f, "position {position}"),
            Self::Between { first, last } if first == last => write!(f, "position {first}"),
            Self::Between { first, last } => write!(f, "positions {first} to {last}"),
            Self::Nowhere => f.write_str("no position"),
        }
    }
}

/// One thing that is wrong. Ordered by place, then by kind; of two at one place, the one that names a stream comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What kind.
    pub kind: Kind,
    /// The stream of the row, where it is about one.
    pub stream: Option<String>,
    /// What was found, with ids; lower-case, without full stop.
    pub detail: String,
}

impl Ord for Finding {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |finding: &Self| (finding.place, finding.kind, finding.stream.is_none());
        let text = |finding: &Self| (finding.stream.clone(), finding.detail.clone());
        key(self).cmp(&key(other)).then_with(|| text(self).cmp(&text(other)))
    }
}

impl PartialOrd for Finding {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind.name(), self.place)?;
        if let Some(stream) = &self.stream {
            write!(f, ", stream {stream}")?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// All that was found: counted, with examples.
#[derive(Clone, Debug)]
pub struct Findings {
    keep: usize,
    counts: BTreeMap<Kind, u64>,
    examples: BTreeMap<Kind, Vec<Finding>>,
}

impl Findings {
    /// Nothing yet; keeps up to `keep` examples of each kind, and at least one.
    pub(crate) fn new(keep: usize) -> Self {
        Self { keep: keep.max(1), counts: BTreeMap::new(), examples: BTreeMap::new() }
    }

    /// How many examples of each kind are kept.
    pub(crate) fn keep(&self) -> usize {
        self.keep
    }

    /// Adds something about a row.
    pub(crate) fn at(&mut self, kind: Kind, position: u64, stream: Option<&Id>, detail: impl Into<String>) {
        let (place, stream) = (Place::At { position }, stream.map(uuid_text));
        self.add(1, Finding { place, kind, stream, detail: detail.into() });
    }

    /// Adds something about positions from `first` to `last`, which counts as `count` pieces of damage.
    pub(crate) fn between(
        &mut self,
        kind: Kind,
        first: u64,
        last: u64,
        count: u64,
        detail: impl Into<String>,
    ) {
        let place =
            if first == last { Place::At { position: first } } else { Place::Between { first, last } };
        self.add(count, Finding { place, kind, stream: None, detail: detail.into() });
    }

    /// Adds something about what stands beside the rows of these positions (a head, a command): a finding about a row itself
    /// says more and comes first.
    pub(crate) fn beside(&mut self, kind: Kind, first: u64, last: u64, detail: impl Into<String>) {
        let place = Place::Between { first, last };
        self.add(1, Finding { place, kind, stream: None, detail: detail.into() });
    }

    /// Adds something that is at no position.
    pub(crate) fn nowhere(&mut self, kind: Kind, detail: impl Into<String>) {
        self.add(1, Finding { place: Place::Nowhere, kind, stream: None, detail: detail.into() });
    }

    fn add(&mut self, count: u64, finding: Finding) {
        self.count(finding.kind, count);
        let examples = self.examples.entry(finding.kind).or_default();
        examples.insert(examples.partition_point(|held| held <= &finding), finding);
        examples.truncate(self.keep);
    }

    /// A head may claim any number of positions.
    fn count(&mut self, kind: Kind, count: u64) {
        let counted = self.counts.entry(kind).or_default();
        *counted = counted.saturating_add(count);
    }

    /// Takes over what another part found.
    pub(crate) fn merge(&mut self, other: Self) {
        for (kind, count) in other.counts {
            self.count(kind, count);
        }
        for finding in other.examples.into_values().flatten() {
            let examples = self.examples.entry(finding.kind).or_default();
            examples.insert(examples.partition_point(|held| held <= &finding), finding);
            examples.truncate(self.keep);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }

    /// The first damage: the lowest position, then the lowest stretch, then what is at no position.
    pub fn first(&self) -> Option<&Finding> {
        self.examples.values().filter_map(|held| held.first()).min()
    }

    /// Each kind that was found, with its number of damages and the first examples by place.
    pub fn by_kind(&self) -> impl Iterator<Item = (Kind, u64, &[Finding])> {
        self.counts
            .iter()
            .map(|(kind, count)| (*kind, *count, self.examples.get(kind).map_or(&[][..], Vec::as_slice)))
    }

    /// 0 where nothing is wrong, else the code of the first damage.
    pub fn exit_code(&self) -> u8 {
        self.first().map_or(0, |finding| finding.kind.exit_code())
    }
}
