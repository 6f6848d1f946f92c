//! Signed heads: what they cover, who signs them, and what stops them for good.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use signed_note::{Note as OtherNote, StandardVerifier, VerifierList};

use crate::notes::{NoteSigner, Sign};
use crate::proof::{Checkpoint, ProofOptions, RegisterFault, SignerFault, TILE_WIDTH, tile_path};
use crate::test_support::{TestDatabase, append_to, some_event, some_stream};
use crate::{AppendError, Expected, Hash, Ledger, Options, tree};

const LONG: Duration = Duration::from_secs(20);

fn key() -> Arc<NoteSigner> {
    Arc::new(NoteSigner::generate("caseledger.example/E09000001/events").unwrap())
}

/// The same for a signer whose folder is lost, or that begins with one of its own.
fn rebuilding(folder: &tempfile::TempDir, key: &Arc<NoteSigner>) -> ProofOptions {
    ProofOptions { rebuild: true, ..options(folder, key) }
}

fn options(folder: &tempfile::TempDir, key: &Arc<NoteSigner>) -> ProofOptions {
    let signer: Arc<dyn Sign> = Arc::<NoteSigner>::clone(key);
    ProofOptions { folder: folder.path().join("proof"), signer, rebuild: false }
}

async fn signed_ledger(key: &Arc<NoteSigner>) -> (TestDatabase, Ledger) {
    let database = TestDatabase::installed().await;
    let ledger = database.create_ledger_signed_by(Some(key.verifier().clone()), Options::default()).await;
    (database, ledger)
}

async fn grow(ledger: &Ledger, events: u32) -> u64 {
    let events = (0..events).map(some_event).collect();
    let grown = ledger.append(append_to(some_stream(), Expected::NoStream, events)).await;
    grown.unwrap().tree_size
}

/// The leaf hashes in the tiles, read as anybody would who follows the log.
fn leaves_in_tiles(folder: &Path, size: usize) -> Vec<Hash> {
    let tile = |index: usize| {
        let width = (size - index * TILE_WIDTH).min(TILE_WIDTH);
        let partial = (width < TILE_WIDTH).then_some(width);
        std::fs::read(folder.join(tile_path(0, index as u64, partial))).unwrap()
    };
    let bytes = (0..size.div_ceil(TILE_WIDTH)).flat_map(tile).collect::<Vec<_>>();
    bytes.chunks_exact(32).map(|hash| hash.try_into().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_covers_every_event_and_another_implementation_accepts_it() {
    let (key, folder) = (key(), tempfile::tempdir().unwrap());
    let (_database, ledger) = signed_ledger(&key).await;
    let options = options(&folder, &key);
    let signing = ledger.start_signing(options.clone()).await.unwrap();
    for events in [1, 300, 5, 900] {
        let size = grow(&ledger, events).await;
        assert!(signing.covers(size, LONG).await);
        let note = ledger.checkpoint().await.unwrap().unwrap();
        assert_eq!(std::fs::read_to_string(options.folder.join("checkpoint")).unwrap(), note);
        let (checkpoint, _) = Checkpoint::of_note(&note).unwrap();
        assert_eq!((checkpoint.tree_size, checkpoint.root), (size, ledger.root_at(size).await.unwrap()));
        let leaves = leaves_in_tiles(&options.folder, usize::try_from(size).unwrap());
        assert_eq!(checkpoint.root, tree::root(&leaves));
        let verifier = StandardVerifier::new(&key.verifier().to_string()).unwrap();
        assert_eq!(checkpoint.origin, ledger.genesis().origin);
        let other = OtherNote::from_bytes(note.as_bytes()).unwrap();
        let (verified, unverified) = other.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
        assert_eq!((verified.len(), unverified.len()), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_signs_and_another_takes_over() {
    let (key, folders) = (key(), [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()]);
    let (database, first) = signed_ledger(&key).await;
    let second = database.open_ledger().await;
    let by_first = first.start_signing(options(&folders[0], &key)).await.unwrap();
    assert!(by_first.covers(1, LONG).await);
    let by_second = second.start_signing(rebuilding(&folders[1], &key)).await.unwrap();
    let size = grow(&second, 3).await;
    assert!(by_first.covers(size, LONG).await);
    assert!(!by_second.status().borrow().lease, "one signer at a time");
    drop(by_first);
    let size = grow(&second, 400).await;
    assert!(by_second.covers(size, LONG).await, "the other one signs, with tiles of its own");
    let leaves = leaves_in_tiles(&folders[1].path().join("proof"), usize::try_from(size).unwrap());
    assert_eq!(tree::root(&leaves), second.root_at(size).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_copy_is_not_gone_on_from_also_when_it_has_grown_since() {
    let (key, folder) = (key(), tempfile::tempdir().unwrap());
    let (database, ledger) = signed_ledger(&key).await;
    grow(&ledger, 5).await;
    drop(ledger);
    let older = copy_when_idle(&database).await;
    let ledger = database.open_ledger().await;
    let signing = ledger.start_signing(options(&folder, &key)).await.unwrap();
    let size = grow(&ledger, 4).await;
    assert!(signing.covers(size, LONG).await);
    signing.finish().await;
    let restored = older.open_ledger().await;
    let fault = restored.start_signing(options(&folder, &key)).await.unwrap_err();
    assert!(matches!(fault, SignerFault::Rewound { signed: 10, found: 6 }), "{fault}");
    grow(&restored, 40).await;
    let fault = restored.start_signing(options(&folder, &key)).await.unwrap_err();
    assert!(matches!(fault, SignerFault::Inconsistent { size: 10 }), "{fault}");
}

/// A database can be copied once its connections are gone; they end shortly after their ledger is dropped.
async fn copy_when_idle(database: &TestDatabase) -> TestDatabase {
    let admin = database.admin().await;
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while admin.query_one(others, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
    drop(admin);
    database.copied().await
}

/// What a superuser does who puts an older state back under a running program.
const REWIND: &str = "ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; ALTER TABLE caseledger.events DISABLE TRIGGER ALL; \
                      DELETE FROM caseledger.heads WHERE base_size >= 1; DELETE FROM caseledger.events WHERE position > 1";
const CUT_OTHERS: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_program_under_which_the_log_is_rewound_takes_no_more_events() {
    let (key, folder) = (key(), tempfile::tempdir().unwrap());
    let (database, ledger) = signed_ledger(&key).await;
    let signing = ledger.start_signing(options(&folder, &key)).await.unwrap();
    assert!(signing.covers(grow(&ledger, 3).await, LONG).await);
    let admin = database.admin().await;
    admin.batch_execute(REWIND).await.unwrap();
    admin.query_one(CUT_OTHERS, &[]).await.unwrap();
    let append =
        async || ledger.append(append_to(some_stream(), Expected::NoStream, vec![some_event(1)])).await;
    let refused = append().await;
    let rewound = |error: &AppendError| matches!(error, AppendError::Rewound { known: 4, found: 1 });
    assert!(refused.as_ref().is_err_and(rewound), "{refused:?}");
    let mut status = signing.status();
    let stopped = tokio::time::timeout(LONG, status.wait_for(|signed| signed.stopped.is_some())).await;
    stopped.expect("the signer stops").unwrap();
    let refused = append().await;
    assert!(matches!(refused, Err(AppendError::Halted { .. })), "{refused:?}");
    let held: i64 = admin.query_one("SELECT count(*) FROM caseledger.events", &[]).await.unwrap().get(0);
    assert_eq!(held, 1, "nothing was appended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_folder_stops_the_signer_until_it_is_written_anew_and_a_damaged_tile_is_named() {
    let (key, folder) = (key(), tempfile::tempdir().unwrap());
    let (_database, ledger) = signed_ledger(&key).await;
    let options = options(&folder, &key);
    let signing = ledger.start_signing(options.clone()).await.unwrap();
    let size = grow(&ledger, 600).await;
    assert!(signing.covers(size, LONG).await);
    signing.finish().await;
    let tile = options.folder.join(tile_path(0, 2, Some(89)));
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let fault = ledger.start_signing(options.clone()).await.unwrap_err();
    assert!(matches!(fault, SignerFault::Folder { .. }), "{fault}");
    std::fs::remove_dir_all(&options.folder).unwrap();
    let fault = ledger.start_signing(options.clone()).await.unwrap_err();
    assert!(matches!(fault, SignerFault::ProofMissing { signed: 601, .. }), "{fault}");
    assert!(!options.folder.exists(), "it is not made in passing");
    let signing = ledger.start_signing(rebuilding(&folder, &key)).await.unwrap();
    assert!(signing.covers(grow(&ledger, 1).await, LONG).await);
    let leaves = leaves_in_tiles(&options.folder, 602);
    assert_eq!(tree::root(&leaves), ledger.root_at(602).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_follows_another_only_with_the_signatures_of_both() {
    let (first, second, folder) = (key(), key(), tempfile::tempdir().unwrap());
    let (_database, ledger) = signed_ledger(&first).await;
    let fault = ledger.start_signing(options(&folder, &second)).await.unwrap_err();
    assert!(matches!(fault, SignerFault::UnknownKey { .. }), "{fault}");
    for previous in [None, Some(second.as_ref() as &dyn Sign)] {
        let fault = ledger.register_log_key(second.as_ref(), previous).await.unwrap_err();
        assert!(matches!(fault, RegisterFault::NotThePresentKey { .. }), "{fault}");
    }
    let signing = ledger.start_signing(options(&folder, &first)).await.unwrap();
    assert!(signing.covers(1, LONG).await);
    signing.finish().await;
    ledger.register_log_key(second.as_ref(), Some(first.as_ref())).await.unwrap();
    let name = ledger.log_name().await.unwrap();
    assert_eq!(name.keys, [first.verifier().clone(), second.verifier().clone()]);
    let signing = ledger.start_signing(options(&folder, &second)).await.unwrap();
    assert!(signing.covers(2, LONG).await, "what the former key signed is gone on from");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signer_that_is_told_to_finish_while_its_folder_is_gone_ends_quietly() {
    let (key, folder) = (key(), tempfile::tempdir().unwrap());
    let (_database, ledger) = signed_ledger(&key).await;
    let options = options(&folder, &key);
    let signing = ledger.start_signing(options.clone()).await.unwrap();
    assert!(signing.covers(1, LONG).await);
    let status = signing.status();
    std::fs::remove_dir_all(folder.path()).unwrap();
    // Where the folder was stands a file now: nothing can be written there.
    std::fs::write(folder.path(), b"").unwrap();
    grow(&ledger, 3).await;
    signing.finish().await;
    assert_eq!(status.borrow().stopped, None);
    std::fs::remove_file(folder.path()).unwrap();
    let signing = ledger.start_signing(ProofOptions { rebuild: true, ..options }).await.unwrap();
    assert!(signing.covers(4, LONG).await);
}
