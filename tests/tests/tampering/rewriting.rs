//! Somebody rewrites a row and everything that follows from it: leaf hash, roots of heads, subtrees. The rows then agree with each
//! other, and only what was kept elsewhere tells.

use domain::ids::Position;
use ledger::leaf::{self, Envelope, Leaf};
use ledger::{Hash, tree};
use verify::{DatabaseQuestion, Finding, KeptCheckpoint, Kind, NOTHING_COMPARED, Place, Receipt};

use crate::fixture::Fixture;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The leaf hash that a row of other facts has.
async fn leaf_of(fixture: &Fixture, position: u64, facts: &str) -> Hash {
    let event = fixture.ledger.read_positions(Position(position), 1).await.unwrap().remove(0);
    let row = fixture
        .admin()
        .query_one(
            "SELECT salt, occurred, source_recorded_at FROM caseledger.events WHERE position = $1",
            &[&i64::try_from(position).unwrap()],
        )
        .await
        .unwrap();
    let salt: [u8; 32] = row.get::<_, &[u8]>(0).try_into().unwrap();
    let envelope = Envelope {
        stream: event.stream,
        category: event.category,
        event_id: event.event_id,
        command_id: event.command_id,
        kind: &event.kind,
        schema_version: event.schema_version,
        occurred: row.get(1),
        source_recorded_at: row.get(2),
        context: &event.context,
    };
    Leaf {
        recorded_at: event.recorded_at,
        envelope_commitment: envelope.text().unwrap().commitment(event.revision, &salt),
        facts_commitment: leaf::commit_facts(&salt, facts),
        sealed_hash: leaf::hash_sealed(event.sealed.as_deref()),
    }
    .hash()
}

/// Writes other facts into a row, and every hash that follows.
pub(crate) async fn rewrite(fixture: &Fixture, position: u64) {
    let facts = "{\"details\":{\"number\":999999}}";
    let leaf = leaf_of(fixture, position, facts).await;
    let rows = fixture
        .admin()
        .query("SELECT leaf_hash FROM caseledger.events ORDER BY position", &[])
        .await
        .unwrap();
    let mut leaves: Vec<Hash> = rows.iter().map(|row| row.get::<_, &[u8]>(0).try_into().unwrap()).collect();
    leaves[usize::try_from(position - 1).unwrap()] = leaf;
    let mut sql = vec![format!(
        "UPDATE caseledger.events SET facts = '{facts}', leaf_hash = '\\x{}' WHERE position = {position}",
        hex(&leaf)
    )];
    let sizes = "SELECT tree_size FROM caseledger.heads WHERE tree_size >= $1";
    for head in fixture.admin().query(sizes, &[&i64::try_from(position).unwrap()]).await.unwrap() {
        let size: i64 = head.get(0);
        let root = hex(&tree::root(&leaves[..usize::try_from(size).unwrap()]));
        sql.push(format!("UPDATE caseledger.heads SET root = '\\x{root}' WHERE tree_size = {size}"));
    }
    let tile = usize::try_from((position - 1) / 256).unwrap();
    if let Some(whole) = leaves.get(tile * 256..(tile + 1) * 256) {
        let root = hex(&tree::root(whole));
        sql.push(format!(
            "UPDATE caseledger.subtrees SET hash = '\\x{root}' WHERE height = 8 AND index = {tile}"
        ));
    }
    sql.push("DELETE FROM caseledger.checkpoints".to_owned());
    fixture.change(&sql).await;
}

fn receipt(fixture: &Fixture, position: u64) -> Receipt {
    let kept = fixture.receipts.iter().find(|receipt| receipt.position.0 == position).unwrap();
    let line = serde_json::json!({
        "ledger": kept.ledger.to_string(), "epoch": kept.epoch, "position": kept.position.0,
        "leaf_hash": hex(&kept.leaf_hash), "tree_size": kept.tree_size, "root": kept.root.map(|root| hex(&root)),
    });
    Receipt::read_lines(&line.to_string()).unwrap().remove(0)
}

async fn first(fixture: &Fixture, question: &DatabaseQuestion) -> Option<Finding> {
    fixture.verify(question).await.findings.first().cloned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_rewritten_with_all_its_hashes_is_found_against_whatever_was_kept() {
    let fixture = Fixture::make(700).await;
    let bare = DatabaseQuestion { examples: 10, ..DatabaseQuestion::default() };
    for position in [2, 255, 256, 257, 500, 699] {
        rewrite(&fixture, position).await;
        // The negative control: within the database nothing can tell, and the report says that it compared nothing.
        let report = fixture.verify(&bare).await;
        assert!(report.findings.is_clean(), "{:?}", report.findings.first());
        assert!(report.notes.iter().any(|note| note.contains("nothing that stands outside")));
        assert_eq!(report.exit_code(), NOTHING_COMPARED);

        let kept = KeptCheckpoint { label: "kept".to_owned(), note: fixture.checkpoint.clone() };
        let found =
            first(&fixture, &DatabaseQuestion { checkpoints: vec![kept], ..bare.clone() }).await.unwrap();
        assert_eq!(
            (found.kind, found.place),
            (Kind::ForkOrRollback, Place::Between { first: 1, last: fixture.size() })
        );

        let with_receipt = DatabaseQuestion { receipts: vec![receipt(&fixture, position)], ..bare.clone() };
        let found = first(&fixture, &with_receipt).await.unwrap();
        assert_eq!((found.kind, found.place), (Kind::ForkOrRollback, Place::At { position }));

        let found = first(&fixture, &fixture.question()).await.unwrap();
        assert_eq!((found.kind, found.place), (Kind::ForkOrRollback, Place::At { position }));
        fixture.restore().await;
    }
    assert_eq!(first(&fixture, &fixture.question()).await, None);
    let with_receipt = DatabaseQuestion { receipts: vec![receipt(&fixture, 500)], ..bare };
    let report = fixture.verify(&with_receipt).await;
    assert!(report.findings.is_clean(), "{:?}", report.findings.first());
    assert_eq!(report.receipts, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_earlier_run_remembered_is_held_against_the_log() {
    let fixture = Fixture::make(700).await;
    let bare = DatabaseQuestion { examples: 10, ..DatabaseQuestion::default() };
    let (_, state) = verify::verify_database(&fixture.database.appender(), &bare).await.unwrap();
    let state = verify::State::parse(&state.unwrap().to_text()).unwrap();
    let remembering = DatabaseQuestion { state: Some(state), ..bare.clone() };
    assert_eq!(first(&fixture, &remembering).await, None);
    rewrite(&fixture, 300).await;
    let found = first(&fixture, &remembering).await.unwrap();
    assert_eq!(
        (found.kind, found.place),
        (Kind::ForkOrRollback, Place::Between { first: 1, last: fixture.size() })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_of_another_ledger_is_told_as_such() {
    let fixture = Fixture::make(700).await;
    let line = "{\"ledger\":\"00000000-0000-4000-8000-000000000000\",\"epoch\":1,\"position\":2,\"leaf_hash\":\"00\",\"tree_size\":2}";
    assert!(Receipt::read_lines(line).is_err(), "a leaf hash of one byte");
    let line = line.replace("\"00\"", &format!("\"{}\"", "00".repeat(32)));
    let question = DatabaseQuestion { receipts: Receipt::read_lines(&line).unwrap(), ..fixture.question() };
    let found = first(&fixture, &question).await.unwrap();
    assert_eq!((found.kind, found.place), (Kind::Unreadable, Place::Nowhere));
    assert!(found.detail.contains("another ledger"), "{found}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_an_index_hides_are_counted() {
    let fixture = Fixture::make(700).await;
    let sql = "UPDATE pg_index SET indisready = false, indislive = false WHERE indexrelid = 'caseledger.events_pkey'::regclass; \
               INSERT INTO caseledger.events SELECT 5, recorded_at, revision + 5000, import_row, import_as_at, category, \
               schema_version, leaf_format, stream, '00000000-0000-4000-8000-000000000000', command_id, recorded_by, import_id, \
               causation, correlation, salt, leaf_hash, kind, occurred, source_recorded_at, role, team, import_sheet, \
               confidentiality, facts, sealed FROM caseledger.events WHERE position = 5; \
               UPDATE pg_index SET indisready = true, indislive = true WHERE indexrelid = 'caseledger.events_pkey'::regclass";
    fixture.change(&[sql.to_owned()]).await;
    let found = first(&fixture, &fixture.question()).await.unwrap();
    assert_eq!((found.kind, found.place), (Kind::Extra, Place::Between { first: 1, last: fixture.size() }));
}
