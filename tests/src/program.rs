//! The `caseledger` program: found beside the test, run, and its answer read.
//!
//! `cargo test --workspace` builds the program before any test runs, because a test of its own crate asks for
//! it. Where a test of this crate is run alone, a program older than its sources is built first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::SystemTime;

use serde_json::Value;

/// The program beside the running test executable.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // target/<profile>/deps/<test>, or a program of this room in target/<profile>.
        let test = std::env::current_exe().expect("a running test has a path");
        let beside = test.parent().expect("a program stands in a folder");
        let is_test = beside.file_name().is_some_and(|name| name == "deps");
        let folder = if is_test { beside.parent().expect("deps stands in target/<profile>") } else { beside };
        let program = folder.join("caseledger");
        if is_stale(&program) {
            build(folder);
        }
        program
    })
}

/// Whether the program is missing, or older than a source that it was built from.
fn is_stale(program: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
    let Some(built) = changed(program) else { return true };
    // Cargo writes the sources of a program beside it, as a rule for make.
    let rule = fs::read_to_string(program.with_extension("d")).unwrap_or_default();
    let sources = rule.split_once(": ").map_or("", |(_, sources)| sources);
    sources
        .split_whitespace()
        .any(|source| changed(Path::new(source)).is_none_or(|at: SystemTime| at > built))
}

fn build(folder: &Path) {
    let profile = folder.file_name().and_then(|name| name.to_str()).unwrap_or("debug");
    let profile = if profile == "debug" { "dev" } else { profile };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "-p", "caseledger-cli", "--profile", profile]);
    let built = cargo.current_dir(workspace()).status().expect("cargo runs");
    assert!(built.success(), "the program could not be built");
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a folder of the workspace");
    root.to_owned()
}

/// A sample file under `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    workspace().join("tests/fixtures").join(name)
}

/// How a run of the program ended, and what it said.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The command line, for messages.
    pub line: String,
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Standard output: the answer.
    pub out: String,
    /// Standard error: talk.
    pub err: String,
}

impl Ran {
    /// Runs the program with these arguments and nothing to read.
    pub fn new(arguments: &[&str]) -> Ran {
        Ran::of(Command::new(program()).args(arguments))
    }

    /// Runs a prepared command. The settings of the person who tests do not count.
    pub fn of(command: &mut Command) -> Ran {
        for variable in ["CASELEDGER_DATA", "CASELEDGER_DATABASE_URL", "RUST_LOG", "RUST_BACKTRACE"] {
            if !command.get_envs().any(|(name, _)| name == variable) {
                command.env_remove(variable);
            }
        }
        let output = command.stdin(Stdio::null()).output().expect("the program starts");
        Ran::read(command, &output)
    }

    /// Reads what a finished run left.
    pub fn read(command: &Command, output: &Output) -> Ran {
        Ran {
            line: command.get_args().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" "),
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The run again, after a check that it ended with this code.
    pub fn ended(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "caseledger {}\n--- out\n{}\n--- err\n{}", self.line, self.out, self.err);
        self
    }

    /// The answer as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|fault| panic!("caseledger {}: {fault} in\n{}", self.line, self.out))
    }

    /// The rows of the answer.
    pub fn rows(&self) -> Vec<Value> {
        self.json().get("rows").and_then(Value::as_array).expect("an answer has rows").clone()
    }

    /// A note of the answer.
    pub fn note(&self, name: &str) -> Value {
        self.json().get("notes").and_then(|notes| notes.get(name)).cloned().unwrap_or(Value::Null)
    }

    /// The program's message: the last paragraph on standard error that begins with its name.
    pub fn message(&self) -> String {
        let found = self.err.lines().skip_while(|line| !line.starts_with("caseledger:"));
        found.collect::<Vec<_>>().join("\n")
    }
}

/// A cell of a row as text; nothing for null.
pub fn text(row: &Value, column: &str) -> String {
    match row.get(column) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}
