//! The rule book: what it answers on bare dates, and every defect that it refuses.

use chrono::NaiveDate;
use domain::calendar::{KnownDay, Limit, StartDay, Unit};
use domain::rules::{
    Deadline, DeadlineError, DeadlineOptions, DefectReason, RuleBook, RuleDefect, RuleKind, Shape,
    ShortLimit, Start, VersionChoice,
};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("tests write valid dates")
}

/// The one deadline of a rule of which each start has one.
fn deadline(rule: &str, start: Start, options: &DeadlineOptions<'_>) -> Result<Deadline, DeadlineError> {
    let mut all = RuleBook::built_in().deadlines(rule, start, options)?;
    assert_eq!(all.len(), 1, "{rule}: {all:?}");
    Ok(all.remove(0))
}

fn last_day(rule: &str, start: &str) -> String {
    match deadline(rule, Start::Day(day(start)), &DeadlineOptions::default()) {
        Ok(deadline) => deadline.last_day_in_time.expect("a last day").to_string(),
        Err(error) => error.to_string(),
    }
}

fn last_day_known(rule: &str, start: &str, known: &str) -> String {
    let options =
        DeadlineOptions { calendar_known: Some(KnownDay::new(day(known))), ..DeadlineOptions::default() };
    let deadline = deadline(rule, Start::Day(day(start)), &options);
    deadline.expect("a deadline").last_day_in_time.expect("a last day").to_string()
}

#[test]
fn the_book_names_every_id_of_the_catalogue() {
    let catalogue = include_str!("fixtures/rules/timescale_ids.csv");
    let wanted: Vec<&str> = catalogue.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(wanted.len(), 123);
    let missing: Vec<&str> =
        wanted.iter().copied().filter(|id| RuleBook::built_in().rule(id).is_none()).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn the_page_about_rules_names_every_rule() {
    let page = include_str!("../../docs/rules.md");
    let missing: Vec<&str> = RuleBook::built_in()
        .rules()
        .map(|rule| rule.id.as_str())
        .filter(|id| !page.contains(&format!("| {id} |")))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_rule_says_its_source_and_whether_it_was_read() {
    for rule in RuleBook::built_in().rules() {
        assert!(!rule.definition.denominator.is_empty(), "{}", rule.id);
        for version in &rule.versions {
            assert!(
                !version.source.is_empty() && !version.verified.note.is_empty(),
                "{} {}",
                rule.id,
                version.name
            );
            let is_law = version.kind == RuleKind::Law && version.verified.read;
            assert!(
                !is_law || version.paragraph.is_some(),
                "{} {}: law without a paragraph",
                rule.id,
                version.name
            );
        }
    }
}

#[test]
fn each_limit_ends_where_a_hand_count_ends() {
    let cases = [
        // Fifteen working days over Easter, Christmas, the June and the September of 2022.
        ("CP-04", "2023-03-27", "2023-04-19"),
        ("CP-04", "2022-12-12", "2023-01-05"),
        ("CP-04", "2022-06-02", "2022-06-24"),
        ("CP-04", "2022-08-30", "2022-09-21"),
        ("CP-08", "2022-05-25", "2022-06-10"),
        ("CP-09", "2022-11-30", "2023-02-28"),
        ("CP-10", "2023-08-31", "2024-02-29"),
        ("LAC-01", "2023-04-03", "2023-05-04"),
        ("LAC-01", "2010-03-01", "2010-03-29"),
        ("LAC-01", "2011-03-31", "2011-04-28"),
        ("LAC-01", "2011-04-01", "2011-05-05"),
        ("LAC-02", "2023-01-31", "2023-04-30"),
        ("LAC-03", "2023-03-31", "2023-09-30"),
        ("AS-03", "2023-01-27", "2023-03-31"),
        ("AS-03a", "2023-01-30", "2023-04-03"),
        ("FD-01", "2023-04-06", "2023-04-11"),
        // Issue + 181, never + 182.
        ("CT-01", "2023-01-02", "2023-07-02"),
        ("CT-01", "2014-04-22", "2014-10-20"),
        ("CT-01", "2014-04-21", "2014-10-19"),
    ];
    for (rule, start, last) in cases {
        assert_eq!(last_day(rule, start), last, "{rule} from {start}");
    }
}

#[test]
fn the_same_start_ends_a_day_later_once_the_holiday_is_announced() {
    assert_eq!(last_day_known("CP-04", "2022-08-30", "2022-09-01"), "2022-09-20");
    assert_eq!(last_day_known("CP-04", "2022-08-30", "2022-09-09"), "2022-09-20");
    assert_eq!(last_day_known("CP-04", "2022-08-30", "2022-09-10"), "2022-09-21");
    assert_eq!(last_day_known("CP-04", "2022-08-30", "2022-09-15"), "2022-09-21");
}

#[test]
fn the_version_in_force_is_chosen_and_the_unsettled_is_said() {
    let ask = |start: &str| deadline("CT-01", Start::Day(day(start)), &DeadlineOptions::default()).unwrap();
    let before = ask("2014-04-21");
    assert_eq!((before.version.as_str(), before.kind), ("government-target", Some(RuleKind::Practice)));
    assert!(!before.verified);
    assert!(before.notes.iter().any(|note| note.contains("pending on 22 April 2014")), "{:?}", before.notes);
    let after = ask("2014-04-22");
    assert_eq!((after.version.as_str(), after.kind), ("children-and-families-act-2014", Some(RuleKind::Law)));
    assert!(!after.notes.iter().any(|note| note.contains("pending")), "{:?}", after.notes);
    assert_eq!(after.sentence(), "26 weeks beginning with 2014-04-22 (day 1) end on 2014-10-20");
}

#[test]
fn a_deadline_that_cannot_be_told_says_why() {
    let cases = [
        ("CP-99", "2023-01-02", "unknown rule “CP-99”; did you mean CP-09, CP-19, CP-01?"),
        ("CP-13", "2023-01-02", "count CP-13: it is no time limit and has no last day"),
        ("FD-01h", "2023-01-02", "cannot tell the last day of FD-01h"),
        ("CP-04", "2030-12-20", "cannot tell the last day of CP-04"),
        (
            "AS-03",
            "2013-04-14",
            "count AS-03 from 2013-04-14: no version is in force then; it has single-assessment (from 2013-04-15)",
        ),
    ];
    for (rule, start, message) in cases {
        assert_eq!(last_day(rule, start), message);
    }
}

#[test]
fn hours_are_counted_from_an_instant_and_what_if_limits_from_anywhere() {
    let at = Start::At("2023-03-25T20:00:00Z".parse().unwrap());
    let in_hours = deadline("FD-01h", at, &DeadlineOptions::default()).unwrap();
    assert_eq!(in_hours.sentence(), "24 hours elapsed end on 2023-03-26 at 21:00:00 BST");
    let invented = ShortLimit { limit: Limit::new(10, Unit::WorkingDays), start_day: StartDay::IsDayZero };
    let options = DeadlineOptions { version: VersionChoice::WhatIf(invented), ..DeadlineOptions::default() };
    let what_if = deadline("CP-04", Start::Day(day("2023-03-27")), &options).unwrap();
    assert_eq!((what_if.last_day_in_time, what_if.verified), (Some(day("2023-04-12")), false));
    let options =
        DeadlineOptions { version: VersionChoice::Named("none".to_owned()), ..DeadlineOptions::default() };
    assert!(matches!(
        deadline("CP-04", Start::Day(day("2023-03-27")), &options),
        Err(DeadlineError::UnknownVersion { .. })
    ));
}

#[test]
fn a_count_can_be_read_day_by_day() {
    let options = DeadlineOptions::default();
    let deadline = deadline("FD-01", Start::Day(day("2023-04-06")), &options).unwrap();
    let days: Vec<String> =
        deadline.counted_days(options.calendar).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        days,
        [
            "Thu 2023-04-06  day 0: the start",
            "Fri 2023-04-07  skipped: bank holiday, Good Friday",
            "Sat 2023-04-08  skipped: weekend",
            "Sun 2023-04-09  skipped: weekend",
            "Mon 2023-04-10  skipped: bank holiday, Easter Monday",
            "Tue 2023-04-11  day 1",
        ]
    );
}

const LOCAL: &str = r#"phase = "child-protection"

[[rule]]
id = "CP-04m"
title = "Initial conference, counted from the start of the enquiry"
shape = "deadline"
attribution = "team_at_start"
cohort = "as CP-04"
numerator = "as CP-04"
denominator = "as CP-04"
operator = "at_most"
exceptions = ["local measure of 2012"]

[[rule.clock]]
per = "enquiry"
start = [{ event = "section47_enquiry_started" }]
stop = [{ event = "initial_conference_held", where = { kind = ["initial"] } }]

[[rule.target]]
percent = "95"
from = 2012-04-01
source = "improvement plan"

[[rule.target]]
percent = "99.95"
from = 2013-04-01
source = "improvement plan"

[[rule.version]]
name = "local-2012"
limit = 15
unit = "working_days"
start_day_counts = false
source = "local improvement plan 2012"
kind = "local"
verified = true
verified_note = "stated in the plan"
in_force_from = 2012-04-01
chosen_by = "start"
running_clocks = "keep"
"#;

#[test]
fn an_authority_adds_its_own_rules() {
    let book = RuleBook::with_local("local.toml", LOCAL).unwrap();
    let rule = book.rule("CP-04m").unwrap();
    assert!(matches!(rule.shape, Shape::Deadline(_)));
    assert_eq!(rule.target_on(day("2012-03-31")), None);
    assert_eq!(rule.target_on(day("2013-03-31")).unwrap().basis_points, 9_500);
    assert_eq!(rule.target_on(day("2013-04-01")).unwrap().basis_points, 9_995);
    assert!(book.rule("CP-04").is_some());
    let overriding = LOCAL.replace("\"CP-04m\"", "\"CP-04\"\noverrides = true");
    let book = RuleBook::with_local("local.toml", &overriding).unwrap();
    assert_eq!(book.rule("CP-04").unwrap().versions[0].name.as_ref(), "local-2012");
}

fn defect_of(text: &str) -> RuleDefect {
    let mut defects = RuleBook::with_local("local.toml", text).expect_err("a defect").0;
    assert_eq!(defects.len(), 1, "{defects:?}");
    defects.remove(0)
}

#[test]
fn every_defect_names_its_line_and_its_reason() {
    let second_version = "\n[[rule.version]]\nname = \"later\"\nlimit = 10\nunit = \"working_days\"\nstart_day_counts = false\nsource = \"s\"\nkind = \"local\"\nverified = true\nverified_note = \"n\"\nin_force_from = 2014-04-01\nchosen_by = \"start\"\nrunning_clocks = \"keep\"\n";
    let cases: &[(&str, &str, usize, &str)] = &[
        ("[[rule.clock]]", "colour = \"red\"\n[[rule.clock]]", 14, "unknown field `colour`"),
        ("section47_enquiry_started", "enquiry_began", 16, "no event kind is named \"enquiry_began\""),
        ("per = \"enquiry\"", "per = \"dragon\"", 15, "no role of a process is named \"dragon\""),
        ("kind = [\"initial\"]", "kind = [\"royal\"]", 17, "condition \"kind\" on initial_conference_held"),
        ("kind = [\"initial\"]", "weather = 1", 17, "rules know no such condition on this kind"),
        ("unit = \"working_days\"\n", "", 30, "version \"local-2012\" has a limit but no unit"),
        ("limit = 15\nunit = \"working_days\"\n", "", 30, "a version needs a limit"),
        ("start_day_counts = false\n", "", 30, "a deadline must say whether the start day counts"),
        ("from = 2012-04-01\nsource", "source", 20, "a target has no date from which it stands"),
        ("percent = \"95\"", "percent = \"195\"", 20, "percent must be a text such as"),
        ("2012-04-01\nchosen", "2012-04-01T10:00:00\nchosen", 38, "expected a date without a time"),
        (
            "in_force_from = 2012-04-01\n",
            "in_force_from = 2012-04-01\nin_force_to = 2012-03-31\n",
            30,
            "version \"local-2012\" ends before it begins",
        ),
        (
            "running_clocks = \"keep\"",
            "running_clocks = \"move\"",
            30,
            "running clocks keep a version chosen by start",
        ),
        (
            "running_clocks = \"keep\"\n",
            &format!("running_clocks = \"keep\"\n{second_version}"),
            43,
            "versions \"local-2012\" and \"later\" overlap",
        ),
        ("\"CP-04m\"", "\"CP-04\"", 4, "\"CP-04\" is a built-in rule"),
        ("\"CP-04m\"", "\"CP-04m\"\noverrides = true", 4, "\"CP-04m\" overrides a rule that does not exist"),
        (
            "shape = \"deadline\"",
            "shape = \"deadline\"\nfollows = \"CP-77\"",
            7,
            "follows \"CP-77\", which no rule with a clock is named",
        ),
        (
            "shape = \"deadline\"",
            "shape = \"deadline\"\nfollows = \"CP-04m\"",
            7,
            "in a circle: CP-04m -> CP-04m",
        ),
        (
            "kind = [\"initial\"] } }]",
            "kind = [\"initial\"] } }]\nchain = { from_occurrence = 1, repeats = true }",
            15,
            "a chain starts and stops at the same events",
        ),
        (
            "kind = [\"initial\"] } }]",
            "kind = [\"initial\"] }, through = \"conference\" }]",
            15,
            "only a start is found through another process",
        ),
        (
            "start = [{ event = \"section47_enquiry_started\" }]",
            "start = [{ event = \"section47_enquiry_started\", of = \"household\" }]",
            16,
            "of can only be \"child\"",
        ),
        (
            "start = [{ event = \"section47_enquiry_started\" }]",
            "start = [{ event = \"section47_enquiry_started\" }]\ndue_field = \"stated_target\"",
            17,
            "the kind has no such field",
        ),
        (
            "start = [{ event = \"section47_enquiry_started\" }]",
            "start = [{ event = \"section47_enquiry_started\" }]\nextension = { event = \"timetable_extended\", end = \"weeks\" }",
            17,
            "the field does not hold a date",
        ),
        (
            "start = [{ event = \"section47_enquiry_started\" }]",
            "start = [{ event = \"section47_enquiry_started\" }]\nbirthday = { age = 16, since_age = 14 }",
            15,
            "after_weeks_of_care and since_age stand together",
        ),
        (
            "running_clocks = \"keep\"",
            "running_clocks = \"keep\"\ninstead_of_limit = \"soon\"",
            30,
            "only a version that goes before others stands instead of a limit",
        ),
        (
            "start = [{ event = \"section47_enquiry_started\" }]",
            "start = []",
            15,
            "a clock needs at least one start and one stop",
        ),
    ];
    for (from, to, line, reason) in cases {
        let text = LOCAL.replacen(from, to, 1);
        assert_ne!(text, LOCAL, "{from} is not in the file");
        let defect = defect_of(&text);
        assert_eq!((defect.file.as_str(), defect.line), ("local.toml", *line), "{defect}");
        assert!(defect.to_string().contains(reason), "{defect} should say {reason}");
    }
}

#[test]
fn a_change_of_a_built_in_rule_needs_no_copy_of_it_and_its_defects_are_named() {
    let change = "phase = \"local\"\n\n[[change]]\nrule = \"CP-12\"\n\n[[change.version]]\nname = \"local-2024\"\nlimit = 15\nunit = \"working_days\"\nstart_day_counts = false\nsource = \"s\"\nkind = \"local\"\nverified = true\nverified_note = \"n\"\nchosen_by = \"start\"\nrunning_clocks = \"keep\"\n\n[[change.target]]\npercent = \"95\"\nfrom = 2024-04-01\nsource = \"plan\"\n";
    let book = RuleBook::with_local("local.toml", change).unwrap();
    let rule = book.rule("CP-12").unwrap();
    assert_eq!(rule.versions.len(), 1);
    assert_eq!(rule.versions[0].limit, Some(Limit::new(15, Unit::WorkingDays)));
    assert_eq!(rule.target_on(day("2024-04-01")).unwrap().basis_points, 9_500);
    assert_eq!(rule.shape, RuleBook::built_in().rule("CP-12").unwrap().shape);
    let cases = [
        ("\"CP-12\"", "\"CP-99\"", 4, "is to be changed, and no rule is named so"),
        ("unit = \"working_days\"\n", "", 7, "has a limit but no unit"),
        ("from = 2024-04-01\n", "", 19, "a target has no date"),
    ];
    for (from, to, line, reason) in cases {
        let defect = defect_of(&change.replacen(from, to, 1));
        assert_eq!(defect.line, line, "{defect}");
        assert!(defect.to_string().contains(reason), "{defect} should say {reason}");
    }
    let nothing = defect_of("phase = \"local\"\n\n[[change]]\nrule = \"CP-12\"\n");
    assert!(nothing.to_string().contains("a change needs a version or a target"), "{nothing}");
}

#[test]
fn a_tally_over_a_rule_without_clocks_is_refused() {
    let text = "phase = \"local\"\n\n[[rule]]\nid = \"X-1\"\ntitle = \"t\"\nshape = \"tally\"\nattribution = \"team_at_due\"\ncohort = \"c\"\nnumerator = \"n\"\ndenominator = \"d\"\noperator = \"at_least\"\nexceptions = []\n\n[rule.tally]\nfigure = \"count\"\nclocks = { rules = [\"FD-03\"] }\n\n[[rule.version]]\nname = \"v\"\nsource = \"s\"\nkind = \"local\"\nverified = true\nverified_note = \"n\"\nchosen_by = \"start\"\nrunning_clocks = \"keep\"\n";
    let defect = defect_of(text);
    assert!(matches!(defect.reason, DefectReason::UnknownRule { .. }), "{defect}");
    assert!(RuleBook::with_local("local.toml", &text.replace("FD-03", "CP-04")).is_ok());
}

#[test]
fn two_defects_are_both_reported() {
    let text =
        LOCAL.replace("per = \"enquiry\"", "per = \"dragon\"").replace("unit = \"working_days\"\n", "");
    let defects = RuleBook::with_local("local.toml", &text).unwrap_err().0;
    assert!(matches!(defects[0].reason, DefectReason::UnknownRole { .. }));
    assert!(matches!(defects[1].reason, DefectReason::NoUnit { .. }));
}

/// A share of those who are followed up after an act.
const FOLLOWED: &str = r#"phase = "local"

[[rule]]
id = "LO-01"
title = "No referral in the 6 months after a service"
shape = "tally"
attribution = "team_at_start"
cohort = "services started in the period"
numerator = "no referral"
denominator = "all whose 6 months are over"
operator = "at_least"
exceptions = []

[rule.tally]
figure = "share"
events = [{ event = "edge_of_care_started" }]

[rule.tally.follow_up]
unless_running = ["period_of_care"]
left_by = ["child_died"]
left_with = [{ event = "transferred_out" }]

[rule.tally.counts.has]
events = [{ event = "referral_received" }]
at_least = 0
lies = "after"
within = { limit = 6, unit = "months" }

[[rule.version]]
name = "local-2024"
source = "our procedures"
kind = "local"
verified = true
verified_note = "read"
chosen_by = "start"
running_clocks = "keep"
"#;

#[test]
fn who_is_followed_up_leaves_by_lines_that_exist_and_in_a_time_that_ends() {
    assert!(RuleBook::with_local("local.toml", FOLLOWED).is_ok());
    let cases = [
        (
            "left_by = [\"child_died\"]",
            "left_by = [\"moved_to_the_moon\"]",
            4,
            "no ending is named \"moved_to_the_moon\"",
        ),
        ("[\"period_of_care\"]", "[\"holiday\"]", 19, "no role of a process is named \"holiday\""),
        ("within = { limit = 6, unit = \"months\" }\n", "", 18, "follow_up stands beside counts.has"),
        ("lies = \"after\"", "lies = \"before\"", 18, "follow_up stands beside counts.has"),
    ];
    for (from, to, line, reason) in cases {
        let text = FOLLOWED.replacen(from, to, 1);
        assert_ne!(text, FOLLOWED, "{from} is not in the file");
        let defect = defect_of(&text);
        assert!(defect.to_string().contains(reason), "{defect} should say {reason}");
        assert_eq!(defect.line, line, "{defect}");
    }
    // A line that the authority adds itself may be named.
    let own = "left_by = [\"child_died\", \"abroad\"]";
    let line = "[[ending]]\nid = \"abroad\"\ntitle = \"t\"\non = [{ event = \"returned_home\" }]\ngoes_on = \"\"\nsource = \"ours\"\nkind = \"local\"\nverified = true\nverified_note = \"read\"\n";
    let text = FOLLOWED.replacen("left_by = [\"child_died\"]", own, 1);
    assert!(RuleBook::with_local("local.toml", &format!("{text}\n{line}")).is_ok());
}
