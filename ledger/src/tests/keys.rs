//! The key directory: races, damage, modes, tombstones.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use domain::ids::{LedgerId, StreamId};
use uuid::Uuid;

use crate::keys::{DirectoryKeys, KeyFault, KeyId, KeyPurpose, KeyStore};
use crate::test_support::some_stream;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("caseledger-keys-{}", some_stream())))
    }

    fn open(&self) -> DirectoryKeys {
        DirectoryKeys::open(&self.0).unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let folders = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let files = folders.flat_map(|path| match std::fs::read_dir(&path) {
            Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
            Err(_) => vec![path],
        });
        files.collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn ids(count: u128) -> Vec<KeyId> {
    let ledger = LedgerId(Uuid::from_u128(1));
    (0..count).map(|n| KeyId::new(ledger, KeyPurpose::Subject(StreamId(Uuid::from_u128(n))))).collect()
}

const RACE_FOLDER: &str = "CASELEDGER_TEST_KEY_RACE";

/// Not a test by itself: what each racing process does.
#[test]
fn racing_process() {
    let Some(folder) = std::env::var_os(RACE_FOLDER) else { return };
    let keys = DirectoryKeys::open(&PathBuf::from(folder)).unwrap();
    for key in keys.obtain(&ids(200)).unwrap() {
        println!("key {}", crate::hash::hex(&crate::hash::sha256(&[key.bytes()])));
    }
}

#[test]
fn processes_that_make_the_same_keys_at_once_get_the_same_keys() {
    let folder = Folder::new();
    let race = || {
        let mut program = Command::new(std::env::current_exe().unwrap());
        program.args(["--exact", "tests::keys::racing_process", "--nocapture"]).env(RACE_FOLDER, &folder.0);
        program.stdout(std::process::Stdio::piped()).spawn().unwrap()
    };
    let racers: Vec<_> = (0..4).map(|_| race()).collect();
    let said: Vec<Vec<String>> = racers
        .into_iter()
        .map(|racer| {
            let output = String::from_utf8(racer.wait_with_output().unwrap().stdout).unwrap();
            output.lines().filter_map(|line| line.split("key ").nth(1)).map(str::to_owned).collect()
        })
        .collect();
    assert_eq!(said[0].len(), 200);
    assert!(said.iter().all(|keys| *keys == said[0]));
    let mut distinct = said[0].clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 200);
    assert!(
        folder.files().iter().all(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.')),
        "left-overs"
    );
}

#[test]
fn damage_is_named_and_never_repaired_by_a_new_key() {
    let folder = Folder::new();
    let id = ids(1)[0];
    folder.open().obtain(&[id]).unwrap();
    let path = folder
        .files()
        .into_iter()
        .find(|path| path.to_str().unwrap().ends_with(&format!("{id}.key")))
        .unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for damaged in [&whole[..whole.len() - 1], &[], &flipped] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, damaged).unwrap();
        assert!(matches!(folder.open().obtain(&[id]), Err(KeyFault::Damaged { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), damaged);
    }
    std::fs::write(&path, &whole).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(folder.open().find(id), Err(KeyFault::TooOpen { .. })));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(folder.open().find(id).unwrap().is_some());
}

#[test]
fn another_master_key_opens_nothing_and_a_tombstone_stays() {
    let folder = Folder::new();
    let [kept, gone] = [ids(2)[0], ids(2)[1]];
    folder.open().obtain(&[kept, gone]).unwrap();
    folder.open().destroy(gone).unwrap();
    folder.open().destroy(gone).unwrap();
    assert!(matches!(folder.open().find(gone), Err(KeyFault::Destroyed { .. })));
    assert!(matches!(folder.open().obtain(&[kept, gone]), Err(KeyFault::Destroyed { .. })));
    assert!(folder.open().find(kept).unwrap().is_some());
    std::fs::remove_file(folder.0.join("master.key")).unwrap();
    let refused = folder.open().find(kept);
    assert!(
        matches!(refused, Err(KeyFault::Damaged { reason: "wrapped by another master key", .. })),
        "{refused:?}"
    );
}

#[test]
fn nothing_prints_a_key() {
    let folder = Folder::new();
    let keys = folder.open();
    let key = keys.obtain(&ids(1)).unwrap().remove(0);
    let printed = format!("{key:?} {keys:?} {:?}", crate::LedgerIds::new(key.clone()));
    assert!(!printed.contains(&crate::hash::hex(key.bytes())));
    assert!(!printed.contains(&format!("{:?}", key.bytes())));
    assert!(printed.contains("SecretKey(..)"), "{printed}");
}
