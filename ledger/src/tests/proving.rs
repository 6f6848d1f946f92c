//! Roots, proofs and receipts of a real log, against the plain tree over its leaf hashes.

use domain::ids::Position;

use crate::hash::Hash;
use crate::proof::{ProofFault, TilePath};
use crate::test_support::{append_to, fresh_ledger, some_event, some_stream};
use crate::{Expected, Ledger, Recorded, tree};

async fn grow(ledger: &Ledger, events: u32) -> Recorded {
    let events = (0..events).map(some_event).collect();
    ledger.append(append_to(some_stream(), Expected::NoStream, events)).await.unwrap()
}

/// Every leaf hash, read from the table.
async fn leaves(database: &crate::test_support::TestDatabase) -> Vec<Hash> {
    let client = database.admin().await;
    let sql = "SELECT leaf_hash FROM caseledger.events ORDER BY position";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, &[u8]>(0).try_into().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_head_has_the_root_of_its_size_and_every_receipt_leads_to_it() {
    let (database, ledger) = fresh_ledger().await;
    let mut receipts = Vec::new();
    for events in [1, 3, 250, 1, 300, 7] {
        receipts.extend(ledger.receipts(&grow(&ledger, events).await));
    }
    let leaves = leaves(&database).await;
    let heads = database.admin().await;
    for row in heads.query("SELECT tree_size, root FROM caseledger.heads", &[]).await.unwrap() {
        let size = usize::try_from(row.get::<_, i64>(0)).unwrap();
        assert_eq!(row.get::<_, &[u8]>(1), tree::root(&leaves[..size]), "size {size}");
    }
    assert_eq!(receipts.len(), leaves.len() - 1);
    for receipt in receipts {
        let index = usize::try_from(receipt.position.0).unwrap() - 1;
        assert_eq!((receipt.leaf_hash, receipt.ledger, receipt.epoch), (leaves[index], ledger.id(), 1));
        let size = usize::try_from(receipt.tree_size).unwrap();
        assert_eq!(receipt.root, Some(tree::root(&leaves[..size])));
        let proof = ledger.inclusion(receipt.position, receipt.tree_size).await.unwrap();
        assert_eq!(tree::root_from_inclusion(leaves[index], index, size, &proof.path), receipt.root);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proofs_are_those_of_the_plain_tree_across_tile_borders() {
    let (database, ledger) = fresh_ledger().await;
    for _ in 0..3 {
        grow(&ledger, 400).await;
    }
    let leaves = leaves(&database).await;
    for size in [1_usize, 255, 256, 257, 512, 1_000, 1_201] {
        let tree_size = size as u64;
        assert_eq!(ledger.root_at(tree_size).await.unwrap(), tree::root(&leaves[..size]));
        for index in [0, 1, 127, 255, 256, 511, 999, 1_200].into_iter().filter(|index| *index < size) {
            let proof = ledger.inclusion(Position(index as u64 + 1), tree_size).await.unwrap();
            assert_eq!(Some(proof.path), tree::inclusion(&leaves[..size], index), "{index} of {size}");
        }
    }
    let proof = ledger.consistency(256, 1_201).await.unwrap();
    assert_eq!(proof.path.first(), Some(&tree::root(&leaves[256..512])));
    assert_eq!(ledger.consistency(1_201, 1_201).await.unwrap().path, Vec::<Hash>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_in_the_log_is_not_proved() {
    let (_database, ledger) = fresh_ledger().await;
    grow(&ledger, 3).await;
    for (position, size) in [(0, 4), (5, 4), (4, 3), (1, 5)] {
        let fault = ledger.inclusion(Position(position), size).await.unwrap_err();
        assert!(matches!(fault, ProofFault::OutOfRange { .. }), "{position} of {size}: {fault}");
    }
    assert!(matches!(ledger.consistency(4, 3).await, Err(ProofFault::OutOfRange { .. })));
    assert!(matches!(ledger.root_at(5).await, Err(ProofFault::OutOfRange { head: 4, .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_from_before_the_tree_is_filled_when_it_is_opened() {
    let (database, ledger) = fresh_ledger().await;
    for _ in 0..3 {
        grow(&ledger, 300).await;
    }
    drop(ledger);
    // As migration V2 finds it: no subtree, and heads without a root.
    let client = database.admin().await;
    client
        .batch_execute(
            "ALTER TABLE caseledger.subtrees DISABLE TRIGGER ALL; TRUNCATE caseledger.subtrees; \
             ALTER TABLE caseledger.subtrees ENABLE ALWAYS TRIGGER refuse_change; \
             ALTER TABLE caseledger.subtrees ENABLE ALWAYS TRIGGER refuse_truncate; \
             ALTER TABLE caseledger.heads DISABLE TRIGGER ALL; UPDATE caseledger.heads SET root = NULL; \
             ALTER TABLE caseledger.heads ENABLE ALWAYS TRIGGER refuse_change; \
             ALTER TABLE caseledger.heads ENABLE ALWAYS TRIGGER refuse_truncate",
        )
        .await
        .unwrap();
    let ledger = database.open_ledger().await;
    let grown = grow(&ledger, 400).await;
    let leaves = leaves(&database).await;
    assert_eq!(grown.root, Some(tree::root(&leaves)));
    let proof = ledger.inclusion(Position(2), 1_301).await.unwrap();
    assert_eq!(Some(proof.path), tree::inclusion(&leaves, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tiles_and_entries_are_what_a_follower_needs_to_compute_the_root() {
    let (database, ledger) = fresh_ledger().await;
    for _ in 0..3 {
        grow(&ledger, 200).await;
    }
    let leaves = leaves(&database).await;
    let tile = async |path: &str| ledger.tile(TilePath::parse(path).unwrap()).await.unwrap();
    let bundles =
        [tile("tile/entries/000").await, tile("tile/entries/001").await, tile("tile/entries/002.p/89").await];
    let bytes = bundles.map(Option::unwrap).concat();
    let (length, entry) = (2, 106);
    let entries: Vec<&[u8]> = bytes.chunks_exact(length + entry).map(|entry| &entry[length..]).collect();
    assert!(bytes.chunks_exact(length + entry).all(|entry| entry[..length] == [0, 106]));
    assert_eq!(entries.iter().map(|entry| tree::leaf_hash(entry)).collect::<Vec<_>>(), leaves);
    assert_eq!(tile("tile/0/002.p/89").await.unwrap(), leaves[512..].concat());
    assert_eq!(
        tile("tile/1/000.p/2").await.unwrap(),
        [&leaves[..256], &leaves[256..512]].map(tree::root).concat()
    );
    for beyond in
        ["tile/0/002", "tile/0/002.p/90", "tile/1/000.p/3", "tile/entries/003.p/1", "tile/9/000.p/1"]
    {
        assert_eq!(tile(beyond).await, None, "{beyond}");
    }
}
