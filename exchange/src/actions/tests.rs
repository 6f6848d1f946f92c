//! Lines of acts: what is read, and what is refused with its line and its reason.

use domain::events::Kind;

use super::*;

const COMMAND: &str = "0191e3a0-0000-7000-8000-000000000001";
const OTHER: &str = "0191e3a0-0000-7000-8000-000000000002";
const THIRD: &str = "0191e3a0-0000-7000-8000-000000000003";
const EVENT: &str = "0191e3a0-0000-7000-8000-00000000000e";

/// The commands of a file, or how each of them is refused.
fn read(text: &str) -> Vec<Result<Vec<Asked>, String>> {
    let commands = Acts::of(text.as_bytes()).map(Result::unwrap);
    let asked = |command: ActCommand| command.acts.into_iter().map(|act| act.asked).collect();
    commands.map(|command| command.map(asked).map_err(|refused| refused.to_string())).collect()
}

/// A line of a command with these fields.
fn line(command: &str, fields: &str) -> String {
    format!("{{\"command\":\"{command}\",{fields}}}\n")
}

fn refused(fields: &str) -> String {
    let [only] = read(&line(COMMAND, fields)).try_into().unwrap();
    only.unwrap_err()
}

#[test]
fn lines_of_one_command_are_one_request_and_blank_lines_are_passed_over() {
    let contact = |of: &str| format!(r#""record":"case_closed","of":"{of}","occurred":"2024-03-04""#);
    let text = [
        "\u{feff}".to_owned() + &line(COMMAND, &contact("77")),
        line(COMMAND, &contact("78")),
        "\n".to_owned(),
        line(OTHER, &contact("77")),
    ];
    let sizes: Vec<usize> = read(&text.concat()).into_iter().map(|command| command.unwrap().len()).collect();
    assert_eq!(sizes, [2, 1]);
}

#[test]
fn each_act_is_read_with_what_it_needs() {
    let fields = [
        r#""record":"child_registered","new":true,"occurred":"2024-03-04","facts":{"details":{}},"sealed":{"la_child_id":"77"}"#,
        &format!(r#""correct":"{EVENT}","occurred":"2024-03-05","reason":"typing_error""#),
        &format!(r#""correct":"{EVENT}","facts":{{"details":{{}}}},"reason":"late_information""#),
        &format!(r#""withdraw":"{EVENT}","reason":"wrong_child""#),
        &format!(r#""reinstate":"{EVENT}","reason":"disputed""#),
    ];
    let asked: Vec<Asked> = fields
        .iter()
        .flat_map(|fields| read(&line(COMMAND, fields)).remove(0).unwrap_or_else(|fault| panic!("{fault}")))
        .collect();
    let [Asked::Record { new: true, event, sealed, .. }, first, second, third, fourth] = asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert_eq!((event.body.kind(), sealed.get("la_child_id")), (Kind::ChildRegistered, Some("77")));
    let what = |asked: &Asked| match asked {
        Asked::Amend(amendment) => amendment.what.clone(),
        Asked::Record { .. } => panic!("{asked:?}"),
    };
    assert!(
        matches!(what(first), Amends::Correct(change) if change.occurred.is_some() && change.facts.is_empty())
    );
    assert!(
        matches!(what(second), Amends::Correct(change) if change.occurred.is_none() && change.facts.len() == 1)
    );
    assert_eq!((what(third), what(fourth)), (Amends::Withdraw, Amends::Reinstate));
}

#[test]
fn a_line_that_is_no_act_is_refused_with_the_reason_and_no_value() {
    for (fields, told) in [
        (r#""of":"77","occurred":"2024-03-04""#.to_owned(), "this one holds 0"),
        (format!(r#""withdraw":"{EVENT}","reinstate":"{EVENT}","reason":"disputed""#), "this one holds 2"),
        (r#""record":"case_closed","of":"77""#.to_owned(), "the field occurred is missing"),
        (r#""record":"case_closed","occurred":"2024-03-04""#.to_owned(), "the field of is missing"),
        (
            r#""record":"case_shut","of":"77","occurred":"2024-03-04""#.to_owned(),
            "unknown event kind case_shut",
        ),
        (
            r#""record":"ledger_opened","of":"77","occurred":"2024-03-04""#.to_owned(),
            "written by the ledger alone",
        ),
        (
            r#""record":"case_closed","of":"77","occurred":"1900-01-01""#.to_owned(),
            "where a source has no date",
        ),
        (r#""record":"case_closed","of":"77","occurred":"4 March Secret""#.to_owned(), "column"),
        (
            r#""record":"case_closed","of":"77","occurred":"2024-03-04","facts":{"details":{"secret":1}}"#
                .to_owned(),
            "field facts of case_closed",
        ),
        (
            r#""record":"case_closed","of":"77","occurred":"2024-03-04","reason":"disputed""#.to_owned(),
            "reason does not go with record",
        ),
        (format!(r#""withdraw":"{EVENT}""#), "the field reason is missing"),
        (
            format!(r#""withdraw":"{EVENT}","reason":"disputed","occurred":"2024-03-04""#),
            "occurred does not go with withdraw",
        ),
        (format!(r#""correct":"{EVENT}","reason":"disputed""#), "what should have been recorded"),
        (format!(r#""correct":"{EVENT}","reason":"disputed","of":"77""#), "of does not go with an amendment"),
        (format!(r#""correct":"{EVENT}","reason":"because""#), "column"),
    ] {
        let refusal = refused(&fields);
        assert!(refusal.starts_with("line 1: ") && refusal.contains(told), "{fields}: {refusal}");
        assert!(!refusal.to_lowercase().contains("secret") || refusal.contains("unknown field"), "{refusal}");
    }
}

#[test]
fn a_line_that_cannot_be_read_takes_every_command_with_it_that_it_may_be_a_part_of() {
    let good = |command| line(command, r#""record":"case_closed","of":"77","occurred":"2024-03-04""#);
    let bad = line(COMMAND, r#""record":"case_closed","of":"77""#);
    let text = [good(COMMAND), bad, good(COMMAND), good(OTHER), "no line\n".to_owned(), good(THIRD)].concat();
    let read = read(&text);
    let told: Vec<&str> =
        read.iter().map(|command| command.as_ref().map_or_else(String::as_str, |_| "read")).collect();
    let [first, fifth, sixth] = told.as_slice() else { panic!("{told:?}") };
    assert!(
        first.starts_with("line 2: ")
            && first.ends_with("the 2 other lines of its command are refused with it")
    );
    // Nobody can tell whose line it is: it may be a part of the command before it, or of the one behind it.
    assert!(fifth.starts_with("line 5: column"), "{fifth}");
    assert!(sixth.starts_with("line 6: line 5 before it"), "{sixth}");
}

#[test]
fn half_a_command_is_no_command_however_its_other_half_is_broken() {
    let good = line(COMMAND, r#""record":"case_closed","of":"77","occurred":"2024-03-04""#);
    let other = good.replace(COMMAND, OTHER);
    for cut in [20, 40, 60, good.len() - 4] {
        for text in [format!("{good}{}", &good[..cut]), format!("{good}{}\n{other}", &good[..cut])] {
            let read = read(&text);
            let told = read[0].as_ref().unwrap_err();
            assert!(told.starts_with("line 2: ") && told.ends_with("is refused with it"), "{cut}: {told}");
            // Of a line that names no command nobody can tell whether it is of the next one.
            let is_named = cut >= 52;
            assert!(read[1..].iter().all(|command| command.is_ok() == is_named), "{cut}: {read:?}");
        }
        let read = read(&format!("{}\n{good}", &good[..cut]));
        assert!(read.iter().all(Result::is_err), "{cut}: {read:?}");
    }
}

#[test]
fn what_is_no_code_no_team_and_no_sealed_field_is_refused() {
    let registered = |more: &str| {
        refused(&format!(r#""record":"child_registered","new":true,"occurred":"2024-03-04"{more}"#))
    };
    for (more, told) in [
        (r#","role":"Mary Smith, 4 High Street""#, "the field role is a short code"),
        (r#","team":"""#, "the field team is the name of a team"),
        (r#","sealed":{"la_childid":"77"}"#, "child_registered seals only la_child_id"),
        (r#","sealed":{"la_child_id":" "}"#, "sealed.la_child_id is empty"),
    ] {
        assert!(registered(more).contains(told), "{more}: {}", registered(more));
    }
}

#[test]
fn a_command_of_too_many_lines_is_refused_whole() {
    let one = line(COMMAND, r#""record":"case_closed","of":"77","occurred":"2024-03-04""#);
    let [only] = read(&one.repeat(MAX_ACTS + 2)).try_into().unwrap();
    assert!(only.unwrap_err().starts_with("line 1: the command that starts here has more than 1000 lines"));
    assert_eq!(read(&one.repeat(MAX_ACTS)).remove(0).unwrap().len(), MAX_ACTS);
}
