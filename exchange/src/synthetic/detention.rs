//! Detention: the police station, and a young person who was in care before.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::detention::{
    CustodyNotificationReceived, DetentionEnded, DetentionVisitMade, PoliceDetentionStarted,
};
use domain::time::Occurred;

use super::case::Member;
use super::days::{days_from, plus};
use super::diary::{Diary, Strand, moment};
use super::looked_after::Period;
use super::person::some_code;
use super::rates;

impl Diary<'_> {
    /// A night at a police station, of which the authority is told within hours, or a day late.
    pub(super) fn hold_at_police_station(
        &mut self,
        strand: &Strand,
        member: &Member,
        (from, to): (NaiveDate, NaiveDate),
    ) {
        let from = from.max(plus(member.born, 12 * 366));
        let span = days_from(from, to.min(self.world.until)) - 4;
        if span < 1 || !self.dice.chance(rates::POLICE_STATION) {
            return;
        }
        let day = plus(from, self.dice.between(1, span));
        let mut own = strand.clone();
        let role = [(EntityRole::Detention, self.dice.entity())];
        let began = self.dice.between(10 * 60, 23 * 60);
        let facts = PoliceDetentionStarted { place: some_code("police_station") };
        self.step(&mut own, moment(day, began), member, facts, role);
        let soon = self.dice.chance(rates::CUSTODY_TOLD_IN_TIME);
        let wait = if soon { self.dice.between(30, 14 * 60) } else { self.dice.between(25 * 60, 50 * 60) };
        let told = CustodyNotificationReceived { by: some_code("police"), accommodation_asked: None };
        self.note(&own, "", moment(day, began + wait), member, told, role);
        let ended = began + self.dice.between(5 * 60, 22 * 60);
        let facts = DetentionEnded { destination: some_code("home") };
        self.note(&own, "", moment(day, ended), member, facts, role);
    }

    /// Whether a period of care that was to end at home ends with detention instead.
    pub(super) fn ends_in_detention(&mut self, period: &Period) -> bool {
        let (born, day) = (period.member.born, period.end);
        // Before sixteen: none of them is a care leaver.
        let of_age = plus(born, 12 * 366) < day && day < plus(born, 16 * 365);
        of_age && self.dice.chance(rates::DETAINED_AFTER_CARE)
    }

    /// A few young people cease to be looked after because they are detained, and are visited there.
    pub(super) fn detain_after_care(&mut self, strand: &Strand, period: &Period) {
        let (member, day) = (&period.member, period.end);
        let mut own = strand.clone();
        let role = [(EntityRole::Detention, self.dice.entity())];
        let facts = PoliceDetentionStarted { place: some_code("young_offender_institution") };
        self.step(&mut own, Occurred::on(day), member, facts, role);
        let told =
            CustodyNotificationReceived { by: some_code("youth_offending"), accommodation_asked: None };
        self.note(&own, "", Occurred::on(day), member, told, role);
        let in_time = self.dice.chance(rates::VISITED_IN_DETENTION);
        let wait = if in_time { self.dice.between(3, 10) } else { self.dice.between(12, 25) };
        let visited = self.world.days.working(day, wait);
        let facts = DetentionVisitMade { alone: Some(true) };
        self.note(&own, "", Occurred::on(visited), member, facts, role);
        let ended = plus(day, self.dice.between(40, 80));
        let facts = DetentionEnded { destination: some_code("home") };
        self.note(&own, "", Occurred::on(ended), member, facts, role);
    }
}
