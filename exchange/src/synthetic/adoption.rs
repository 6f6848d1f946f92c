//! From the decision that a child should be adopted to the order.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::adoption::{
    AdoptionDecisionMade, AdoptionOrderMade, MatchApproved, PlacedForAdoption, PlacementOrderMade,
};
use domain::time::Occurred;

use super::case::Member;
use super::days::{days_from, plus};
use super::diary::{Diary, Filing, Strand, Told};

impl Diary<'_> {
    /// The day of the adoption order for a child whose placement order was made on a day.
    pub(super) fn adoption_day(&mut self, ordered: NaiveDate) -> NaiveDate {
        self.world.days.at_or_after(plus(ordered, self.dice.between(330, 800)))
    }

    /// The steps from the agency's decision to the adoption order.
    pub(super) fn adopt(
        &mut self,
        strand: &mut Strand,
        member: &Member,
        ordered: NaiveDate,
        adopted: NaiveDate,
    ) {
        let role = [(EntityRole::AdoptionCase, member.adoption), (EntityRole::PeriodOfCare, member.period)];
        let length = days_from(ordered, adopted);
        let part = |percent: i32| plus(ordered, length * percent / 100);
        let days = &self.world.days;
        let decided = days.at_or_before(plus(ordered, -20));
        let matched = days.at_or_after(part(self.dice.between(15, 45)));
        let placed = days.at_or_after(plus(matched, self.dice.between(7, 35)));
        let filing = Filing::MANAGER;
        self.single(strand, filing, Occurred::on(decided), member, Told::new(AdoptionDecisionMade {}, role));
        self.single(strand, filing, Occurred::on(ordered), member, Told::new(PlacementOrderMade {}, role));
        self.single(strand, filing, Occurred::on(matched), member, Told::new(MatchApproved::default(), role));
        self.single(
            strand,
            filing,
            Occurred::on(placed),
            member,
            Told::new(PlacedForAdoption::default(), role),
        );
        self.single(strand, filing, Occurred::on(adopted), member, Told::new(AdoptionOrderMade {}, role));
    }
}
