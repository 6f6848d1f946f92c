//! The events of a journey that were recorded late.

use domain::journey::{Journey, Lateness};

/// The events of a journey that were recorded late, latest first.
pub fn late_records(journey: &Journey) -> Vec<Lateness> {
    let mut late: Vec<Lateness> =
        journey.events.iter().filter_map(Lateness::of).filter(Lateness::is_late).collect();
    late.sort_by_key(|lateness| (std::cmp::Reverse(lateness.days), lateness.event_id));
    late
}
