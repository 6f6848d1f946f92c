//! The fenced blocks of a guide, and those that are not run.

use std::fs;

use super::documents;

/// A fenced block.
#[derive(Debug)]
pub(super) struct Block {
    /// The line of the opening fence.
    pub(super) line: usize,
    /// What stands behind the opening fence.
    info: String,
    /// The lines between the fences.
    pub(super) text: String,
}

impl Block {
    /// The first word of what stands behind the fence.
    pub(super) fn kind(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }

    /// The file that the block is to be saved as.
    pub(super) fn file(&self) -> Option<&str> {
        self.info.split_whitespace().nth(1)
    }
}

/// The blocks of a text, in order.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (line, content) in (1..).zip(text.lines()) {
        if let Some(info) = content.trim_start().strip_prefix("```") {
            if !is_open {
                found.push(Block { line, info: info.trim().to_owned(), text: String::new() });
            }
            is_open = !is_open;
        } else if let Some(block) = found.last_mut().filter(|_| is_open) {
            block.text.push_str(content);
            block.text.push('\n');
        }
    }
    found
}

/// Blocks that no guide runs: document, how the block begins, and why.
const NOT_RUN: &[(&str, &str, &str)] = &[
    ("README.md", "make demo", "builds the optimised program; the targets are checked below"),
    ("README.md", "{ child(", "asked and compared with its answer by end_to_end/readme_query.rs"),
    ("README.md", "{ \"data\"", "the answer of the query before it"),
    ("README.md", "domain", "a picture"),
    ("architecture.md", " files, people", "a picture"),
    ("benchmarks.md", "make bench", "minutes of measuring; benchmark.rs runs the same code on a small scale"),
    ("faults.md", "make faults", "hours of killing; faults.rs runs the short form of every campaign"),
    ("faults.md", "cargo test -p caseledger-tests", "runs with the tests, for ten seconds a reader"),
    ("ledger-format.md", "envelope_commitment", "a format; held by tests/fixtures/ledger-format"),
    ("ledger-format.md", "container =", "a format; held by tests/fixtures/ledger-format"),
    ("ledger-format.md", "caseledger log key 1", "a format; held by tests/fixtures/ledger-format"),
    ("ledger-format.md", "caseledger key store 1", "a format; written and read by end_to_end/key_store.rs"),
    ("ledger-format.md", "caseledger request 2", "a format; held by tests/fixtures/ledger-format"),
    ("ledger-format.md", "mac = HMAC", "a format; held by tests/fixtures/ledger-format"),
    (
        "operations.md",
        "caseledger --pg-bin",
        "needs two versions of PostgreSQL; run by end_to_end/upgrades.rs",
    ),
    (
        "operations.md",
        "caseledger clock prepare",
        "needs a clock that was ahead; run by end_to_end/clock_ahead.rs",
    ),
    ("proof.md", "caseledger witness", "a partner's server; run by end_to_end/signed.rs"),
    ("proof.md", "witness partner", "a policy; such a file is read by end_to_end/signed.rs"),
    ("proof.md", "caseledger: the log was signed", "a message; held by end_to_end/backups.rs"),
    ("rules.md", "[[rule]]", "every field with its choices behind it; domain's tests read each rule file"),
];

/// Whether a block is listed as one that is not run.
fn is_listed(document: &str, block: &Block) -> bool {
    NOT_RUN.iter().any(|(listed, begins, _)| *listed == document && block.text.starts_with(begins))
}

#[test]
fn a_block_is_run_or_there_is_a_reason_why_not() {
    let mut seen = 0;
    for file in documents() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for block in blocks(&fs::read_to_string(&file).unwrap()) {
            let is_run = block.kind() == "console" || block.file().is_some();
            assert!(
                is_run != is_listed(&name, &block),
                "{name}:{}: a block is either run (`console`, or one that names its file) or listed with a reason",
                block.line
            );
            seen += usize::from(!is_run);
        }
    }
    assert_eq!(seen, NOT_RUN.len(), "every entry of the list is a block");
}
