//! Commands within sentences: they name commands, options and targets that there are.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use super::documents;
use caseledger_tests::program::{Ran, workspace};

/// Pieces of code within sentences.
fn spans(text: &str) -> Vec<String> {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.push_str(line);
            prose.push(' ');
        }
    }
    prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The help of the command that a line names, its options left out; found once.
fn help(words: &[&str], known: &mut BTreeMap<String, Ran>) -> Ran {
    let asked: Vec<&str> = words.iter().copied().take_while(|word| is_name(word)).collect();
    let line = asked.join(" ");
    known.entry(line).or_insert_with(|| Ran::new(&[asked.as_slice(), &["--help"]].concat())).clone()
}

/// The words behind the options that stand before a command, each of which has a value.
fn command_of<'a, 'b>(words: &'a [&'b str]) -> &'a [&'b str] {
    match words {
        [option, _, rest @ ..] if option.starts_with("--") => command_of(rest),
        [..] => words,
    }
}

fn is_name(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !word.starts_with('-')
}

#[test]
fn every_command_within_a_sentence_is_one() {
    let (mut known, mut seen) = (BTreeMap::new(), 0);
    for file in documents() {
        for span in spans(&fs::read_to_string(&file).unwrap()) {
            let words: Vec<&str> = span.split_whitespace().collect();
            let Some((&"caseledger", words)) = words.split_first() else { continue };
            let help = help(command_of(words), &mut known);
            assert_eq!(help.code, 0, "{}: {span}: {}", file.display(), help.err);
            for option in words.iter().filter(|word| word.starts_with("--")) {
                let option = option.split(['=', ',', ')']).next().unwrap();
                assert!(
                    help.out.contains(option),
                    "{}: {span}: no {option} in\n{}",
                    file.display(),
                    help.out
                );
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} commands within sentences");
}

/// Targets of `make` in sentences and blocks; nothing is built.
#[test]
fn every_target_of_make_in_a_document_is_one() {
    let mut seen = 0;
    for file in documents() {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().map(str::to_owned).filter(|line| line.starts_with("make "));
        for line in spans(&text).into_iter().chain(lines).filter(|line| line.starts_with("make ")) {
            let target = line.split_whitespace().nth(1).unwrap();
            let made = Command::new("make").args(["-n", target]).current_dir(workspace()).output();
            let made = made.expect("make is there");
            assert!(
                made.status.success(),
                "{}: {line}: {}",
                file.display(),
                String::from_utf8_lossy(&made.stderr)
            );
            seen += 1;
        }
    }
    assert!(seen > 6, "{seen} targets");
}
