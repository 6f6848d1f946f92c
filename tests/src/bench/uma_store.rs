//! The peer UmaDB: its own server, from its wheel, in a process of its own, and a gRPC client of the one call that is
//! measured. Not PostgreSQL: a store that one process holds, with one writer that shares its flush among callers.
//!
//! The client sends what its own client sends, over one connection. It is left out where its program is not there.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command as Program, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use prost::Message;
use tempfile::TempDir;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;
use uuid::Uuid;

use super::load::{Caller, Load, Spent, Streams};
use super::payload::{EVENTS_A_STREAM, facts};
use super::stores::{Place, Store};
use super::usage;

/// `umadb.v1.Event`.
#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(string, tag = "1")]
    event_type: String,
    #[prost(string, repeated, tag = "2")]
    tags: Vec<String>,
    #[prost(bytes = "vec", tag = "3")]
    data: Vec<u8>,
    #[prost(string, tag = "4")]
    uuid: String,
}

/// `umadb.v1.QueryItem`.
#[derive(Clone, PartialEq, Message)]
struct QueryItem {
    #[prost(string, repeated, tag = "1")]
    types: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    tags: Vec<String>,
}

/// `umadb.v1.Query`.
#[derive(Clone, PartialEq, Message)]
struct Query {
    #[prost(message, repeated, tag = "1")]
    items: Vec<QueryItem>,
}

/// `umadb.v1.AppendCondition`.
#[derive(Clone, PartialEq, Message)]
struct AppendCondition {
    #[prost(message, optional, tag = "1")]
    fail_if_events_match: Option<Query>,
    #[prost(uint64, optional, tag = "2")]
    after: Option<u64>,
}

/// `umadb.v1.AppendRequest`.
#[derive(Clone, PartialEq, Message)]
struct AppendRequest {
    #[prost(message, repeated, tag = "1")]
    events: Vec<Event>,
    #[prost(message, optional, tag = "2")]
    condition: Option<AppendCondition>,
}

/// `umadb.v1.AppendResponse`.
#[derive(Clone, PartialEq, Message)]
struct AppendResponse {
    #[prost(uint64, tag = "1")]
    position: u64,
}

/// `umadb.v1.HeadRequest`.
#[derive(Clone, PartialEq, Message)]
struct HeadRequest {}

/// `umadb.v1.HeadResponse`.
#[derive(Clone, PartialEq, Message)]
struct HeadResponse {
    #[prost(uint64, optional, tag = "1")]
    position: Option<u64>,
}

/// A server with an empty store.
pub(super) struct UmaStore {
    server: Server,
    channel: Channel,
}

struct Server {
    process: Child,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl UmaStore {
    fn program() -> PathBuf {
        super::peers_folder().join("venv").join("bin").join("umadb")
    }

    /// What is not there, if anything.
    pub(super) fn lacks() -> Option<String> {
        let there = Self::program().exists();
        (!there).then(|| "its program is not there; `make bench` fetches it".to_owned())
    }

    /// What its program says about itself.
    pub(super) fn version() -> Option<String> {
        let said = Program::new(Self::program()).arg("--version").output().ok()?;
        Some(String::from_utf8(said.stdout).ok()?.trim().to_owned())
    }

    /// Starts a server on a free port of this machine.
    pub(super) async fn fresh() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut program = Program::new(Self::program());
        program.args(["--listen", &format!("127.0.0.1:{port}")]).arg("--db-path").arg(folder.path());
        program.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let process = program.spawn().context("start UmaDB")?;
        let server = Server { process, folder };
        let channel = connect(port).await?;
        Ok(Self { server, channel })
    }
}

async fn connect(port: u16) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}"))?.tcp_nodelay(true);
    let mut attempts = 0;
    loop {
        match endpoint.connect().await {
            Ok(channel) => return Ok(channel),
            Err(error) if attempts == 200 => return Err(error).context("connect to UmaDB"),
            Err(_) => attempts += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn call<Q, A>(channel: &Channel, method: &'static str, question: Q) -> anyhow::Result<A>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await?;
    let codec = ProstCodec::<Q, A>::default();
    let answer = grpc.unary(tonic::Request::new(question), PathAndQuery::from_static(method), codec).await;
    Ok(answer.with_context(|| method.to_owned())?.into_inner())
}

impl Store for UmaStore {
    type Caller = UmaCaller;

    async fn callers(&self, load: &Load) -> anyhow::Result<Vec<UmaCaller>> {
        let hot = tag();
        let caller = || {
            let stream = if load.streams == Streams::OneHot { hot.clone() } else { tag() };
            UmaCaller { channel: self.channel.clone(), load: *load, stream, events: 0, last: 0 }
        };
        Ok((0..load.callers).map(|_| caller()).collect())
    }

    fn place(&self) -> &impl Place {
        self
    }
}

impl Place for UmaStore {
    async fn stored(&self) -> anyhow::Result<u64> {
        let head: HeadResponse = call(&self.channel, "/umadb.v1.DCB/Head", HeadRequest {}).await?;
        Ok(head.position.unwrap_or(0))
    }

    async fn disk_per_event(&self) -> anyhow::Result<f64> {
        use std::os::unix::fs::MetadataExt as _;
        let files = std::fs::read_dir(self.server.folder.path())?;
        let blocks: u64 = files.flatten().filter_map(|file| Some(file.metadata().ok()?.blocks())).sum();
        Ok((blocks * 512) as f64 / self.stored().await? as f64)
    }

    async fn indexes(&self) -> anyhow::Result<Vec<String>> {
        Ok(vec!["positions".to_owned(), "tags".to_owned()])
    }

    async fn settle(&self) -> anyhow::Result<()> {
        Ok(())
    }

    async fn spent(&self) -> anyhow::Result<Spent> {
        let server = usage::time_of_server(self.server.process.id());
        Ok(Spent { server, ..Spent::default() })
    }
}

fn tag() -> String {
    format!("child:{}", Uuid::new_v4())
}

/// Somebody who appends, where nothing came to the stream since the last time.
pub(super) struct UmaCaller {
    channel: Channel,
    load: Load,
    stream: String,
    events: u32,
    last: u64,
}

impl UmaCaller {
    fn condition(&self) -> Option<AppendCondition> {
        if self.load.streams == Streams::OneHot {
            return None;
        }
        let item = QueryItem { types: Vec::new(), tags: vec![self.stream.clone()] };
        Some(AppendCondition {
            fail_if_events_match: Some(Query { items: vec![item] }),
            after: (self.last > 0).then_some(self.last),
        })
    }

    fn event(&self) -> Event {
        Event {
            event_type: "ContactReceived".to_owned(),
            tags: vec![self.stream.clone()],
            data: facts().into_bytes(),
            uuid: Uuid::now_v7().to_string(),
        }
    }
}

impl Caller for UmaCaller {
    async fn append(&mut self) -> anyhow::Result<u32> {
        if self.load.streams == Streams::Many && self.events >= EVENTS_A_STREAM {
            (self.stream, self.events, self.last) = (tag(), 0, 0);
        }
        let events = (0..self.load.events_a_command).map(|_| self.event()).collect();
        let request = AppendRequest { events, condition: self.condition() };
        let answer: AppendResponse = call(&self.channel, "/umadb.v1.DCB/Append", request).await?;
        self.last = answer.position;
        self.events += self.load.events_a_command;
        Ok(self.load.events_a_command)
    }
}
