//! A child who stands in several elements of a census, and a file that is imported again with more beside it. Every
//! child is invented.

use crate::memory::lists::{about, workbook};
use crate::memory::{Done, Memory};
use domain::events::Kind;
use exchange::{Limits, Options, ReadError};

/// One `Child` element with a referral on each of the days.
fn element(id: &str, referrals: &[&str]) -> String {
    let details: Vec<String> = referrals
        .iter()
        .map(|day| {
            format!(
                "<CINdetails><CINreferralDate>{day}</CINreferralDate><ReferralSource>6</ReferralSource></CINdetails>"
            )
        })
        .collect();
    format!(
        "<Child><ChildIdentifiers><LAchildID>{id}</LAchildID><PersonBirthDate>2014-02-03</PersonBirthDate>\
         </ChildIdentifiers>{}</Child>",
        details.concat()
    )
}

fn census(day: &str, elements: &[String]) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>{}</Year>\
         <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>\
         <Children>{}</Children></Message>",
        &day[..4],
        elements.concat()
    )
    .into_bytes()
}

fn import(memory: &mut Memory, file: &[u8]) -> Done {
    memory.import(file, &Options::default())
}

#[test]
fn a_child_in_several_elements_is_one_child_with_the_rows_of_all() {
    for ids in [["A1", "A1", "A1"], ["123", "123.0", "１２３"]] {
        let days = ["2023-05-02", "2023-07-03", "2023-09-04"];
        let mut elements: Vec<String> = ids.iter().zip(days).map(|(id, day)| element(id, &[day])).collect();
        // Somebody else stands between them, and somebody behind.
        elements.insert(1, element("Y8", &["2023-06-01"]));
        elements.push(element("Z9", &["2023-05-02"]));
        let file = census("2024-03-31", &elements);
        let mut memory = Memory::default();
        let done = import(&mut memory, &file);
        assert!(done.rows.iter().all(|row| row.notes.is_empty()), "{ids:?}");
        assert_eq!((done.counts.rows(), done.counts.known), (10, 2), "the child itself is new once: {ids:?}");
        assert_eq!((done.counts.new, memory.children()), (8, 3), "{ids:?}");
        assert_eq!(memory.days(ids[0], Kind::ReferralReceived), days, "{ids:?}");
        assert_eq!(memory.days("Z9", Kind::ReferralReceived), ["2023-05-02"]);
        let again = import(&mut memory, &file);
        assert_eq!((again.events, again.counts.known), (0, 10), "{ids:?}");
    }
}

#[test]
fn what_only_a_later_element_names_is_not_absent_from_the_first() {
    let mut memory = Memory::default();
    import(&mut memory, &census("2023-12-31", &[element("A1", &["2023-11-02", "2023-12-04"])]));
    let apart =
        [element("A1", &["2024-02-05"]), element("A1", &["2023-12-04"]), element("A1", &["2023-11-02"])];
    let done = import(&mut memory, &census("2024-03-31", &apart));
    assert_eq!((done.withdrawn, done.questions.len(), done.counts.undecided), (0, 0, 0));
    assert_eq!(memory.recorded("A1", Kind::EventCorrected), 0);
    assert_eq!(memory.days("A1", Kind::ReferralReceived), ["2023-11-02", "2023-12-04", "2024-02-05"]);
}

#[test]
fn the_bound_on_the_rows_of_a_child_counts_all_its_elements() {
    let elements = vec![element("A1", &["2023-11-02"]); 3];
    let options = |rows| Options {
        limits: Limits { rows_of_one_child: rows, ..Limits::default() },
        ..Options::default()
    };
    let file = census("2024-03-31", &elements);
    assert!(exchange::read(file.clone(), &options(6)).is_ok());
    let refused = exchange::read(file, &options(5)).err();
    assert!(matches!(refused, Some(ReadError::XmlMalformed { .. })), "{refused:?}");
}

#[test]
fn an_answer_to_the_same_file_gives_other_events_than_the_file_gave_before() {
    let contact = |born: &'static str, day: &'static str| {
        vec![("child_id", "1"), ("born_on", born), ("received_on", day)]
    };
    let mut memory = Memory::default();
    let (one, two) = (contact("2015-05-01", "2024-04-15"), contact("2015-05-01", "2024-05-01"));
    memory.import(&workbook(&[("1", &[&one, &two])]), &about("2024-06-01"));
    // The date of birth is corrected at once; the days of the contacts wait for an answer, and are corrected then.
    let (one, two) = (contact("2015-05-03", "2024-04-18"), contact("2015-05-03", "2024-05-04"));
    let file = workbook(&[("1", &[&one, &two])]);
    let asked = memory.import(&file, &about("2024-06-15"));
    assert_eq!((asked.counts.undecided, asked.kinds.get("event_corrected")), (2, Some(&1)));
    let pairs = [("2024-04-15", "2024-04-18"), ("2024-05-01", "2024-05-04")];
    let answers: String = asked
        .questions
        .iter()
        .filter(|q| pairs.contains(&(&q.held_on.unwrap().to_string(), &q.stated_on.unwrap().to_string())))
        .map(|question| format!("\"{}\" = \"same\"\n", question.id))
        .collect();
    // The ledger in memory takes no event id twice.
    memory.import_with(&file, &about("2024-06-15"), &answers);
    assert_eq!(memory.days("1", Kind::ContactReceived), ["2024-04-18", "2024-05-04"]);
}

/// A plan of list 7: child, last visit.
type Plan = (&'static str, &'static str);

fn plans(memory: &mut Memory, day: &str, plans: &[Plan]) -> Done {
    let rows: Vec<Vec<(&str, &str)>> = plans
        .iter()
        .map(|(child, seen)| {
            vec![
                ("child_id", *child),
                ("born_on", "2015-05-01"),
                ("started_on", "2024-01-10"),
                ("visited_on", *seen),
            ]
        })
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    memory.import(&workbook(&[("7", &rows)]), &about(day))
}

#[test]
fn what_one_file_of_a_day_leaves_out_and_another_of_the_same_day_names_is_there() {
    let march = [("1", "2024-03-20"), ("2", "2024-03-20"), ("3", "2024-03-20")];
    // One export comes as a file for each team; or a file that forgot a team is followed by the whole one.
    let teams: [&[Plan]; 2] = [&[("1", "2024-06-20")], &[("2", "2024-06-20"), ("3", "2024-06-20")]];
    let whole: &[Plan] = &[("1", "2024-06-20"), ("2", "2024-06-20"), ("3", "2024-06-20")];
    for files in [vec![teams[0], teams[1]], vec![teams[1], teams[0]], vec![teams[0], whole]] {
        let mut memory = Memory::default();
        plans(&mut memory, "2024-03-31", &march);
        for file in &files {
            plans(&mut memory, "2024-06-30", file);
        }
        for child in ["1", "2", "3"] {
            assert_eq!(
                memory.days(child, Kind::ChildProtectionPlanStarted),
                ["2024-01-10"],
                "{child}: {files:?}"
            );
            let visits = memory.days(child, Kind::ChildProtectionVisitMade);
            assert_eq!(visits, ["2024-03-20", "2024-06-20"], "{child}: {files:?}");
        }
        let again: usize = files.iter().map(|file| plans(&mut memory, "2024-06-30", file).events).sum();
        assert_eq!(again, 0, "{files:?}");
    }
}

#[test]
fn a_process_that_returns_brings_back_what_went_with_it() {
    let mut memory = Memory::default();
    plans(&mut memory, "2024-03-31", &[("1", "2024-03-20"), ("2", "2024-03-20")]);
    assert_eq!(plans(&mut memory, "2024-06-30", &[("1", "2024-06-20")]).withdrawn, 1);
    assert!(memory.days("2", Kind::ChildProtectionPlanStarted).is_empty());
    // A file about an earlier day knows no better.
    plans(&mut memory, "2024-05-31", &[("1", "2024-05-20"), ("2", "2024-05-20")]);
    assert!(memory.days("2", Kind::ChildProtectionPlanStarted).is_empty());
    plans(&mut memory, "2024-07-01", &[("1", "2024-06-20"), ("2", "2024-06-25")]);
    assert_eq!(memory.days("2", Kind::ChildProtectionPlanStarted), ["2024-01-10"]);
    let visits = memory.days("2", Kind::ChildProtectionVisitMade);
    assert!(
        visits.contains(&"2024-03-20".to_owned()) && visits.contains(&"2024-06-25".to_owned()),
        "{visits:?}"
    );
}

#[test]
fn another_pupil_number_of_the_same_child_is_pointed_at() {
    let child = |upn: &str, referral: &str| {
        format!(
            "<Child><ChildIdentifiers><LAchildID>7</LAchildID><UPN>{upn}</UPN><PersonBirthDate>2015-05-04</PersonBirthDate>\
             </ChildIdentifiers><CINdetails><CINreferralDate>{referral}</CINreferralDate></CINdetails></Child>"
        )
    };
    for (second, noted) in [("A123456789012", 0), ("B123456789012", 1)] {
        let file = format!(
            "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
             <ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails><Source><LEA>201</LEA></Source></Header>\
             <Children>{}{}</Children></Message>",
            child("A123456789012", "2024-01-10"),
            child(second, "2024-02-10")
        );
        let done = Memory::default().import(file.as_bytes(), &Options::default());
        let notes =
            done.rows.iter().flat_map(|row| &row.notes).filter(|note| note.code == "identifier_differs");
        assert_eq!(notes.count(), noted, "{second}");
    }
}
