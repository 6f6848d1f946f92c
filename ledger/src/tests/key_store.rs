//! Whose key store it is: found and compared, adopted deliberately, replaced by nothing. Every child is invented.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::envelope::{Category, SealedFields};
use domain::ids::{Position, Revision, StreamId};

use crate::keys::{DirectoryKeys, KeyFault, KeyId, KeyPurpose, KeyStore};
use crate::test_support::{TestDatabase, append_to, fresh_ledger, some_command, some_event, some_stream};
use crate::{
    AppendError, Command, Expected, KeyStoreFault, Ledger, OpenFault, Options, StoreProblem, StreamAppend,
    UnsealFault,
};

/// Records one sealed event for each of so many new children, in one command.
async fn children(ledger: &Ledger, count: u32) -> Vec<StreamId> {
    let streams: Vec<StreamId> = (0..count).map(|_| some_stream()).collect();
    let appends = streams.iter().map(|stream| {
        let mut event = some_event(1);
        event.sealed = SealedFields::none().with("name", "Invented Child");
        StreamAppend::new(*stream, Category::Child, Expected::NoStream, vec![event])
    });
    ledger.append(Command { command_id: some_command(), appends: appends.collect() }).await.unwrap();
    streams
}

async fn seal_more(ledger: &Ledger, stream: StreamId) -> Result<Position, AppendError> {
    let mut event = some_event(2);
    event.sealed = SealedFields::none().with("name", "Invented Again");
    let recorded = ledger.append(append_to(stream, Expected::Any, vec![event])).await?;
    Ok(recorded.last_position())
}

/// What stops a program that starts now and wants to write.
async fn stops(database: &TestDatabase, options: Options) -> Option<StoreProblem> {
    let ledger = database.open_ledger_with(options).await;
    let before = ledger.head().await.unwrap();
    let refused = ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await;
    match refused {
        Ok(_) => None,
        Err(AppendError::KeyStore { source }) => {
            assert_eq!(ledger.head().await.unwrap(), before, "nothing is written");
            let KeyStoreFault::Problem(problem) = *source else { panic!("{source}") };
            assert!(ledger.key_store_problems().await.unwrap().contains(&problem));
            Some(problem)
        }
        Err(other) => panic!("{other}"),
    }
}

fn pack(database: &TestDatabase, number: u64) -> PathBuf {
    database.keys_folder().join("packs").join(format!("{number:016x}.pack"))
}

fn key_file(database: &TestDatabase, ledger: &Ledger, stream: StreamId) -> PathBuf {
    let id = KeyId::new(ledger.id(), KeyPurpose::Subject(stream)).to_string();
    database.keys_folder().join(&id[..2]).join(format!("{id}.key"))
}

/// Every file below a folder with its content and when it was changed.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let changed = path.metadata().unwrap().modified().unwrap();
        if path.is_dir() {
            found.extend(everything(&path));
            found.insert(path, (Vec::new(), changed));
        } else {
            let content = std::fs::read(&path).unwrap();
            found.insert(path, (content, changed));
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_or_foreign_store_is_told_and_nothing_is_made_in_its_place() {
    let (database, ledger) = fresh_ledger().await;
    children(&ledger, 3).await;
    let (store, aside) = (database.keys_folder(), database.keys_folder().with_extension("aside"));
    std::fs::rename(store, &aside).unwrap();
    assert!(matches!(DirectoryKeys::open(store), Err(KeyFault::Missing { path }) if path == *store));
    assert!(!store.exists());
    // The program that has it open makes nothing either.
    let refused = ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await;
    assert!(refused.is_ok(), "what seals nothing needs no key: {refused:?}");
    assert!(matches!(seal_more(&ledger, some_stream()).await, Err(AppendError::Key { .. })));
    assert!(!store.exists());

    let other = fresh_ledger().await;
    copy(other.0.keys_folder(), store);
    let before = everything(store);
    let opened = Ledger::open(&database.appender(), database.keys(), Options::default()).await;
    assert!(
        matches!(&opened, Err(OpenFault::Key { source: KeyFault::OfAnother { .. } })),
        "{:?}",
        opened.map(|_| ())
    );
    assert_eq!(everything(store), before);
    std::fs::remove_dir_all(store).unwrap();
    std::fs::rename(&aside, store).unwrap();
    assert_eq!(stops(&database, Options::default()).await, None, "the right one goes on");

    let master = std::fs::read(store.join("master.key")).unwrap();
    std::fs::remove_file(store.join("master.key")).unwrap();
    assert!(
        matches!(DirectoryKeys::open(store), Err(KeyFault::Missing { path }) if path.ends_with("master.key"))
    );
    assert!(matches!(seal_more(&ledger, some_stream()).await, Err(AppendError::Key { .. })));
    assert!(!store.join("master.key").exists(), "{} bytes stay missing", master.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_a_ledger_changes_nothing_in_its_key_store() {
    let (database, ledger) = fresh_ledger().await;
    let stream = children(&ledger, 3).await[0];
    std::fs::write(database.keys_folder().join("packs/.anew.0123456789abcdef"), b"left by a crash").unwrap();
    let before = everything(database.keys_folder());
    let reader = database.open_ledger().await;
    let event = reader.read_stream(stream, Revision(1)).await.unwrap().remove(0);
    reader.unseal(&event).await.unwrap();
    reader.key_store_problems().await.unwrap();
    assert_eq!(reader.key_store_state().await.unwrap().leftovers.len(), 1);
    reader.streams_lacking_keys().await.unwrap();
    reader.note_key_store().await.unwrap();
    assert_eq!(everything(database.keys_folder()), before);
    let admitted = reader.admit_writing().await.unwrap();
    assert_eq!(admitted.swept.len(), 1);
    assert_eq!(reader.key_store_state().await.unwrap().leftovers.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_key_is_not_made_again_under_its_id() {
    let (database, ledger) = fresh_ledger().await;
    let lost = children(&ledger, 1).await[0];
    children(&ledger, 1).await;
    let path = key_file(&database, &ledger, lost);
    std::fs::remove_file(&path).unwrap();
    let ledger = database.open_ledger().await;
    let refused = seal_more(&ledger, lost).await;
    assert!(
        matches!(&refused, Err(AppendError::Key { source: KeyFault::Lost { subject, .. }, .. }) if *subject == lost),
        "{refused:?}"
    );
    assert!(!path.exists());
    assert_eq!(ledger.streams_lacking_keys().await.unwrap(), [lost]);
    children(&ledger, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_pack_stops_every_writer_also_the_newest_one() {
    let (database, ledger) = fresh_ledger().await;
    for _ in 0..2 {
        children(&ledger, 3).await;
    }
    let (second, bytes) = (pack(&database, 2), std::fs::read(pack(&database, 1)).unwrap());
    std::fs::remove_file(pack(&database, 1)).unwrap();
    let problem = stops(&database, Options::default()).await;
    assert_eq!(problem, Some(StoreProblem::PackMissing { path: pack(&database, 1) }));
    put_back(&pack(&database, 1), &bytes);
    assert_eq!(stops(&database, Options::default()).await, None);

    // The newest is missed by what it seals, and by its number once that is noted.
    let bytes = std::fs::read(&second).unwrap();
    std::fs::remove_file(&second).unwrap();
    let problem = stops(&database, Options::default()).await;
    assert!(matches!(problem, Some(StoreProblem::DoesNotOpen { .. })), "{problem:?}");
    put_back(&second, &bytes);
    ledger.note_key_store().await.unwrap();
    assert_eq!(ledger.custody().await.unwrap().key_store().packs, 2);
    std::fs::remove_file(&second).unwrap();
    let problem = stops(&database, Options::default()).await;
    assert!(matches!(problem, Some(StoreProblem::TooFewPacks { noted: 2, found: 1, .. })), "{problem:?}");
}

fn put_back(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o400)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packs_are_noted_when_a_ledger_is_closed_and_after_many_not_one_by_one() {
    let (_database, ledger) = fresh_ledger().await;
    let noted = async || ledger.custody().await.unwrap().key_store().packs;
    for expected in [0, 0, 3, 3] {
        children(&ledger, 3).await;
        assert_eq!(noted().await, expected);
    }
    ledger.note_key_store().await.unwrap();
    ledger.note_key_store().await.unwrap();
    assert_eq!(noted().await, 4);
    assert_eq!(ledger.head().await.unwrap().position, Position(1 + 12 + 2), "two notes for four packs");
}

/// A ledger as programs of before made it: its genesis says nothing of a key store, and its batches carry no MACs.
async fn of_before(database: &TestDatabase, ledger: &Ledger) {
    let admin = database.admin().await;
    let forget = "ALTER TABLE caseledger.events DISABLE TRIGGER ALL; ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; \
                  UPDATE caseledger.events SET facts = regexp_replace(replace(facts::text, \
                  '\"minimum_reader\":3', '\"minimum_reader\":1'), '\"key_store\":\"[0-9a-f]*\",', '')::json \
                  WHERE position = 1; UPDATE caseledger.heads SET mac = NULL";
    admin.batch_execute(forget).await.unwrap();
    let leaf_hash = ledger.rehashed(Position(1)).await;
    let sql = "UPDATE caseledger.events SET leaf_hash = $1 WHERE position = 1";
    admin.execute(sql, &[&leaf_hash.as_slice()]).await.unwrap();
    let key = KeyId::new(ledger.id(), KeyPurpose::Batches).to_string();
    std::fs::remove_file(database.keys_folder().join(&key[..2]).join(format!("{key}.key"))).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ledger_of_before_adopts_the_store_that_opens_what_was_sealed_last() {
    let (database, ledger) = fresh_ledger().await;
    children(&ledger, 3).await;
    let newest = children(&ledger, 1).await[0];
    of_before(&database, &ledger).await;
    let path = key_file(&database, &ledger, newest);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let problem = stops(&database, Options::default()).await;
    assert!(
        matches!(&problem, Some(StoreProblem::DoesNotOpen { subject, position: Position(5), .. }) if *subject == newest),
        "{problem:?}"
    );
    assert!(ledger.custody().await.unwrap().key_store().fingerprint().is_none(), "it is not adopted");
    put_back(&path, &bytes);
    let ledger = database.open_ledger().await;
    assert_eq!(seal_more(&ledger, newest).await.unwrap(), Position(7), "behind the note");
    let noted = ledger.custody().await.unwrap().key_store().clone();
    assert_eq!((noted.position, noted.packs, noted.macs_from), (Position(6), 1, Some(Position(6))));
    let admin = database.admin().await;
    let macs =
        admin.query("SELECT tree_size FROM caseledger.heads WHERE mac IS NOT NULL ORDER BY 1", &[]).await;
    let macs: Vec<i64> = macs.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(macs, [6, 7], "the note, and what follows it");
    assert_eq!(ledger.admit_writing().await.unwrap().adopted_at, Some(Position(6)));
    assert_eq!(stops(&database, Options::default()).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_adopt_a_store_at_once_note_it_once() {
    let (database, ledger) = fresh_ledger().await;
    children(&ledger, 1).await;
    of_before(&database, &ledger).await;
    let opened = [database.open_ledger().await, database.open_ledger().await, database.open_ledger().await];
    let admitted = futures::future::join_all(opened.iter().map(Ledger::admit_writing)).await;
    assert!(admitted.iter().all(Result::is_ok), "{admitted:?}");
    for opened in &opened {
        seal_more(opened, some_stream()).await.unwrap();
    }
    let admin = database.admin().await;
    let without = "SELECT count(*) FROM caseledger.heads WHERE tree_size >= 3 AND mac IS NULL";
    assert_eq!(admin.query_one(without, &[]).await.unwrap().get::<_, i64>(0), 0, "all have found one key");
    let noted = "SELECT count(*) FROM caseledger.events WHERE kind = 'key_store_noted'";
    assert_eq!(admin.query_one(noted, &[]).await.unwrap().get::<_, i64>(0), 1);
    assert_eq!(ledger.head().await.unwrap().position, Position(6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_the_store_did_not_make_stops_every_writer() {
    let (database, ledger) = fresh_ledger().await;
    children(&ledger, 3).await;
    for name in ["packs/0000000000000001.pack.bak", "master.key~", "00/notes", "copy"] {
        let path = database.keys_folder().join(name);
        std::fs::write(&path, b"x").unwrap();
        assert_eq!(
            stops(&database, Options::default()).await,
            Some(StoreProblem::Strange { path: path.clone() })
        );
        std::fs::remove_file(&path).unwrap();
    }
    assert_eq!(stops(&database, Options::default()).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn store_and_database_that_are_both_older_are_told_by_the_note_beside_them() {
    let (database, ledger) = fresh_ledger().await;
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { key_store_note: Some(folder.path().join("note")), ..Options::default() };
    children(&ledger, 3).await;
    drop(ledger);
    let older = database.copied_when_idle().await;
    let copied = database.keys_folder().with_extension("older");
    copy(database.keys_folder(), &copied);
    let ledger = database.open_ledger_with(options()).await;
    children(&ledger, 3).await;
    ledger.note_key_store().await.unwrap();
    drop(ledger);
    assert_eq!(stops(&database, options()).await, None);

    std::fs::remove_dir_all(database.keys_folder()).unwrap();
    std::fs::rename(&copied, database.keys_folder()).unwrap();
    assert_eq!(stops(&older, Options::default()).await, None, "without the note nobody can tell");
    let problem = stops(&older, options()).await;
    assert!(matches!(problem, Some(StoreProblem::TooFewPacks { noted: 2, found: 1, .. })), "{problem:?}");
    let (other, _) = fresh_ledger().await;
    let problem = stops(&other, options()).await;
    assert!(matches!(problem, Some(StoreProblem::NoteOfAnother { .. })), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_master_key_is_noted_and_a_store_of_before_it_is_told() {
    let (database, ledger) = fresh_ledger().await;
    children(&ledger, 3).await;
    let copied = database.keys_folder().with_extension("older");
    copy(database.keys_folder(), &copied);
    // Interrupted before it was noted, and before the new key took the old one's place.
    database.keys().next_master_key().unwrap();
    assert_eq!(stops(&database, Options::default()).await, None);
    assert!(ledger.key_store_state().await.unwrap().is_rotating);
    let running = database.open_ledger().await;
    children(&running, 1).await;
    assert_eq!(
        ledger.rotate_master(database.keys()).await.unwrap(),
        4 + 3,
        "a key made meanwhile has it already"
    );
    assert!(!ledger.key_store_state().await.unwrap().is_rotating);
    children(&running, 3).await;
    running.note_key_store().await.unwrap();
    assert_eq!(stops(&database, Options::default()).await, None);

    std::fs::remove_dir_all(database.keys_folder()).unwrap();
    std::fs::rename(&copied, database.keys_folder()).unwrap();
    let problem = stops(&database, Options::default()).await;
    assert!(matches!(problem, Some(StoreProblem::Another { .. })), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn adopting_a_restored_store_names_what_is_lost_and_goes_on_without_it() {
    let (database, ledger) = fresh_ledger().await;
    children(&ledger, 3).await;
    let copied = database.keys_folder().with_extension("older");
    copy(database.keys_folder(), &copied);
    let lost = children(&ledger, 4).await;
    ledger.note_key_store().await.unwrap();
    ledger.rotate_master(database.keys()).await.unwrap();
    let event = ledger.read_stream(lost[0], Revision(1)).await.unwrap().remove(0);
    std::fs::remove_dir_all(database.keys_folder()).unwrap();
    std::fs::rename(&copied, database.keys_folder()).unwrap();

    let ledger = database.open_ledger().await;
    for without in [0, 3, 5] {
        let refused = ledger.adopt_key_store(without).await;
        assert!(matches!(refused, Err(KeyStoreFault::NotConfirmed { lost: 4 })), "{refused:?}");
    }
    assert!(stops(&database, Options::default()).await.is_some());
    let adopted = ledger.adopt_key_store(4).await.unwrap();
    assert_eq!(adopted.lost, 4);
    assert_eq!(stops(&database, Options::default()).await, None);
    assert!(ledger.streams_lacking_keys().await.unwrap().is_empty());
    for reader in [&ledger, &database.open_ledger().await] {
        let given_up = reader.unseal(&event).await;
        let is_told = matches!(&given_up, Err(UnsealFault::Key { source: KeyFault::GivenUp { .. }, .. }));
        assert!(is_told, "what was sealed stays unreadable: {given_up:?}");
    }
    seal_more(&ledger, lost[0]).await.unwrap();
    let newest = ledger.read_stream(lost[0], Revision(2)).await.unwrap().remove(0);
    assert!(ledger.unseal(&newest).await.unwrap().is_some(), "what comes later is sealed with another key");
    assert_eq!(database.keys().state(ledger.id()).unwrap().missing, Vec::<PathBuf>::new());
    assert_eq!(stops(&database, Options::default()).await, None);
}
