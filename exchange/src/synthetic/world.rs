//! What every journey shares: the days of the file, the calendar, the workers and how often things happen.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids::StreamId;
use domain::time::after_london_day;

use super::Options;
use super::days::{Days, plus};
use super::dice::Dice;
use super::rates::Mix;

/// Which team has a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Desk {
    FrontDoor,
    Assessment,
    Safeguarding,
    ChildrenInCare,
    LeavingCare,
    Reviewing,
}

impl Desk {
    const ALL: [Self; 6] = [
        Self::FrontDoor,
        Self::Assessment,
        Self::Safeguarding,
        Self::ChildrenInCare,
        Self::LeavingCare,
        Self::Reviewing,
    ];

    /// The name of its teams, without their number.
    const fn team(self) -> &'static str {
        match self {
            Self::FrontDoor => "Front Door",
            Self::Assessment => "Assessment",
            Self::Safeguarding => "Safeguarding and Court",
            Self::ChildrenInCare => "Children in Care",
            Self::LeavingCare => "Leaving Care",
            Self::Reviewing => "Independent Reviewing",
        }
    }

    /// The role code of its workers.
    pub(super) const fn role(self) -> &'static str {
        match self {
            Self::FrontDoor | Self::Assessment | Self::Safeguarding | Self::ChildrenInCare => "social_worker",
            Self::LeavingCare => "personal_adviser",
            Self::Reviewing => "reviewing_officer",
        }
    }

    /// Its share of all workers, in percent.
    const fn share(self) -> usize {
        match self {
            Self::FrontDoor | Self::Reviewing => 10,
            Self::Assessment | Self::Safeguarding => 30,
            Self::ChildrenInCare => 15,
            Self::LeavingCare => 5,
        }
    }
}

/// An invented worker.
#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) stream: StreamId,
    /// Number in the invented name, from 1.
    pub(super) number: u32,
    pub(super) desk: Desk,
    pub(super) team: Arc<str>,
}

/// What every journey shares.
pub(super) struct World {
    /// First day of the file.
    pub(super) opening: NaiveDate,
    /// Last day of the file, included.
    pub(super) until: NaiveDate,
    /// The first instant after the last day: nothing is recorded at it or later.
    pub(super) closing: DateTime<Utc>,
    pub(super) days: Days,
    pub(super) workers: Vec<Worker>,
    pub(super) mix: Mix,
    pub(super) seed: u64,
}

impl World {
    pub(super) fn new(options: &Options, mix: Mix) -> Self {
        let span = i32::try_from(options.years).unwrap_or(0) * 1461 / 4;
        let opening = plus(options.until, -span);
        Self {
            opening,
            until: options.until,
            closing: after_london_day(options.until),
            days: Days::new(plus(opening, -800), plus(options.until, 2000)),
            workers: workforce(options),
            mix,
            seed: options.seed,
        }
    }

    /// One of the workers of a desk.
    pub(super) fn worker(&self, desk: Desk, dice: &mut Dice) -> &Worker {
        let from = self.workers.partition_point(|worker| order(worker.desk) < order(desk));
        let to = self.workers.partition_point(|worker| order(worker.desk) <= order(desk));
        let at = from + usize::try_from(dice.below(u32::try_from(to - from).unwrap_or(0))).unwrap_or(0);
        self.workers.get(at).expect("every desk has a worker")
    }
}

fn order(desk: Desk) -> usize {
    Desk::ALL.iter().position(|held| *held == desk).unwrap_or(0)
}

/// One worker for about 25 children, at least two at every desk, sorted by desk.
fn workforce(options: &Options) -> Vec<Worker> {
    let mut dice = Dice::new(options.seed, u64::MAX);
    let total = usize::try_from(options.children / 25).unwrap_or(0);
    let mut workers = Vec::new();
    for desk in Desk::ALL {
        for index in 0..(total * desk.share() / 100).max(2) {
            workers.push(Worker {
                stream: dice.stream(),
                number: u32::try_from(workers.len()).unwrap_or(0) + 1,
                desk,
                team: format!("{} {}", desk.team(), index / 8 + 1).into(),
            });
        }
    }
    workers
}
