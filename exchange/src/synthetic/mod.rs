//! A synthetic authority: lawful journeys of invented children, workers and families.
//!
//! Nobody in it is real, and the header of the file says so. The same options give the same bytes on every
//! machine. Events come in the order in which the invented source system would have recorded them, across the
//! whole authority; what waits in memory is what cases open at one time still have to say, so memory grows
//! with the cases open at once and not with the years. The figures behind it, with their sources, stand in
//! `rates.rs` and `docs/synthetic-authority.md`. It does not know the rules that it is measured by: the tests
//! compare it with published figures by their own count.

mod adopters;
mod adoption;
mod amendments;
mod assessment;
mod authority;
mod care_leavers;
mod care_reviews;
mod care_visits;
mod case;
mod child_in_need;
mod child_protection;
mod conferences;
mod court;
mod days;
mod detention;
mod diary;
mod dice;
mod early_help;
mod edge_of_care;
mod education;
mod emergency;
mod facts_text;
mod family;
mod front_door;
mod health;
mod homelessness;
mod household;
mod looked_after;
mod merge;
mod missing;
mod oversight;
mod permanence;
mod person;
mod placements;
mod plan;
mod pre_proceedings;
mod private_fostering;
mod rates;
mod short_breaks;
mod world;

use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, Utc};
use domain::envelope::SealedFields;
use domain::events::workforce::WorkerRegistered;
use domain::time::Occurred;

use crate::jsonl::{Header, Writer};
use diary::{Diary, Filing, Told};
use dice::Dice;
use merge::Merge;
use person::some_code;
use rates::Mix;
use world::World;

/// What to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Number of children.
    pub children: u32,
    /// Years up to `until`, from 1 to 30.
    pub years: u32,
    /// Seed of all chance.
    pub seed: u64,
    /// Last day of the file, included: nothing in it happened or was recorded later.
    pub until: NaiveDate,
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Children with at least one event.
    pub children: u64,
    /// Families with at least one event.
    pub families: u64,
    /// Workers.
    pub workers: u64,
    /// Events.
    pub events: u64,
    /// Commands; siblings' shared entries count once.
    pub commands: u64,
    /// Commands that were waiting at once, at most.
    pub most_waiting: usize,
    /// When the first event was entered.
    pub first_entered: Option<DateTime<Utc>>,
    /// When the last event was entered.
    pub last_entered: Option<DateTime<Utc>>,
}

/// Why nothing was made, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum SynthesisError {
    /// There is nothing to make.
    #[error("an authority needs at least one child; state more children")]
    NoChildren,
    /// The span is not one that this program makes.
    #[error("{years} years cannot be made; state 1 to 30 years")]
    Years {
        /// The years as stated.
        years: u32,
    },
    /// The span leaves the calendar.
    #[error("a file until {until} cannot be made; state a day from 2000 to 2100")]
    Until {
        /// The day as stated.
        until: NaiveDate,
    },
    /// The output could not be written.
    #[error("writing the invented events stopped")]
    Io(#[from] io::Error),
}

/// What the header says to every reader.
pub const NOTE: &str =
    "Every child, worker, family, identifier and event in this file is invented by a program.";

/// Writes an invented authority as a file of events.
///
/// # Errors
/// [`SynthesisError`] where the options cannot be met or the output cannot be written.
pub fn synthesise(options: &Options, out: &mut impl Write) -> Result<Summary, SynthesisError> {
    with_mix(options, Mix::default(), out)
}

/// The same with another mix of routes, so that a test can look at a rare one closely.
fn with_mix(options: &Options, mix: Mix, out: &mut impl Write) -> Result<Summary, SynthesisError> {
    check(options)?;
    let world = World::new(options, mix);
    let header = Header {
        authority: "INV".to_owned(),
        invented: true,
        note: NOTE.to_owned(),
        as_at: Some(options.until),
    };
    let mut merge = Merge::over(&world, Writer::try_new(out, &header)?);
    merge.take(register_workers(&world));
    merge.take(authority::record(&world, options));
    merge.take(adopters::register(&world, options));
    merge.families(options)?;
    Ok(merge.finish()?)
}

fn check(options: &Options) -> Result<(), SynthesisError> {
    let first = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or(NaiveDate::MIN);
    let last = NaiveDate::from_ymd_opt(2100, 12, 31).unwrap_or(NaiveDate::MAX);
    if options.children == 0 {
        return Err(SynthesisError::NoChildren);
    }
    if !(1..=30).contains(&options.years) {
        return Err(SynthesisError::Years { years: options.years });
    }
    if options.until < first || options.until > last {
        return Err(SynthesisError::Until { until: options.until });
    }
    Ok(())
}

/// Every worker is known from the first day on, under a name that nobody can take for a real one.
fn register_workers(world: &World) -> Vec<diary::Sheet> {
    let mut diary = Diary::new(world, Dice::new(world.seed, u64::MAX - 1));
    let mut strand = diary.strand(world::Desk::FrontDoor, world.opening);
    for worker in &world.workers {
        let sealed = SealedFields::none().with("name", format!("Worker {:04} (invented)", worker.number));
        let told = Told::new(WorkerRegistered { role: some_code(worker.desk.role()) }, []).sealing(sealed);
        let filing = Filing { role: "business_support", prompt: false, may_slip: false };
        let mut entry =
            diary.begin_at(&mut strand, filing, Occurred::on(world.opening), strand_start(&world.opening));
        entry.line(worker.stream, told);
        entry.close();
    }
    diary.sheets
}

fn strand_start(opening: &NaiveDate) -> DateTime<Utc> {
    domain::time::after_london_day(*opening) - chrono::TimeDelta::hours(17)
}

#[cfg(test)]
mod tests;
