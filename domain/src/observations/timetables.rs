//! Extensions of care proceedings that extend nothing.
//!
//! The 26 weeks begin with the day of issue (Children Act 1989, section 32(1)(a)(ii), as amended in 2014; the text was not
//! read), so the last of them is that day and 181 more. The court may extend that time (section 32(5)); an end before it
//! takes nothing away. The clock keeps the 26 weeks, and the odd date is shown.

use chrono::{Days, NaiveDate};

use super::{Observation, ObservationCode, about};
use crate::events::court::OrderApplied;
use crate::events::{Body, EntityRole};
use crate::ids::EntityId;
use crate::journey::{Journey, KnownEvent};

/// Days from the day of issue to the last day of the 26 weeks that begin with it.
const TO_LAST_DAY: Days = Days::new(26 * 7 - 1);

pub(super) fn observe(journey: &Journey, found: &mut Vec<Observation>) {
    for extension in &journey.events {
        let Body::TimetableExtended(extended) = &extension.body else { continue };
        let Some(application) = extension.entities.get(EntityRole::Application) else { continue };
        let Some(issued) = issued(journey, application) else { continue };
        let ends_before = last_day(issued).is_some_and(|last| extended.new_end < last);
        if ends_before {
            found.push(about(ObservationCode::ExtensionBeforeLastDay, &[issued, extension]));
        }
    }
}

/// The issue of an application for a care or supervision order: only those have the 26 weeks.
fn issued(journey: &Journey, application: EntityId) -> Option<&KnownEvent> {
    let has_the_weeks = |event: &&KnownEvent| {
        let Body::ApplicationIssued(issued) = &event.body else { return false };
        [OrderApplied::Care, OrderApplied::Supervision].iter().any(|order| issued.orders.contains(order))
    };
    let of_application =
        |event: &&KnownEvent| event.entities.get(EntityRole::Application) == Some(application);
    journey.events.iter().filter(has_the_weeks).find(of_application)
}

/// The earliest day on which the 26 weeks may end; `None` where the day of issue has no earliest day.
fn last_day(issued: &KnownEvent) -> Option<NaiveDate> {
    issued.occurred.earliest_day()?.checked_add_days(TO_LAST_DAY)
}
