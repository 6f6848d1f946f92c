//! Nothing starts in a process that is over: every clock that an ending of the table closes, against every such ending.

use std::collections::BTreeSet;

use domain::clocks::{Question, State};
use domain::envelope::Category;
use domain::events::{Body, CaseEvent, EntityRole as Role, Kind, Stage};
use domain::observations::{ObservationCode, observe};
use domain::rules::{Cause, ClockShape, Effect, Ending, EventMatch, Rule, RuleBook, Shape, Support};
use domain::time::Occurred;

use crate::support::{Story, born, day, in_care, one, process};

const OPENED: &str = "2023-01-10";
const ENDED: &str = "2023-04-20";
/// The process that an ending begins where it ends another one of its role.
const BEGUN_BY_ENDING: u128 = 2;
/// Both after the ending, also after one that takes effect 15 working days later.
const AFTER: [&str; 2] = ["2023-06-20", "2023-06-27"];

/// Details that make an event one that a line of the table or a rule names, tried in turn; an event's sample is tried first.
const DETAILS: &[&str] = &[
    "{}",
    r#"{"reason":"E2"}"#,
    r#"{"reason":"E11"}"#,
    r#"{"reason":"RC2"}"#,
    r#"{"reason":"RC6"}"#,
    r#"{"in_touch":"DIED"}"#,
    r#"{"estimated":false,"outcome":"adult"}"#,
    r#"{"outcome":"no_further_action"}"#,
    r#"{"outcome":"progressed"}"#,
    r#"{"orders":["care"]}"#,
    r#"{"order":"care_order"}"#,
    r#"{"order":"adoption_order"}"#,
    r#"{"order":"special_guardianship_order"}"#,
    r#"{"kind":"single"}"#,
    r#"{"initiated_enquiry":true}"#,
    r#"{"offered":true}"#,
    r#"{"placement_type":"A4","short_break":false}"#,
    r#"{"placement_type":"U6","short_break":false}"#,
    r#"{"to_be_held":false}"#,
    r#"{"conference_required":false}"#,
    r#"{"support_needed":false}"#,
    r#"{"plan_continues":false}"#,
    r#"{"decision":"end"}"#,
];

fn body_of(kind: Kind, details: &str) -> Option<Body> {
    let facts = format!("{{\"details\":{details}}}");
    let read = CaseEvent::read(Occurred::UNKNOWN, kind.name(), kind.schema_version(), &facts);
    read.ok().map(|event| event.body)
}

/// A body that a match names; `None` where none of the details does.
fn body(one: &EventMatch) -> Option<Body> {
    let samples = std::iter::once(one.kind.sample().body);
    let read = DETAILS.iter().filter_map(|details| body_of(one.kind, details));
    samples.chain(read).find(|body| one.holds(body))
}

/// What opens processes of a role; `None` for those that only other acts name.
fn opener(role: Role) -> Option<Kind> {
    let opens = |kind: &Kind| {
        kind.own_role() == Some(role)
            && kind.stage() == Stage::Opens
            && kind.categories().contains(&Category::Child)
    };
    Kind::ALL.iter().copied().find(|kind| opens(kind))
}

fn open(story: Story, role: Role, begun_with: &[EventMatch], roles: &[(Role, u128)]) -> Story {
    let begun = |kind: Kind| begun_with.iter().filter(|one| one.kind == kind).find_map(body);
    match opener(role) {
        Some(kind) => story.with(OPENED, begun(kind).unwrap_or_else(|| kind.sample().body), roles),
        None => story,
    }
}

/// The roles that a story of one process of the rule and one ending needs, each process with the number 1.
fn roles(shape: &ClockShape, line: &Ending) -> Vec<(Role, u128)> {
    let named = shape.per.role().into_iter().chain(line.within).chain(line.while_running);
    named.collect::<BTreeSet<Role>>().into_iter().map(|role| (role, 1)).collect()
}

/// The story up to the ending, which `ends` or not, and the acts after it.
fn story(shape: &ClockShape, line: &Ending, act: &EventMatch, ends: bool, on: [&str; 2]) -> Option<Story> {
    let age = if let Cause::Birthday(age) = line.cause { age } else { 0 };
    let year = if ends && age > 0 { 2023 - i32::try_from(age).ok()? } else { 2015 };
    let all = roles(shape, line);
    let mut story = born(&format!("{year}-04-20"));
    for (role, _) in &all {
        story = open(story, *role, &line.begun_with, &all);
    }
    for from in &shape.counted_from {
        story = story.with(OPENED, body(from)?, &all);
    }
    if shape.per.role().is_none() && line.ends_support(Support::CareLeaver) {
        let eligible = r#"{"category":"former_relevant"}"#;
        story = story.told(OPENED, "care_leaver_eligibility_recorded", eligible, &[]);
    }
    if let (true, Cause::Events(events)) = (ends, &line.cause) {
        let body = events.iter().find_map(body)?;
        // What begins a process ends another one.
        let begins = |role: Role| body.kind().stage() == Stage::Opens && body.kind().own_role() == Some(role);
        let number = |role: Role| if begins(role) { BEGUN_BY_ENDING } else { 1 };
        let named: Vec<_> = all.iter().map(|(role, _)| (*role, number(*role))).collect();
        story = story.with(ENDED, body, &named);
    }
    for (number, on) in (20..).zip(on) {
        let own = act.kind.own_role().filter(|own| all.iter().all(|(role, _)| role != own));
        let named: Vec<_> = all.iter().copied().chain(own.map(|own| (own, number))).collect();
        story = story.with(on, body(act)?, &named);
    }
    Some(story)
}

/// Whether the act begins what ended again: another process, support, or a case that was handed over.
fn begins_again(shape: &ClockShape, line: &Ending, act: &EventMatch) -> bool {
    let opens_own = act.kind.stage() == Stage::Opens && act.kind.own_role() == shape.per.role();
    let again = Support::begun_by(act.kind).is_some() || act.kind == Kind::TransferInNotified;
    let undoes = line.undone_by.iter().any(|one| one.kind == act.kind);
    (opens_own && shape.per.role().is_some()) || (again && !line.lasting) || undoes
}

/// The states of a rule's clocks that started on one of the days.
fn started(story: &Story, rule: &Rule, on: &[&str]) -> Vec<State> {
    let clocks = story.clocks(rule.id.as_str(), &Question::as_at(day("2025-03-31")));
    let on_day = |occurred: Occurred| on.iter().any(|on| occurred.day() == Some(day(on)));
    // What began with the ending has clocks of its own.
    let of_ended = clocks.iter().filter(|clock| clock.entity != process(BEGUN_BY_ENDING));
    of_ended.filter(|clock| on_day(clock.start.occurred)).map(|clock| clock.state).collect()
}

/// Every rule's clocks that an ending closes, with the act that starts them.
fn pairs() -> Vec<(&'static Rule, &'static ClockShape, &'static Ending, &'static EventMatch)> {
    let book = RuleBook::built_in();
    let mut pairs = Vec::new();
    for rule in book.rules().filter(|rule| rule.of.contains(&Category::Child)) {
        let Shape::Deadline(shapes) = &rule.shape else { continue };
        for (shape, line) in
            shapes.iter().flat_map(|shape| book.endings().lines().iter().map(move |it| (shape, it)))
        {
            let closes = book.endings().effect(line, &rule.id, shape) == Some(Effect::Closes);
            let acts =
                shape.start.iter().filter(|act| act.through.is_none() && !begins_again(shape, line, act));
            pairs.extend(acts.filter(|_| closes).map(|act| (rule, shape, line, act)));
        }
    }
    pairs
}

#[test]
fn no_clock_of_any_rule_starts_after_what_ended_its_process() {
    let (mut asked, mut rules, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for (rule, shape, line, act) in pairs() {
        let Some(goes_on) = story(shape, line, act, false, AFTER) else { continue };
        if started(&goes_on, rule, &AFTER).is_empty() {
            continue;
        }
        (asked, _) = (asked + 1, rules.insert(rule.id.to_string()));
        let ended = story(shape, line, act, true, AFTER).expect("the ending can be told");
        let left = started(&ended, rule, &AFTER);
        if left.iter().any(|state| *state != State::NotApplicable) {
            wrong.push(format!("{} after {}: {left:?}", rule.id, line.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 80 && rules.len() > 15, "{asked} of {rules:?}");
}

/// The day of the ending itself is no breach: what starts on it is closed on it.
#[test]
fn what_starts_on_the_day_of_the_ending_is_never_overdue_nor_late() {
    let mut wrong = Vec::new();
    let on = ["2023-04-19", ENDED];
    for (rule, shape, line, act) in pairs().into_iter().filter(|(_, _, line, _)| line.after.is_none()) {
        let Some(ended) = story(shape, line, act, true, on) else { continue };
        let left = started(&ended, rule, &[ENDED]);
        let open =
            |state: &State| matches!(state, State::Overdue | State::Late | State::Running | State::DueSoon);
        if left.iter().any(open) {
            wrong.push(format!("{} on the day of {}: {left:?}", rule.id, line.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn reviewed(story: Story, on: &str, number: u128) -> Story {
    let roles = [(Role::PeriodOfCare, 1), (Role::Review, number)];
    story.told(on, "looked_after_review_held", "{}", &roles)
}

#[test]
fn a_review_after_care_ended_is_no_second_review_and_starts_no_clock() {
    let first = reviewed(in_care(born("2015-05-05"), "2023-01-10"), "2023-02-01", 1);
    let after = |ending: &str, details: &str| {
        reviewed(first.clone().told(ENDED, ending, details, &[(Role::PeriodOfCare, 1)]), "2023-04-28", 2)
    };
    for (ending, details) in
        [("ceased_to_be_looked_after", r#"{"reason":"E4A"}"#), ("child_died", "{}"), ("sgo_made", "{}")]
    {
        let story = after(ending, details);
        let states = |rule: &str| story.states(rule, "2024-03-31");
        assert_eq!(states("LAC-01"), [State::Met], "{ending}");
        // Due on 1 May, after the end on 20 April.
        assert_eq!(states("LAC-02"), [State::NotApplicable], "{ending}");
        assert_eq!(states("LAC-03"), [], "{ending}");
    }
}

#[test]
fn a_review_that_may_lie_after_the_plan_leaves_the_next_one_not_applicable_in_each_reading() {
    let plan = [(Role::Plan, 1)];
    let held = |on: &str| {
        let story = born("2015-05-05").told("2023-01-30", "child_protection_plan_started", "{}", &plan);
        story.told(ENDED, "child_protection_plan_ended", "{}", &plan).told(
            on,
            "review_conference_held",
            "{}",
            &plan,
        )
    };
    let states = |on: &str, rule: &str| held(on).states(rule, "2024-03-31");
    assert_eq!(states("2023-04-13/2023-04-27", "CP-10"), [State::NotApplicable]);
    assert_eq!(states("2023-04-20", "CP-10"), [State::NotApplicable], "on the day of the end");
    assert_eq!(states("2023-04-21", "CP-10"), []);
    // Due on 30 April, after the end: a review after it was not asked for any more.
    assert_eq!(states("2023-04-20", "CP-09"), [State::Met]);
    assert_eq!(states("2023-04-21", "CP-09"), [State::NotApplicable]);
    assert!(matches!(states("2023-04-13/2023-04-27", "CP-09")[..], [State::CannotTell(_)]));
}

#[test]
fn a_review_after_what_ended_its_process_is_observed() {
    let care = in_care(born("2015-05-05"), "2023-01-10");
    let observed = |ending: &str, details: &str| {
        let ended = care.clone().told(ENDED, ending, details, &[(Role::PeriodOfCare, 1)]);
        let journey = |on: &str| reviewed(ended.clone(), on, 2).journey();
        let odd = |on: &str| {
            let found = observe(&journey(on), day("2024-03-31"), RuleBook::built_in().endings());
            found.iter().any(|one| one.code == ObservationCode::AfterEnd)
        };
        (odd("2023-04-20"), odd("2023-04-21"))
    };
    assert_eq!(observed("ceased_to_be_looked_after", "{}"), (false, true));
    assert_eq!(observed("sgo_made", "{}"), (false, true));
    assert_eq!(observed("returned_home", "{}"), (false, false), "which ends no care");
}

#[test]
fn nothing_is_handed_to_a_child_who_died_however_the_end_of_care_is_told() {
    let care = in_care(born("2015-05-05"), "2023-01-10");
    let period = [(Role::PeriodOfCare, 1)];
    for details in ["{}", r#"{"reason":"E8"}"#, r#"{"reason":"E2"}"#] {
        let died = care.clone().told("2023-07-20", "child_died", "{}", &[]);
        let ended = died.told("2023-07-22", "ceased_to_be_looked_after", details, &period);
        assert_eq!(ended.states("HL-04", "2024-03-31"), [State::NotApplicable], "{details}");
    }
}

#[test]
fn a_leavers_review_after_the_death_is_no_review() {
    let plan = [(Role::PathwayPlan, 1)];
    let story = born("2002-05-05")
        .told("2021-05-05", "pathway_plan_made", "{}", &plan)
        .told("2021-08-01", "child_died", "{}", &[])
        .told("2021-10-01", "pathway_plan_reviewed", "{}", &plan);
    assert_eq!(story.states("LC-02", "2024-03-31"), [State::NotApplicable]);
}

/// A contact after the support ended starts nothing; after it began again it does.
#[test]
fn support_that_began_again_has_clocks_again() {
    let eligible = r#"{"category":"former_relevant"}"#;
    let closed = born("2003-05-05")
        .told("2021-06-01", "care_leaver_eligibility_recorded", eligible, &[])
        .told("2021-08-02", "pa_contact_made", "{}", &[])
        .told("2021-09-01", "care_leaver_closed", "{}", &[])
        .told("2021-10-04", "pa_contact_made", "{}", &[]);
    assert_eq!(closed.states("LC-03", "2022-03-31"), [State::NotApplicable]);
    let again = closed.told("2021-11-01", "care_leaver_eligibility_recorded", eligible, &[]).told(
        "2021-11-15",
        "pa_contact_made",
        "{}",
        &[],
    );
    assert_eq!(again.states("LC-03", "2022-03-31"), [State::NotApplicable, State::Overdue]);
}

#[test]
fn a_plan_is_due_by_the_last_day_of_a_second_review_that_was_never_held() {
    let care = in_care(born("2012-05-05"), "2018-01-08");
    let reviewed_once = reviewed(care.clone(), "2018-01-30", 1);
    let agreed = |story: &Story, on: &str| story.clone().told(on, "permanence_plan_agreed", "{}", &[]);
    let state = |story: &Story, as_at: &str| one(story.states("PM-01", as_at));
    // The second review was due three months after the first: by 30 April 2018.
    assert_eq!(state(&reviewed_once, "2018-04-30"), State::DueSoon);
    assert_eq!(state(&reviewed_once, "2018-05-01"), State::Overdue);
    assert_eq!(state(&agreed(&reviewed_once, "2018-04-30"), "2019-12-31"), State::Met);
    assert_eq!(state(&agreed(&reviewed_once, "2018-05-01"), "2019-12-31"), State::Late);
    assert_eq!(state(&agreed(&reviewed_once, "2019-04-30"), "2019-12-31"), State::Late);
    let left = reviewed_once.clone().told(
        "2019-01-30",
        "ceased_to_be_looked_after",
        "{}",
        &[(Role::PeriodOfCare, 1)],
    );
    assert_eq!(state(&left, "2019-12-31"), State::Late, "never agreed");
    // Without any review: the first was due on 5 February, the second three months later.
    assert_eq!(state(&care, "2018-05-05"), State::DueSoon);
    assert_eq!(state(&care, "2018-05-06"), State::Overdue);
    // A second review that is held sets the day itself, early or late.
    let held = reviewed(reviewed_once, "2018-06-04", 2);
    assert_eq!(state(&agreed(&held, "2018-06-04"), "2019-12-31"), State::Met);
}

#[test]
fn an_officer_is_due_by_the_last_day_of_a_first_review_that_was_never_held() {
    let care = in_care(born("2012-05-05"), "2018-01-08");
    let state = |as_at: &str| one(care.states("LAC-13r", as_at));
    assert_eq!(state("2018-02-05"), State::DueSoon);
    assert_eq!(state("2018-02-06"), State::Overdue);
}

#[test]
fn a_report_is_due_before_the_last_day_of_a_conference_that_was_never_held() {
    let roles = [(Role::Enquiry, 1), (Role::Conference, 1)];
    let story = born("2012-05-05")
        .told("2023-05-02", "section47_enquiry_started", "{}", &[(Role::Enquiry, 1)])
        .told("2023-05-03", "conference_requested", "{}", &roles);
    // The conference was due on 24 May (8 May was a bank holiday); two working days before it is 22 May.
    assert_eq!(one(story.states("CP-04", "2023-05-24")), State::DueSoon);
    assert_eq!(one(story.states("CP-16", "2023-05-22")), State::DueSoon);
    assert_eq!(one(story.states("CP-16", "2023-05-23")), State::Overdue);
}

#[test]
fn an_assessment_that_names_only_itself_ends_the_checkpoints_of_its_referral() {
    let (referral, assessment) = ((Role::Referral, 1), (Role::Assessment, 1));
    let told = |authorised: &[(Role, u128)]| {
        Story::complete()
            .told("2023-01-09", "referral_received", "{}", &[referral])
            .told("2023-01-10", "assessment_started", r#"{"kind":"single"}"#, &[referral, assessment])
            .told("2023-02-01", "assessment_authorised", r#"{"factors":[]}"#, authorised)
    };
    for story in [told(&[assessment]), told(&[referral, assessment])] {
        // Authorised on working day 17.
        assert_eq!(one(story.states("AS-03", "2023-12-31")), State::Met);
        assert_eq!(story.states("AS-04", "2023-12-31"), [State::NotApplicable]);
        assert_eq!(story.states("AS-05", "2023-12-31"), [State::NotApplicable]);
    }
}

#[test]
fn an_act_hours_before_the_start_is_none_of_it_although_the_days_agree() {
    let care = [(Role::PeriodOfCare, 1)];
    let placed = [(Role::PeriodOfCare, 1), (Role::Placement, 1)];
    let placement = r#"{"short_break":false,"placement_type":"U1"}"#;
    let seen = |visit: &str| {
        born("2015-05-05")
            .told("2023-01-09T18:00:00+00:00", "became_looked_after", "{}", &care)
            .told("2023-01-09T18:00:00+00:00", "placement_started", placement, &placed)
            .told(visit, "looked_after_visit_made", r#"{"seen":true}"#, &[])
            .told(visit, "health_assessment_completed", "{}", &[])
    };
    let before = seen("2023-01-09T10:00:00+00:00");
    let (visits, health) = (before.states("LAC-04", "2023-02-28"), before.states("HL-01", "2023-02-28"));
    assert_eq!((visits, health), (vec![State::Overdue], vec![State::Overdue]));
    assert_eq!(
        (before.states("LAC-05", "2023-02-28"), before.states("HL-02", "2023-02-28")),
        (vec![], vec![])
    );
    for at in ["2023-01-09T18:00:00+00:00", "2023-01-09"] {
        assert_eq!(seen(at).states("LAC-04", "2023-02-28"), [State::Met], "{at}");
        assert_eq!(seen(at).states("HL-01", "2023-02-28"), [State::Met], "{at}");
    }
    // A decision hours before its contact contradicts the record.
    let contact = [(Role::Contact, 1)];
    let decided =
        Story::complete().told("2023-01-10T14:00:00+00:00", "contact_received", "{}", &contact).told(
            "2023-01-10T10:00:00+00:00",
            "referral_decision_made",
            r#"{"outcome":"no_further_action"}"#,
            &contact,
        );
    assert!(matches!(decided.states("FD-01", "2023-02-28")[..], [State::CannotTell(_)]));
}

#[test]
fn pre_proceedings_stand_once_in_the_lists() {
    let story =
        Story::complete().told("2023-01-09", "pre_proceedings_started", "{}", &[(Role::PreProceedings, 1)]);
    let clocks = story.answers(&Question::as_at(day("2023-12-31"))).clocks;
    let overdue = clocks.iter().filter(|clock| clock.state == State::Overdue && !clock.marks.repeated);
    let listed: Vec<&str> = overdue.map(|clock| clock.rule.id.as_str()).collect();
    assert_eq!(listed, ["PLO-01", "PLO-02"]);
}

/// Days from entry to a placement that its type alone tells as one with adopters (A5: with the foster carers of before).
#[test]
fn a_move_to_adopters_that_only_the_placement_type_tells_is_one() {
    let placed = |kind: &str| {
        let placement = format!("{{\"short_break\":false,\"placement_type\":\"{kind}\"}}");
        in_care(born("2020-05-05"), "2021-01-04")
            .told(
                "2022-01-10",
                "placement_started",
                &placement,
                &[(Role::PeriodOfCare, 1), (Role::Placement, 2)],
            )
            .told("2022-09-01", "adoption_order_made", "{}", &[])
    };
    for kind in ["A3", "A4", "A5", "A6"] {
        let story = placed(kind);
        for rule in ["PM-03", "PM-03p", "PM-05"] {
            let clocks = story.clocks(rule, &Question::as_at(day("2023-03-31")));
            let stopped = clocks[0].stop.and_then(|stop| stop.occurred.day());
            assert_eq!(stopped, Some(day("2022-01-10")), "{rule} {kind}");
        }
    }
    let used = placed("A5").clocks("PM-03", &Question::as_at(day("2023-03-31")))[0].used;
    assert_eq!(used.map(|used| used.amount), Some(371));
    assert_eq!(placed("U1").states("PM-03", "2023-03-31"), []);
}

#[test]
fn a_clock_that_was_never_asked_of_the_child_ends_on_the_day_on_which_it_would_have_begun() {
    let care = [(Role::PeriodOfCare, 1)];
    let story = born("2020-01-06").told("2024-01-10", "child_died", "{}", &[]);
    let story = story.told("2024-01-15", "became_looked_after", "{}", &care);
    let answers = story.answers(&Question::as_at(day("2024-12-02")));
    let closed: Vec<_> = answers.clocks.iter().filter(|clock| clock.closed_by.is_some()).collect();
    assert!(closed.len() > 3, "{closed:?}");
    for clock in answers.clocks.iter().filter(|clock| clock.stop.is_none()) {
        let (start, end) = (clock.start.occurred.day(), clock.ended().map(|end| end.latest_day()));
        assert!(end.is_none_or(|end| end >= start), "{}: {start:?} {end:?}", clock.rule.id);
    }
}
