//! An act of which a row states something beside an empty day: it was done, and its day is left out. Every child is invented.

use crate::memory::columns::value;
use crate::memory::lists::{import, with};
use crate::memory::rows::notes;
use crate::memory::{Done, Memory};
use domain::clocks::{ClockEngine, Question};
use domain::events::Kind;
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use exchange::{EventRule, Layout, List, Role, Subject, ValueKind};

type Cells<'a> = Vec<(&'a str, &'a str)>;

/// A row of a list with nothing but its child and its key.
fn bare(list: &List) -> Cells<'_> {
    let text = |column: &exchange::Column| match column.role {
        Role::Child | Role::Adopter => "77",
        Role::Key if list.record_of(column) == list.record => "2024-01-08",
        Role::Key if column.field == "entered_care_on" => "2023-06-01",
        Role::Identifier | Role::Key | Role::Attribute | Role::State | Role::Latest | Role::Derived => "",
    };
    let cells = list.columns.iter().map(|column| (column.field.as_str(), text(column)));
    cells.filter(|(_, text)| !text.is_empty()).collect()
}

/// Every event of a list whose day stands in a column of its own, with each column that states something of it.
fn stated() -> Vec<(&'static List, &'static EventRule, &'static str)> {
    let mut all = Vec::new();
    for list in &Layout::annex_a().lists {
        for rule in &list.events {
            let on = list.column(&rule.on).unwrap();
            let is_key = on.role == Role::Key && list.record_of(on) == list.record;
            if on.value != ValueKind::Date || is_key {
                continue;
            }
            let facts = rule.facts.values().filter(|fact| !fact.kept && !fact.early);
            let sealed = rule.sealed.values().map(String::as_str);
            all.extend(
                facts.filter_map(|fact| fact.column()).chain(sealed).map(|column| (list, rule, column)),
            );
        }
    }
    all
}

fn held(memory: &Memory, list: &List, kind: Kind) -> usize {
    let id = "77".to_owned();
    let subject = if list.code == "11" { Subject::Adopter(id) } else { Subject::Child(id) };
    let journey = Journey::known(memory.held(&subject), KnownAt::NOW);
    let day = "2024-02-05".parse().ok();
    journey.events.iter().filter(|event| event.kind() == kind && event.occurred.day() == day).count()
}

fn refused(done: &Done) -> Vec<&str> {
    done.rows.iter().flat_map(|row| &row.refused).map(|cell| cell.column.as_str()).collect()
}

#[test]
fn what_a_row_states_of_an_act_without_a_day_is_refused_with_its_cell_and_takes_nothing_back() {
    let stated = stated();
    for (list, rule, column) in &stated {
        let text = value(list.column(column).unwrap());
        let undated = with(&bare(list), &[(column, &text)]);
        let dated = with(&undated, &[(&rule.on, "2024-02-05")]);
        let place = format!("list {} {} {column}", list.code, rule.on);
        for days in [["2024-03-29", "2024-06-28"], ["2024-06-28", "2024-03-29"]] {
            let mut memory = Memory::default();
            let first = if days[0] < days[1] { &dated } else { &undated };
            let second = if days[0] < days[1] { &undated } else { &dated };
            let one = import(&mut memory, &list.code, days[0], &[first]);
            let two = import(&mut memory, &list.code, days[1], &[second]);
            let told = if days[0] < days[1] { two } else { one };
            assert!(
                refused(&told).contains(&list.column(column).unwrap().header()),
                "{place}: {:?}",
                refused(&told)
            );
            assert_eq!(held(&memory, list, rule.kind), 1, "{place} {days:?}");
            assert_eq!(import(&mut memory, &list.code, days[1], &[second]).events, 0, "{place}");
        }
    }
    assert!(stated.len() > 12, "{}", stated.len());
    for kind in [Kind::CeasedToBeLookedAfter, Kind::PlacementStarted, Kind::LegalStatusChanged] {
        assert!(stated.iter().any(|(_, rule, _)| rule.kind == kind), "{kind:?}");
    }
}

#[test]
fn a_case_with_a_reason_for_its_end_and_no_day_is_neither_open_nor_overdue() {
    let row = [("child_id", "1"), ("started_on", "2023-10-02")];
    let states = |more: &[(&str, &str)]| {
        let mut memory = Memory::default();
        import(&mut memory, "8", "2024-06-28", &[&with(&row, more)]);
        let answers = ClockEngine::new(RuleBook::built_in())
            .run(&memory.journey("1"), &Question::as_at("2024-06-28".parse().unwrap()));
        let states = answers.clocks.iter().map(|clock| clock.state.name().to_owned());
        states.collect::<Vec<_>>()
    };
    assert!(states(&[]).contains(&"overdue".to_owned()), "{:?}", states(&[]));
    let reason = states(&[("cease_reason", "E11")]);
    assert!(!reason.contains(&"overdue".to_owned()), "{reason:?}");
}

#[test]
fn no_and_none_beside_an_empty_day_say_that_nothing_was_done() {
    for (list, column, text) in
        [("7", "seen_alone", "N"), ("5", "resulted_in_plan", "N"), ("11", "children_placed", "0")]
    {
        let list = Layout::annex_a().list(list).unwrap();
        let mut memory = Memory::default();
        let done = import(&mut memory, &list.code, "2024-06-28", &[&with(&bare(list), &[(column, text)])]);
        assert_eq!(refused(&done), Vec::<&str>::new(), "{column}");
    }
}

#[test]
fn what_may_stand_before_its_act_is_noted_and_does_not_say_that_it_was_done() {
    let list = Layout::annex_a().list("4").unwrap();
    let states = |text: &str| {
        let mut memory = Memory::default();
        let row = with(&bare(list), &[("outcome", text)]);
        let done = import(&mut memory, "4", "2024-06-28", &[&row]);
        let answers = ClockEngine::new(RuleBook::built_in())
            .run(&memory.journey("77"), &Question::as_at("2024-06-28".parse().unwrap()));
        let overdue = answers.clocks.iter().any(|clock| clock.state.name() == "overdue");
        (overdue, refused(&done).len(), notes(&done, "value_without_date").len())
    };
    assert_eq!(states(""), (true, 0, 0));
    assert_eq!(states("Y"), (true, 0, 1));
}
