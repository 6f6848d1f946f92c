//! At the edge of care: services for the family, and family group conferences. Both stand in the household's stream.

use chrono::NaiveDate;
use domain::envelope::Category;
use domain::events::EntityRole;
use domain::events::edge_of_care::{
    EdgeOfCareDeclined, EdgeOfCareEnded, EdgeOfCareReferred, EdgeOfCareStarted, EdgeOfCareWithdrawn,
    FamilyPlanAgreed, FgcHeld, FgcReferred,
};
use domain::time::Occurred;

use super::case::Case;
use super::days::plus;
use super::person::some_code;
use super::rates;

impl Case<'_, '_> {
    /// A family group conference, urgent or not; where it is asked for it is held.
    pub(super) fn confer_as_family(&mut self, asked: NaiveDate, urgent: bool) {
        let mut own = self.strand.clone();
        let stream = (Category::Household, self.household);
        let diary = &mut *self.diary;
        let role = [(EntityRole::FamilyGroupConference, diary.dice.entity())];
        let facts = FgcReferred { provider: some_code("in_house"), urgent: Some(urgent), due_on: None };
        diary.step_in(&mut own, stream, Occurred::on(asked), facts, role);
        let quick = urgent && diary.dice.chance(rates::URGENT_FAMILY_CONFERENCE_IN_TIME);
        let wait = if quick { diary.dice.between(5, 13) } else { diary.dice.between(16, 42) };
        let held = diary.world.days.at_or_before(plus(asked, wait));
        let facts = FgcHeld { child_attended: Some(diary.dice.chance(5000)) };
        if diary.step_in(&mut own, stream, Occurred::on(held), facts, role) && diary.dice.chance(8000) {
            diary.step_in(&mut own, stream, Occurred::on(held), FamilyPlanAgreed {}, role);
        }
    }

    /// A service works with the family for some months, unless it declines or the family does not want it.
    pub(super) fn work_with_family(&mut self, asked: NaiveDate, service: &'static str) {
        self.served = true;
        let mut own = self.strand.clone();
        let stream = (Category::Household, self.household);
        let diary = &mut *self.diary;
        let role = [(EntityRole::EdgeOfCareService, diary.dice.entity())];
        let name = || some_code(service);
        let facts = EdgeOfCareReferred { service: name(), reason: some_code("risk_of_care") };
        diary.step_in(&mut own, stream, Occurred::on(asked), facts, role);
        let answered = Occurred::on(diary.world.days.working(asked, diary.dice.between(2, 12)));
        match diary.dice.below(100) {
            0..=11 => {
                let facts = EdgeOfCareDeclined { service: name(), reason: some_code("no_capacity") };
                diary.step_in(&mut own, stream, answered, facts, role);
            }
            12..=18 => {
                let facts = EdgeOfCareWithdrawn { service: name(), reason: some_code("family_declined") };
                diary.step_in(&mut own, stream, answered, facts, role);
            }
            _ => {
                diary.step_in(&mut own, stream, answered, EdgeOfCareStarted { service: name() }, role);
                let ended = diary.world.days.at_or_after(plus(asked, diary.dice.between(70, 200)));
                let outcome =
                    some_code(diary.dice.pick(&["remained_at_home", "remained_at_home", "disengaged"]));
                let facts = EdgeOfCareEnded { service: name(), outcome };
                diary.step_in(&mut own, stream, Occurred::on(ended), facts, role);
            }
        }
    }
}
