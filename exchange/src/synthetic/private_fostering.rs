//! Private fostering: a child who lives with somebody else by the family's own arrangement, and visits there.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::private_fostering::{
    PrivateFosteringArrangementEnded, PrivateFosteringArrangementStarted, PrivateFosteringVisitMade,
};
use domain::time::Occurred;

use super::case::Case;
use super::days::{days_from, plus};
use super::person::some_code;
use super::rates;

impl Case<'_, '_> {
    /// Of some children alone it turns out that they live with friends; the day on which that ends, and the case with it.
    pub(super) fn foster_privately(&mut self, from: NaiveDate) -> Option<NaiveDate> {
        let [member] = self.members.as_slice() else { return None };
        let member = member.clone();
        let sixteenth = plus(member.born, 16 * 365);
        let fits = plus(member.born, 5 * 366) < from && plus(from, 150) < sixteenth;
        if !fits || !self.diary.dice.chance(rates::PRIVATE_FOSTERING) {
            return None;
        }
        let end = plus(from, self.diary.dice.between(140, 700)).min(sixteenth);
        let mut own = self.strand.clone();
        let role = [(EntityRole::PrivateFostering, self.diary.dice.entity())];
        let facts =
            PrivateFosteringArrangementStarted { notified_on: Some(from), carer: some_code("friend") };
        self.diary.step(&mut own, Occurred::on(from), &member, facts, role);
        let mut next = self.diary.world.days.at_or_after(plus(from, self.diary.dice.between(3, 30)));
        while next < end && next <= self.diary.world.until {
            let facts = PrivateFosteringVisitMade { alone: Some(self.diary.dice.chance(8000)) };
            self.diary.note(&own, "", Occurred::on(next), &member, facts, role);
            let limit = if days_from(from, next) < 360 { 41 } else { 80 };
            let in_time = self.diary.dice.chance(8500);
            let gap = if in_time {
                self.diary.dice.between(25, limit)
            } else {
                self.diary.dice.between(limit + 6, limit + 30)
            };
            next = self.diary.world.days.at_or_before(plus(next, gap));
        }
        let facts = PrivateFosteringArrangementEnded { reason: some_code("returned_home") };
        self.diary.step(&mut own, Occurred::on(end), &member, facts, role);
        self.strand.join(&own);
        Some(end)
    }
}
