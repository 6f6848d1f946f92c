//! The authority itself: how many children live in its area, and an improvement plan with its actions.

use chrono::{Datelike, NaiveDate};
use domain::envelope::Category;
use domain::events::EntityRole;
use domain::events::improvement::{
    ImprovementActionAgreed, ImprovementActionClosed, ImprovementActionProgressed,
};
use domain::events::published::PopulationSet;
use domain::ids::StreamId;
use domain::time::Occurred;

use super::Options;
use super::days::plus;
use super::diary::{Diary, Sheet, Strand};
use super::dice::Dice;
use super::person::{code, some_code};
use super::rates;
use super::world::{Desk, World};

/// What the authority's own stream tells, in order of entry.
pub(super) fn record(world: &World, options: &Options) -> Vec<Sheet> {
    let mut diary = Diary::new(world, Dice::new(world.seed, u64::MAX - 3));
    let stream = diary.dice.stream();
    let mut strand = diary.strand(Desk::FrontDoor, world.opening);
    count_children(&mut diary, &mut strand, stream, options);
    improve(&mut diary, &strand, stream);
    diary.sheets
}

/// An estimate of the children under 18 for each year, made once at the opening and once in each later year.
fn count_children(diary: &mut Diary<'_>, strand: &mut Strand, stream: StreamId, options: &Options) {
    let children = options.children.saturating_mul(rates::POPULATION_FOR_EACH_CHILD) / options.years.max(1);
    let world = diary.world;
    for year in world.opening.year()..=world.until.year() {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(world.opening);
        let day = diary.world.days.at_or_after(first.max(world.opening));
        let facts = PopulationSet {
            area: code("INV"),
            year: u32::try_from(year).unwrap_or(0),
            ages_from: 0,
            ages_to: 17,
            children: children.max(1),
            source: some_code("invented"),
        };
        diary.step_in(strand, (Category::Authority, stream), Occurred::on(day), facts, []);
    }
}

/// An action every few months, closed by its day, by a later one that was agreed, or late.
fn improve(diary: &mut Diary<'_>, strand: &Strand, stream: StreamId) {
    let place = (Category::Authority, stream);
    let mut next = plus(diary.world.opening, 40);
    let mut number = 1;
    while next <= diary.world.until {
        let mut own = strand.clone();
        let role = [(EntityRole::ImprovementAction, diary.dice.entity())];
        let agreed = diary.world.days.at_or_after(next);
        let due = plus(agreed, diary.dice.between(60, 240));
        let action = code(&format!("action-{number}"));
        let facts = ImprovementActionAgreed {
            action,
            due_on: Some(due),
            owner: None,
            owner_role: some_code("service_manager"),
            source: None,
        };
        diary.step_in(&mut own, place, Occurred::on(agreed), facts, role);
        let in_time = diary.dice.chance(rates::ACTION_IN_TIME);
        let postponed = !in_time && diary.dice.chance(5000);
        if postponed {
            let facts =
                ImprovementActionProgressed { rating: some_code("amber"), new_due_on: Some(plus(due, 90)) };
            let told = diary.world.days.at_or_before(plus(due, -10));
            diary.step_in(&mut own, place, Occurred::on(told), facts, role);
        }
        let shift = if in_time { -diary.dice.between(0, 30) } else { diary.dice.between(10, 85) };
        let closed = diary.world.days.at_or_before(plus(due, shift));
        let facts = ImprovementActionClosed { outcome: some_code("done") };
        diary.step_in(&mut own, place, Occurred::on(closed), facts, role);
        next = plus(next, diary.dice.between(35, 90));
        number += 1;
    }
}
