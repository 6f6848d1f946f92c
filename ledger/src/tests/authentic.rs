//! Batches that this ledger's programs wrote, told from those that somebody wrote into the database.

use std::sync::Arc;

use crate::notes::{NoteSigner, Sign};
use crate::proof::{ProofOptions, SignerFault};
use crate::test_support::{TestDatabase, append_to, fresh_ledger, some_event, some_stream};
use crate::{AppendError, Expected, Ledger, Options};

async fn signed_ledger() -> (TestDatabase, Ledger, Arc<NoteSigner>) {
    let key = Arc::new(NoteSigner::generate("caseledger.example/E09000001/events").unwrap());
    let database = TestDatabase::installed().await;
    let ledger = database.create_ledger_signed_by(Some(key.verifier().clone()), Options::default()).await;
    (database, ledger, key)
}

async fn grow(ledger: &Ledger, events: u32) -> u64 {
    let events = (0..events).map(some_event).collect();
    ledger.append(append_to(some_stream(), Expected::NoStream, events)).await.unwrap().tree_size
}

/// What a superuser changes in a batch of positions 5 to 7 so that leaves, roots, subtrees and commands still agree with each
/// other; each is found by the MAC alone.
const CHANGES: [&str; 8] = [
    "UPDATE caseledger.heads SET mac = NULL WHERE base_size = 4",
    "UPDATE caseledger.heads SET mac = (SELECT mac FROM caseledger.heads WHERE base_size = 1) WHERE base_size = 4",
    "UPDATE caseledger.heads SET epoch = 2 WHERE base_size = 4",
    "UPDATE caseledger.heads SET root = sha256('another') WHERE base_size = 4",
    "UPDATE caseledger.heads SET recorded_at = recorded_at + interval '1 microsecond' WHERE base_size = 4",
    "UPDATE caseledger.commands SET request_hash = sha256('another') WHERE first_position = 5",
    "UPDATE caseledger.commands SET event_count = 2 WHERE first_position = 5",
    "UPDATE caseledger.commands SET first_position = 6 WHERE first_position = 5",
];

/// The batch by its positions; the epoch of the newest head is held against the log before that.
fn is_told(fault: &SignerFault, change: &str) -> bool {
    let by_epoch =
        change.contains("epoch") && matches!(fault, SignerFault::OtherEpoch { found: 2, expected: 1 });
    by_epoch || matches!(fault, SignerFault::Forged { base: 4, size: 7 })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_wrote_into_the_database_is_named_and_never_signed() {
    let (database, ledger, key) = signed_ledger().await;
    let folder = tempfile::tempdir().unwrap();
    let signer: Arc<dyn Sign> = Arc::<NoteSigner>::clone(&key);
    let options = ProofOptions { folder: folder.path().join("proof"), signer, rebuild: false };
    let signing = ledger.start_signing(options.clone()).await.unwrap();
    let signed = grow(&ledger, 3).await;
    assert!(signing.covers(signed, std::time::Duration::from_secs(20)).await);
    signing.finish().await;
    let size = grow(&ledger, 3).await;
    assert_eq!((signed, size), (4, 7));
    drop(ledger);
    let admin = database.admin().await;
    admin
        .batch_execute(
            "ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; ALTER TABLE caseledger.commands DISABLE TRIGGER ALL; \
             CREATE TABLE kept_heads AS TABLE caseledger.heads; CREATE TABLE kept_commands AS TABLE caseledger.commands",
        )
        .await
        .unwrap();
    for change in CHANGES {
        assert_eq!(admin.execute(change, &[]).await.unwrap(), 1, "{change}");
        let again = database.open_ledger().await;
        let fault = again.start_signing(options.clone()).await.expect_err(change);
        assert!(fault.is_about_the_log(), "{fault}");
        assert!(is_told(&fault, change), "{change}: {fault}");
        let unsigned = again.compare_with_signed(&options.folder, true).await.expect_err(change);
        assert!(is_told(&unsigned, change), "{change}: {unsigned}");
        admin
            .batch_execute(
                "DELETE FROM caseledger.heads; INSERT INTO caseledger.heads TABLE kept_heads; \
                 DELETE FROM caseledger.commands; INSERT INTO caseledger.commands TABLE kept_commands",
            )
            .await
            .unwrap();
    }
    let whole = database.open_ledger().await;
    let signing = whole.start_signing(options).await.unwrap();
    assert!(signing.covers(size, std::time::Duration::from_secs(20)).await, "nothing else was wrong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_forged_under_a_running_signer_stops_it() {
    let (database, ledger, key) = signed_ledger().await;
    let folder = tempfile::tempdir().unwrap();
    let signer: Arc<dyn Sign> = Arc::<NoteSigner>::clone(&key);
    let options = ProofOptions { folder: folder.path().join("proof"), signer, rebuild: false };
    let signing = ledger.start_signing(options).await.unwrap();
    assert!(signing.covers(grow(&ledger, 3).await, std::time::Duration::from_secs(20)).await);
    // A whole batch, as a program would write it that has no key: event, leaf, root, head, command.
    let forged = "WITH e AS (INSERT INTO caseledger.events (position, recorded_at, revision, category, schema_version, leaf_format, \
                      stream, event_id, command_id, recorded_by, salt, leaf_hash, kind, occurred, facts) \
                  SELECT 5, recorded_at, 1, category, schema_version, leaf_format, gen_random_uuid(), gen_random_uuid(), \
                      '00000000-0000-0000-0000-000000000001', recorded_by, salt, leaf_hash, kind, occurred, facts \
                  FROM caseledger.events WHERE position = 4 RETURNING recorded_at), \
                  c AS (INSERT INTO caseledger.commands VALUES ('00000000-0000-0000-0000-000000000001', 5, 1, sha256('x'))) \
                  INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer, root, mac) \
                  SELECT 4, 5, e.recorded_at, 1, gen_random_uuid(), sha256('root'), sha256('mac') FROM e";
    database.admin().await.batch_execute(forged).await.unwrap();
    let mut status = signing.status();
    let stopped = status.wait_for(|signed| signed.stopped.is_some());
    let stopped = tokio::time::timeout(std::time::Duration::from_secs(20), stopped).await.expect("it stops");
    let said = stopped.unwrap().stopped.clone().unwrap();
    assert!(said.contains("positions 5 to 5"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_head_without_events_writers_are_told_and_do_not_wait_for_ever() {
    for further in [0, 1] {
        let (database, ledger) = fresh_ledger().await;
        grow(&ledger, 2).await;
        let head = format!(
            "INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer) \
             SELECT max(tree_size), max(tree_size) + {further}, now(), 1, gen_random_uuid() FROM caseledger.heads"
        );
        database.admin().await.batch_execute(&head).await.unwrap();
        let event = append_to(some_stream(), Expected::NoStream, vec![some_event(1)]);
        let answer = tokio::time::timeout(std::time::Duration::from_secs(30), ledger.append(event));
        let refused = answer.await.expect("an answer").expect_err("a head without events");
        let is_told = matches!(refused, AppendError::HeadWithoutEvents { size: 3 });
        assert!(is_told, "{further}: {refused:?}");
    }
}
