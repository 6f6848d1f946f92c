//! Records merged and split, families, addresses, immigration, age assessments, moves between teams.

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::{EventId, StreamId};

facts! {
    /// Two records turned out to be about one child.
    RecordsMerged {
        /// The stream of the other record.
        other: StreamId,
        /// The stream that goes on: this one or the other.
        survivor: StreamId,
        /// Why.
        reason: Option<Code> as merge_reason,
    }

    /// One record turned out to be about two children; what belongs to the other is withdrawn here and recorded
    /// there.
    RecordsSplit {
        /// The stream of the other child.
        other: StreamId,
        /// The merge that it undoes.
        undoes: Option<EventId>,
        /// Why.
        reason: Option<Code> as merge_reason,
    }

    /// The child belongs to a family or is related to another child. The adoptive family of Annex A list 10 is not
    /// this one.
    FamilyLinked {
        /// The stream of the household.
        household: Option<StreamId>,
        /// The stream of the related child.
        relative: Option<StreamId>,
        /// How they are related.
        relation: Option<Code> as relation,
    }

    /// An address from this day on.
    AddressChanged seals(address, postcode) {
        /// Which address.
        address_type: Option<Code> as address_type,
        /// Last day, where it is known.
        until: Option<NaiveDate>,
    }

    /// The immigration status from this day on.
    ImmigrationStatusChanged {
        /// Which status.
        status: Code as immigration_status,
        /// Last day, where it is known.
        until: Option<NaiveDate>,
    }

    /// The child is no longer an unaccompanied asylum-seeking child (SSDA903 `DUC`).
    UascCeased {
        /// Why.
        reason: Option<Code> as uasc_cease_reason,
    }

    /// The case moved from one team to another.
    CaseTransferred {
        /// Code of the team that had it.
        from_team: Option<Code>,
        /// Code of the team that takes it.
        to_team: Option<Code>,
        /// Why.
        reason: Option<Code> as transfer_reason,
        /// Step of the transfer protocol that was reached.
        step: Option<Code> as transfer_step,
    }

    /// The age of a young person was assessed. A new date of birth is a correction of the registration, which re-
    /// runs every rule of age.
    AgeAssessmentCompleted {
        /// What was found.
        outcome: Code as age_assessment_outcome,
        /// The date of birth that was assessed.
        assessed_date_of_birth: Option<NaiveDate>,
        /// Whether that date is estimated.
        estimated: bool,
    }
}
