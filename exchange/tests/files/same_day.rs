//! Records of a census that begin on one day under one referral: one where they are wholly equal, else each its own, and
//! from file to file each the same again. Every child is invented.

use crate::memory::Memory;
use domain::events::Kind;
use exchange::Options;

fn census(day: &str, elements: &[&str]) -> Vec<u8> {
    format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year>\
         <ReferenceDate>{day}</ReferenceDate></CollectionDetails><Source><LEA>201</LEA></Source></Header>\
         <Children><Child><ChildIdentifiers><LAchildID>77</LAchildID><PersonBirthDate>2015-05-04</PersonBirthDate>\
         </ChildIdentifiers><CINdetails><CINreferralDate>2024-01-10</CINreferralDate>{}</CINdetails></Child></Children>\
         </Message>",
        elements.concat()
    )
    .into_bytes()
}

const ENQUIRY: &str = "<Section47><S47ActualStartDate>2024-01-15</S47ActualStartDate><DateOfInitialCPC>2024-01-30\
                       </DateOfInitialCPC><ICPCnotRequired>0</ICPCnotRequired></Section47>";
const OTHER_ENQUIRY: &str = "<Section47><S47ActualStartDate>2024-01-15</S47ActualStartDate><DateOfInitialCPC>2024-02-12\
                             </DateOfInitialCPC><ICPCnotRequired>0</ICPCnotRequired></Section47>";
const NO_CONFERENCE: &str = "<Section47><S47ActualStartDate>2024-01-15</S47ActualStartDate><ICPCnotRequired>1\
                             </ICPCnotRequired></Section47>";
const ASSESSMENT: &str = "<Assessments><AssessmentActualStartDate>2024-01-11</AssessmentActualStartDate>\
                          <AssessmentAuthorisationDate>2024-02-01</AssessmentAuthorisationDate></Assessments>";
const OTHER_ASSESSMENT: &str = "<Assessments><AssessmentActualStartDate>2024-01-11</AssessmentActualStartDate>\
                                <AssessmentAuthorisationDate>2024-02-20</AssessmentAuthorisationDate></Assessments>";

/// Elements of one day, the kind that they open, what else they hold, and on which days.
const SETS: [(&[&str], Kind, Kind, &[&str]); 4] = [
    (
        &[ENQUIRY, OTHER_ENQUIRY],
        Kind::Section47EnquiryStarted,
        Kind::InitialConferenceHeld,
        &["2024-01-30", "2024-02-12"],
    ),
    (&[ENQUIRY, NO_CONFERENCE], Kind::Section47EnquiryStarted, Kind::InitialConferenceHeld, &["2024-01-30"]),
    (
        &[ASSESSMENT, OTHER_ASSESSMENT],
        Kind::AssessmentStarted,
        Kind::AssessmentAuthorised,
        &["2024-02-01", "2024-02-20"],
    ),
    (
        &[ENQUIRY, OTHER_ENQUIRY, NO_CONFERENCE],
        Kind::Section47EnquiryStarted,
        Kind::InitialConferenceHeld,
        &["2024-01-30", "2024-02-12"],
    ),
];

#[test]
fn an_element_that_stands_twice_is_one_record_and_none_that_differs_is_lost() {
    for (elements, opens, holds, days) in SETS {
        let mut memory = Memory::default();
        let twice: Vec<&str> = elements.iter().chain(elements).copied().collect();
        memory.import(&census("2024-03-31", &twice), &Options::default());
        assert_eq!(memory.days("77", opens).len(), elements.len(), "{elements:?}");
        assert_eq!(memory.days("77", holds), days, "{elements:?}");
        assert_eq!(memory.journey("77").disputes.len(), 0, "{elements:?}");
    }
}

#[test]
fn records_of_one_day_stay_the_same_in_whatever_order_a_newer_file_has_them() {
    for (elements, opens, holds, days) in SETS {
        let mut memory = Memory::default();
        memory.import(&census("2024-03-31", elements), &Options::default());
        let other_way: Vec<&str> = elements.iter().rev().copied().collect();
        let newer = memory.import(&census("2024-06-30", &other_way), &Options::default());
        assert_eq!(newer.questions.len(), 0, "{elements:?}");
        let changed: Vec<&str> =
            newer.kinds.keys().copied().filter(|kind| *kind != "history_coverage_stated").collect();
        assert!(changed.is_empty(), "{elements:?}: {changed:?}");
        assert_eq!(
            (memory.days("77", opens).len(), memory.days("77", holds).len()),
            (elements.len(), days.len())
        );
        // A newer file without the first of them withdraws that one, and none of the others.
        let fewer = memory.import(&census("2024-07-31", &elements[1..]), &Options::default());
        let left: Vec<&str> =
            fewer.kinds.keys().copied().filter(|kind| *kind != "history_coverage_stated").collect();
        assert_eq!(left, ["event_withdrawn"], "{elements:?}");
        assert_eq!(memory.days("77", opens).len(), elements.len() - 1, "{elements:?}");
    }
}
