//! Visits to children in care: within a week of each placement, then every six weeks, or three months where it is to last;
//! with adopters each week until the first review is due.

use domain::events::EntityRole;
use domain::events::looked_after::LookedAfterVisitMade;
use domain::time::Occurred;

use super::days::{days_from, plus};
use super::diary::{Diary, Filing, Strand, Told};
use super::looked_after::Period;
use super::placements::Placed;
use super::rates;

impl Diary<'_> {
    /// Every placement is visited soon after its start, and again and again.
    pub(super) fn visit_in_care(&mut self, strand: &Strand, period: &Period, placements: &[Placed]) {
        let mut strand = strand.clone();
        for placed in placements {
            let soon = self.dice.chance(rates::FIRST_VISIT_IN_TIME);
            let first = if soon { self.dice.between(1, 6) } else { self.dice.between(8, 20) };
            let mut next = plus(placed.start, first);
            if soon {
                next = self.world.days.at_or_before(next).max(placed.start);
            }
            while next < placed.end.min(period.end) && next <= self.world.until {
                let alone = (!self.dice.chance(800)).then(|| self.dice.chance(8000));
                let told = Told::new(
                    LookedAfterVisitMade { alone, seen: alone.map(|_| true), ..Default::default() },
                    [(EntityRole::PeriodOfCare, period.member.period)],
                );
                self.single(&mut strand, Filing::NOTE, Occurred::on(next), &period.member, told);
                let settled = placed.to_adulthood && days_from(placed.start, next) > 365;
                let weekly = placed.adoptive && days_from(placed.start, next) < 28;
                let gap = if weekly { self.draw_week() } else { self.draw_gap(settled) };
                next = self.world.days.at_or_before(plus(next, gap));
            }
        }
    }

    fn draw_week(&mut self) -> i32 {
        if self.dice.chance(rates::VISIT_IN_TIME) {
            self.dice.between(5, 7)
        } else {
            self.dice.between(10, 13)
        }
    }

    fn draw_gap(&mut self, settled: bool) -> i32 {
        let (low, limit) = if settled { (50, 85) } else { (25, 40) };
        if self.dice.chance(rates::VISIT_IN_TIME) {
            self.dice.between(low, limit)
        } else {
            self.dice.between(limit + 10, limit + 30)
        }
    }
}
