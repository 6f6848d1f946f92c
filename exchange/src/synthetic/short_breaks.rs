//! Short breaks: a series of overnight stays of a disabled child who lives at home.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::looked_after::{PlacementEnded, PlacementStarted};
use domain::time::Occurred;

use super::case::Case;
use super::days::plus;
use super::diary::{Diary, Strand};
use super::looked_after::Period;
use super::person::some_code;
use super::rates;

impl Case<'_, '_> {
    /// Some disabled children have a series of short breaks while they are supported at home.
    pub(super) fn take_short_breaks(&mut self, start: NaiveDate, end: NaiveDate) {
        let [member] = self.members.as_slice() else { return };
        let member = member.clone();
        let disabled = self.persons.get(member.child).is_some_and(super::person::Person::is_disabled);
        let born = member.born < start;
        if !disabled || !born || plus(start, 60) > end || !self.diary.dice.chance(rates::SHORT_BREAKS) {
            return;
        }
        let period = Period { member, start: plus(start, 10), end, adoptive: None, ordered: None };
        let mut strand = self.strand.clone();
        self.diary.enter_care(&mut strand, &period, "V4");
        self.diary.stay_now_and_then(&mut strand, &period);
        self.diary.leave_care(&mut strand, &period, "E8");
        self.strand.join(&strand);
    }
}

impl Diary<'_> {
    /// A stay every three to five weeks, of some days; seldom one that is too long.
    fn stay_now_and_then(&mut self, strand: &mut Strand, period: &Period) {
        let mut next = period.start;
        while plus(next, 25) < period.end && next <= self.world.until {
            let days =
                if self.dice.chance(400) { self.dice.between(18, 21) } else { self.dice.between(1, 5) };
            let roles = [
                (EntityRole::PeriodOfCare, period.member.period),
                (EntityRole::Placement, self.dice.entity()),
            ];
            let started = PlacementStarted {
                placement_type: some_code("U6"),
                provider: some_code("PR1"),
                short_break: Some(true),
                ..Default::default()
            };
            self.step(strand, Occurred::on(next), &period.member, started, roles);
            let ended = PlacementEnded::default();
            self.step(strand, Occurred::on(plus(next, days)), &period.member, ended, roles);
            next = plus(next, days + self.dice.between(20, 32));
        }
    }
}
