//! What is written reads back, and what cannot be read says where and why. Everybody here is invented.

use std::io::{BufReader, Cursor};

use domain::canonical;
use domain::decider::admit;
use domain::envelope::{Category, Confidentiality, EventContext, ImportRef, SealedFields};
use domain::events::child_protection::Section47EnquiryStarted;
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, ImportId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::observations::observe;
use uuid::Uuid;

use super::*;

fn header() -> Header {
    Header {
        authority: "999".to_owned(),
        invented: true,
        note: "every child is \"invented\"".to_owned(),
        as_at: "2024-03-31".parse().ok(),
    }
}

fn enquiry(number: u128, command: u128) -> EventLine {
    let started = Section47EnquiryStarted { stated_conference_target: "2022-06-24".parse().ok() };
    let read = CaseEvent::new("2022-06-02T14:30+01:00".parse().unwrap(), started)
        .of(EntityRole::Enquiry, EntityId(Uuid::from_u128(7)));
    let mut context = EventContext::new(Uuid::from_u128(9), "social_worker");
    context.team = Some("Nord-Öst \"1\"".to_owned());
    context.source_recorded_at = "2022-06-03T08:01:02.000304Z".parse().ok();
    context.import = Some(ImportRef {
        import: ImportId(Uuid::from_u128(3)),
        as_at: "2022-06-30".parse().unwrap(),
        sheet: "list_5".to_owned(),
        row: 12,
    });
    context.causation = Some(EventId(Uuid::from_u128(4)));
    context.correlation = Some(Uuid::from_u128(5));
    context.confidentiality = Some(Confidentiality::Restricted);
    let sealed = SealedFields::none().with("la_child_id", "INV-000001").with("upn", "tab\there");
    EventLine {
        line: 2,
        stream: StreamId(Uuid::from_u128(number)),
        category: Category::Child,
        command_id: CommandId(Uuid::from_u128(command)),
        event: read.to_new(EventId(Uuid::from_u128(100 + number)), sealed, context).unwrap(),
        read,
    }
}

fn outgoing(line: &EventLine) -> Outgoing<'_> {
    Outgoing::of_new(line.stream, line.category, line.command_id, &line.event)
}

fn written(lines: &[EventLine]) -> String {
    let mut writer = Writer::try_new(Vec::new(), &header()).unwrap();
    for line in lines {
        writer.event(&outgoing(line)).unwrap();
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

fn reader(text: &str) -> Reader<Cursor<Vec<u8>>> {
    Reader::open(Cursor::new(text.as_bytes().to_vec())).unwrap()
}

fn plain_line() -> String {
    written(&[enquiry(1, 2)]).lines().nth(1).unwrap().to_owned()
}

/// The fault of a file whose second line is this one.
fn fault(line: &str) -> LineFault {
    let first = written(&[]);
    match reader(&format!("{first}{line}\n")).next().unwrap() {
        Err(JsonlError::Line { line: 2, fault, .. }) => fault,
        other => panic!("not a fault of line 2: {other:?}"),
    }
}

#[test]
fn a_date_that_stands_for_none_refuses_its_line_with_the_field() {
    let fields = [
        ("2022-06-02T14:30+01:00", "", "field occurred: "),
        ("2022-06-03T08:01:02.000304Z", "T08:01:02.000304Z", "field source_recorded_at: "),
        ("2022-06-24", "", "field facts (stated_conference_target): "),
    ];
    for day in ["1900-01-01", "2999-12-31", "1899-12-30"] {
        for (written, time, field) in fields {
            let line = plain_line().replacen(written, &format!("{day}{time}"), 1);
            let told = fault(&line).to_string();
            assert!(told.starts_with(field) && told.contains(day), "{told}: {line}");
        }
    }
}

#[test]
fn a_day_before_anybodys_birth_or_of_a_year_to_come_is_told_with_its_field() {
    let early = plain_line().replacen("2022-06-02T14:30+01:00", "0204-06-02", 1);
    assert_eq!(
        fault(&early).to_string(),
        "field occurred: 0204-06-02 is no day of a record of today; correct the year"
    );
    let fact = plain_line().replacen("2022-06-24", "0204-06-24", 1);
    assert!(fault(&fact).to_string().starts_with("field facts (stated_conference_target): 0204-06-24"));
    let today = "2026-11-30".parse().unwrap();
    let ahead = |day: &str, born: &str| {
        let facts = serde_json::json!({ "date_of_birth": born });
        let body = domain::events::Body::of(Kind::ChildRegistered, facts).unwrap();
        let read = CaseEvent::new(day.parse().unwrap(), body);
        let context = EventContext::new(Uuid::from_u128(9), "social_worker");
        let event = read.to_new(EventId(Uuid::from_u128(1)), SealedFields::none(), context).unwrap();
        EventLine { event, read, ..enquiry(1, 2) }
            .ahead_of(today)
            .map(|(field, day)| format!("{field} {day}"))
    };
    assert_eq!(ahead("2026-11-30", "2026-11-30"), None);
    assert_eq!(ahead("../2027-01-01", "2010-01-01"), None);
    assert_eq!(ahead("2031-03-04", "2010-01-01"), Some("occurred 2031-03-04".to_owned()));
    assert_eq!(ahead("2024-03-04", "2031-01-01"), Some("facts (date_of_birth) 2031-01-01".to_owned()));
    // What a file told is recorded as it stood there, and observed: it is handed on.
    assert_eq!(enquiry(1, 2).ahead_of("2021-01-01".parse().unwrap()), None);
}

#[test]
fn what_is_written_reads_back() {
    let events = [enquiry(1, 2), enquiry(2, 2), enquiry(1, 3)];
    let text = written(&events);
    let source = reader(&text);
    assert_eq!(source.header(), &header());
    let read: Vec<EventLine> = source.map(Result::unwrap).collect();
    assert_eq!(read.iter().map(|event| event.line).collect::<Vec<_>>(), [2, 3, 4]);
    for (read, original) in read.into_iter().zip(events) {
        assert_eq!(EventLine { line: 2, ..read }, original);
    }
}

#[test]
fn consecutive_lines_with_one_command_id_are_one_command() {
    let text = written(&[enquiry(1, 2), enquiry(2, 2), enquiry(3, 3)]);
    let sizes: Vec<usize> = reader(&text).commands().map(|command| command.unwrap().events.len()).collect();
    assert_eq!(sizes, [2, 1]);
}

/// What becomes of each command of a file with these lines below the header.
fn outcomes(lines: &[String]) -> Vec<String> {
    let text = format!("{}{}\n", written(&[]), lines.join("\n"));
    let told = |command: Result<Command, CommandFault>| match command {
        Ok(command) => format!("{} from line {}", command.events.len(), command.events[0].line),
        Err(fault) => fault.to_string(),
    };
    reader(&text).commands().map(told).collect()
}

fn line_of(number: u128, command: u128) -> String {
    written(&[enquiry(number, command)]).lines().nth(1).unwrap().to_owned()
}

#[test]
fn a_bad_line_takes_its_own_command_with_it_and_no_other() {
    let bad = |line: String| line.replace("\"schema\":1", "\"schema\":1,\"colour\":1");
    let file =
        [line_of(1, 2), bad(line_of(2, 3)), line_of(3, 3), line_of(4, 3), line_of(5, 4), line_of(6, 4)];
    let told = outcomes(&file);
    assert_eq!(told.len(), 3);
    assert_eq!((told[0].as_str(), told[2].as_str()), ("1 from line 2", "2 from line 6"));
    assert!(
        told[1].starts_with("line 3: column ") && told[1].contains("unknown field `colour`"),
        "{}",
        told[1]
    );
    assert!(told[1].ends_with("; 2 more lines of the same command (lines 3 to 5) are refused with it"));
    // The fault may stand last, and there may be two.
    let told = outcomes(&[line_of(1, 2), bad(line_of(2, 2)), bad(line_of(3, 2)), line_of(4, 3)]);
    assert_eq!((told.len(), told[1].as_str()), (2, "1 from line 5"));
    assert!(
        told[0].contains("line 3: ") && told[0].contains("; line 4: ") && told[0].contains("1 more line")
    );
}

#[test]
fn a_line_that_names_no_command_belongs_to_the_one_that_goes_on_behind_it() {
    let nonsense = || "nonsense".to_owned();
    // Between two commands it stands alone: both are taken.
    let told = outcomes(&[line_of(1, 2), nonsense(), line_of(2, 3)]);
    assert_eq!((told.len(), told[0].as_str(), told[2].as_str()), (3, "1 from line 2", "1 from line 4"));
    assert!(told[1].starts_with("line 3: column "), "{}", told[1]);
    // Inside a command it may be a part of it.
    let told = outcomes(&[line_of(1, 2), nonsense(), line_of(2, 2), line_of(3, 3)]);
    assert_eq!((told.len(), told[1].as_str()), (2, "1 from line 5"));
    assert!(told[0].contains("2 more lines of the same command (lines 2 to 4)"), "{}", told[0]);
    // A line that was cut still names its command.
    let cut = line_of(2, 3).get(..300).unwrap().to_owned();
    let told = outcomes(&[line_of(1, 2), cut, line_of(3, 3)]);
    assert_eq!((told.len(), told[0].as_str()), (2, "1 from line 2"));
    // A file of nothing but nonsense is told line by line.
    assert_eq!(outcomes(&vec![nonsense(); 2_500]).len(), 2_500);
}

#[test]
fn an_empty_line_takes_no_event_with_it_and_is_counted() {
    let blank = || " \r".to_owned();
    let told =
        outcomes(&[blank(), line_of(1, 2), blank(), line_of(2, 2), line_of(3, 3), blank(), String::new()]);
    assert_eq!(told, ["2 from line 3", "1 from line 6"]);
}

#[test]
fn what_sealing_would_refuse_is_refused_with_its_line() {
    let plain = plain_line();
    let told = |from: &str, to: &str| fault(&plain.replacen(from, to, 1)).to_string();
    let cases = [
        (told("INV-000001", "INV\\u0000"), "field sealed.la_child_id: text holds U+0000"),
        (told("INV-000001", "Zoe\u{308}"), "field sealed.la_child_id: text is not in Unicode normal form C"),
        (told("Nord-Öst", "Nord\\u0000"), "field team: text holds U+0000"),
        (told("list_5", "list\\u0000"), "field import.sheet: text holds U+0000"),
        (told("social_worker", "social\\u0000worker"), "field role: text holds U+0000"),
        (told("INV-000001", "INV\\ud800"), "column "),
        (told("\"upn\"", "\"\""), "the name of a field has 1 to 255 bytes"),
        (told("INV-000001", &"x".repeat(MAX_EVENT_BYTES)), "at most 262144 are taken"),
        (told("\"row\":12", "\"row\":4000000000"), "row is above 2147483647"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "{message} does not say {expected}");
    }
}

#[test]
fn a_command_without_end_is_refused_once() {
    let many: Vec<EventLine> = (0..10_002).map(|number| enquiry(number, 2)).chain([enquiry(1, 3)]).collect();
    let results: Vec<String> = reader(&written(&many))
        .commands()
        .map(|command| command.map_or_else(|error| error.to_string(), |it| it.events.len().to_string()))
        .collect();
    assert_eq!(results.len(), 2);
    assert!(results[0].starts_with("line 2: the command that starts here has more than 10000 lines"));
    assert_eq!(results[1], "1");
}

#[test]
fn an_export_line_says_where_it_stood_and_an_import_takes_that_as_the_source_time() {
    let mut event = enquiry(1, 2);
    event.event.context.source_recorded_at = None;
    let mut writer = Writer::try_new(Vec::new(), &header()).unwrap();
    let stored = StoredPlace {
        position: Position(17),
        revision: Revision(3),
        recorded_at: "2024-01-02T03:04:05.000006Z".parse().unwrap(),
    };
    writer.event(&Outgoing { stored: Some(stored), ..outgoing(&event) }).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(
        text.contains(r#","position":17,"revision":3,"recorded_at":"2024-01-02T03:04:05.000006Z"}"#),
        "{text}"
    );
    let read = reader(&text).next().unwrap().unwrap();
    assert_eq!(read.event.context.source_recorded_at, "2024-01-02T03:04:05.000006Z".parse().ok());
}

#[test]
fn facts_in_another_form_come_out_canonical() {
    let line = plain_line().replace(
        r#"{"details":{"stated_conference_target":"2022-06-24"},"#,
        "{ \"details\" : {\"stated_conference_\\u0074arget\":\"2022-06-24\"},",
    );
    assert!(line.contains("\\u0074"));
    let read = reader(&format!("{}{line}\n", written(&[]))).next().unwrap().unwrap();
    assert_eq!(read.event.facts, enquiry(1, 2).event.facts);
    canonical::check(&read.event.facts).unwrap();
}

#[test]
fn each_bad_line_says_where_and_why() {
    let plain = plain_line();
    let swap = |from: &str, to: &str| {
        assert!(plain.contains(from), "{from} not in {plain}");
        fault(&plain.replacen(from, to, 1)).to_string()
    };
    let cases = [
        (
            swap("\"kind\":\"section47_enquiry_started\"", "\"kind\":\"moon_landed\""),
            "unknown event kind moon_landed",
        ),
        (
            swap("\"kind\":\"section47_enquiry_started\"", "\"kind\":\"Amy Example\""),
            "unknown event kind that is no code",
        ),
        (
            swap("\"kind\":\"section47_enquiry_started\"", "\"kind\":\"ledger_opened\""),
            "written by the ledger alone",
        ),
        (
            swap("\"schema\":1", "\"schema\":2"),
            "version 2 of section47_enquiry_started is not known; this program reads 1 to 1",
        ),
        (
            swap("\"category\":\"child\"", "\"category\":\"worker\""),
            "stands in a stream of category child, not worker",
        ),
        (swap("\"category\":\"child\"", "\"category\":\"dragon\""), "unknown variant `dragon`"),
        (swap("\"schema\":1", "\"schema\":1,\"schema\":1"), "duplicate field `schema`"),
        (swap("\"schema\":1", "\"schema\":1,\"colour\":1"), "unknown field `colour`"),
        (swap("\"schema\":1,", ""), "missing field `schema`"),
        (
            swap("\"2022-06-24\"", "\"2022-06-24\",\"x\":1"),
            "facts of section47_enquiry_started version 1: unknown field `x`",
        ),
        (
            swap("\"2022-06-24\"", "\"2022-06-24\",\"stated_conference_target\":\"2022-06-24\""),
            "stands twice",
        ),
        (swap("\"2022-06-24\"", "1.5"), "a number that is not an integer"),
        (swap("\"upn\"", "\"la_child_id\""), "a sealed field stands twice"),
        (swap("2022-06-02T14:30+01:00", "Amy Example, yesterday"), "is not a time: expected YYYY-MM-DD"),
        (fault(plain.get(..300).unwrap()).to_string(), "column 300: EOF while parsing"),
    ];
    for (message, expected) in cases {
        assert!(message.contains(expected), "{message} does not say {expected}");
        assert!(!message.contains("Amy"), "a value stands in the message: {message}");
    }
}

#[test]
fn bytes_that_are_no_utf8_and_lines_without_end_are_refused_in_bounded_memory() {
    let mut bytes = written(&[]).into_bytes();
    bytes.extend_from_slice(b"{\"stream\":\"\xff\"}\n");
    bytes.extend(std::iter::repeat_n(b'x', MAX_LINE_BYTES + 5));
    bytes.push(b'\n');
    bytes.extend_from_slice(plain_line().as_bytes());
    let results: Vec<String> = Reader::open(BufReader::new(Cursor::new(bytes)))
        .unwrap()
        .map(|event| event.map_or_else(|error| error.to_string(), |event| format!("line {}", event.line)))
        .collect();
    assert_eq!(
        results,
        [
            "line 2: byte 12 is not UTF-8; write the file as UTF-8",
            "line 3: longer than 1048576 bytes; one event stands on one line",
            "line 4"
        ]
    );
}

#[test]
fn what_is_no_file_of_events_is_refused_at_its_first_line() {
    let cases = [
        ("", "the file is empty"),
        ("PK\u{3}\u{4}", "line 1: not the header"),
        ("{}\n", "the field format does not name it"),
        (
            "{\"format\":\"caseledger-events\",\"version\":2,\"authority\":\"1\",\"invented\":true}\n",
            "version 2 of the form",
        ),
        (
            "{\"format\":\"caseledger-events\",\"version\":1,\"authority\":\"1\"}\n",
            "missing field `invented`",
        ),
        ("{\"format\":\"caseledger-events\",\"format\":\"x\"}\n", "stands twice"),
        ("\n \n{}\n", "line 3: not the header"),
        ("\n\n", "the file is empty"),
        (
            "{\"format\":\"caseledger-events\",\"version\":\"1\",\"authority\":\"1\",\"invented\":true}\n",
            "the field version holds no whole number",
        ),
        (
            "{\"format\":\"caseledger-events\",\"version\":1,\"authority\":\"1\",\"invented\":true,\"x\":1}\n",
            "unknown field `x`",
        ),
    ];
    for (text, expected) in cases {
        let error = Reader::open(Cursor::new(text.as_bytes())).err().unwrap().to_string();
        assert!(error.contains(expected), "{error} does not say {expected}");
    }
    for before in ["\u{feff}", "\n", "\u{feff}\r\n \n"] {
        let text = format!("{before}{}", written(&[enquiry(1, 2)]));
        assert_eq!(reader(&text).filter(Result::is_ok).count(), 1, "{before:?}");
    }
}

#[test]
fn a_second_header_is_told_as_that_and_one_of_another_authority_refuses_the_file() {
    let own = written(&[enquiry(1, 2)]) + &written(&[enquiry(3, 4)]);
    let results: Vec<String> = reader(&own)
        .map(|line| line.map_or_else(|error| error.to_string(), |event| format!("line {}", event.line)))
        .collect();
    assert_eq!(results, ["line 2", "line 3: a second header; take the line out", "line 4"]);
    assert!(reader(&own).check_headers().is_ok());
    let turned = r#"{"version":1,"authority":"888","invented":true,"format":"caseledger-events"}"#;
    let anothers = format!("{}{turned}\n{}\n", written(&[enquiry(1, 2)]), plain_line());
    let refused = reader(&anothers).check_headers().unwrap_err().to_string();
    assert!(
        refused.starts_with("line 3: a second header, of authority 888; the file is of authority 999"),
        "{refused}"
    );
}

#[test]
fn the_schema_in_the_tree_is_the_generated_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.schema.json");
    let generated = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs")).unwrap();
        std::fs::write(path, &generated).unwrap();
    }
    let held = std::fs::read_to_string(path).unwrap();
    assert!(held == generated, "docs/events.schema.json differs; write it anew with UPDATE=1 cargo test");
}

#[test]
fn facts_of_an_older_version_keep_their_bytes_or_are_written_in_the_newest() {
    let placed = plain_line()
        .replace("section47_enquiry_started", "placement_started")
        .replace("\"enquiry\"", "\"placement\"");
    let with = |details: &str| {
        let line = placed.replace(r#"{"stated_conference_target":"2022-06-24"}"#, details);
        let text = format!("{}{line}\n", written(&[]));
        let read = reader(&text).next().unwrap().unwrap();
        let event = &read.event;
        let again = CaseEvent::read(event.occurred, &event.kind, event.schema_version, &event.facts).unwrap();
        assert_eq!(again, read.read, "{details}");
        (event.schema_version, event.facts.contains(r#""distance_miles":"20""#))
    };
    assert_eq!(with(r#"{"distance_miles":20,"short_break":false}"#), (1, false));
    assert_eq!(with(r#"{"short_break":false, "distance_miles":20}"#), (2, true));
}

/// A file of events is no extract: its lines are recorded as they stand (decision 49). What the decider's `admit` says of
/// such a line is then said by the observations, and a code that no list knows is kept.
#[test]
fn a_line_is_observed_as_the_decider_would_and_kept_as_it_stands() {
    let told = [
        ("contact_received", "contact", 1, "2024-01-08", r#"{"source":"ZZ"}"#, Some("code_not_in_list")),
        ("referral_received", "referral", 2, "2024-01-08", r#"{"source":"1A"}"#, None),
        ("referral_received", "referral", 3, "2024-02-05", "{}", Some("referral_on_open_case")),
        ("child_protection_plan_started", "plan", 4, "2024-02-06", r#"{"category":"NEG"}"#, None),
        ("child_protection_plan_started", "plan", 5, "2024-03-06", "{}", Some("overlapping_plans")),
    ];
    let now = "2024-06-01T12:00:00Z".parse().unwrap();
    let mut history: Vec<RecordedEvent> = Vec::new();
    for (number, (kind, role, process, occurred, details, observed)) in (1..).zip(told) {
        let mut line: serde_json::Value = serde_json::from_str(&plain_line()).unwrap();
        let facts = format!(
            "{{\"details\":{details},\"entities\":{{\"{role}\":\"00000000-0000-4000-8000-{process:012}\"}}}}"
        );
        // Entered by hand: what an extract's day says of a line is no question of the decider's.
        line.as_object_mut().unwrap().remove("import");
        line["kind"] = kind.into();
        line["schema"] = Kind::from_name(kind).unwrap().schema_version().into();
        line["occurred"] = occurred.into();
        line["facts"] = serde_json::from_str(&facts).unwrap();
        let text = format!("{}{line}\n", written(&[]));
        let line = reader(&text).next().unwrap().unwrap();
        assert_eq!(line.event.facts, facts, "kept as it stands");

        let admission = admit(Category::Child, &history, &line.read, now).unwrap();
        let codes: Vec<&str> = admission.observed.iter().map(|code| code.name()).collect();
        assert_eq!(codes, observed.into_iter().collect::<Vec<_>>());
        let before = observed_of(&history);
        history.push(RecordedEvent {
            position: Position(number),
            stream: line.stream,
            category: line.category,
            revision: Revision(u32::try_from(number).unwrap()),
            event_id: EventId(Uuid::from_u128(u128::from(number))),
            command_id: line.command_id,
            recorded_at: now,
            context: line.event.context,
            event: line.read,
        });
        let mut after = observed_of(&history);
        after.retain(|code| !before.contains(code));
        assert_eq!(after, codes);
    }
}

fn observed_of(history: &[RecordedEvent]) -> Vec<&'static str> {
    let journey = Journey::known(history, KnownAt::NOW);
    observe(&journey, "2024-06-01".parse().unwrap(), domain::rules::RuleBook::built_in().endings())
        .iter()
        .map(|found| found.code.name())
        .collect()
}
