//! Personal education plans of children in care: the first within weeks, then one a term.

use domain::events::education::PepCompleted;
use domain::time::Occurred;

use super::days::plus;
use super::diary::{Diary, Strand};
use super::looked_after::Period;
use super::rates;

impl Diary<'_> {
    /// The first plan and one in each term after it; the youngest have one too.
    pub(super) fn educate(&mut self, strand: &Strand, period: &Period) {
        let mut next =
            self.world.days.working(period.start, self.dice.curve(rates::EDUCATION_PLAN_WORKING_DAYS));
        while period.holds(next) && next <= self.world.until {
            self.note(
                strand,
                "",
                Occurred::on(next),
                &period.member,
                PepCompleted { term: None, school_year: None, quality: None },
                [],
            );
            let in_time = self.dice.chance(rates::EDUCATION_PLAN_EACH_TERM);
            let gap = if in_time { self.dice.between(85, 118) } else { self.dice.between(230, 270) };
            next = self.world.days.at_or_before(plus(next, gap));
        }
    }
}
