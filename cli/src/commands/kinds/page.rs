//! `docs/events.md`, written from the same source as the command.

use domain::events::code_lists::{CodeList, ListedCode};
use domain::events::{Kind, Stage};

/// What a kind does to its own process, in words.
pub(super) fn process(kind: Kind) -> String {
    let Some(role) = kind.own_role() else { return "of no process of its own".to_owned() };
    let verb = match kind.stage() {
        Stage::Opens => "opens",
        Stage::Continues => "happens within",
        Stage::Ends => "ends",
        Stage::Accompanies => "belongs to",
        Stage::Apart => "stands apart from",
    };
    format!("{verb} {role}")
}

/// A code list in one line: what it is, whether it was verified, and its codes with their days.
pub(super) fn list_in_words(list: &CodeList) -> String {
    let codes: Vec<String> = list.codes.iter().map(code_in_words).collect();
    format!("{} ({}): {}", list.id, standing(list), codes.join("; "))
}

fn standing(list: &CodeList) -> String {
    match (&list.of_return, list.open) {
        (Some(of_return), _) => {
            let verified = if list.verified { "verified" } else { "not verified" };
            format!("{of_return}; closed; {verified}")
        }
        (None, true) => "local; other codes are accepted".to_owned(),
        (None, false) => "closed".to_owned(),
    }
}

fn code_in_words(code: &ListedCode) -> String {
    let later = code.later.iter().map(|later| format!(" (from {}: {})", later.from, later.label));
    let label = code.label.iter().map(|label| format!(" {label}")).chain(later).collect::<String>();
    let years = match (code.from, code.to) {
        (None, None) => String::new(),
        (from, to) => {
            let end = |day: Option<chrono::NaiveDate>| day.map_or("..".to_owned(), |day| day.to_string());
            let verified = if code.years_read { "" } else { ", not verified" };
            format!(" [{}/{}{verified}]", end(from), end(to))
        }
    };
    format!("{}{label}{years}", code.code)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use domain::events::code_lists;

    use super::*;

    const HEAD: &str = "\
# Events

Every kind of event that the ledger records, generated from the program (`caseledger kinds`); a test holds this page to
it. Everybody in the samples is invented.

- *Category*: the stream in which it stands; where several are named, the first is the usual one.
- *Process*: what the event does to the process that it is about. An event that *belongs to* a process may come before,
  within or after it.
- *Rank*: order among the events of one day where no time is known, the usual order of practice.
- Every event may also name other processes (its parents), and who did, decided, authorised or chaired it.
- *Facts* hold codes, dates, numbers and ids. *Sealed* texts are encrypted with the subject's key.
- `?` after a field: it may be absent. A field's codes come from the list that is named after `of`; the lists stand at
  the end.
";

    fn page() -> String {
        let mut page = HEAD.to_owned();
        let mut group = None;
        for kind in Kind::ALL {
            if group.replace(kind.group()) != Some(kind.group()) {
                let name = kind.group().name();
                write!(page, "\n## {name}\n\n| kind | category | process | rank | facts | sealed |\n|---|---|---|---|---|---|\n")
                    .unwrap();
            }
            page.push_str(&row(*kind));
        }
        page.push_str("\n## Code lists\n\n");
        page.push_str("A live command is refused for a code that a closed list does not hold. Days are days of practice, both ends included; days that are not verified are only observed, never a reason for a refusal.\n\n");
        page.push_str("| list | standing | source | codes |\n|---|---|---|---|\n");
        for list in code_lists::all() {
            let codes: Vec<String> = list.codes.iter().map(code_in_words).collect();
            writeln!(page, "| `{}` | {} | {} | {} |", list.id, standing(list), list.source, codes.join("; "))
                .unwrap();
        }
        page
    }

    fn row(kind: Kind) -> String {
        let fields: Vec<String> = kind
            .fields()
            .into_iter()
            .map(|field| {
                let absent = if field.required { "" } else { "?" };
                let list = field.code_list.map(|list| format!(" of `{list}`")).unwrap_or_default();
                format!("`{}`{absent}: {}{list}", field.name, field.shape)
            })
            .collect();
        let sealed: Vec<String> = kind.sealed_fields().iter().map(|field| format!("`{field}`")).collect();
        let categories: Vec<&str> = kind.categories().iter().map(|category| category.name()).collect();
        format!(
            "| `{}` <br> {} | {} | {} | {} | {} | {} |\n",
            kind.name(),
            kind.sentence(),
            categories.join(", "),
            process(kind),
            kind.rank(),
            fields.join("; "),
            sealed.join(", ")
        )
    }

    #[test]
    fn the_page_of_events_is_what_the_program_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.md");
        let generated = page();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &generated).unwrap();
        }
        let held = std::fs::read_to_string(path).unwrap_or_default();
        assert!(held == generated, "docs/events.md differs; write it anew with UPDATE=1 cargo test");
    }

    #[test]
    fn a_list_says_whether_its_years_were_read() {
        let list = |id| list_in_words(code_lists::list(id).unwrap());
        assert!(list("arrangements_order").contains("residence_order Residence order [../2014-04-21]"));
        assert!(list("placement_type").contains("Z11 [2026-04-01/.., not verified]"));
        let need = "N1 Abuse or neglect (from 2026-04-01: Abuse, neglect and exploitation);";
        assert!(list("category_of_need").contains(need));
        assert!(list("placement_type").contains("SSDA903 PLACE; Annex A list 8; closed; not verified"));
        assert!(list("agency").starts_with("agency (local; other codes are accepted): social_care; police"));
    }
}
