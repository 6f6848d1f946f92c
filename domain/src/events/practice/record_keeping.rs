//! The record about the record: genesis, corrections, withdrawals, disputes, coverage and observations.
//!
//! A correction never crosses streams: something recorded on the wrong child is withdrawn there and recorded
//! here in one atomic command.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::{CaseEvent, Code, codes, facts};
use crate::ids::{EventId, ImportId, StreamId};

facts! {
    /// Position 1 of every ledger: what it is and how it is written.
    LedgerOpened {
        /// The ledger's id.
        ledger: uuid::Uuid,
        /// Code of the local authority (three digits), or a local code.
        authority: Code,
        /// Origin line of the log's checkpoints.
        origin: String,
        /// Epoch, from 1; a new epoch follows a restore.
        epoch: u32,
        /// Version of `docs/ledger-format.md`.
        format: u16,
        /// Algorithms in use, by name.
        algorithms: BTreeSet<String>,
        /// Public keys of the log's signers, base64; none before the first signer is registered.
        public_keys: Vec<String>,
        /// The oldest reader version that reads this ledger rightly.
        minimum_reader: u16,
        /// What tells its key store from others, as in `key_store_noted`; absent in ledgers of before.
        key_store: Option<String>,
    }

    /// A recorded event was wrong; this is what should have stood there. The last correction wins.
    EventCorrected {
        /// The event that is corrected: the original or an earlier correction.
        target: EventId,
        /// The whole replacement, occurrence included; of the same kind as the original.
        replacement: Box<CaseEvent>,
        /// Names of what changed: `occurred`, `entities`, or a field of the details.
        changed: BTreeSet<String>,
        /// Why.
        reason: CorrectionReason,
        /// The worker who authorised it.
        authorised_by: Option<StreamId>,
        /// Whether a program inferred the correction from two extracts, rather than somebody stating it.
        inferred: bool,
    }

    /// A recorded event never happened (or belongs to another child).
    EventWithdrawn {
        /// The original event.
        target: EventId,
        /// Why.
        reason: CorrectionReason,
        /// The worker who authorised it.
        authorised_by: Option<StreamId>,
        /// Whether a program inferred it from a row's absence in a newer extract.
        inferred: bool,
    }

    /// A withdrawn event stands again.
    EventReinstated {
        /// The original event.
        target: EventId,
        /// Why.
        reason: CorrectionReason,
        /// The worker who authorised it.
        authorised_by: Option<StreamId>,
        /// Whether a program inferred it from a row's return in a newer extract.
        inferred: bool,
    }

    /// An imported row contradicts held facts. It is kept visibly and counts in no clock until it is resolved.
    SourceClaimDisputed {
        /// The event that the row would have been.
        claim: Box<CaseEvent>,
        /// The held event that it contradicts, where there is one.
        contradicts: Option<EventId>,
        /// Why it is disputed.
        reason: DisputeReason,
    }

    /// What a source holds of this child's history. A clock that needs more is `history incomplete`.
    HistoryCoverageStated {
        /// Event kinds the statement is about, by name; empty means every kind.
        kinds: BTreeSet<String>,
        /// How much of them the source holds.
        extent: CoverageExtent,
        /// First day of a complete history; absent means from the start.
        from: Option<NaiveDate>,
        /// Last day of a complete history; absent means until now.
        to: Option<NaiveDate>,
        /// The import that states it; absent where the ledger itself is the source.
        import: Option<ImportId>,
    }

    /// Something irregular was seen when a row was recorded.
    ObservationNoted {
        /// Code of the observation, see `docs/observations.md`.
        code: Code,
        /// The events that are involved.
        events: Vec<EventId>,
        /// The source column or element, where it is about one.
        field: Option<Code>,
    }
}

codes! {
    /// Why a record is corrected, withdrawn or reinstated.
    CorrectionReason {
        /// A slip of the keyboard.
        TypingError,
        /// It became known later.
        LateInformation,
        /// It belongs to another child.
        WrongChild,
        /// Somebody disputes it.
        Disputed,
        /// A court directed it.
        CourtDirection,
        /// Data clean-up, or a newer extract of the source that says otherwise.
        DataCleanUp,
    }

    /// Why an imported row does not count.
    DisputeReason {
        /// The child behind this identifier seems to be another child.
        AnotherChild,
        /// The row contradicts a held fact of equal standing.
        ContradictsHeldFact,
        /// Only one such process may stand at a time, and one does.
        ExclusiveKind,
    }

    /// How much of a history a source holds.
    CoverageExtent {
        /// All of it within the stated days.
        Complete,
        /// Only the latest of each kind.
        LatestOnly,
        /// Nothing.
        None,
    }
}
