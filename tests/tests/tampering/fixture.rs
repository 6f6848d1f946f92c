//! A signed ledger of invented children, with a copy of its tables beside it, so that an edit can be undone at once.

use std::sync::Arc;
use std::time::Duration;

use domain::envelope::{Confidentiality, ImportRef, NewEvent, SealedFields};
use domain::ids::{EventId, ImportId, Position, StreamId};
use ledger::notes::{NoteSigner, Sign};
use ledger::proof::{ProofOptions, Receipt};
use ledger::test_support::{TestDatabase, append_to, some_event, some_stream};
use ledger::{Expected, Ledger, Options};
use tokio_postgres::Client;
use uuid::Uuid;
use verify::{DatabaseQuestion, Key, Report, verify_database};

/// Signed heads, at least.
const CHECKPOINTS: u32 = 3;
const TABLES: [&str; 7] = ["cosignatures", "checkpoints", "subtrees", "kinds", "commands", "heads", "events"];

/// What the edits have to know of a row.
#[derive(Debug, Clone)]
pub(crate) struct StoredRow {
    pub(crate) position: u64,
    pub(crate) stream: String,
    pub(crate) facts: String,
    pub(crate) has_sealed: bool,
}

pub(crate) struct Fixture {
    pub(crate) database: TestDatabase,
    pub(crate) ledger: Ledger,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) rows: Vec<StoredRow>,
    pub(crate) receipts: Vec<Receipt>,
    /// The newest checkpoint, as somebody kept it.
    pub(crate) checkpoint: String,
    /// The log's verifier key, as it was handed out.
    pub(crate) log_key: Key,
    admin: Client,
}

impl Fixture {
    /// A ledger of about this many events.
    pub(crate) async fn make(events: u32) -> Self {
        let (database, folder) = (TestDatabase::installed().await, tempfile::tempdir().unwrap());
        let signer = Arc::new(NoteSigner::generate("caseledger.example/E09000001/events").unwrap());
        let ledger =
            database.create_ledger_signed_by(Some(signer.verifier().clone()), Options::default()).await;
        let log_key = Key::parse(&signer.verifier().to_string()).unwrap();
        let signer: Arc<dyn Sign> = signer;
        let signing = ledger
            .start_signing(ProofOptions { folder: folder.path().join("proof"), signer, rebuild: false })
            .await
            .unwrap();
        let streams: Vec<_> = (0..40).map(|_| some_stream()).collect();
        let mut receipts = Vec::new();
        for part in 0..CHECKPOINTS {
            let (from, to) = (part * events / CHECKPOINTS, (part + 1) * events / CHECKPOINTS);
            receipts.extend(fill(&ledger, &streams, from, to).await);
            let size = ledger.head().await.unwrap().position.0;
            assert!(signing.covers(size, Duration::from_secs(20)).await);
        }
        assert!(receipts.last().unwrap().position > Position(600), "tiles of more than one width are there");
        signing.finish().await;
        let checkpoint = ledger.checkpoint().await.unwrap().unwrap();
        let admin = database.admin().await;
        copy_tables(&admin).await;
        let rows = stored_rows(&admin).await;
        Self { database, ledger, folder, rows, receipts, checkpoint, log_key, admin }
    }

    /// The question with everything that is at hand: the proof folder and no more.
    pub(crate) fn question(&self) -> DatabaseQuestion {
        let proof_folder = Some(self.folder.path().join("proof"));
        DatabaseQuestion { examples: 10, proof_folder, every: true, ..DatabaseQuestion::default() }
    }

    pub(crate) async fn verify(&self, question: &DatabaseQuestion) -> Report {
        verify_database(&self.database.appender(), question).await.unwrap().0
    }

    /// Runs statements as a superuser whom no trigger stops.
    pub(crate) async fn change(&self, statements: &[String]) {
        for statement in statements {
            self.admin
                .batch_execute(statement)
                .await
                .unwrap_or_else(|fault| panic!("{statement}: {fault:?}"));
        }
    }

    pub(crate) async fn restore(&self) {
        let mut sql =
            format!("BEGIN; TRUNCATE {};", TABLES.map(|table| format!("caseledger.{table}")).join(", "));
        for table in TABLES.iter().rev() {
            sql.push_str(&format!("INSERT INTO caseledger.{table} SELECT * FROM kept.{table};"));
        }
        self.admin.batch_execute(&(sql + "COMMIT")).await.unwrap();
    }

    pub(crate) fn admin(&self) -> &Client {
        &self.admin
    }

    pub(crate) fn size(&self) -> u64 {
        self.rows.len() as u64
    }
}

/// The copy, and no trigger from here on.
async fn copy_tables(admin: &Client) {
    let mut sql = "CREATE SCHEMA kept;".to_owned();
    for table in TABLES {
        sql.push_str(&format!(
            "CREATE TABLE kept.{table} AS TABLE caseledger.{table}; ALTER TABLE caseledger.{table} DISABLE TRIGGER ALL;"
        ));
    }
    admin.batch_execute(&sql).await.unwrap();
}

async fn stored_rows(admin: &Client) -> Vec<StoredRow> {
    let sql = "SELECT position, stream::text, facts::text, sealed IS NOT NULL FROM caseledger.events ORDER BY position";
    let rows = admin.query(sql, &[]).await.unwrap();
    let row = |row: &tokio_postgres::Row| StoredRow {
        position: u64::try_from(row.get::<_, i64>(0)).unwrap(),
        stream: row.get(1),
        facts: row.get(2),
        has_sealed: row.get(3),
    };
    rows.iter().map(row).collect()
}

/// Commands of one to three events about forty children.
async fn fill(ledger: &Ledger, streams: &[StreamId], from: u32, to: u32) -> Vec<Receipt> {
    let (mut number, mut receipts) = (from, Vec::new());
    while number < to {
        let count = 1 + number % 3;
        let stream = streams[(number * 7 % 40) as usize];
        let events = (number..number + count).map(varied_event).collect();
        let recorded = ledger.append(append_to(stream, Expected::Any, events)).await.unwrap();
        receipts.extend(ledger.receipts(&recorded));
        number += count;
    }
    receipts
}

/// An event that fills every column at some number.
fn varied_event(number: u32) -> NewEvent {
    let mut event = some_event(number);
    if number.is_multiple_of(4) {
        event.sealed = SealedFields::none().with("note", format!("An invented note {number}, née “Test”"));
    }
    let context = &mut event.context;
    context.team = number.is_multiple_of(3).then(|| "assessment-2".to_owned());
    context.confidentiality = number.is_multiple_of(11).then_some(Confidentiality::Restricted);
    context.causation = number.is_multiple_of(5).then(|| EventId(Uuid::new_v4()));
    context.correlation = number.is_multiple_of(6).then(Uuid::new_v4);
    context.source_recorded_at = number.is_multiple_of(7).then(|| "2022-09-20".parse().unwrap());
    context.import = number.is_multiple_of(2).then(|| ImportRef {
        import: ImportId(Uuid::new_v4()),
        as_at: "2022-09-30".parse().unwrap(),
        sheet: "list_4".to_owned(),
        row: number + 1,
    });
    event
}
