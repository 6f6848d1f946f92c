//! A planned batch as the parallel arrays that `append.sql` takes.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::appender::Waiting;
use super::plan::{Plan, Row, Verdict};
use crate::hash::Hash;
use crate::proof::range::CompactRange;

macro_rules! columns {
    ($($(#[$doc:meta])* $name:ident : $kind:ty),+ $(,)?) => {
        /// Arrays in the order of the statement's parameters.
        #[derive(Default)]
        pub(crate) struct Batch<'a> { $($(#[$doc])* $name: Vec<$kind>),+ }

        impl Batch<'_> {
            /// The arrays as parameters, in order.
            pub(crate) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
                vec![$(&self.$name as &(dyn ToSql + Sync)),+]
            }
        }
    };
}

columns! {
    command_ids: Uuid,
    first_positions: i64,
    event_counts: i32,
    request_hashes: &'a [u8],
    revisions: i32,
    import_rows: Option<i32>,
    import_as_ats: Option<NaiveDate>,
    categories: i16,
    schema_versions: i16,
    streams: Uuid,
    event_ids: Uuid,
    event_command_ids: Uuid,
    recorded_bys: Uuid,
    import_ids: Option<Uuid>,
    causations: Option<Uuid>,
    correlations: Option<Uuid>,
    salts: &'a [u8],
    leaf_hashes: Vec<u8>,
    kinds: &'a str,
    occurreds: &'a str,
    source_recorded_ats: Option<&'a str>,
    roles: Option<&'a str>,
    teams: Option<&'a str>,
    import_sheets: Option<&'a str>,
    confidentialities: Option<&'a str>,
    facts: &'a str,
    sealeds: Option<&'a [u8]>,
    tokens: &'a [u8],
    token_streams: Uuid,
    token_kinds: &'a str,
    subtree_heights: i16,
    subtree_indexes: i64,
    subtree_hashes: Vec<u8>,
}

impl<'a> Batch<'a> {
    /// The leaf hashes of so many events from an offset on, for a receipt.
    pub(crate) fn leaf_hashes(&self, offset: u64, count: u32) -> Vec<Hash> {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        let hashes = self.leaf_hashes.iter().skip(offset).take(usize::try_from(count).unwrap_or(usize::MAX));
        hashes.filter_map(|hash| hash.as_slice().try_into().ok()).collect()
    }

    /// Lays out what the plan writes, and grows the tree by it.
    pub(crate) fn new(
        plan: &Plan<'a>,
        waiting: &'a [Waiting],
        recorded_at: DateTime<Utc>,
        tree: &mut CompactRange,
    ) -> Self {
        let mut batch = Self::default();
        for (verdict, one) in plan.verdicts.iter().zip(waiting) {
            if let Verdict::Write { first_position, event_count, .. } = verdict {
                batch.command_ids.push(one.prepared.command_id.0);
                batch.first_positions.push(signed(first_position.0));
                batch.event_counts.push(i32::try_from(*event_count).expect("a command has far fewer events"));
                batch.request_hashes.push(&one.prepared.request_hash);
                for row in &one.prepared.identifiers {
                    batch.tokens.push(&row.token);
                    batch.token_streams.push(row.stream.0);
                    batch.token_kinds.push(&row.kind);
                }
            }
        }
        for row in &plan.rows {
            let leaf_hash = batch.push(row, recorded_at);
            tree.push(leaf_hash, |subtree, hash| {
                batch.subtree_heights.push(i16::try_from(subtree.height).expect("a height is below 64"));
                batch.subtree_indexes.push(signed(subtree.index));
                batch.subtree_hashes.push(hash.to_vec());
            });
        }
        batch
    }

    fn push(&mut self, row: &Row<'a>, recorded_at: DateTime<Utc>) -> Hash {
        let Row { command_id, append, event, revision } = row;
        let context = &event.context;
        let import = context.import.as_ref();
        self.revisions.push(i32::try_from(revision.0).expect("a stream has far fewer than 2^31 events"));
        self.import_rows.push(import.and_then(|import| i32::try_from(import.row).ok()));
        self.import_as_ats.push(import.map(|import| import.as_at));
        self.categories.push(append.category.code());
        self.schema_versions.push(i16::try_from(event.schema_version).expect("a schema version is small"));
        self.streams.push(append.stream.0);
        self.event_ids.push(event.event_id.0);
        self.event_command_ids.push(command_id.0);
        self.recorded_bys.push(context.recorded_by);
        self.import_ids.push(import.map(|import| import.import.0));
        self.causations.push(context.causation.map(|id| id.0));
        self.correlations.push(context.correlation);
        self.salts.push(&event.salt);
        let leaf_hash = event.leaf_hash(*revision, recorded_at);
        self.leaf_hashes.push(leaf_hash.to_vec());
        self.kinds.push(&event.kind);
        self.occurreds.push(&event.occurred);
        self.source_recorded_ats.push(event.source_recorded_at.as_deref());
        self.roles.push(Some(context.role.as_ref()).filter(|role| !role.is_empty()));
        self.teams.push(context.team.as_deref());
        self.import_sheets.push(import.map(|import| import.sheet.as_str()));
        self.confidentialities.push(context.confidentiality.map(|mark| mark.name()));
        self.facts.push(&event.facts);
        self.sealeds.push(event.sealed.as_deref());
        leaf_hash
    }
}

/// A position or size as PostgreSQL holds it.
pub(crate) fn signed(position: u64) -> i64 {
    i64::try_from(position).expect("a position is far below 2^63")
}
