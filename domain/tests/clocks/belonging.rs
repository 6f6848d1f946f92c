//! Acts that name their own process only, and stays that say something of a whole period of care. Every child is invented.

use domain::clocks::{Question, State};
use domain::events::EntityRole as Role;

use crate::support::{Story, day, one};

type Told<'a> = (&'a str, &'a str, &'a str, &'a [(Role, u128)]);

const REFERRAL: (Role, u128) = (Role::Referral, 1);
const ASSESSMENT: (Role, u128) = (Role::Assessment, 2);
const CARE: (Role, u128) = (Role::PeriodOfCare, 3);
const ORDINARY: &str = r#"{"short_break":false}"#;
const SHORT: &str = r#"{"short_break":true}"#;

fn story(told: &[Told<'_>]) -> Story {
    let tell =
        |story: Story, (on, kind, details, processes): &Told<'_>| story.told(on, kind, details, processes);
    told.iter().fold(Story::complete(), tell)
}

/// Monday 8 January 2024; 11 March is the 45th working day.
#[test]
fn an_assessment_stops_the_clock_of_its_referral_whoever_names_it() {
    let received: Told<'_> = ("2024-01-08", "referral_received", "{}", &[REFERRAL]);
    let single = r#"{"kind":"single"}"#;
    let unnamed: Told<'_> = ("2024-01-09", "assessment_started", single, &[ASSESSMENT]);
    let named: Told<'_> = ("2024-01-09", "assessment_started", single, &[ASSESSMENT, REFERRAL]);
    let authorised = |on| (on, "assessment_authorised", "{}", &[ASSESSMENT][..]);
    let another: Told<'_> = ("2024-01-02", "referral_received", "{}", &[(Role::Referral, 9)]);
    let closed: Told<'_> = ("2024-01-04", "case_closed", "{}", &[(Role::Referral, 9)]);
    let first = |told: &[Told<'_>]| {
        let clocks = story(told).clocks("AS-03", &Question::as_at(day("2024-06-30")));
        let mut of_referral =
            clocks.into_iter().filter(|clock| clock.start.occurred.day() == Some(day("2024-01-08")));
        of_referral.next().expect("a clock of the referral").state
    };
    assert_eq!(first(&[received, unnamed, authorised("2024-03-11")]), State::Met);
    assert_eq!(first(&[received, named, authorised("2024-03-12")]), State::Late);
    assert_eq!(first(&[another, closed, received, unnamed, authorised("2024-03-11")]), State::Met);
    // Two cases were open: whose assessment it was is not told.
    assert_eq!(
        first(&[another, received, unnamed, authorised("2024-03-11")]),
        State::CannotTell(domain::clocks::Why::UnlinkedEvent)
    );
}

#[test]
fn a_series_of_short_breaks_is_told_by_its_legal_status() {
    for status in ["V3", "V4", "C2"] {
        let details = format!(r#"{{"legal_status":"{status}"}}"#);
        let told: [Told<'_>; 1] = [("2023-10-02", "became_looked_after", &details, &[CARE])];
        for rule in ["LAC-01", "HL-01"] {
            let state = one(story(&told).states(rule, "2024-03-31"));
            assert_eq!(state == State::NotApplicable, status != "C2", "{rule} {status}: {state:?}");
        }
    }
}

#[test]
fn respite_of_a_child_in_care_takes_nothing_from_the_period_of_care() {
    let begun: Told<'_> = ("2023-10-02", "became_looked_after", r#"{"legal_status":"C2"}"#, &[CARE]);
    let placed: Told<'_> = ("2023-10-02", "placement_started", ORDINARY, &[CARE, (Role::Placement, 4)]);
    let respite: [Told<'_>; 2] = [
        ("2023-10-12", "placement_started", SHORT, &[CARE, (Role::Placement, 5)]),
        ("2023-10-14", "placement_ended", "{}", &[(Role::Placement, 5)]),
    ];
    let child = story(&[begun, placed, respite[0], respite[1]]);
    assert_eq!(one(child.states("LAC-01", "2024-03-31")), State::Overdue);
    assert_eq!(one(child.states("HL-01", "2024-03-31")), State::Overdue);
    assert_eq!(child.figures("RT-01c", "2024-03-31").counted, 1);
    // A series that is marked so from its first stay on is one.
    let first: Told<'_> = ("2023-10-02", "placement_started", SHORT, &[CARE, (Role::Placement, 5)]);
    let series = story(&[("2023-10-02", "became_looked_after", "{}", &[CARE]), first]);
    assert_eq!(one(series.states("LAC-01", "2024-03-31")), State::NotApplicable);
    assert!(series.tallied("RT-01c", "2024-03-31").is_empty());
}

#[test]
fn a_summary_that_names_its_period_is_of_that_one_though_the_next_has_begun() {
    let told: [Told<'_>; 4] = [
        ("2023-01-05", "became_looked_after", "{}", &[CARE]),
        ("2023-09-07", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &[CARE]),
        ("2023-10-10", "became_looked_after", "{}", &[(Role::PeriodOfCare, 8)]),
        ("2023-11-06", "health_summary_provided", "{}", &[CARE]),
    ];
    let clocks = story(&told).clocks("HL-04", &Question::as_at(day("2024-03-31")));
    let states: Vec<State> = clocks.iter().map(|clock| clock.state).collect();
    assert_eq!(states, [State::Late]);
}
