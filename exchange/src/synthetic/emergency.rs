//! Before a court is asked for care: police protection, emergency protection orders, child assessment orders.

use chrono::{NaiveDate, TimeDelta};
use domain::events::EntityRole;
use domain::events::emergency::{
    ChildAssessmentOrderEnded, ChildAssessmentOrderGranted, EpoEnded, EpoExtended, EpoGranted,
    PolicePowersEnded, PolicePowersUsed,
};
use domain::time::Occurred;

use super::case::{Case, Member};
use super::days::plus;
use super::diary::{Diary, Strand, at_instant};
use super::person::some_code;
use super::rates;

impl Case<'_, '_> {
    /// What had to be done at once for each child, from the day of the strategy discussion.
    pub(super) fn protect_at_once(&mut self, day: NaiveDate) {
        let police = self.diary.dice.chance(rates::POLICE_PROTECTION);
        let order = self.diary.dice.chance(rates::EMERGENCY_ORDER);
        for member in self.members.clone() {
            if police {
                self.diary.use_police_powers(&self.strand, &member, day);
            }
            if order {
                self.diary.order_emergency_protection(&self.strand, &member, plus(day, 1));
            }
        }
    }

    /// Seldom a court lets a child be assessed against the family's will.
    pub(super) fn order_assessment(&mut self, day: NaiveDate) {
        if !self.diary.dice.chance(rates::ASSESSMENT_ORDER) {
            return;
        }
        let days = if self.diary.dice.chance(8500) { self.diary.dice.between(4, 7) } else { 9 };
        for member in self.members.clone().iter().filter(|member| member.born < day) {
            let mut own = self.strand.clone();
            let role = [(EntityRole::ChildAssessmentOrder, self.diary.dice.entity())];
            let facts = ChildAssessmentOrderGranted { until: Some(plus(day, 7)) };
            self.diary.step(&mut own, Occurred::on(day), member, facts, role);
            let facts = ChildAssessmentOrderEnded { reason: some_code("expired") };
            self.diary.note(&own, "legal", Occurred::on(plus(day, days)), member, facts, role);
        }
    }
}

impl Diary<'_> {
    fn use_police_powers(&mut self, strand: &Strand, member: &Member, day: NaiveDate) {
        let mut own = strand.clone();
        let role = [(EntityRole::PoliceProtection, self.dice.entity())];
        let began = self.minute(&mut own, day);
        let Some(instant) = began.instant() else { return };
        let facts = PolicePowersUsed { place: some_code("foster_placement") };
        self.step(&mut own, began, member, facts, role);
        let lawful = self.dice.chance(rates::POLICE_PROTECTION_IN_TIME);
        let hours = if lawful { self.dice.between(6, 71) } else { self.dice.between(73, 80) };
        let facts = PolicePowersEnded { followed_by: some_code("accommodated") };
        let ended = at_instant(instant + TimeDelta::hours(hours.into()));
        self.note(&own, "", ended, member, facts, role);
    }

    fn order_emergency_protection(&mut self, strand: &Strand, member: &Member, day: NaiveDate) {
        let mut own = strand.clone();
        let role = [(EntityRole::EmergencyOrder, self.dice.entity())];
        let facts = EpoGranted { until: Some(plus(day, 7)), court: None };
        self.step(&mut own, Occurred::on(day), member, facts, role);
        let longer = self.dice.chance(1300);
        if longer {
            let facts = EpoExtended { until: plus(day, 14) };
            self.step(&mut own, Occurred::on(plus(day, 6)), member, facts, role);
        }
        let overrun = !longer && self.dice.chance(600);
        let days = match (longer, overrun) {
            (true, _) => self.dice.between(9, 14),
            (false, true) => self.dice.between(9, 11),
            (false, false) => self.dice.between(3, 7),
        };
        let facts = EpoEnded { reason: some_code("followed_by_other_order") };
        self.note(&own, "legal", Occurred::on(plus(day, days)), member, facts, role);
    }
}
