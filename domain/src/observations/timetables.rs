//! Extensions of care proceedings that extend nothing, or by more than the court may at once.
//!
//! The 26 weeks begin with the day of issue (Children Act 1989, section 32(1)(a)(ii), as amended in 2014; the text was not
//! read), so the last of them is that day and 181 more. The court may extend that time (section 32(5)); an end before it
//! takes nothing away. Each extension ends no more than eight weeks after the later of the end of the time that it extends
//! and the day on which it is granted (section 32(8), not read). The clock keeps the 26 weeks and the court's day, and the
//! odd date is shown.

use chrono::{Days, NaiveDate};

use super::{Observation, ObservationCode, about};
use crate::events::court::OrderApplied;
use crate::events::{Body, EntityRole};
use crate::journey::{Journey, KnownEvent};

/// Days from the day of issue to the last day of the 26 weeks that begin with it.
const TO_LAST_DAY: Days = Days::new(26 * 7 - 1);

/// How long one extension may be.
const AT_ONCE: Days = Days::new(8 * 7);

pub(super) fn observe(journey: &Journey, found: &mut Vec<Observation>) {
    for issued in journey.events.iter().filter(|event| has_the_weeks(event)) {
        let extensions = extensions(journey, issued);
        let first_last_day = issued.occurred.earliest_day().and_then(|day| day.checked_add_days(TO_LAST_DAY));
        for (extension, new_end) in &extensions {
            if first_last_day.is_some_and(|last| *new_end < last) {
                found.push(about(ObservationCode::ExtensionBeforeLastDay, &[issued, *extension]));
            }
        }
        let mut runs_to = issued.occurred.latest_day().and_then(|day| day.checked_add_days(TO_LAST_DAY));
        for (extension, new_end) in extensions {
            let from = runs_to.zip(extension.occurred.latest_day()).map(|(end, granted)| end.max(granted));
            let permitted = from.and_then(|from| from.checked_add_days(AT_ONCE));
            if permitted.is_some_and(|permitted| permitted < new_end) {
                found.push(about(ObservationCode::ExtensionOverEightWeeks, &[issued, extension]));
            }
            runs_to = runs_to.map(|end| end.max(new_end));
        }
    }
}

/// The extensions of an application with the ends that they set, in practice order; of several of one day the farther end
/// is the later grant.
fn extensions<'j>(journey: &'j Journey, issued: &KnownEvent) -> Vec<(&'j KnownEvent, NaiveDate)> {
    let application = issued.entities.get(EntityRole::Application);
    let extends = |event: &'j KnownEvent| {
        let Body::TimetableExtended(extended) = &event.body else { return None };
        let own = event.entities.get(EntityRole::Application);
        (own.is_some() && own == application).then_some((event, extended.new_end))
    };
    let mut found: Vec<_> = journey.events.iter().filter_map(extends).collect();
    for level in found.chunk_by_mut(|(one, _), (other, _)| one.is_level_with(other)) {
        level.sort_by_key(|(_, new_end)| *new_end);
    }
    found
}

/// Whether an event is the issue of an application for a care or supervision order: only those have the 26 weeks.
fn has_the_weeks(event: &KnownEvent) -> bool {
    let Body::ApplicationIssued(issued) = &event.body else { return false };
    [OrderApplied::Care, OrderApplied::Supervision].iter().any(|order| issued.orders.contains(order))
}
