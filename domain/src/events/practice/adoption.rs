//! Adoption: the child's way from the decision to the order, and the adopters' own.
//!
//! Sealed on the child: `family`. Sealed on the adopter: `adopter_id`, `family`.

use crate::events::{Code, codes, facts};
use crate::ids::{EventId, StreamId};

facts! {
    /// The agency decided that the child should be placed for adoption.
    AdoptionDecisionMade seals(family) {}

    /// A placement order was made.
    PlacementOrderMade {}

    /// A match with prospective adopters was approved.
    #[derive(Default)]
    MatchApproved {
        /// The adopters' stream.
        adopter: Option<StreamId>,
    }

    /// The child was placed for fostering with carers who may adopt (fostering for adoption, concurrent planning).
    FosterToAdoptPlaced {}

    /// The child was placed for adoption.
    #[derive(Default)]
    PlacedForAdoption {
        /// The adopters' stream.
        adopter: Option<StreamId>,
    }

    /// An adoption order was made.
    AdoptionOrderMade {}

    /// It was decided that the child should no longer be placed for adoption.
    AdoptionDecisionReversed {
        /// Reason code.
        reason: Option<Code> as adoption_reversal,
        /// The decision that it reverses.
        reverses: Option<EventId>,
    }

    /// A prospective adopter is known.
    AdopterRegistered seals(adopter_id, family) {
        /// Ethnicity code.
        ethnicity: Option<Code> as ethnicity,
        /// Whether disabled, where it is stated.
        disabled: Option<bool>,
        /// Whether fostering for adoption, where it is stated.
        fostering_for_adoption: Option<bool>,
    }

    /// A prospective adopter reached a step.
    AdopterStepReached {
        /// Which.
        step: AdopterStep,
        /// Number of children, for a placement.
        children: Option<u32>,
    }

    /// A prospective adopter left the process.
    AdopterLeft {
        /// Reason code.
        reason: Option<Code> as adopter_leaving,
    }
}

codes! {
    /// A step of a prospective adopter, in order.
    AdopterStep {
        /// Enquiry received.
        Enquiry,
        /// Stage one started.
        StageOneStarted,
        /// Stage one ended.
        StageOneEnded,
        /// Stage two started.
        StageTwoStarted,
        /// Stage two ended.
        StageTwoEnded,
        /// Application submitted.
        ApplicationSubmitted,
        /// Application approved.
        ApplicationApproved,
        /// Matched with a child or children.
        Matched,
        /// Child or children placed.
        ChildrenPlaced,
        /// Adoption order made.
        OrderMade,
    }
}
