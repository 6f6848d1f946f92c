//! The peer message-db: its own SQL, as its npm package ships it, and its function `write_message`.
//!
//! One category for all streams, as for a program's one kind of subject; a second category would be written beside
//! it, not faster. It is left out where its package, or the extension pgcrypto, is not there.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use ledger::test_support::TestDatabase;
use serde_json::Value;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::connections::{Parameters, Shared, connect};
use super::load::{Caller, Load, Streams};
use super::payload::{EVENTS_A_STREAM, fields};
use super::stores::{Place, Store, Tables};

/// The files that its own `install.sh` runs, in that order, its views apart.
const FILES: [&str; 16] = [
    "roles/message-store.sql",
    "schema/message-store.sql",
    "extensions/pgcrypto.sql",
    "tables/messages.sql",
    "types/message.sql",
    "functions/message-store-version.sql",
    "functions/hash-64.sql",
    "functions/acquire-lock.sql",
    "functions/category.sql",
    "functions/is-category.sql",
    "functions/id.sql",
    "functions/cardinal-id.sql",
    "functions/stream-version.sql",
    "functions/write-message.sql",
    "indexes/messages-id.sql",
    "indexes/messages-stream.sql",
];

/// An index on a function that the server must find by name.
const LAST: &str = "indexes/messages-category.sql";

const WRITE: &str =
    "SELECT message_store.write_message($1::varchar, $2::varchar, 'ContactReceived', $3::jsonb, NULL, $4)";

/// A fresh message store.
pub(super) struct MessageDbStore {
    tables: Tables,
}

impl MessageDbStore {
    /// The folder of its SQL.
    fn folder() -> PathBuf {
        super::peers_folder().join("package").join("database")
    }

    /// What is not there, if anything.
    pub(super) async fn lacks() -> Option<String> {
        let folder = Self::folder();
        if !folder.join(LAST).exists() {
            return Some("its SQL is not there; `make bench` fetches it".to_owned());
        }
        let admin = TestDatabase::empty().await.admin().await;
        let missing = admin.batch_execute("CREATE EXTENSION pgcrypto").await.err();
        missing.map(|_| "this PostgreSQL has no extension pgcrypto".to_owned())
    }

    /// The version of its package.
    pub(super) fn version() -> Option<String> {
        Some(fs::read_to_string(Self::folder().join("VERSION.txt")).ok()?.trim().to_owned())
    }

    /// Makes it in a database of its own.
    pub(super) async fn fresh() -> anyhow::Result<Self> {
        let database = TestDatabase::empty().await;
        let admin = database.admin().await;
        // Its scripts say so once for all sessions; the callers set it for theirs.
        admin
            .batch_execute("SET search_path = message_store, public; SET client_min_messages = warning")
            .await?;
        for file in FILES.into_iter().chain([LAST]) {
            let sql = fs::read_to_string(Self::folder().join(file)).with_context(|| file.to_owned())?;
            admin.batch_execute(&sql).await.with_context(|| file.to_owned())?;
        }
        Ok(Self { tables: Tables::look_into(database, vec!["message_store.messages"]).await? })
    }
}

impl Store for MessageDbStore {
    type Caller = MessageDbCaller;

    async fn callers(&self, load: &Load) -> anyhow::Result<Vec<MessageDbCaller>> {
        let mut config = self.tables.database.superuser();
        config.options("-c search_path=message_store,public");
        let connections = connect(&config, WRITE, load.callers).await?;
        let hot = Arc::new(stream_name());
        let caller = |connection| {
            let stream =
                if load.streams == Streams::OneHot { Arc::clone(&hot) } else { Arc::new(stream_name()) };
            MessageDbCaller { connection, load: *load, stream, version: -1 }
        };
        Ok(connections.into_iter().map(caller).collect())
    }

    fn place(&self) -> &impl Place {
        &self.tables
    }
}

fn stream_name() -> String {
    format!("child-{}", Uuid::new_v4())
}

/// Somebody who writes messages, each with the version that the stream must have.
pub(super) struct MessageDbCaller {
    connection: Shared,
    load: Load,
    stream: Arc<String>,
    version: i64,
}

struct Message {
    id: String,
    data: Json<Value>,
    expected: Option<i64>,
}

impl Caller for MessageDbCaller {
    async fn append(&mut self) -> anyhow::Result<u32> {
        let many = self.load.streams == Streams::Many;
        if many && self.version + 1 >= i64::from(EVENTS_A_STREAM) {
            (self.stream, self.version) = (Arc::new(stream_name()), -1);
        }
        let message = |n: u32| Message {
            id: Uuid::now_v7().to_string(),
            data: Json(
                serde_json::json!({ "details": fields().collect::<std::collections::BTreeMap<_, _>>() }),
            ),
            expected: many.then_some(self.version + i64::from(n)),
        };
        let messages: Vec<Message> = (0..self.load.events_a_command).map(message).collect();
        let stream = self.stream.as_str();
        let parameters: Vec<Parameters<'_>> = messages
            .iter()
            .map(|one| vec![&one.id as _, &stream as _, &one.data as _, &one.expected as _])
            .collect();
        self.connection.lock().await.record(&parameters).await?;
        self.version += i64::from(self.load.events_a_command);
        Ok(self.load.events_a_command)
    }
}
