//! Young people of 16 or 17 without a home: the referral, an advocate, and the decision that is reviewed.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::advocacy::AdvocacyOffered;
use domain::events::homelessness::{DecisionNotToBeLookedAfter, DecisionReviewed, HomelessReferralReceived};
use domain::time::Occurred;

use super::case::Case;
use super::days::plus;
use super::person::some_code;
use super::rates;

impl Case<'_, '_> {
    /// Some young people alone come because they have no home.
    pub(super) fn ask_for_a_home(&mut self, day: NaiveDate) {
        let [member] = self.members.as_slice() else { return };
        let member = member.clone();
        let of_age = plus(member.born, 16 * 366) < day && plus(day, 60) < member.adult_on;
        if !of_age || !self.diary.dice.chance(rates::HOMELESS) {
            return;
        }
        let mut own = self.strand.clone();
        let diary = &mut *self.diary;
        let role = [(EntityRole::HomelessReferral, diary.dice.entity())];
        let facts = HomelessReferralReceived { source: some_code("housing") };
        diary.step(&mut own, Occurred::on(day), &member, facts, role);
        if diary.dice.chance(rates::ADVOCATE_FOR_THE_HOMELESS) {
            let offered = diary.world.days.working(day, diary.dice.between(0, 4));
            let facts = AdvocacyOffered { context: some_code("homelessness") };
            diary.note(&own, "", Occurred::on(offered), &member, facts, []);
        }
        let decided = diary.world.days.working(day, diary.dice.between(3, 9));
        let facts = DecisionNotToBeLookedAfter { advised: Some(true) };
        diary.step(&mut own, Occurred::on(decided), &member, facts, role);
        let reviewed = diary.world.days.working(decided, diary.dice.between(8, 20));
        let facts = DecisionReviewed { stands: Some(true) };
        diary.note(&own, "", Occurred::on(reviewed), &member, facts, role);
    }
}
