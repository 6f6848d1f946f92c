//! The files that tell of a child: a list as a text file, or a census. Each also holds another child. Every child is invented.

use std::fmt::Write;

use exchange::{Column, List, Role};

use crate::truth::{File, Row, is_own_key};

/// The bytes of a file of a list, which also holds another child.
pub(crate) fn csv(list: &'static List, file: &File) -> Vec<u8> {
    let mut text = String::new();
    let line = |cells: Vec<String>| {
        cells.into_iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",")
    };
    writeln!(text, "{}", line(list.columns.iter().map(|column| column.header().to_owned()).collect()))
        .unwrap();
    let key = list.columns.iter().find(|column| is_own_key(list, column));
    let other = Row {
        list,
        cells: key.map(|key| (key.field.as_str(), "2024-02-19".to_owned())).into_iter().collect(),
        within: Vec::new(),
    };
    let whose = |child: &'static str, row: &Row| {
        let cell = |column: &Column| match column.role {
            Role::Child | Role::Adopter => child.to_owned(),
            _ if column.field == "born_on" => "2015-05-04".to_owned(),
            Role::Identifier | Role::Key | Role::Attribute | Role::State | Role::Latest | Role::Derived => {
                row.cells
                    .iter()
                    .find(|(field, _)| *field == column.field)
                    .map_or(String::new(), |(_, text)| text.clone())
            }
        };
        line(list.columns.iter().map(cell).collect())
    };
    for row in &file.rows {
        writeln!(text, "{}", whose("Invented 1", row)).unwrap();
    }
    writeln!(text, "{}", whose("Invented 2", &other)).unwrap();
    text.into_bytes()
}

fn element(row: &Row, text: &mut String) {
    let name = row.list.element.as_deref().unwrap();
    write!(text, "<{name}>").unwrap();
    for (field, value) in &row.cells {
        let header = row.list.column(field).unwrap().header();
        write!(text, "<{header}>{value}</{header}>").unwrap();
    }
    row.within.iter().for_each(|inner| element(inner, text));
    write!(text, "</{name}>").unwrap();
}

pub(crate) fn census(file: &File) -> Vec<u8> {
    let mut text = format!(
        "<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2024</Year><ReferenceDate>{}</ReferenceDate>\
         </CollectionDetails><Source><LEA>999</LEA></Source></Header><Children>",
        file.on
    );
    let who = |child: &str| {
        format!(
            "<ChildIdentifiers><LAchildID>{child}</LAchildID><PersonBirthDate>2015-05-04</PersonBirthDate></ChildIdentifiers>"
        )
    };
    // The other child has every element, so that none is missing from the file.
    let every = "<CINdetails><CINreferralDate>2024-01-10</CINreferralDate><ReferralSource>1A</ReferralSource><PrimaryNeedCode>N1\
         </PrimaryNeedCode><ReferralNFA>0</ReferralNFA><CINclosureDate>2024-03-20</CINclosureDate><ReasonForClosure>RC1</ReasonForClosure>\
         <DateOfInitialCPC>2024-01-15</DateOfInitialCPC><Assessments><AssessmentActualStartDate>2024-01-10</AssessmentActualStartDate>\
         <AssessmentInternalReviewDate>2024-01-12</AssessmentInternalReviewDate><AssessmentAuthorisationDate>2024-02-12\
         </AssessmentAuthorisationDate></Assessments><CINPlanDates><CINPlanStartDate>2024-02-10</CINPlanStartDate><CINPlanEndDate>2024-02-20\
         </CINPlanEndDate></CINPlanDates><Section47><S47ActualStartDate>2024-01-11</S47ActualStartDate><DateOfInitialCPC>2024-01-20\
         </DateOfInitialCPC><ICPCnotRequired>0</ICPCnotRequired></Section47><ChildProtectionPlans><CPPstartDate>2024-01-20</CPPstartDate>\
         <CPPendDate>2024-03-10</CPPendDate><InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse><LatestCategoryOfAbuse>NEG\
         </LatestCategoryOfAbuse><NumberOfPreviousCPP>0</NumberOfPreviousCPP><Reviews><CPPreviewDate>2024-03-01</CPPreviewDate></Reviews>\
         </ChildProtectionPlans></CINdetails>";
    if !file.rows.is_empty() {
        write!(text, "<Child>{}", who("Invented1")).unwrap();
        file.rows.iter().for_each(|row| element(row, &mut text));
        write!(text, "</Child>").unwrap();
    }
    write!(text, "<Child>{}{every}</Child></Children></Message>", who("Invented2")).unwrap();
    text.into_bytes()
}
