//! Pages against three invented children: each shows what its reader came for, on every basis and moment.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use domain::calendar::Measure;
use domain::clocks::{ClockEngine, Question, State};
use domain::journey::{Journey, KnownAt};
use domain::rules::RuleBook;
use tower::ServiceExt;

use crate::state::AppState;
use crate::test_story::{CONFERENCE, FIRST, SECOND, Story, THIRD, now};

async fn get(path: &str) -> (u16, String) {
    get_of(Story::told(), path).await
}

async fn get_of(story: Story, path: &str) -> (u16, String) {
    let state = AppState { now, ..AppState::new(std::sync::Arc::new(story)) };
    let request = Request::get(path).header("host", "localhost").body(Body::empty()).unwrap();
    let response = crate::server::routes(state).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

/// The words of a page: tags become spaces, white space collapses.
fn words(page: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for letter in page.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                words.push(' ');
            }
            letter if !in_tag => words.push(letter),
            _ => {}
        }
    }
    let collapsed = words.split_whitespace().collect::<Vec<_>>().join(" ");
    // A tag before a full stop leaves a space that no reader sees.
    collapsed.replace(" .", ".").replace(" ,", ",").replace(" )", ")").replace("( ", "(")
}

async fn shows(path: &str, expected: &[&str], absent: &[&str]) {
    let (status, page) = get(path).await;
    assert_eq!(status, 200, "{path}");
    let words = words(&page);
    for text in expected {
        assert!(words.contains(text), "{path} does not say {text:?}:\n{words}");
    }
    for text in absent {
        assert!(!words.contains(text), "{path} says {text:?}:\n{words}");
    }
}

#[tokio::test]
async fn the_start_page_says_what_needs_attention() {
    shows(
        "/",
        &[
            "What needs attention on 10 June 2025",
            // The assessment (AS-03; AS-03a and AS-07 say its delay again) and a visit (CP-12).
            "Overdue clocks: 2",
            "Not recorded by this authority, and so not in these lists: 10 clocks of 9 rules. Nothing of the kind that would stop them is recorded in this ledger",
            "Referrer told of the outcome within one working day (FD-02) 2",
            "Referral to authorisation of the first assessment (guidance) (AS-03) 8 May 2025 (overdue by 22 working days)",
            "Recorded late INVENTED-1 : 2",
            "Disputed rows INVENTED-1 : 1",
            "There is no sign-in yet",
            "Signed up to event 26",
            "Witnessed up to event 1",
            "up to position 26",
        ],
        &[],
    )
    .await;
}

#[tokio::test]
async fn the_start_page_says_that_no_witnesses_are_set_up() {
    let mut story = Story::told();
    story.witnessed = None;
    let (status, page) = get_of(story, "/").await;
    assert_eq!(status, 200);
    assert!(words(&page).contains("Witnessed No witnesses set up"), "{}", words(&page));
}

/// A conference that was found not to be required meets its clock however many days have passed.
#[test]
fn only_a_clock_that_is_late_or_overdue_counts_what_is_over() {
    let journey = Journey::known(Story::told().history(FIRST), KnownAt::NOW);
    let engine = ClockEngine::new(RuleBook::built_in());
    let mut answers = engine.run(&journey, &Question::as_at(now().date_naive()));
    let mut counted = (0, 0);
    for clock in answers.clocks.iter_mut().filter(|clock| clock.used.is_some()) {
        let Some(allowed) =
            clock.allowed.filter(|allowed| Some(allowed.unit) == clock.used.map(|it| it.unit))
        else {
            continue;
        };
        for (over, says_over) in [(0, false), (7, true)] {
            clock.used = Some(Measure { amount: allowed.amount + over, ..allowed });
            for (state, is_past) in [(State::Met, false), (State::Late, true), (State::Overdue, true)] {
                clock.state = state;
                let said = super::words::used_of_allowed(clock);
                let is_over = said.as_ref().is_some_and(|said| said.contains("over"));
                assert_eq!(is_over, says_over && is_past, "{state:?} {over}: {said:?}");
                assert!(!said.is_some_and(|said| said.contains(": 0 ")), "{state:?}");
            }
            counted = (counted.0 + 1, counted.1 + usize::from(says_over));
        }
    }
    assert!(counted.0 > 4 && counted.1 > 2, "{counted:?}");
}

#[tokio::test]
async fn the_list_is_searched_and_filtered() {
    let everybody = ["INVENTED-1", "INVENTED-2", "INVENTED-3"];
    for (path, found) in [
        ("/children", [true, true, true]),
        ("/children?q=INVENTED-2", [false, true, false]),
        ("/children?running=looked+after", [false, true, false]),
        ("/children?clocks=overdue", [true, false, false]),
        // The worker, the advocate and the word to the referrer of these three are nowhere recorded.
        ("/children?clocks=not_recorded", [true, true, true]),
        ("/children?record=late", [true, true, false]),
        ("/children?record=corrected&q=INVENTED-2", [false, false, false]),
        ("/children?known-at=2025-05-21", [true, false, true]),
    ] {
        let (status, page) = get(path).await;
        assert_eq!(status, 200);
        for (name, expected) in everybody.iter().zip(found) {
            assert_eq!(page.contains(&format!(">{name}</a>")), expected, "{path} {name}");
        }
    }
    shows("/children?q=nobody", &["No child found with this id"], &[]).await;
}

/// A list of everybody would read as the answer to a filter that the page does not know.
#[tokio::test]
async fn an_unknown_filter_is_refused_in_words_and_lists_nobody() {
    shows(
        "/children?clocks=left_out&running=everything",
        &[
            "Unknown clocks “left_out”. Use one of: overdue, due_soon,",
            "Unknown running “everything”. Use one of: missing, looked after,",
            "Nothing is listed: correct the filter first.",
        ],
        &["INVENTED-1", "INVENTED-2"],
    )
    .await;
    // The same choice as people write it in an address.
    for running in ["looked_after", "Looked-After", "looked%20after"] {
        shows(&format!("/children?running={running}"), &["INVENTED-2"], &["INVENTED-1"]).await;
    }
    for unknown in ["lane=nowhere", "show=everything", "order=sideways"] {
        let (field, value) = unknown.split_once('=').unwrap();
        shows(
            &format!("/children/{FIRST}?{unknown}"),
            &[&format!("Unknown {field} “{value}”. Use one of: ")],
            &[],
        )
        .await;
    }
}

#[tokio::test]
async fn the_journey_tells_its_story_with_late_and_corrected_records() {
    shows(
        &format!("/children/{FIRST}"),
        &[
            "INVENTED-1 aged 6",
            "a child protection plan since 2 April 2025",
            "was overdue by 22 working days",
            "We cannot tell for 1 deadline, because nothing of the kind that would stop it is recorded in this ledger",
            "Change 17 of 17: on 20 May 2025, 10:00, 1 record became known.",
            "Used 67 working days: 22 over",
            "Late record Recorded 12 days late, on 14 April 2025.",
            "Corrected Was: 29 March 2025",
            "Disputed A row of a source that is kept visibly and counts in no clock",
            "3 March 2025, 08:55",
        ],
        &["You are seeing the record as it stood", "00:00"],
    )
    .await;
}

/// Words at which newcomers stopped stand on no page of a child; those that took their place do.
#[tokio::test]
async fn a_journey_is_told_in_words_that_a_newcomer_knows() {
    shows(
        &format!("/children/{FIRST}"),
        &[
            "According to",
            "the file’s date (latest possible)",
            "Show deadlines as at",
            "Due by",
            "We have not checked this rule against its source.",
            "Assessment over 45 working days (census check)",
            "the longest delay: ",
        ],
        &[
            "On the word of",
            "upper bound",
            "Question about the day",
            "Last day in time",
            "the latest of them",
        ],
    )
    .await;
}

#[tokio::test]
async fn an_earlier_moment_shows_only_what_was_known() {
    shows(
        &format!("/children/{FIRST}?known-at=2025-04-30"),
        &[
            "You are seeing the record as it stood at the end of 30 April 2025. Basis: the ledger’s own recording time (proved).",
            "Return to now",
            "29 March 2025",
            "This answer no longer changes.",
        ],
        &["Corrected", "Disputed", "Contact received", "a child protection visit made 9 May"],
    )
    .await;
    shows(
        &format!("/children/{FIRST}?known-at=2024-01-31"),
        &[
            "The ledger began on 1 March 2025, 08:00. Before that it proves nothing",
            "Nothing about this child was known",
        ],
        &[],
    )
    .await;
}

#[tokio::test]
async fn on_a_sources_word_a_day_of_entry_is_no_midnight() {
    shows(
        &format!("/children/{SECOND}?known-at=2025-01-31&basis=source"),
        &[
            "Basis: the entry time that the source system states (claimed).",
            "knowledge of an earlier day is only what the source claims",
            "Change 5 of 5: at the end of 10 January 2025, 1 record became known.",
            "between 3 January 2025 and 9 January 2025",
            "by import, list 8 row 4, extract as at 31 May 2025",
            "History incomplete",
        ],
        &["00:00", "overdue by", "Overdue"],
    )
    .await;
    shows(
        &format!("/children/{SECOND}?known-at=2025-01-31"),
        &["Nothing about this child was known", "The source states 5 moments of entry for this child"],
        &[],
    )
    .await;
}

#[tokio::test]
async fn a_clock_lists_every_counted_and_skipped_day() {
    let (_, journey) = get(&format!("/children/{FIRST}")).await;
    let address = journey.split("href=\"").find(|rest| rest.contains("/clocks/AS-03/")).unwrap();
    let address = address.split('"').next().unwrap();
    shows(
        address,
        &[
            "Started by Referral received, 3 March 2025, 08:55 (position 3)",
            "Limit 45 working days",
            "Friday 18 April 2025 – skipped: bank holiday, Good Friday",
            "Saturday 19 April 2025 – skipped: Saturday",
            "Thursday 8 May 2025 45 working day",
            "Statutory guidance",
        ],
        &[],
    )
    .await;
}

/// Editions number their paragraphs otherwise.
#[tokio::test]
async fn a_source_has_a_line_for_each_of_its_editions() {
    let (_, journey) = get(&format!("/children/{FIRST}")).await;
    let address = journey.split("href=\"").find(|rest| rest.contains("/clocks/CP-04/")).unwrap();
    let (_, page) = get(address.split('"').next().unwrap()).await;
    assert!(page.contains("<br>2010: chapter 5<br>2013 on: chapter 1"), "{page}");
}

#[tokio::test]
async fn an_event_shows_what_changed_and_how_to_cite_it() {
    shows(
        &format!("/children/{FIRST}/events/{CONFERENCE}"),
        &[
            "when 29 March 2025 2 April 2025",
            "recorded 12 days late",
            "Position 7 of ledger",
            "Leaf hash abab",
        ],
        &[],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_read_is_said_and_what_is_not_there_is_404() {
    shows(
        &format!("/children/{THIRD}?known-at=yesterday&basis=hearsay"),
        &["There is a problem", "such as 2025-06-03", "Choose ledger, source or extract"],
        &[],
    )
    .await;
    for path in [
        "/nothing".to_owned(),
        "/children/nobody".to_owned(),
        format!("/children/{}", uuid::Uuid::from_u128(1)),
        format!("/children/{FIRST}/events/{}", uuid::Uuid::from_u128(1)),
        format!("/children/{FIRST}/clocks/CP-04/x/0"),
    ] {
        assert_eq!(get(&path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn the_explorer_runs_a_query_and_no_mutation() {
    shows("/explorer?query=%7Bledger%7Bhead%7D%7D", &["&quot;head&quot;: &quot;26&quot;"], &[]).await;
    shows("/explorer?query=mutation%7Bx%7D", &["METHOD_NOT_ALLOWED"], &[]).await;
}

#[tokio::test]
async fn no_page_asks_anything_of_the_outside_and_every_asset_is_there() {
    for path in ["/", "/children", "/explorer", &format!("/children/{FIRST}")] {
        let (_, page) = get(path).await;
        assert!(!page.contains(" style=") && !page.contains("<style"), "{path}");
        let outside = page.split(['"', '\'']).find(|text| text.contains("://"));
        assert_eq!(outside, None, "{path}");
        for asset in page.split('"').filter(|text| text.starts_with("/assets/")) {
            assert_eq!(get(asset).await.0, 200, "{asset}");
        }
    }
}
