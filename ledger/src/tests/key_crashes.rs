//! The key store killed, or its disk failing, at every system call of every operation that changes it: nothing is lost,
//! nothing that was destroyed can be got back, and nothing loses its name before it is wiped.
//!
//! Needs `strace`; where it is not there, the test says so.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use domain::ids::{LedgerId, StreamId};
use uuid::Uuid;

use crate::keys::{DirectoryKeys, KeyFault, KeyId, KeyPurpose, KeyStore};
use crate::test_support::say;

const FOLDER: &str = "CASELEDGER_TEST_CRASHING_STORE";
const OPERATION: &str = "CASELEDGER_TEST_CRASHING_OPERATION";
const LEDGER: LedgerId = LedgerId(Uuid::from_u128(1));

/// Calls that change something on a disk.
const CALLS: [&str; 14] = [
    "openat",
    "write",
    "fsync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "mkdir",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    MakeOne,
    MakeMany,
    Rotate,
    DestroyOne,
    DestroyPacked,
}

const OPERATIONS: [Operation; 6] = [
    Operation::Create,
    Operation::MakeOne,
    Operation::MakeMany,
    Operation::Rotate,
    Operation::DestroyOne,
    Operation::DestroyPacked,
];

fn id(number: u128) -> KeyId {
    KeyId::new(LEDGER, KeyPurpose::Subject(StreamId(Uuid::from_u128(number))))
}

fn ids(numbers: std::ops::Range<u128>) -> Vec<KeyId> {
    numbers.map(id).collect()
}

/// Keys that stand by themselves, keys in a pack, and keys that an operation makes.
const ALONE: std::ops::Range<u128> = 0..2;
const PACKED: std::ops::Range<u128> = 2..8;
const NEW: std::ops::Range<u128> = 8..13;

impl Operation {
    fn run(self, folder: &Path) -> Result<(), KeyFault> {
        if self == Self::Create {
            return DirectoryKeys::create(folder).map(drop);
        }
        let keys = DirectoryKeys::open(folder)?;
        match self {
            Self::Create => Ok(()),
            Self::MakeOne => keys.obtain(&ids(NEW)[..1]).map(drop),
            Self::MakeMany => keys.obtain(&ids(NEW)).map(drop),
            Self::Rotate => keys.rotate_master().map(drop),
            Self::DestroyOne | Self::DestroyPacked => {
                self.destroyed().map_or(Ok(()), |destroyed| keys.destroy(destroyed))
            }
        }
    }

    fn destroyed(self) -> Option<KeyId> {
        match self {
            Self::DestroyOne => Some(id(ALONE.start)),
            Self::DestroyPacked => Some(id(PACKED.start)),
            Self::Create | Self::MakeOne | Self::MakeMany | Self::Rotate => None,
        }
    }
}

/// Not a test by itself: what the traced process does.
#[test]
fn crashing_process() {
    let (Some(folder), Ok(name)) = (std::env::var_os(FOLDER), std::env::var(OPERATION)) else { return };
    let operation = OPERATIONS.into_iter().find(|operation| format!("{operation:?}") == name).unwrap();
    if operation.run(Path::new(&folder)).is_err() {
        std::process::exit(3);
    }
}

/// Runs an operation in a process of its own under `strace`; true where it came to its end.
fn traced(operation: Operation, folder: &Path, trace: &[&str]) -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq"]).args(trace).arg(std::env::current_exe().unwrap());
    strace.args(["--exact", "tests::key_crashes::crashing_process", "--test-threads=1"]);
    strace.env(FOLDER, folder).env(OPERATION, format!("{operation:?}"));
    strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().unwrap().success()
}

/// The calls of an operation that change something, each with its number among the calls of its name.
fn steps(operation: Operation, folder: &Path, log: &Path) -> Vec<(String, usize)> {
    let wanted = format!("trace={}", CALLS.join(","));
    assert!(traced(operation, folder, &["-o", log.to_str().unwrap(), "-e", &wanted]));
    let text = std::fs::read_to_string(log).unwrap();
    let (mut counts, mut steps, mut began) = (HashMap::<(&str, &str), usize>::new(), Vec::new(), false);
    let begins = folder.to_str().unwrap();
    for line in text.lines() {
        // Each thread's calls are numbered by themselves.
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        let Some(name) = CALLS.iter().copied().find(|call| *call == name) else { continue };
        let number = counts.entry((thread, name)).or_default();
        *number += 1;
        began |= arguments.contains(begins);
        let reads = name == "openat" && !arguments.contains("O_CREAT") && !arguments.contains("O_WRONLY");
        let talks = name == "write" && (arguments.starts_with("1,") || arguments.starts_with("2,"));
        // A folder for each first byte of a key id: one of them stands for all.
        let repeats = name == "mkdir" && *number > 4;
        if began && !reads && !talks && !repeats {
            steps.push((name.to_owned(), *number));
        }
    }
    steps
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// A store before an operation: its keys, its master key, and every file of it held open.
struct Before {
    keys: HashMap<KeyId, [u8; 32]>,
    master: Vec<u8>,
    held: Vec<File>,
}

impl Before {
    fn of(folder: &Path) -> Self {
        let held = files(folder).iter().map(|path| File::open(path).unwrap()).collect();
        let Ok(store) = DirectoryKeys::open(folder) else {
            return Self { keys: HashMap::new(), master: Vec::new(), held };
        };
        let all = ids(ALONE).into_iter().chain(ids(PACKED));
        let keys = all.map(|id| (id, *store.find(id).unwrap().unwrap().bytes())).collect();
        Self { keys, master: std::fs::read(folder.join("master.key")).unwrap(), held }
    }

    /// Whatever lost its last name holds nothing any more.
    fn nothing_unnamed_is_left(&mut self, folder: &Path, at: &str) {
        let named: HashSet<u64> = files(folder).iter().map(|path| path.metadata().unwrap().ino()).collect();
        for file in &mut self.held {
            if named.contains(&file.metadata().unwrap().ino()) {
                continue;
            }
            let mut content = Vec::new();
            file.rewind().unwrap();
            file.read_to_end(&mut content).unwrap();
            assert!(content.iter().all(|byte| *byte == 0), "{at}: a file lost its name before it was wiped");
        }
    }

    /// The operation done again leaves what it should, and nothing else.
    fn recovers(&self, operation: Operation, folder: &Path, at: &str) {
        operation.run(folder).unwrap_or_else(|fault| panic!("{at}: {fault}"));
        let store = DirectoryKeys::open(folder).unwrap();
        store.tidy().unwrap();
        let state = store.state(LEDGER).unwrap();
        let whole = state.missing.is_empty() && state.leftovers.is_empty() && state.strange.is_empty();
        assert!(whole && !state.is_rotating && state.fingerprints.len() == 1, "{at}: {state:?}");
        let destroyed: BTreeSet<KeyId> = operation.destroyed().into_iter().collect();
        for (id, key) in &self.keys {
            match store.find(*id) {
                Err(KeyFault::Destroyed { .. }) => assert!(destroyed.contains(id), "{at}: {id} is gone"),
                found => assert_eq!(found.unwrap().unwrap().bytes(), key, "{at}: {id}"),
            }
        }
        assert!(store.copies_of(&destroyed).unwrap().is_empty(), "{at}: the destroyed key is still there");
        assert!(destroyed.iter().all(|id| store.is_gone(*id).unwrap()), "{at}");
        if operation == Operation::Rotate {
            let old = &self.master[8..];
            let holds =
                |path: &PathBuf| std::fs::read(path).unwrap().windows(16).any(|part| part == &old[..16]);
            assert!(!files(folder).iter().any(holds), "{at}: the old master key is still in use, or there");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

#[test]
fn a_crash_or_a_failing_disk_at_any_call_loses_no_key_and_brings_none_back() {
    if Command::new("strace").arg("-V").output().is_err() {
        say("the key store killed at every call: not run, because the program strace is not there");
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let [filled, store, log] = ["filled", "store", "log"].map(|name| root.path().join(name));
    let keys = DirectoryKeys::create(&filled).unwrap();
    for id in ids(ALONE) {
        keys.obtain(&[id]).unwrap();
    }
    keys.obtain(&ids(PACKED)).unwrap();
    // Hundreds of empty folders would only take time to copy; whoever needs one makes it.
    for folder in std::fs::read_dir(&filled).unwrap() {
        let _ = std::fs::remove_dir(folder.unwrap().path());
    }
    for operation in OPERATIONS {
        let reset = || match operation {
            Operation::Create => drop(std::fs::remove_dir_all(&store)),
            Operation::MakeOne
            | Operation::MakeMany
            | Operation::Rotate
            | Operation::DestroyOne
            | Operation::DestroyPacked => copy(&filled, &store),
        };
        reset();
        let steps = steps(operation, &store, &log);
        assert!(steps.len() > 5, "{operation:?}: {steps:?}");
        for (call, number) in &steps {
            for what in ["signal=KILL", "error=EIO"] {
                let at = format!("{operation:?}, {call} {number}, {what}");
                reset();
                let mut before = Before::of(&store);
                let inject = format!("inject={call}:{what}:when={number}");
                let trace = format!("trace={call}");
                let came_to_its_end =
                    traced(operation, &store, &["-o", "/dev/null", "-e", &trace, "-e", &inject]);
                assert!(!came_to_its_end || what == "error=EIO", "{at}: it was not killed");
                before.nothing_unnamed_is_left(&store, &at);
                before.recovers(operation, &store, &at);
                before.nothing_unnamed_is_left(&store, &at);
            }
        }
        say(&format!("{operation:?}: killed and failed at {} calls", steps.len()));
    }
}

/// What the version of 22 November left: a rotation was killed at a rename and run again, and what it had written aside
/// outlived the destruction of a key.
#[test]
fn what_a_killed_rotation_left_does_not_outlive_the_destruction_of_a_key() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("store");
    let keys = DirectoryKeys::create(&store).unwrap();
    keys.obtain(&ids(PACKED)).unwrap();
    keys.rotate_master().unwrap();
    let pack = store.join("packs/0000000000000001.pack");
    let left = store.join("packs/.anew.0123456789abcdef");
    copy(&pack, &left);
    // A copy under a name that the store knows: a file that was restored beside the pack.
    copy(&pack, &store.join("packs/0000000000000002.pack"));
    let destroyed = id(PACKED.start);
    keys.destroy(destroyed).unwrap();
    assert!(!left.exists());
    assert!(keys.copies_of(&BTreeSet::from([destroyed])).unwrap().is_empty());
    assert!(keys.is_gone(destroyed).unwrap());
    // One that nobody's rules reach is told.
    copy(&pack, &store.join("notes"));
    let others: BTreeSet<KeyId> = ids(PACKED).into_iter().skip(1).collect();
    let found = keys.copies_of(&others).unwrap();
    assert!(found.iter().any(|(_, path)| path.ends_with("notes")), "{found:?}");
    assert_eq!(keys.state(LEDGER).unwrap().strange, [store.join("notes")]);
}
