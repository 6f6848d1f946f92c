//! Early help, before a contact or after a case.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::early_help::{EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::case::Case;
use super::diary::{Filing, Told};
use super::person::some_code;

impl Case<'_, '_> {
    /// An early help assessment, on a strand of its own; mostly it is completed.
    pub(super) fn step_down_to_early_help(&mut self, from: NaiveDate) {
        let start = self.diary.world.days.at_or_after(from);
        let mut strand = self.strand.clone();
        let ids: Vec<EntityId> = self.members.iter().map(|_| self.diary.dice.entity()).collect();
        let started = self.diary.roughly(start);
        let mut id = ids.iter().copied();
        self.diary.shared(&mut strand, Filing::STEP, started, &self.members, |_| {
            let own = id.next().expect("an id for each child");
            Told::new(
                EarlyHelpAssessmentStarted { form: some_code("EHA"), ..Default::default() },
                [(EntityRole::EarlyHelpAssessment, own)],
            )
        });
        if self.diary.dice.chance(8500) {
            let end = self.diary.world.days.working(start, self.diary.dice.between(10, 60));
            let mut id = ids.iter().copied();
            self.diary.shared(&mut strand, Filing::SUPPORT, Occurred::on(end), &self.members, |_| {
                let own = id.next().expect("an id for each child");
                Told::new(EarlyHelpAssessmentCompleted::default(), [(EntityRole::EarlyHelpAssessment, own)])
            });
        }
    }
}
