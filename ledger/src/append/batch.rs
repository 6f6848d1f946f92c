//! A planned batch with all that is hashed over it, in the forms that PostgreSQL takes: one row, parallel arrays,
//! or binary COPY. It writes nothing itself.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bytes::{BufMut, BytesMut};
use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::types::{IsNull, ToSql, Type};
use uuid::Uuid;

use super::answers::Written;
use super::appender::Waiting;
use super::plan::{Plan, Row, Verdict};
use super::tip::Tip;
use crate::batch_mac::{BatchKey, CommandOfBatch, HeadOfBatch};
use crate::hash::Hash;
use crate::hash_many::{Messages, hashes};
use crate::identifiers::IndexRow;
use crate::leaf::Leaf;
use crate::proof::range::{CompactRange, Subtree};
use crate::rows::JsonText;

/// What is written on top of a size if the head is won.
pub(crate) struct Batch<'a> {
    /// Size of the log before.
    pub(crate) base: u64,
    /// The time in its rows.
    pub(crate) recorded_at: DateTime<Utc>,
    /// The moment that this time means.
    pub(crate) moment: DateTime<Utc>,
    /// The tree after the batch, and its root.
    pub(crate) tree: CompactRange,
    pub(crate) root: Hash,
    /// The MAC over all of it; `None` while the ledger has no key for that.
    pub(crate) mac: Option<Hash>,
    /// Leaf hashes of the events, in position order.
    pub(crate) leaf_hashes: Vec<Hash>,
    subtrees: Vec<(Subtree, Hash)>,
    rows: &'a [Row<'a>],
    commands: Commands<'a>,
    identifiers: Vec<&'a IndexRow>,
    /// Kinds of which the log was not known to hold an event, with the position of the first.
    new_kinds: BTreeMap<&'a str, i64>,
}

/// The commands as parallel arrays.
#[derive(Default)]
struct Commands<'a> {
    ids: Vec<Uuid>,
    first_positions: Vec<i64>,
    event_counts: Vec<i32>,
    request_hashes: Vec<&'a [u8]>,
}

/// The identifiers, completed subtrees and new kinds as parallel arrays.
#[derive(Default)]
pub(crate) struct Extras<'a> {
    tokens: Vec<&'a [u8]>,
    streams: Vec<Uuid>,
    kinds: Vec<&'a str>,
    heights: Vec<i16>,
    indexes: Vec<i64>,
    hashes: Vec<&'a [u8]>,
    new_kinds: Vec<&'a str>,
    first_positions: Vec<i64>,
}

macro_rules! columns {
    ($($name:ident : $kind:ty = $type:ident),+ $(,)?) => {
        /// An event's columns apart from position, time and leaf format, in the order of the statements.
        struct EventRow<'a> { $($name: $kind),+ }

        /// The same of many events, as parallel arrays.
        #[derive(Default)]
        pub(crate) struct Columns<'a> { $($name: Vec<$kind>),+ }

        impl<'a> EventRow<'a> {
            fn write(&self, out: &mut BytesMut) {
                $(field(out, &self.$name, &Type::$type);)+
            }
        }

        impl<'a> Columns<'a> {
            fn push(&mut self, row: EventRow<'a>) {
                $(self.$name.push(row.$name);)+
            }

            /// The arrays as parameters, in order.
            pub(crate) fn arrays(&self) -> Vec<&(dyn ToSql + Sync)> {
                vec![$(&self.$name as &(dyn ToSql + Sync)),+]
            }

            /// The only row's columns as parameters, in order; empty where there is no row.
            pub(crate) fn first(&self) -> Vec<&(dyn ToSql + Sync)> {
                [$(self.$name.first().map(|value| value as &(dyn ToSql + Sync))),+].into_iter().flatten().collect()
            }
        }

        /// Columns of an event, those that stand before these included.
        const FIELDS: i16 = 3 $(+ { let _ = stringify!($name); 1 })+;
    };
}

columns! {
    revision: i32 = INT4,
    import_row: Option<i32> = INT4,
    import_as_at: Option<NaiveDate> = DATE,
    category: i16 = INT2,
    schema_version: i16 = INT2,
    stream: Uuid = UUID,
    event_id: Uuid = UUID,
    command_id: Uuid = UUID,
    recorded_by: Uuid = UUID,
    import_id: Option<Uuid> = UUID,
    causation: Option<Uuid> = UUID,
    correlation: Option<Uuid> = UUID,
    salt: &'a [u8] = BYTEA,
    leaf_hash: &'a [u8] = BYTEA,
    kind: &'a str = TEXT,
    occurred: &'a str = TEXT,
    source_recorded_at: Option<&'a str> = TEXT,
    role: Option<&'a str> = TEXT,
    team: Option<&'a str> = TEXT,
    import_sheet: Option<&'a str> = TEXT,
    confidentiality: Option<&'a str> = TEXT,
    facts: JsonText<'a> = JSON,
    sealed: Option<&'a [u8]> = BYTEA,
}

impl<'a> Batch<'a> {
    /// Hashes what the plan writes, and grows the tip's tree by it.
    pub(crate) fn new(
        plan: &'a Plan<'a>,
        waiting: &'a [Waiting],
        (recorded_at, moment): (DateTime<Utc>, DateTime<Utc>),
        tip: &Tip,
    ) -> Self {
        let mut tree = tip.tree.clone();
        let base = tree.size();
        let mut new_kinds = BTreeMap::new();
        for (row, position) in plan.rows.iter().zip(signed(base) + 1..) {
            if !tip.kinds.contains(&*row.event.kind) {
                new_kinds.entry(&*row.event.kind).or_insert(position);
            }
        }
        let leaf_hashes = leaf_hashes(&plan.rows, recorded_at);
        let mut subtrees = Vec::new();
        for leaf_hash in &leaf_hashes {
            tree.push(*leaf_hash, |subtree, hash| subtrees.push((subtree, hash)));
        }
        let (root, mut commands, mut identifiers) = (tree.root(), Commands::default(), Vec::new());
        for (verdict, one) in plan.verdicts.iter().zip(waiting) {
            if let Verdict::Write { first_position, event_count, .. } = verdict {
                commands.push(one, first_position.0, *event_count);
                identifiers.extend(&one.prepared.identifiers);
            }
        }
        let (rows, mac) = (&plan.rows, None);
        Self {
            base,
            recorded_at,
            moment,
            tree,
            root,
            mac,
            leaf_hashes,
            subtrees,
            rows,
            commands,
            identifiers,
            new_kinds,
        }
    }

    /// Adds the MAC of the batch in an epoch.
    pub(crate) fn authenticated(mut self, key: Option<&BatchKey>, epoch: i32) -> Self {
        let (base, size) = (self.base, self.tree.size());
        let head = HeadOfBatch { epoch, base, size, recorded_at: self.recorded_at, root: self.root };
        self.mac = key.map(|key| key.mac(&head, self.commands.rows()));
        self
    }

    /// Number of events.
    pub(crate) fn events(&self) -> usize {
        self.rows.len()
    }

    /// Number of commands.
    pub(crate) fn commands(&self) -> usize {
        self.commands.ids.len()
    }

    /// Whether there is more to write than head, commands and events.
    pub(crate) fn has_extras(&self) -> bool {
        !self.identifiers.is_empty() || !self.subtrees.is_empty() || !self.new_kinds.is_empty()
    }

    /// The kinds of which the log holds an event from now on and was not known to.
    pub(crate) fn new_kinds(&self) -> Vec<Cow<'static, str>> {
        self.new_kinds.keys().map(|kind| Cow::Owned((*kind).to_owned())).collect()
    }

    /// What is left to say once it is written.
    pub(super) fn written(self, epoch: u32) -> Written {
        let Self { base, moment, tree, root, leaf_hashes, .. } = self;
        Written { base, recorded_at: moment, epoch, tree, root, leaf_hashes }
    }

    /// The commands' arrays as parameters.
    pub(crate) fn command_arrays(&self) -> [&(dyn ToSql + Sync); 4] {
        let Commands { ids, first_positions, event_counts, request_hashes } = &self.commands;
        [ids, first_positions, event_counts, request_hashes]
    }

    /// The only command's id and request hash.
    pub(crate) fn first_command(&self) -> Vec<&(dyn ToSql + Sync)> {
        let id = self.commands.ids.first().map(|id| id as &(dyn ToSql + Sync));
        let hash = self.commands.request_hashes.first().map(|hash| hash as &(dyn ToSql + Sync));
        [id, hash].into_iter().flatten().collect()
    }

    /// The events as parallel arrays.
    pub(crate) fn columns(&self) -> Columns<'_> {
        let mut columns = Columns::default();
        self.event_rows().for_each(|row| columns.push(row));
        columns
    }

    /// Identifiers, completed subtrees and new kinds as parallel arrays.
    pub(crate) fn extras(&self) -> Extras<'_> {
        let mut extras = Extras::default();
        for row in &self.identifiers {
            extras.tokens.push(&row.token);
            extras.streams.push(row.stream.0);
            extras.kinds.push(&row.kind);
        }
        for (subtree, hash) in &self.subtrees {
            extras.heights.push(i16::try_from(subtree.height).expect("a height is below 64"));
            extras.indexes.push(signed(subtree.index));
            extras.hashes.push(hash);
        }
        (extras.new_kinds, extras.first_positions) =
            self.new_kinds.iter().map(|(kind, position)| (*kind, *position)).unzip();
        extras
    }

    /// The events as binary COPY takes them, in pieces of about so many bytes.
    pub(crate) fn copy_pieces(&self, size: usize) -> impl Iterator<Item = BytesMut> {
        let mut rows = self.event_rows().zip(signed(self.base) + 1..).peekable();
        let (mut begun, mut ended) = (false, false);
        std::iter::from_fn(move || {
            if ended {
                return None;
            }
            let mut out = BytesMut::with_capacity(size + 4_096);
            if !begun {
                out.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
                begun = true;
            }
            while out.len() < size
                && let Some((row, position)) = rows.next()
            {
                self.write_row(&row, position, &mut out);
            }
            if rows.peek().is_none() {
                out.put_i16(-1);
                ended = true;
            }
            Some(out)
        })
    }

    fn write_row(&self, row: &EventRow<'_>, position: i64, out: &mut BytesMut) {
        out.put_i16(FIELDS);
        field(out, &position, &Type::INT8);
        field(out, &self.recorded_at, &Type::TIMESTAMPTZ);
        field(out, &LEAF_FORMAT, &Type::INT2);
        row.write(out);
    }

    fn event_rows(&self) -> impl Iterator<Item = EventRow<'_>> {
        self.rows.iter().zip(&self.leaf_hashes).map(|(row, leaf_hash)| EventRow::new(row, leaf_hash))
    }
}

/// The format as a column; `append.sql` has it too.
const LEAF_FORMAT: i16 = 1;
const _: () = assert!(LEAF_FORMAT as u16 == crate::leaf::LEAF_FORMAT);

impl<'a> Commands<'a> {
    /// The same as rows, ascending by position.
    fn rows(&self) -> impl Iterator<Item = CommandOfBatch<'a>> {
        let counted = self.first_positions.iter().zip(&self.event_counts);
        let hashed = self.ids.iter().zip(&self.request_hashes);
        hashed.zip(counted).map(|((id, request_hash), (first_position, event_count))| CommandOfBatch {
            id: *id,
            first_position: *first_position,
            event_count: *event_count,
            request_hash,
        })
    }

    fn push(&mut self, one: &'a Waiting, first_position: u64, event_count: u32) {
        self.ids.push(one.prepared.command_id.0);
        self.first_positions.push(signed(first_position));
        self.event_counts.push(i32::try_from(event_count).expect("a command has far fewer events"));
        self.request_hashes.push(&one.prepared.request_hash);
    }
}

impl Extras<'_> {
    /// The arrays as parameters, in order.
    pub(crate) fn arrays(&self) -> [&(dyn ToSql + Sync); 8] {
        let Self { tokens, streams, kinds, heights, indexes, hashes, new_kinds, first_positions } = self;
        [tokens, streams, kinds, heights, indexes, hashes, new_kinds, first_positions]
    }
}

impl<'a> EventRow<'a> {
    fn new(row: &'a Row<'a>, leaf_hash: &'a Hash) -> Self {
        let Row { command_id, append, event, revision } = row;
        let context = &event.context;
        let import = context.import.as_ref();
        Self {
            revision: i32::try_from(revision.0).expect("a stream has far fewer than 2^31 events"),
            import_row: import.and_then(|import| i32::try_from(import.row).ok()),
            import_as_at: import.map(|import| import.as_at),
            category: append.category.code(),
            schema_version: i16::try_from(event.schema_version).expect("a schema version is small"),
            stream: append.stream.0,
            event_id: event.event_id.0,
            command_id: command_id.0,
            recorded_by: context.recorded_by,
            import_id: import.map(|import| import.import.0),
            causation: context.causation.map(|id| id.0),
            correlation: context.correlation,
            salt: &event.salt,
            leaf_hash,
            kind: &event.kind,
            occurred: &event.occurred,
            source_recorded_at: event.source_recorded_at.as_deref(),
            role: Some(context.role.as_ref()).filter(|role| !role.is_empty()),
            team: context.team.as_deref(),
            import_sheet: import.map(|import| import.sheet.as_str()),
            confidentiality: context.confidentiality.map(|mark| mark.name()),
            facts: JsonText(&event.facts),
            sealed: event.sealed.as_deref(),
        }
    }
}

/// The leaf hashes of rows, the commitments to their envelopes first; each kind side by side.
fn leaf_hashes(rows: &[Row<'_>], recorded_at: DateTime<Utc>) -> Vec<Hash> {
    let mut envelopes = Messages::with_room(rows.len() * 512);
    for Row { event, revision, .. } in rows {
        envelopes.push(&event.envelope.message(&revision.to_string(), &event.salt));
    }
    let mut leaves = Messages::with_room(rows.len() * 128);
    for (Row { event, .. }, envelope_commitment) in rows.iter().zip(hashes(&envelopes)) {
        let (facts_commitment, sealed_hash) = (event.facts_commitment, event.sealed_hash);
        let leaf = Leaf { recorded_at, envelope_commitment, facts_commitment, sealed_hash };
        leaves.push(&crate::tree::leaf_message(&leaf.to_bytes()));
    }
    hashes(&leaves)
}

/// A value as COPY takes it: its length, or -1 for none, and its bytes.
fn field<T: ToSql>(out: &mut BytesMut, value: &T, kind: &Type) {
    let at = out.len();
    out.put_i32(-1);
    let written = value.to_sql(kind, out).expect("every column is given in its own type");
    if matches!(written, IsNull::Yes) {
        return;
    }
    let length = i32::try_from(out.len() - at - 4).expect("a value is far shorter than 2 GiB");
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

/// A position or size as PostgreSQL holds it.
pub(crate) fn signed(position: u64) -> i64 {
    i64::try_from(position).expect("a position is far below 2^63")
}
