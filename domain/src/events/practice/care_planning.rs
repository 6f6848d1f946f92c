//! Planning for a looked-after child: episodes, care plan, reviewing officer, orders that restrict liberty.

use chrono::NaiveDate;

use crate::events::{Code, facts};
use crate::ids::StreamId;

facts! {
    /// A new episode of the period of care began: another legal status, placement or carer (SSDA903 `RNE`).
    EpisodeChanged {
        /// Reason for the new episode.
        reason: Option<Code> as episode_reason,
        /// Legal status from now on.
        legal_status: Option<Code> as legal_status,
        /// Placement type from now on.
        placement_type: Option<Code> as placement_type,
        /// Provider from now on.
        provider: Option<Code> as placement_provider,
    }

    /// A care plan was made.
    CarePlanMade {
        /// Plan for permanence in it.
        permanence_plan: Option<Code> as permanence_plan,
    }

    /// A care plan was changed.
    CarePlanChanged {
        /// Plan for permanence in it.
        permanence_plan: Option<Code> as permanence_plan,
        /// Why.
        reason: Option<Code> as care_plan_change,
    }

    /// An independent reviewing officer was appointed (section 25A of the Children Act 1989).
    IroAppointed {
        /// The officer's stream.
        officer: Option<StreamId>,
    }

    /// The young person was convicted, cautioned or warned.
    ConvictionRecorded seals(offence) {
        /// How many offences.
        offences: Option<u32>,
    }

    /// Whether substance misuse was found, and what followed.
    SubstanceMisuseRecorded {
        /// Whether it was found.
        identified: bool,
        /// Whether help was offered.
        intervention_offered: Option<bool>,
        /// Whether help was received.
        intervention_received: Option<bool>,
    }

    /// A secure accommodation order was made (section 25 of the Children Act 1989).
    SecureOrderMade seals(court_reference) {
        /// Last day as ordered.
        until: Option<NaiveDate>,
        /// On which ground.
        ground: Option<Code> as secure_ground,
    }

    /// The young person was remanded to local authority or youth detention accommodation.
    RemandStarted seals(court_reference) {
        /// Where to.
        kind: Option<Code> as remand_kind,
    }

    /// The High Court authorised a deprivation of liberty (SSDA903 file from 2026/27).
    DeprivationOfLibertyOrderStarted seals(court_reference) {
        /// Last day as authorised.
        until: Option<NaiveDate>,
    }

    /// An authorised deprivation of liberty ended.
    DeprivationOfLibertyOrderEnded {
        /// How.
        reason: Option<Code> as order_end,
    }
}
