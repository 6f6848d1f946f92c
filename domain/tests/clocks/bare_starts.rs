//! The deadlines of a bare start against the clock that the engine opens on that day, for every rule of the book: each clock's
//! last day is listed, and each day that is listed is some clock's. Every child is invented.

use std::collections::BTreeSet;

use chrono::{Days, Months, NaiveDate};
use domain::calendar::Unit;
use domain::clocks::{Clock, Question};
use domain::events::{CaseEvent, EntityRole, Kind};
use domain::rules::{Bound, Deadline, DeadlineError, DeadlineOptions, Rule, Shape, Start};
use serde_json::{Map, Value, json};

use crate::support::{Story, book, day, process, the_deadline};

/// Plain days, days around holidays, and days whose limits end within and after the relaxations of 2020.
const STARTS: &[&str] =
    &["2013-05-31", "2019-11-29", "2020-03-20", "2020-05-11", "2020-08-03", "2022-08-30", "2024-01-31"];

/// A clock as the rule file states it.
struct Stated<'a> {
    rule: &'a Rule,
    clock: &'a toml::Table,
    start: &'a toml::Value,
    intervals: Vec<&'a toml::Table>,
}

/// What a journey may be like that a bare start does not say.
#[derive(Clone, Copy)]
struct Situation<'a> {
    /// The interval whose standings are so.
    stands: Option<&'a toml::Table>,
    /// Whether what ends that interval has happened.
    happened: bool,
    began_ago: Months,
    born_ago: Months,
}

fn listed<'a>(table: &'a toml::Table, name: &str) -> Vec<&'a toml::Value> {
    table.get(name).and_then(toml::Value::as_array).into_iter().flatten().collect()
}

fn tables<'a>(table: &'a toml::Table, name: &str) -> Vec<&'a toml::Table> {
    listed(table, name).into_iter().filter_map(toml::Value::as_table).collect()
}

/// A value that meets a condition of a rule file.
fn meets(wanted: &toml::Value) -> Option<Value> {
    match wanted {
        toml::Value::Array(any) => meets(any.first()?),
        toml::Value::String(text) => Some(json!(text)),
        toml::Value::Boolean(flag) => Some(json!(flag)),
        toml::Value::Table(bound) => {
            let number = ["at_least", "more_than"].iter().find_map(|name| bound.get(*name)?.as_integer());
            number.map(|least| json!(least + 1))
        }
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Datetime(_) => None,
    }
}

/// The details of an event as they are stored.
fn details_of(event: &CaseEvent) -> Map<String, Value> {
    let facts = event.facts().expect("facts of codes and dates");
    let facts: Value = serde_json::from_str(&facts).expect("canonical facts are JSON");
    facts.get("details").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// An event that a rule file names, as bare as its kind allows.
fn event(named: &toml::Value, field: Option<(&str, NaiveDate)>) -> CaseEvent {
    let table = named.as_table().expect("an event is a table");
    let kind = table["event"].as_str().expect("a kind");
    let (mut wanted, mut kept) = (Map::new(), BTreeSet::new());
    kept.extend(table.get("changed").and_then(toml::Value::as_str));
    for (name, value) in table.get("where").and_then(toml::Value::as_table).into_iter().flatten() {
        let set = name.strip_suffix("_include");
        kept.insert(set.unwrap_or(name));
        let value = meets(value).map(|value| if set.is_some() { json!([value]) } else { value });
        wanted.extend(value.map(|value| (set.unwrap_or(name).to_owned(), value)));
    }
    wanted.extend(field.map(|(name, day)| (name.to_owned(), json!(day.to_string()))));
    let kind = Kind::from_name(kind).expect("a known kind");
    let read = |details: &Value| {
        let facts = json!({ "details": details }).to_string();
        CaseEvent::read("2024-03-11".parse().expect("a date"), kind.name(), kind.schema_version(), &facts)
    };
    let sample = details_of(&kind.sample());
    let mut details = sample.clone();
    for name in sample.keys() {
        if kept.contains(name.as_str()) {
            continue;
        }
        let mut less = details.clone();
        less.remove(name);
        if read(&Value::Object(less.clone())).is_ok() {
            details = less;
        }
    }
    details.extend(wanted);
    read(&Value::Object(details)).expect("a sample with other values")
}

impl Stated<'_> {
    fn role(&self) -> Option<EntityRole> {
        EntityRole::from_name(self.clock["per"].as_str().expect("a subject"))
    }

    /// Adds an event of the clock's process; each has a process of its own kind of its own.
    fn tell(&self, story: Story, on: &str, event: CaseEvent) -> Story {
        let own = event.body.kind().own_role().filter(|own| Some(*own) != self.role());
        let number =
            100 + u128::try_from(story.recorded.len()).expect("the book was read, and dates are near");
        let event = own.into_iter().fold(event, |event, own| event.of(own, process(number)));
        let event = self.role().into_iter().fold(event, |event, role| event.of(role, process(1)));
        story.event(on, event)
    }

    fn situations(&self) -> Vec<Situation<'_>> {
        let plain = Situation {
            stands: None,
            happened: false,
            began_ago: Months::new(0),
            born_ago: Months::new(12 * 7),
        };
        if self.intervals.is_empty() {
            return vec![plain];
        }
        let stands = self.intervals.iter().map(|interval| Some(*interval)).chain([None]);
        let mut all = Vec::new();
        for stands in stands {
            for (happened, began_ago, born_ago) in [
                (false, 0, 84),
                (true, 0, 84),
                (false, 13, 84),
                (true, 13, 84),
                (false, 0, 12),
                (false, 0, 56),
            ] {
                let (began_ago, born_ago) = (Months::new(began_ago), Months::new(born_ago));
                all.push(Situation { stands, happened, began_ago, born_ago });
            }
        }
        all
    }

    /// The least journey that opens the clock on that day.
    fn story(&self, on: NaiveDate, at: &str, situation: Situation<'_>) -> Story {
        let birthday = self.clock.get("birthday").and_then(|it| it["age"].as_integer());
        let born_ago = birthday.map_or(situation.born_ago, |age| {
            Months::new(u32::try_from(age).expect("the book was read, and dates are near") * 12)
        });
        let born = json!({ "date_of_birth": (on - born_ago).to_string(), "disabilities": [] });
        let mut story = Story::complete().told("2010-01-01", "child_registered", &born.to_string(), &[]);
        // What is counted within a process lies in it.
        let began = on - situation.began_ago - Days::new(if self.first_occurrence() > 1 { 60 } else { 0 });
        let standing = situation.stands.iter().flat_map(|interval| listed(interval, "when"));
        let standing: Vec<&toml::Value> =
            standing.map(|any| any.as_array().and_then(|any| any.first()).expect("a list")).collect();
        let stands =
            |one: &toml::Value| standing.iter().copied().find(|other| other.get("event") == one.get("event"));
        for one in listed(self.clock, "counted_from").into_iter().filter(|one| stands(one).is_none()) {
            story = self.tell(story, &began.to_string(), event(one, None));
        }
        for one in standing.iter().filter(|one| one.get("event") != self.start.get("event")) {
            story = self.tell(story, &began.to_string(), event(one, None));
        }
        for one in situation.stands.iter().filter(|_| situation.happened).flat_map(|it| listed(it, "before"))
        {
            story = self.tell(story, &on.to_string(), event(one, None));
        }
        story = self.before_start(story, on);
        let setters = self.clock.get("due_by").and_then(toml::Value::as_table);
        let setters: Vec<_> = setters.iter().flat_map(|due_by| listed(due_by, "events")).collect();
        let known: Vec<_> = setters.into_iter().chain(listed(self.clock, "counted_from")).collect();
        for one in listed(self.clock, "asked_by").into_iter().filter(|one| !known.contains(one)) {
            story = self.tell(story, &on.to_string(), event(one, None));
        }
        let field = self.clock.get("due_field").and_then(toml::Value::as_str);
        let start = event(stands(self.start).unwrap_or(self.start), field.map(|field| (field, on)));
        let started_on = if birthday.is_some() { (on - Days::new(200)).to_string() } else { at.to_owned() };
        if let Some(role) =
            self.start.get("through").and_then(toml::Value::as_str).and_then(EntityRole::from_name)
        {
            let opening = self.role().and_then(|own| {
                Kind::ALL
                    .iter()
                    .find(|kind| kind.own_role() == Some(own) && kind.stage() == domain::events::Stage::Opens)
            });
            let linked = opening.expect("a kind that opens it").sample().of(role, process(7));
            story = self.tell(story, at, linked);
            return story.event(&started_on, start.of(role, process(7)));
        }
        self.tell(story, &started_on, start)
    }

    /// The number of the occurrence at which the clock may start.
    fn first_occurrence(&self) -> i64 {
        self.clock.get("chain").and_then(|chain| chain["from_occurrence"].as_integer()).unwrap_or(1)
    }

    /// Earlier links of a chain, and what a change is a change of.
    fn before_start(&self, mut story: Story, on: NaiveDate) -> Story {
        let from =
            self.clock.get("chain").and_then(|chain| chain["from_occurrence"].as_integer()).unwrap_or(1);
        for earlier in (1..from).rev() {
            let ago = Days::new(30 * u64::try_from(earlier).expect("the book was read, and dates are near"));
            story = self.tell(story, &(on - ago).to_string(), event(self.start, None));
        }
        if let Some(field) = self.start.get("changed").and_then(toml::Value::as_str) {
            let mut details = details_of(&event(self.start, None));
            let other = if details.get(field) == Some(&json!("B")) { "C" } else { "B" };
            details.insert(field.to_owned(), json!(other));
            let kind = self.start.get("event").and_then(toml::Value::as_str).expect("a kind");
            story =
                story.told(&(on - Days::new(30)).to_string(), kind, &Value::Object(details).to_string(), &[]);
        }
        story
    }
}

/// The clocks of a story that count from that day.
fn opened(stated: &Stated<'_>, story: &Story, on: NaiveDate, as_at: NaiveDate) -> Vec<Clock<'static>> {
    let clocks = story.clocks(stated.rule.id.as_str(), &Question::as_at(as_at));
    clocks.into_iter().filter(|clock| clock.counts_from.or(clock.start.occurred.day()) == Some(on)).collect()
}

/// Whether a listed deadline is that of a clock.
fn agrees(deadline: &Deadline, clock: &Clock<'_>) -> bool {
    let day = match clock.version.bound {
        Bound::Minimum => deadline.first_day_in_time,
        Bound::Maximum | Bound::Window { .. } => deadline.last_day_in_time,
    };
    let same = deadline.version == clock.version.name.as_ref() && deadline.limit == clock.limit;
    // A clock in hours knows its last moment, every other one its last day.
    same && day == clock.due_on && deadline.last_moment_in_time == clock.due_at
}

fn options(set_by: Option<NaiveDate>) -> DeadlineOptions<'static> {
    DeadlineOptions { set_by, ..DeadlineOptions::default() }
}

/// The clocks of the book, each once for every event that may start it.
fn every_clock(files: &[toml::Table]) -> Vec<Stated<'_>> {
    let mut all = Vec::new();
    for table in files.iter().flat_map(|file| tables(file, "rule")) {
        let rule = book()
            .rule(table["id"].as_str().expect("the book was read, and dates are near"))
            .expect("a rule of the book");
        if !matches!(rule.shape, Shape::Deadline(_)) {
            continue;
        }
        let versions = tables(table, "version");
        let intervals: Vec<_> = versions.iter().flat_map(|version| tables(version, "interval")).collect();
        let own = versions.iter().flat_map(|version| tables(version, "clock"));
        for clock in tables(table, "clock").into_iter().chain(own) {
            let starts = listed(clock, "start");
            all.extend(starts.into_iter().map(|start| Stated {
                rule,
                clock,
                start,
                intervals: intervals.clone(),
            }));
        }
    }
    all
}

#[test]
fn a_deadline_of_a_bare_start_is_that_of_the_clock_which_a_journey_opens_then() {
    let files: Vec<toml::Table> =
        book().texts().map(|text| text.parse().expect("the book was read")).collect();
    let (mut wrong, mut given) = (BTreeSet::new(), BTreeSet::new());
    let (mut promised, mut silent) = (BTreeSet::new(), BTreeSet::new());
    for stated in every_clock(&files) {
        let id = stated.rule.id.as_str();
        let hours =
            stated.rule.versions.iter().any(|it| it.limit.is_some_and(|limit| limit.unit == Unit::Hours));
        let due_by = stated.clock.get("due_by").and_then(toml::Value::as_table);
        for on in STARTS {
            let at = if hours { format!("{on}T09:30:00+00:00") } else { (*on).to_owned() };
            let start = if hours { Start::At(at.parse().unwrap()) } else { Start::Day(day(on)) };
            let on = day(on);
            let (first, second) = (on + Days::new(30), on + Days::new(60));
            let later = due_by.and_then(|due_by| due_by.get("occurrence")).is_some();
            let set_by = due_by.map(|_| if later { second } else { first });
            if due_by.is_some() {
                let bare = book().deadlines(id, start, &options(None));
                let says_what_it_needs = matches!(
                    bare,
                    Err(DeadlineError::SetByAnother { .. } | DeadlineError::NoVersionInForce { .. })
                );
                assert!(says_what_it_needs, "{id}: {bare:?}");
            }
            let deadlines = book().deadlines(id, start, &options(set_by)).unwrap_or_default();
            let name = |deadline: &Deadline| {
                let days = (deadline.first_day_in_time, deadline.last_day_in_time);
                format!("{id} {} from {on}: {} {days:?}", deadline.version, deadline.limit)
            };
            promised.extend(
                deadlines.iter().filter(|it| !it.when.iter().any(|when| when.contains("the act"))).map(&name),
            );
            for situation in stated.situations() {
                let mut story = stated.story(on, &at, situation);
                for setter in due_by.iter().flat_map(|due_by| listed(due_by, "events")) {
                    for set_on in [first, second] {
                        story = stated.tell(story, &set_on.to_string(), event(setter, None));
                    }
                }
                let as_at = if due_by.is_some() { second } else { on };
                for clock in opened(&stated, &story, on, as_at) {
                    match deadlines.iter().find(|deadline| agrees(deadline, &clock)) {
                        Some(deadline) => _ = given.insert(name(deadline)),
                        None if clock.due_on.is_none() => {
                            _ = silent.insert(format!("{id} from {on}: {:?}", clock.state))
                        }
                        None => {
                            _ = wrong.insert(format!("{id} from {on}: the clock says {:?}", clock.due_on))
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "days that are not listed:\n{wrong:#?}");
    assert!(silent.is_empty(), "clocks without a last day:\n{silent:#?}");
    let never: Vec<_> = promised.difference(&given).collect();
    assert!(never.is_empty(), "days that no journey gives:\n{never:#?}");
}

/// The answers of one start as lines: what has to be so, and the last day.
fn lines(rule: &str, start: &str, set_by: Option<&str>) -> Vec<(String, String)> {
    let deadlines = book()
        .deadlines(rule, Start::Day(day(start)), &options(set_by.map(day)))
        .expect("a deadline with a last day");
    let line = |it: &Deadline| {
        (it.when.join("; "), it.last_day_in_time.expect("a deadline with a last day").to_string())
    };
    deadlines.iter().map(line).collect()
}

#[test]
fn each_interval_of_a_rule_is_listed_with_its_condition() {
    let days = |rule: &str, start: &str| -> Vec<String> {
        lines(rule, start, None).into_iter().map(|(_, last)| last).collect()
    };
    // Monday 8 January 2024. Six weeks end on 19 February, twelve on 1 April (private fostering, reg 8).
    assert_eq!(days("PF-01", "2024-01-08"), ["2024-02-19", "2024-04-01"]);
    // Six months under five, else twelve (reg 7).
    assert_eq!(days("HL-02", "2024-01-08"), ["2024-07-08", "2025-01-08"]);
    // With a parent under an interim order a week, then four; else six weeks (reg 28).
    assert_eq!(days("LAC-05", "2024-01-08"), ["2024-01-15", "2024-02-05", "2024-02-19"]);
    // After the first year as well, and six weeks under a care order, also where the placement is meant to last.
    let later = ["2024-01-15", "2024-02-05", "2024-02-19", "2024-04-08", "2024-02-19"];
    assert_eq!(days("LAC-06", "2024-01-08"), later);
    assert_eq!(days("LAC-09", "2024-01-08"), ["2024-02-19", "2024-01-29", "2024-01-15"]);
    let [younger, other] = lines("HL-02", "2024-01-08", None).try_into().unwrap();
    assert_eq!(younger.0, "the child is younger than 5 on that day");
    assert_eq!(other.0, "");
}

#[test]
fn a_last_day_that_another_event_sets_is_counted_back_from_it() {
    let last = |rule: &str, set_by: &str| lines(rule, "2024-03-01", Some(set_by))[0].1.clone();
    // Two working days before Thursday 4 April 2024, over no holiday: Tuesday. Before Tuesday 2 April: Easter lies between.
    assert_eq!(last("CP-16", "2024-04-04"), "2024-04-02");
    assert_eq!(last("CP-16", "2024-04-02"), "2024-03-27");
    for rule in ["CP-15", "LAC-13r", "PM-01"] {
        assert_eq!(last(rule, "2024-04-04"), "2024-04-04", "{rule}");
    }
    let asked = |rule: &str, set_by: Option<&str>| {
        let start = Start::Day(day("2024-03-01"));
        book().deadlines(rule, start, &options(set_by.map(day))).unwrap_err().to_string()
    };
    assert!(asked("CP-16", None).contains("2 working days before the first initial_conference_held"));
    assert!(asked("PM-01", None).contains("number 2 of looked_after_review_held"));
    assert!(asked("CP-16", Some("2024-02-29")).contains("before the start"));
    assert!(asked("CP-04", Some("2024-03-20")).contains("no other event sets its last day"));
}

#[test]
fn a_minimum_has_a_first_day_and_no_last_one() {
    let notice = the_deadline("PM-08", "2023-05-31");
    assert_eq!((notice.first_day_in_time, notice.last_day_in_time), (Some(day("2023-08-31")), None));
    assert_eq!(notice.sentence(), "at least 3 months from 2023-05-31 (day 0): not before 2023-08-31");
}

#[test]
fn a_target_that_the_day_of_the_act_chooses_is_listed_for_each_span_of_such_days() {
    // 1 June 2012 and 608, 547 … days: each threshold counts for the placements of its own window.
    let all = lines("PM-03", "2012-06-01", None);
    assert!(all.len() > 1 && all.iter().all(|(when, _)| when.contains("the act that stops it")), "{all:?}");
    assert_eq!(lines("PM-03", "2024-06-03", None), [(String::new(), "2025-08-03".to_owned())]);
}
