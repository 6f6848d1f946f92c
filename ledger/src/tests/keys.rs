//! The key directory: races, damage, modes, tombstones.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use domain::ids::{LedgerId, StreamId};
use uuid::Uuid;

use crate::keys::rotation::interrupt;
use crate::keys::{DirectoryKeys, KeyFault, KeyId, KeyPurpose, KeyStore, MasterKey, SecretKey};
use crate::test_support::some_stream;

struct Folder(PathBuf);

impl Folder {
    /// A new key store with its master key.
    fn new() -> Self {
        let folder = Self(std::env::temp_dir().join(format!("caseledger-keys-{}", some_stream())));
        DirectoryKeys::create(&folder.0).unwrap();
        folder
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
    assert!(matches!(DirectoryKeys::open(&folder.0), Err(KeyFault::Missing { .. })));
    assert!(!folder.0.join("master.key").exists(), "none is made in its place");
    DirectoryKeys::create(&folder.0).unwrap();
    let refused = folder.open().find(kept);
    assert!(
        matches!(refused, Err(KeyFault::Damaged { reason: "wrapped by another master key", .. })),
        "{refused:?}"
    );
}

#[test]
fn keys_made_together_stand_in_one_pack_and_go_one_by_one() {
    let folder = Folder::new();
    let all = ids(300);
    let first = folder.open();
    let made = first.obtain(&all).unwrap();
    assert_eq!(packs(&folder).len(), 1, "one file, one flush");
    let second = folder.open();
    let same = |left: &[SecretKey], right: &[SecretKey]| {
        left.iter().zip(right).all(|(left, right)| left.bytes() == right.bytes())
    };
    assert!(same(&second.obtain(&all).unwrap(), &made), "read back by another process");
    assert!(second.cached(all[7]).is_some());

    let wrapped = std::fs::read(&packs(&folder)[0]).unwrap();
    let place = wrapped.windows(16).position(|part| part == all[7].0).unwrap();
    let secret = wrapped[place + 56..place + 72].to_vec();
    first.destroy(all[7]).unwrap();
    let left = std::fs::read(&packs(&folder)[0]).unwrap();
    assert!(!left.windows(16).any(|part| part == all[7].0 || part == secret));
    // The other process held it in memory and drops it.
    assert!(second.cached(all[7]).is_none());
    assert!(matches!(second.find(all[7]), Err(KeyFault::Destroyed { .. })));
    assert!(matches!(second.obtain(&all), Err(KeyFault::Destroyed { .. })));
    let rest: Vec<KeyId> = all.iter().copied().filter(|id| *id != all[7]).collect();
    let (kept, again) = (second.obtain(&rest).unwrap(), folder.open().obtain(&rest).unwrap());
    assert!(same(&kept, &again), "nobody else's key has changed");
    assert!(same(&made[..7], &kept[..7]) && same(&made[8..], &kept[7..]));
    assert!(first.is_gone(all[7]).unwrap() && !first.is_gone(all[8]).unwrap());
    for id in rest {
        first.destroy(id).unwrap();
    }
    assert_eq!(std::fs::read(&packs(&folder)[0]).unwrap(), b"CL1KPACK", "its number stays, and nothing else");
}

fn packs(folder: &Folder) -> Vec<PathBuf> {
    let files = folder.files().into_iter();
    files.filter(|path| path.extension().is_some_and(|kind| kind == "pack")).collect()
}

#[test]
fn a_restored_pack_or_file_does_not_bring_a_destroyed_key_back() {
    for count in [1, 300] {
        let folder = Folder::new();
        let all = ids(count);
        let keys = folder.open();
        keys.obtain(&all).unwrap();
        let files: Vec<(PathBuf, Vec<u8>)> = folder
            .files()
            .into_iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "pack" || kind == "key"))
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect();
        keys.destroy(all[0]).unwrap();
        assert!(keys.is_gone(all[0]).unwrap());
        for (path, bytes) in &files {
            let _ = std::fs::remove_file(path);
            std::fs::write(path, bytes).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o400)).unwrap();
        }
        let restored = folder.open();
        assert!(matches!(restored.find(all[0]), Err(KeyFault::Destroyed { .. })), "the tombstone stands");
        assert!(!restored.is_gone(all[0]).unwrap(), "and the copy is seen");
        restored.destroy(all[0]).unwrap();
        assert!(restored.is_gone(all[0]).unwrap());
    }
}

#[test]
fn the_master_key_changes_and_a_crash_at_any_point_loses_nothing() {
    // Keys by themselves and in packs; interrupted before anything, after some keys, after all single keys.
    for wrapped in [0, 1, 2] {
        let folder = Folder::new();
        let singles: Vec<KeyId> = ids(2);
        let packed: Vec<KeyId> = ids(50)[2..].to_vec();
        let all: Vec<KeyId> = singles.iter().chain(&packed).copied().collect();
        let old = folder.open();
        old.obtain(&singles).unwrap();
        old.obtain(&packed).unwrap();
        let bytes = |keys: &DirectoryKeys| -> Vec<[u8; 32]> {
            all.iter().map(|id| *keys.find(*id).unwrap().unwrap().bytes()).collect()
        };
        let before = bytes(&old);
        let old_master = std::fs::read(folder.0.join("master.key")).unwrap();
        interrupt(&old, wrapped).unwrap();

        let crashed = folder.open();
        assert_eq!(bytes(&crashed), before, "interrupted after {wrapped}");
        let running = folder.open();
        assert_eq!(crashed.rotate_master().unwrap(), all.len() - wrapped);
        // A process that runs on with the old master key in memory goes on reading and making keys.
        assert_eq!(bytes(&running), before);
        let later = KeyId::new(LedgerId(Uuid::from_u128(2)), KeyPurpose::Ids);
        let made = *running.obtain(&[later]).unwrap()[0].bytes();
        let fresh = folder.open();
        assert_eq!(bytes(&fresh), before);
        assert_eq!(*fresh.find(later).unwrap().unwrap().bytes(), made);
        // The old master key opens nothing any more, and is nowhere in the folder.
        let new_master = std::fs::read(folder.0.join("master.key")).unwrap();
        assert_ne!(new_master, old_master);
        assert!(!folder.0.join("master.key.next").exists());
        for path in folder.files() {
            let content = std::fs::read(&path).unwrap();
            assert!(!content.windows(16).any(|part| part == &old_master[8..24]), "{}", path.display());
        }
        assert_eq!(fresh.rotate_master().unwrap(), all.len() + 1, "and again");
        assert_eq!(bytes(&folder.open()), before);
    }
    let folder = Folder::new();
    let elsewhere = MasterKey::new([1; 16], SecretKey::random().unwrap());
    let keys = DirectoryKeys::open_with(&folder.0, elsewhere).unwrap();
    assert!(matches!(keys.rotate_master(), Err(KeyFault::MasterElsewhere)));
}

#[test]
fn keys_are_made_while_the_master_key_changes() {
    let folder = Folder::new();
    let maker = folder.open();
    let all = ids(400);
    maker.obtain(&all[..100]).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| (0..5).for_each(|_| assert!(folder.open().rotate_master().unwrap() >= 100)));
        for part in all.chunks(20) {
            let other = folder.open();
            let keys = maker.obtain(part).unwrap();
            for (id, key) in part.iter().zip(keys) {
                assert_eq!(other.find(*id).unwrap().unwrap().bytes(), key.bytes());
            }
        }
    });
    let fresh = folder.open();
    for (id, key) in all.iter().zip(maker.obtain(&all).unwrap()) {
        assert_eq!(fresh.find(*id).unwrap().unwrap().bytes(), key.bytes());
    }
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
