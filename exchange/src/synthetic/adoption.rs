//! From the decision that a child should be adopted to the order.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::adoption::{
    AdoptionDecisionMade, AdoptionOrderMade, FosterToAdoptPlaced, MatchApproved, PlacedForAdoption,
    PlacementOrderMade,
};
use domain::events::adoption_work::AdoptionPanelHeld;
use domain::time::Occurred;

use super::days::{days_from, plus};
use super::diary::{Diary, Filing, Strand, Told};
use super::looked_after::Period;
use super::person::some_code;
use super::rates;

impl Diary<'_> {
    /// The day of the adoption order for a child whose placement order was made on a day.
    pub(super) fn adoption_day(&mut self, ordered: NaiveDate) -> NaiveDate {
        self.world.days.at_or_after(plus(ordered, self.dice.between(330, 800)))
    }

    /// The day on which a child moves in with adopters, between the placement order and the adoption order.
    pub(super) fn moving_in_day(&mut self, ordered: NaiveDate, adopted: NaiveDate) -> NaiveDate {
        let part = days_from(ordered, adopted) * self.dice.between(20, 48) / 100;
        self.world.days.at_or_after(plus(ordered, part.max(30)))
    }

    /// The steps from the agency's decision to the adoption order.
    pub(super) fn adopt(&mut self, strand: &mut Strand, period: &Period, ordered: NaiveDate) {
        let member = &period.member;
        let role = [(EntityRole::AdoptionCase, member.adoption), (EntityRole::PeriodOfCare, member.period)];
        let placed = period.adoptive.unwrap_or(period.end);
        let filing = Filing::MANAGER;
        let decided = self.world.days.at_or_before(plus(ordered, -20));
        self.hear_panel(strand, period, decided, "best_interests");
        self.single(strand, filing, Occurred::on(decided), member, Told::new(AdoptionDecisionMade {}, role));
        self.single(strand, filing, Occurred::on(ordered), member, Told::new(PlacementOrderMade {}, role));
        let matched =
            self.world.days.at_or_before(plus(placed, -self.dice.between(7, 28))).max(plus(ordered, 1));
        if self.dice.chance(rates::FOSTERED_FIRST) {
            let fostered =
                self.world.days.at_or_before(plus(matched, -self.dice.between(10, 90))).max(plus(ordered, 1));
            self.single(
                strand,
                filing,
                Occurred::on(fostered),
                member,
                Told::new(FosterToAdoptPlaced {}, role),
            );
        }
        self.hear_panel(strand, period, matched, "match");
        self.single(strand, filing, Occurred::on(matched), member, Told::new(MatchApproved::default(), role));
        let told = Told::new(PlacedForAdoption::default(), role);
        self.single(strand, filing, Occurred::on(placed), member, told);
        let told = Told::new(AdoptionOrderMade {}, role);
        self.single(strand, filing, Occurred::on(period.end), member, told);
    }

    /// The panel whose recommendation a decision follows within days, mostly.
    fn hear_panel(&mut self, strand: &mut Strand, period: &Period, decided: NaiveDate, question: &str) {
        let in_time = self.dice.chance(rates::DECISION_AFTER_PANEL_IN_TIME);
        let before = if in_time { self.dice.between(2, 8) } else { self.dice.between(13, 20) };
        let day = self.world.days.at_or_before(plus(decided, -before)).max(period.start);
        let facts = AdoptionPanelHeld {
            decision: some_code("recommended"),
            question: some_code(question),
            attendees: BTreeSet::new(),
            next_on: None,
        };
        self.step(strand, Occurred::on(day), &period.member, facts, []);
    }
}
