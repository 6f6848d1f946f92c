//! The table of endings walked line by line: for each ending that reaches more than its own process, what it ends of all that
//! can run for a child, and why the rest goes on. The matrix stands in `fixtures/endings/matrix.toml` and is read by people.

use std::collections::{BTreeMap, BTreeSet};

use domain::envelope::Category;
use domain::events::{CaseEvent, EntityRole, Kind, Stage};
use domain::processes::{Processes, derived, lasts};
use domain::rules::{Ending, Ends, RuleBook};
use serde::Deserialize;

use crate::support::{Story, born, day, process};

/// The eighteenth birthday of the child.
const ENDED: &str = "2024-05-01";
/// Every process began so that it runs when it is ended.
const BEGAN: &str = "2024-03-11";

#[derive(Deserialize)]
struct Matrix {
    /// Names for what has its reasons in common.
    group: BTreeMap<String, Vec<String>>,
    /// What no ending of another process ends, with the reason.
    apart: Vec<GoesOn>,
    /// Endings that are about processes of one role among themselves.
    among_themselves: Vec<String>,
    ending: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    /// An event that makes it happen; left out for a birthday.
    event: Option<String>,
    details: Option<String>,
    /// The birthday of the child on which it happens.
    birthday: Option<i32>,
    /// A day on which its effect has come, where that is later.
    by: Option<String>,
    /// What has to run for it.
    #[serde(default)]
    runs: Option<String>,
    ends: Vec<String>,
    #[serde(default)]
    goes_on: Vec<GoesOn>,
}

#[derive(Deserialize)]
struct GoesOn {
    what: Vec<String>,
    why: String,
}

impl Matrix {
    /// What a name stands for: a group, or one process.
    fn named<'a>(&'a self, name: &'a str) -> Vec<&'a str> {
        let group = self.group.get(name).map(|held| held.iter().map(String::as_str).collect());
        group.unwrap_or_else(|| vec![name])
    }
}

fn matrix() -> Matrix {
    toml::from_str(include_str!("../fixtures/endings/matrix.toml")).expect("a matrix")
}

/// What lasts and runs for a child, with an event that tells of it.
fn roles() -> BTreeMap<&'static str, (EntityRole, Kind)> {
    let of_child = Kind::ALL.iter().filter(|kind| kind.category() == Category::Child);
    let tells = of_child.filter_map(|kind| Some((kind.own_role()?, *kind)));
    let mut roles: BTreeMap<&str, (EntityRole, Kind)> = BTreeMap::new();
    for (role, kind) in tells.filter(|(role, _)| lasts(*role)) {
        let told = roles.entry(role.name()).or_insert((role, kind));
        if told.1.stage() != Stage::Opens && kind.stage() == Stage::Opens {
            *told = (role, kind);
        }
    }
    roles.insert("family_programme", (EntityRole::FamilyProgramme, Kind::PriorityFamilyIdentified));
    roles
}

/// The event with as few details as it can have.
fn bare(kind: Kind) -> CaseEvent {
    let on = BEGAN.parse().expect("a day");
    let read = CaseEvent::read(on, kind.name(), kind.schema_version(), r#"{"details":{}}"#);
    read.unwrap_or_else(|_| CaseEvent { entities: Default::default(), ..kind.sample() })
}

fn began(story: Story, (role, kind): (EntityRole, Kind), within: Option<EntityRole>) -> Story {
    let event = bare(kind).of(role, process(50));
    let event = match within.filter(|within| *within != role) {
        Some(within) => event.of(within, process(60)),
        None => event,
    };
    story.event(BEGAN, event)
}

/// Whether a process that ran is over once an ending has happened; `None` where it does not run beside what has to.
fn is_ended(row: &Row, line: &Ending, (role, kind): (EntityRole, Kind)) -> Option<bool> {
    let roles = roles();
    let age = row.birthday.unwrap_or(14);
    let mut story = born(&format!("{}-05-01", 2024 - age));
    let own = line.within.filter(|within| *within != role);
    for other in own.iter().map(|within| within.name()).chain(row.runs.as_deref()) {
        let (other, kind) = *roles.get(other).expect("the matrix names what can run");
        if other != role {
            story = story.event(BEGAN, bare(kind).of(other, process(60)));
        }
    }
    story = began(story, (role, kind), line.within);
    if let Some(event) = &row.event {
        let named: Vec<(EntityRole, u128)> =
            line.within.map(|within| (within, if own.is_some() { 60 } else { 50 })).into_iter().collect();
        story = story.told(ENDED, event, row.details.as_deref().unwrap_or("{}"), &named);
    }
    let (journey, endings) = (story.journey(), RuleBook::built_in().endings());
    let events: Vec<_> = journey.events.iter().collect();
    let is_over = |on: &str| {
        let derived = derived(&events, endings, day(on));
        Processes::of(&events, &derived, endings).get(role, process(50)).expect("a process").is_over(day(on))
    };
    (!is_over("2024-04-30")).then(|| is_over(row.by.as_deref().unwrap_or("2024-05-02")))
}

/// Whether an ending reaches what lasts beyond its own process.
fn reaches_others(line: &Ending) -> bool {
    let other = |ends: &Ends| {
        matches!(ends, Ends::Process(role) if lasts(*role) && Some(*role) != line.within
            && *role != EntityRole::ImprovementAction)
    };
    line.ends.iter().any(other)
}

#[test]
fn every_ending_ends_what_it_ends_beside_its_neighbours_or_says_why_not() {
    let (matrix, roles) = (matrix(), roles());
    let apart: BTreeSet<&str> = matrix.apart.iter().flat_map(|it| &it.what).map(String::as_str).collect();
    for row in &matrix.ending {
        let line = RuleBook::built_in().endings().line(&row.id).expect("a line of the table");
        let (mut ended, mut left) = (BTreeSet::new(), BTreeSet::new());
        for (name, role) in roles.iter().filter(|(name, _)| !apart.contains(*name)) {
            match is_ended(row, line, *role) {
                Some(true) => drop(ended.insert(*name)),
                Some(false) => drop(left.insert(*name)),
                None => {}
            }
        }
        let named: BTreeSet<&str> = row.ends.iter().map(String::as_str).collect();
        assert_eq!(ended, named, "{}", row.id);
        let goes_on = row.goes_on.iter().flat_map(|it| &it.what);
        let goes_on: BTreeSet<&str> = goes_on.flat_map(|name| matrix.named(name)).collect();
        let without_reason: Vec<&&str> = left.difference(&goes_on).collect();
        assert!(without_reason.is_empty(), "{}: why does it not end {without_reason:?}?", row.id);
    }
}

#[test]
fn the_matrix_holds_every_ending_that_reaches_others_with_a_reason_for_each_hole() {
    let matrix = matrix();
    let rows: BTreeSet<&str> = matrix.ending.iter().map(|row| row.id.as_str()).collect();
    let among: BTreeSet<&str> = matrix.among_themselves.iter().map(String::as_str).collect();
    let lines = RuleBook::built_in().endings().lines().iter().filter(|line| reaches_others(line));
    let missing: Vec<&str> =
        lines.map(|line| &*line.id).filter(|id| !rows.contains(id) && !among.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let reasons = matrix.ending.iter().flat_map(|row| &row.goes_on).chain(&matrix.apart);
    reasons
        .for_each(|it| assert!(it.why.len() > 10 && !it.what.is_empty(), "{:?} without a reason", it.what));
}
