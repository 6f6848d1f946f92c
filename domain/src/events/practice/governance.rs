//! Governance: extracts declared, reasons for delay.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{Code, codes, facts};
use crate::ids::{EntityId, ImportId, StreamId};

facts! {
    /// A file of a source system was brought in: what it claims to hold, and as at which day.
    ExtractDeclared {
        /// The import.
        import: ImportId,
        /// Format, for instance `annex_a` or `cin_census`.
        format: Code,
        /// The authority whose system it is.
        authority: Code,
        /// The source system.
        system: Code,
        /// The day the extract is about, inclusive.
        as_at: NaiveDate,
        /// How the as-at date was found.
        as_at_source: AsAtSource,
        /// What the extract holds, list by list.
        scope: Vec<ExtractScope>,
        /// Digest of the file's bytes keyed with the ledger's key, in hexadecimal.
        file_digest: String,
        /// Digest of what its rows say, whatever their order, keyed in the same way; absent where that was not reckoned.
        content_digest: Option<String>,
    }

    /// One list of an extract.
    ExtractScope {
        /// Code of the list or module.
        list: Code,
        /// First day of the period that the list covers; absent means open.
        from: Option<NaiveDate>,
        /// Last day of the period that the list covers; absent means the as-at day.
        to: Option<NaiveDate>,
        /// Columns that the file holds, by code.
        columns: BTreeSet<Code>,
        /// How many rows it has; absent where that was not counted.
        rows: Option<u64>,
        /// How many of its rows name nobody, and may be about anybody; absent where that was not counted.
        unnamed: Option<u32>,
        /// Those of whom no row of the file could be read, and one of this list was not: nothing else of them is recorded.
        unread: Option<BTreeSet<StreamId>>,
    }

    /// Why a clock ran over its limit, as the service explains it.
    DelayReasonRecorded {
        /// Id of the rule, for instance `CP-04`.
        rule: Code,
        /// The process whose clock it is.
        entity: EntityId,
        /// Code of the reason.
        reason: Code as delay_reason,
    }
}

codes! {
    /// How an extract's as-at date was found.
    AsAtSource {
        /// Somebody stated it.
        Stated,
        /// The file holds it.
        Header,
        /// Ages and dates of birth in the file agree on it.
        Inferred,
    }
}
