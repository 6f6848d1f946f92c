//! Elements of a census that stand in the wrong place, or whose names differ in capital letters. Every child is invented.

use crate::memory::rows::{census, notes, referral, who};
use crate::memory::{Done, Memory};
use domain::events::Kind;
use exchange::import::RowResult;
use exchange::{Layout, Options};

/// What stands in a referral, a plan with its review among it.
const INSIDE: &str = "<Assessments><AssessmentActualStartDate>2024-01-11</AssessmentActualStartDate></Assessments>\
    <CINPlanDates><CINPlanStartDate>2024-01-20</CINPlanStartDate></CINPlanDates>\
    <Section47><S47ActualStartDate>2024-01-12</S47ActualStartDate></Section47>\
    <ChildProtectionPlans><CPPstartDate>2024-01-29</CPPstartDate>\
    <Reviews><CPPreviewDate>2024-03-25</CPPreviewDate></Reviews></ChildProtectionPlans>\
    <PreProceedingsandFGDM><PPStartDate>2024-01-15</PPStartDate></PreProceedingsandFGDM>";

fn child() -> String {
    who("2015-05-04", "1", "WBRI")
}

fn import(memory: &mut Memory, day: &str, inside: &str) -> Done {
    memory.import(&census(day, &child(), inside), &Options::default())
}

/// The elements that stand within others, each with the kind that it opens.
fn elements() -> Vec<(&'static str, Kind)> {
    let lists = Layout::cin_census().lists.iter().filter(|list| list.parent.is_some());
    lists.map(|list| (list.element.as_deref().unwrap(), list.own_record().unwrap().kind)).collect()
}

/// The census, with every start and end of an element spelt so.
fn renamed(text: &str, element: &str, other: &str) -> String {
    text.replace(&format!("<{element}>"), &format!("<{other}>"))
        .replace(&format!("</{element}>"), &format!("</{other}>"))
}

fn refused(done: &Done) -> usize {
    done.rows.iter().filter(|row| row.result == RowResult::Refused).count()
}

#[test]
fn an_element_in_the_wrong_place_is_refused_and_what_it_holds_is_not_absent() {
    let whole = referral("2024-01-10", INSIDE);
    for (element, kind) in elements() {
        // One element deeper than the census has it, or beside the child.
        let inside = whole.replace(&format!("<{element}>"), &format!("<Extra><{element}>"));
        let inside = inside.replace(&format!("</{element}>"), &format!("</{element}></Extra>"));
        let beside = census("2024-03-31", &child(), &whole);
        let text = String::from_utf8(beside).unwrap();
        let start = text.find(&format!("<{element}>")).unwrap();
        let end = text.find(&format!("</{element}>")).unwrap() + element.len() + 3;
        let moved = text[start..end].to_owned();
        let outside = text.replace(&moved, "").replace("</Child>", &format!("</Child>{moved}"));
        for file in [census("2024-03-31", &child(), &inside), outside.into_bytes()] {
            let mut memory = Memory::default();
            import(&mut memory, "2024-02-29", &whole);
            let before = memory.days("27", kind);
            let done = memory.import(&file, &Options::default());
            assert!(refused(&done) > 0, "{element}");
            assert_eq!(memory.days("27", kind), before, "{element}");
            assert_eq!(memory.import(&file, &Options::default()).events, 0, "{element}");
        }
    }
    assert!(elements().len() >= 6);
}

#[test]
fn an_element_whose_name_differs_in_capital_letters_is_read_and_pointed_at() {
    let whole = referral("2024-01-10", INSIDE);
    let names: Vec<&str> = elements().into_iter().map(|(element, _)| element).collect();
    for element in names.iter().chain(&["S47ActualStartDate", "CPPreviewDate", "CINreferralDate"]) {
        let other = renamed(&whole, element, &element.to_lowercase());
        let mut memory = Memory::default();
        let done = import(&mut memory, "2024-02-29", &other);
        assert_eq!(refused(&done), 0, "{element}");
        assert_eq!(notes(&done, "element_spelt_otherwise").len(), 1, "{element}");
        let mut plain = Memory::default();
        import(&mut plain, "2024-02-29", &whole);
        for (_, kind) in elements() {
            assert_eq!(memory.days("27", kind), plain.days("27", kind), "{element}");
        }
    }
}
