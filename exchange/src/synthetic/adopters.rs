//! Adopters: households of their own streams, from the enquiry through two stages to approval.

use domain::envelope::Category;
use domain::events::EntityRole;
use domain::events::adoption::{AdopterLeft, AdopterRegistered, AdopterStep, AdopterStepReached};
use domain::time::Occurred;

use super::Options;
use super::days::{days_from, plus};
use super::diary::{Diary, Sheet};
use super::dice::Dice;
use super::person::some_code;
use super::rates;
use super::world::{Desk, World};

/// One adopter household for about so many children.
const CHILDREN_FOR_EACH: u32 = 60;

/// Every adopter household of the file, in order of entry within each.
pub(super) fn register(world: &World, options: &Options) -> Vec<Sheet> {
    let mut diary = Diary::new(world, Dice::new(world.seed, u64::MAX - 4));
    for _ in 0..options.children / CHILDREN_FOR_EACH {
        approve(&mut diary);
    }
    diary.sheets
}

fn approve(diary: &mut Diary<'_>) {
    let world = diary.world;
    let span = days_from(world.opening, world.until);
    let began = world.days.at_or_after(plus(world.opening, diary.dice.between(1, span)));
    let mut strand = diary.strand(Desk::ChildrenInCare, began);
    let stream = diary.dice.stream();
    let place = (Category::Adopter, stream);
    let role = [(EntityRole::Adopter, diary.dice.entity())];
    let facts = AdopterRegistered {
        ethnicity: None,
        disabled: None,
        fostering_for_adoption: Some(diary.dice.chance(2500)),
    };
    diary.step_in(&mut strand, place, Occurred::on(began), facts, role);
    let mut day = began;
    let first = diary.dice.curve(rates::ADOPTERS_STAGE_ONE_DAYS);
    let second = diary.dice.curve(rates::ADOPTERS_STAGE_TWO_DAYS);
    let steps = [
        (AdopterStep::StageOneStarted, 0),
        (AdopterStep::StageOneEnded, first),
        (AdopterStep::StageTwoStarted, diary.dice.between(5, 40)),
        (AdopterStep::ApplicationApproved, second),
    ];
    for (step, wait) in steps {
        day = world.days.at_or_before(plus(day, wait)).max(day);
        if step == AdopterStep::StageTwoStarted && diary.dice.chance(2500) {
            let facts = AdopterLeft { reason: some_code("1") };
            diary.step_in(&mut strand, place, Occurred::on(day), facts, role);
            return;
        }
        let facts = AdopterStepReached { step, children: None };
        diary.step_in(&mut strand, place, Occurred::on(day), facts, role);
    }
}
