//! Who is followed up after an act, and who has left in between. Every child is invented.

use domain::clocks::Looked;
use domain::clocks::Question;
use domain::events::EntityRole as Role;
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::ids::ImportId;

use crate::support::{Story, born, day};

const HELD: &str = "2023-01-09";
const OVER: &str = "2024-01-09";
const CARE: &[(Role, u128)] = &[(Role::PeriodOfCare, 1)];

fn conference(story: Story) -> Story {
    story.told(HELD, "fgc_held", "{}", &[(Role::FamilyGroupConference, 1)])
}

/// With the family, in the base, and not to be told, on a day.
fn with_family(story: &Story, as_at: &str) -> (u64, u64, u64) {
    let figures = story.figures("FG-02", as_at);
    (figures.counted, figures.base, figures.cannot_tell)
}

#[test]
fn who_is_looked_after_already_is_not_followed_up_at_home() {
    let since = |on: &str| conference(Story::complete().told(on, "became_looked_after", "{}", CARE));
    assert_eq!(with_family(&since("2022-06-01"), OVER), (0, 0, 0));
    // Of the day itself it is the conference that came first, as for what it was to prevent.
    assert_eq!(with_family(&since(HELD), OVER), (0, 1, 0));
    let home = Story::complete().told("2022-06-01", "became_looked_after", "{}", CARE);
    let home = home.told("2022-12-01", "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, CARE);
    assert_eq!(with_family(&conference(home), OVER), (1, 1, 0));
    // Whether care began before the conference is not known.
    assert_eq!(with_family(&since("2022-12-01/2023-02-01"), OVER), (0, 0, 1));
}

#[test]
fn who_left_in_between_is_neither_at_home_nor_in_care() {
    let held = conference(born("2010-05-01"));
    assert_eq!(with_family(&held, OVER), (1, 1, 0));
    let left = [
        ("child_died", "{}"),
        ("adoption_order_made", "{}"),
        ("transferred_out", "{}"),
        ("age_assessment_completed", r#"{"estimated":false,"outcome":"adult"}"#),
    ];
    for (kind, details) in left {
        let told = |on: &str, story: &Story| story.clone().told(on, kind, details, &[]);
        assert_eq!(with_family(&told("2023-06-01", &held), OVER), (0, 0, 0), "{kind}");
        // After the twelve months it changes nothing; and who became looked after before was seen to.
        assert_eq!(with_family(&told("2024-01-10", &held), "2024-06-01"), (1, 1, 0), "{kind}");
        let failed = held.clone().told("2023-03-01", "became_looked_after", "{}", CARE);
        assert_eq!(with_family(&told("2023-06-01", &failed), OVER), (0, 1, 0), "{kind}");
        // It lies in the twelve months or after them.
        assert_eq!(with_family(&told("2023-12-01/2024-02-01", &held), "2024-06-01"), (0, 0, 1), "{kind}");
    }
    let of_age = |born_on: &str| with_family(&conference(born(born_on)), OVER);
    assert_eq!((of_age("2006-01-09"), of_age("2006-01-10")), ((0, 0, 0), (1, 1, 0)));
}

#[test]
fn support_that_ended_in_care_is_no_support_without_a_referral() {
    let started = Story::complete().told(
        HELD,
        "edge_of_care_started",
        r#"{"service":"family_focus"}"#,
        &[(Role::EdgeOfCareService, 1)],
    );
    let share = |story: &Story| {
        let figures = story.figures("EC-02s", "2023-12-31");
        (figures.counted, figures.base)
    };
    assert_eq!(share(&started), (1, 1));
    let in_care = started.clone().told("2023-03-01", "became_looked_after", "{}", CARE);
    assert_eq!(share(&in_care), (0, 0));
    let referred = started.told("2023-02-01", "referral_received", "{}", &[(Role::Referral, 1)]);
    assert_eq!(share(&referred.told("2023-03-01", "became_looked_after", "{}", CARE)), (0, 1));
}

#[test]
fn a_share_of_repeats_takes_only_those_of_whom_that_there_was_none_could_be_told() {
    let held = |from: &str| {
        Story::new()
            .covered(&["referral_received"], CoverageExtent::Complete, from, "")
            .told("2023-04-20", "referral_received", "{}", &[(Role::Referral, 1)])
            .told("2023-06-15", "referral_received", "{}", &[(Role::Referral, 2)])
    };
    let last = |story: Story| {
        let answers = story.answers(&Question::as_at(day("2023-12-31")));
        let mut looked = answers.look_backs.into_iter().filter(|looked| looked.rule.id.as_str() == "FD-03");
        looked.next_back().map(|looked| (looked.answer, looked.in_base))
    };
    // The twelve months before 15 June 2023 begin on 16 June 2022. A file of one year to 31 March holds less of them.
    assert_eq!(last(held("2022-06-16")), Some((Looked::Earlier(None), true)));
    assert_eq!(last(held("2022-06-17")), Some((Looked::Earlier(None), false)));
    assert_eq!(last(held("2023-04-01")), Some((Looked::Earlier(None), false)));
}

#[test]
fn a_share_of_repeats_takes_no_child_whose_earlier_history_another_file_holds() {
    let file = |number: u128, from: &str, to: &str| HistoryCoverageStated {
        kinds: ["referral_received".to_owned()].into(),
        extent: CoverageExtent::Complete,
        from: from.parse().ok(),
        to: to.parse().ok(),
        import: Some(ImportId(uuid::Uuid::from_u128(number))),
    };
    let child = |files: &[HistoryCoverageStated], earlier: &[&str]| {
        let story =
            files.iter().fold(Story::new(), |story, file| story.with("1990-01-01", file.clone(), &[]));
        let received = |story: Story, (on, number): (&&str, u128)| {
            story.told(on, "referral_received", "{}", &[(Role::Referral, number)])
        };
        let all = earlier.iter().chain(&["2023-06-15"]).zip(1..);
        let answers = all.fold(story, received).answers(&Question::as_at(day("2024-03-31")));
        let looked = answers.look_backs.iter().rfind(|looked| looked.rule.id.as_str() == "FD-03");
        looked.map(|looked| (looked.answer, looked.in_base)).expect("the last referral")
    };
    // Two censuses: whom both name was known before more often than others.
    let censuses = [file(1, "2022-04-01", "2023-03-31"), file(2, "2023-04-01", "2024-03-31")];
    assert_eq!(child(&censuses, &["2022-11-01"]), (Looked::Earlier(None), false));
    assert_eq!(child(&censuses, &[]), (Looked::NoEarlier, false), "the child's own page tells it");
    assert_eq!(child(&censuses[1..], &[]), (Looked::HistoryIncomplete, false));
    // One file that holds both years names every child of the second.
    let both_years = [file(3, "2022-04-01", "2024-03-31")];
    assert_eq!(child(&both_years, &["2022-11-01"]), (Looked::Earlier(None), true));
    assert_eq!(child(&both_years, &[]), (Looked::NoEarlier, true));
}
