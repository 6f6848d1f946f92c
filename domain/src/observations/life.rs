//! Irregularities of life: dates against birth, death, recording and the extract.

use chrono::{Days, NaiveDate};

use super::lifecycle::{may_follow_death, may_precede_birth};
use super::{Observation, ObservationCode, about};
use crate::events::{Body, Kind};
use crate::journey::{Journey, KnownEvent};
use crate::time::{DAYS_BEFORE_BIRTH, london_day, nth_birthday};

/// Days between birth and expected birth beyond which one of them is doubted.
const EXPECTED_BIRTH_TOLERANCE: i64 = 120;

/// Birth and death as far as a journey tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Date of birth.
    pub born_on: Option<NaiveDate>,
    /// Expected date of birth.
    pub expected_on: Option<NaiveDate>,
    /// Date of death.
    pub died_on: Option<NaiveDate>,
    /// Day on which the pregnancy ended without a live birth.
    pub pregnancy_ended_on: Option<NaiveDate>,
}

impl Life {
    /// Birth and death in a journey; the last statement in practice order wins.
    pub fn of(journey: &Journey) -> Self {
        let mut life = Self::default();
        for event in &journey.events {
            if let Body::ChildRegistered(child) = &event.body {
                life.born_on = child.date_of_birth.or(life.born_on);
                life.expected_on = child.expected_date_of_birth.or(life.expected_on);
            } else if let Body::UnbornChildRegistered(unborn) = &event.body {
                life.expected_on = unborn.expected_date_of_birth.or(life.expected_on);
            } else if let Body::ExpectedBirthDateChanged(changed) = &event.body {
                life.expected_on = Some(changed.expected_date_of_birth);
            } else if matches!(event.body, Body::PregnancyEnded(_)) {
                life.pregnancy_ended_on = event.occurred.day().or(life.pregnancy_ended_on);
            } else if matches!(event.body, Body::BirthRecorded(_)) {
                life.born_on = event.occurred.day().or(life.born_on);
            } else if matches!(event.body, Body::ChildDied(_)) {
                life.died_on = event.occurred.day().or(life.died_on);
            }
        }
        life
    }

    /// The eighteenth birthday; for one born on 29 February it is 1 March (common law, unverified for this use).
    pub fn eighteenth_birthday(&self) -> Option<NaiveDate> {
        nth_birthday(self.born_on?, 18)
    }
}

pub(super) fn observe(journey: &Journey, as_at: NaiveDate, found: &mut Vec<Observation>) {
    let life = Life::of(journey);
    for event in &journey.events {
        found.extend(of_recording(event).map(|code| about(code, &[event])));
        found.extend(of_birth(event, &life).map(|code| about(code, &[event])));
        found.extend(of_death(event, &life).map(|code| about(code, &[event])));
        found.extend(of_expectation(event, &life).map(|code| about(code, &[event])));
    }
    found.extend(journey.events.iter().filter_map(|event| after_pregnancy(event, &life)));
    found.extend(looked_after_at_eighteen(journey, &life, as_at));
}

fn of_recording(event: &KnownEvent) -> Option<ObservationCode> {
    let earliest = event.occurred.earliest_day()?;
    if let Some(import) = &event.context.import {
        return (earliest > import.as_at).then_some(ObservationCode::AfterExtract);
    }
    (earliest > london_day(event.recorded_at)).then_some(ObservationCode::AfterRecording)
}

fn of_birth(event: &KnownEvent, life: &Life) -> Option<ObservationCode> {
    let (latest, born_on) = (event.occurred.latest_day()?, life.born_on?);
    if latest >= born_on || is_about_the_record(event.kind()) {
        return None;
    }
    let conceived = born_on.checked_sub_days(Days::new(DAYS_BEFORE_BIRTH))?;
    let in_care = matches!(
        event.kind(),
        Kind::BecameLookedAfter
            | Kind::EpisodeChanged
            | Kind::LegalStatusChanged
            | Kind::PlacementChanged
            | Kind::PlacementStarted
            | Kind::RemandStarted
            | Kind::SecureOrderMade
    );
    if latest < conceived {
        return Some(ObservationCode::BeforeConception);
    }
    if in_care {
        return Some(ObservationCode::LookedAfterBeforeBirth);
    }
    (!may_precede_birth(event.kind())).then_some(ObservationCode::BeforeBirth)
}

/// Kinds whose occurrence says when something was known or stated, not what happened to the child.
pub(crate) fn is_about_the_record(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ChildRegistered
            | Kind::UnbornChildRegistered
            | Kind::IdentifierLinked
            | Kind::RecordsMerged
            | Kind::RecordsSplit
            | Kind::FamilyLinked
            | Kind::AddressChanged
            | Kind::ObservationNoted
            | Kind::ChildDied
    )
}

fn of_death(event: &KnownEvent, life: &Life) -> Option<ObservationCode> {
    let (earliest, died_on) = (event.occurred.earliest_day()?, life.died_on?);
    let after = earliest > died_on && !may_follow_death(event.kind()) && !is_about_the_record(event.kind());
    after.then_some(ObservationCode::AfterDeath)
}

fn after_pregnancy(event: &KnownEvent, life: &Life) -> Option<Observation> {
    let (earliest, ended_on) = (event.occurred.earliest_day()?, life.pregnancy_ended_on?);
    let after = earliest > ended_on && !may_follow_death(event.kind()) && !is_about_the_record(event.kind());
    after.then(|| about(ObservationCode::AfterPregnancyEnded, &[event]))
}

fn of_expectation(event: &KnownEvent, life: &Life) -> Option<ObservationCode> {
    if !matches!(event.kind(), Kind::ChildRegistered | Kind::BirthRecorded) {
        return None;
    }
    let apart = (life.born_on? - life.expected_on?).num_days().abs();
    (apart > EXPECTED_BIRTH_TOLERANCE).then_some(ObservationCode::ExpectedBirthImplausible)
}

fn looked_after_at_eighteen(journey: &Journey, life: &Life, as_at: NaiveDate) -> Option<Observation> {
    let adult_from = life.eighteenth_birthday()?;
    let start = journey.events.iter().rfind(|event| event.kind() == Kind::BecameLookedAfter)?;
    let ended_on = journey
        .events
        .iter()
        .filter(|event| {
            event.kind() == Kind::CeasedToBeLookedAfter && event.own_entity() == start.own_entity()
        })
        .find_map(|event| event.occurred.day());
    // A period of care that ends on the birthday itself is the ordinary way out of care.
    let too_old = ended_on.map_or(as_at >= adult_from, |end| end > adult_from);
    too_old.then(|| about(ObservationCode::LookedAfterAtEighteen, &[start]))
}
