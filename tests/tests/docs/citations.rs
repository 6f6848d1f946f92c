//! What the documents, tables and rules cite a rule of the children in need census for.

use std::fs;

use caseledger_tests::program::workspace;

/// A number, words one of which stands beside each place that cites it, and words that belong to another rule.
const CITED: [(&str, &[&str], &[&str]); 3] = [
    ("8940", &["protection plan", "(plans and episodes of need that overlap"], &[]),
    ("8820", &["episodes of need"], &["protection plan"]),
    ("8840", &["on one day"], &["overlap"]),
];

/// How many letters before and behind a number are read.
const BESIDE: usize = 110;

/// The texts that cite rules of the census, but for the page about what was found, which tells of wrong citations.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (folder, ending) in [("docs", "md"), ("domain/src/observations", "rs"), ("domain/rules", "toml")] {
        for entry in fs::read_dir(workspace().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(ending) && !name.starts_with("findings") && name != "decisions.md" {
                let text = fs::read_to_string(&path).unwrap();
                texts.push((name, text.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
        }
    }
    texts
}

#[test]
fn each_rule_of_the_census_is_cited_for_what_it_is_about() {
    for (rule, about, of_others) in CITED {
        let mut places = 0;
        for (name, text) in texts() {
            for (at, _) in text.match_indices(rule) {
                let from = text.floor_char_boundary(at.saturating_sub(BESIDE));
                let to = text.ceil_char_boundary((at + BESIDE).min(text.len()));
                let beside = &text[from..to];
                assert!(about.iter().any(|words| beside.contains(words)), "{name} {rule}: {beside}");
                // What stands in brackets behind the number is about it alone.
                let behind = text[at + rule.len()..].strip_prefix(" (").and_then(|it| it.split(')').next());
                let wrong = of_others.iter().find(|words| behind.unwrap_or_default().contains(**words));
                assert_eq!(wrong, None, "{name} {rule}: {beside}");
                places += 1;
            }
        }
        assert!(places > 0, "{rule}");
    }
}
