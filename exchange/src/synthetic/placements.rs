//! Placements: their plans, their distances, a temporary one between two, a move to adopters, and those that break down.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::events::looked_after::{PlacementEnded, PlacementStarted};
use domain::events::permanence::DisruptionMeetingHeld;
use domain::events::placement_work::{PlacementDisrupted, PlacementPanelHeld, PlacementPlanMade};
use domain::events::{DecimalText, EntityRole};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::days::plus;
use super::diary::{Diary, Filing, Strand, Told};
use super::dice::Curve;
use super::looked_after::Period;
use super::person::some_code;
use super::rates;

/// Days of a placement that is not the last one; no published figure.
const PLACEMENT_DAYS: Curve = &[(0, 5), (3000, 70), (6000, 260), (9000, 800), (10_000, 1800)];

/// Types and providers of placements; residential ones about 11 % (Somerset improvement plan 2018/19, its own target).
const PLACEMENTS: [((&str, &str), u32); 7] = [
    (("U6", "PR1"), 43),
    (("U6", "PR4"), 25),
    (("U3", "PR1"), 15),
    (("K2", "PR4"), 19),
    (("H5", "PR4"), 6),
    (("U4", "PR1"), 5),
    (("P1", "PR0"), 7),
];

/// Temporary placements: a hospital, a carer's holiday, and other reasons, with the days that each may last.
const TEMPORARY: [((&str, i32), u32); 3] = [(("T1", 42), 25), (("T3", 21), 60), (("T4", 7), 15)];

/// One placement: its first and last day, and whether it is meant to last to adulthood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
    pub(super) to_adulthood: bool,
    /// With adopters.
    pub(super) adoptive: bool,
}

/// What is known of a placement when it starts.
#[derive(Clone, Copy)]
struct Kind {
    code: &'static str,
    provider: &'static str,
    to_adulthood: bool,
}

impl Diary<'_> {
    /// Placement after placement without a gap; the last one ends with the period.
    pub(super) fn place(&mut self, strand: &mut Strand, period: &Period) -> Vec<Placed> {
        let mut placed = Vec::new();
        let mut start = period.start;
        let until = period.adoptive.unwrap_or(period.end);
        while start < until && start <= self.world.until {
            let stays = self.dice.chance(rates::STAYS_IN_PLACEMENT);
            let length = self.dice.curve(PLACEMENT_DAYS);
            let end = if stays { until } else { plus(start, length).min(until) };
            let kind = self.draw_kind(period, start, end);
            placed.push(self.one_placement(strand, period, (start, end), kind));
            start = end;
            if start < plus(until, -60) && self.dice.chance(rates::TEMPORARY_BETWEEN) {
                start = self.place_for_a_time(strand, period, start);
            }
        }
        if let Some(moved) = period.adoptive.filter(|day| *day <= self.world.until) {
            let code = if self.dice.chance(rates::ADOPTED_BY_FOSTER_CARERS) { "A5" } else { "A6" };
            let kind = Kind { code, provider: "PR1", to_adulthood: false };
            placed.push(self.one_placement(strand, period, (moved, period.end), kind));
        }
        placed
    }

    fn draw_kind(&mut self, period: &Period, start: NaiveDate, end: NaiveDate) -> Kind {
        let (code, provider) = self.dice.weighted(&PLACEMENTS);
        let young = period.age_on(start) < 10;
        // Young children live with foster carers.
        let (code, provider) =
            if young && matches!(code, "K2" | "H5") { ("U6", "PR1") } else { (code, provider) };
        let lasts = end == period.end && super::days::days_from(start, end) > 700;
        Kind { code, provider, to_adulthood: lasts && matches!(code, "U4" | "U6" | "U3") }
    }

    /// A temporary placement between two; the day on which it ends.
    fn place_for_a_time(&mut self, strand: &mut Strand, period: &Period, start: NaiveDate) -> NaiveDate {
        let (code, longest) = self.dice.weighted(&TEMPORARY);
        let in_time = self.dice.chance(rates::TEMPORARY_IN_TIME);
        let days = if in_time { self.dice.between(2, longest) } else { longest + self.dice.between(1, 8) };
        let end = plus(start, days);
        self.one_placement(strand, period, (start, end), Kind { code, provider: "PR1", to_adulthood: false });
        end
    }

    fn one_placement(
        &mut self,
        strand: &mut Strand,
        period: &Period,
        (start, end): (NaiveDate, NaiveDate),
        kind: Kind,
    ) -> Placed {
        let placement = self.dice.entity();
        let roles = [(EntityRole::PeriodOfCare, period.member.period), (EntityRole::Placement, placement)];
        let started = PlacementStarted {
            placement_type: some_code(kind.code),
            provider: some_code(kind.provider),
            short_break: Some(false),
            distance_miles: self.draw_distance(),
            intended_until_eighteen: Some(kind.to_adulthood),
            ..Default::default()
        };
        self.single(strand, Filing::STEP, Occurred::on(start), &period.member, Told::new(started, roles));
        self.plan_placement(strand, period, (start, end), placement);
        if matches!(kind.code, "K2" | "U4" | "H5") {
            self.agree_at_panel(strand, period, (start, end), placement);
        }
        self.end_placement(strand, period, end, placement);
        let adoptive = matches!(kind.code, "A5" | "A6");
        Placed { start, end, to_adulthood: kind.to_adulthood, adoptive }
    }

    /// Miles from home; about 12 % more than twenty (Somerset improvement plan 2018/19). One in twelve is not stated.
    fn draw_distance(&mut self) -> Option<DecimalText> {
        if self.dice.chance(800) {
            return None;
        }
        let miles =
            if self.dice.chance(1200) { self.dice.between(21, 160) } else { self.dice.between(0, 20) };
        DecimalText::try_new(&miles.to_string()).ok()
    }

    fn plan_placement(
        &mut self,
        strand: &Strand,
        period: &Period,
        (start, end): (NaiveDate, NaiveDate),
        placement: EntityId,
    ) {
        let wait = self.dice.curve(rates::PLACEMENT_PLAN_WORKING_DAYS);
        let made = self.world.days.working(start, wait).min(end);
        let role = [(EntityRole::Placement, placement)];
        self.note(strand, "", Occurred::on(made), &period.member, PlacementPlanMade {}, role);
    }

    /// A panel agrees until when a placement that costs much may last.
    fn agree_at_panel(
        &mut self,
        strand: &Strand,
        period: &Period,
        (start, end): (NaiveDate, NaiveDate),
        placement: EntityId,
    ) {
        let spare = if self.dice.chance(6800) { self.dice.between(0, 60) } else { -self.dice.between(1, 90) };
        let agreed = plus(end, spare);
        if agreed <= start {
            return;
        }
        let panel = PlacementPanelHeld {
            decision: some_code("agreed"),
            agreed_until: Some(agreed),
            joint_funding: None,
            attendees: BTreeSet::new(),
            next_on: None,
        };
        let role = [(EntityRole::Placement, placement)];
        self.note(strand, "service_manager", Occurred::on(start), &period.member, panel, role);
    }

    /// The end of a placement; about one in eight moves is a breakdown, about which a meeting is held mostly.
    fn end_placement(&mut self, strand: &mut Strand, period: &Period, end: NaiveDate, placement: EntityId) {
        let roles = [(EntityRole::PeriodOfCare, period.member.period), (EntityRole::Placement, placement)];
        let moves = end != period.end;
        let disrupted = moves && self.dice.chance(rates::PLACEMENT_DISRUPTED);
        let reason = moves.then(|| self.dice.pick(&["CARPL", "LAREQ", "CHILD", "CREQB", "STAND"]));
        let reason = if disrupted { Some("CREQB") } else { reason };
        if disrupted {
            let facts = PlacementDisrupted { reason: some_code("CREQB"), notice_days: None };
            self.step(strand, Occurred::on(end), &period.member, facts, roles);
        }
        let ended =
            PlacementEnded { reason: reason.and_then(some_code), disrupted: moves.then_some(disrupted) };
        self.step(strand, Occurred::on(end), &period.member, ended, roles);
        if disrupted && self.dice.chance(rates::DISRUPTION_MEETING) {
            let wait = self.dice.between(3, 25);
            let met = self.world.days.working(end, wait);
            let facts = DisruptionMeetingHeld { disruption: None, attendees: BTreeSet::new() };
            if period.holds(met) {
                self.note(strand, "reviewing_officer", Occurred::on(met), &period.member, facts, [roles[1]]);
            }
        }
    }
}
