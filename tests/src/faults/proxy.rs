//! A Unix socket between a program and PostgreSQL that passes everything on until it is told to misbehave.
//!
//! A fault is armed with a marker and strikes the first connection on which a message with that marker is sent, once.
//! It can also change the program's words, which is how the control makes a careful program careless without a
//! switch for that in the program.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::ensure;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

const SOCKET: &str = ".s.PGSQL.5432";
/// PostgreSQL's answer to everything up to a `Sync`: ready for query, 5 bytes, idle.
const READY: &[u8] = b"Z\0\0\0\x05I";

/// What happens to the connection that sends the marked message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is cut before the message is passed on.
    CutBeforeRequest,
    /// It is cut when half of the message is passed on.
    CutInRequest,
    /// It is cut when the whole message is passed on, while PostgreSQL works on it.
    CutUnderWay,
    /// It is cut when PostgreSQL has answered, of which nothing is passed on: the transaction is committed.
    CutBeforeReply,
    /// It is cut when half of the answer is passed on.
    CutInReply,
    /// It is cut when the answer is passed on.
    CutAfterReply,
    /// Nothing passes for a time, then everything does.
    BlackHole(Duration),
    /// PostgreSQL's end is cut after its answer, and the program's end stays open and silent.
    HalfOpen,
}

#[derive(Debug, Default)]
struct Orders {
    armed: Mutex<Option<(Vec<u8>, Fault)>>,
    struck: AtomicU64,
    replaced: AtomicU64,
}

/// The socket; it is gone when this is dropped.
pub(super) struct Proxy {
    folder: PathBuf,
    orders: Arc<Orders>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Listens in a new folder below `root`, and leads to the server whose socket is in `root`. Wherever a program
    /// says the first of `replace`, PostgreSQL hears the second, which has to be as long.
    pub(super) fn start(root: &Path, name: &str, replace: Option<[&'static str; 2]>) -> anyhow::Result<Self> {
        ensure!(
            replace.is_none_or(|[said, heard]| said.len() == heard.len()),
            "lengths stand in the messages"
        );
        let folder = root.join(name);
        std::fs::create_dir(&folder)?;
        let listener = UnixListener::bind(folder.join(SOCKET))?;
        let orders = Arc::new(Orders::default());
        let (server, given) = (root.join(SOCKET), Arc::clone(&orders));
        let task = tokio::spawn(async move {
            while let Ok((program, _)) = listener.accept().await {
                let Ok(server) = UnixStream::connect(&server).await else { continue };
                let (orders, replace) = (Arc::clone(&given), replace);
                tokio::spawn(async move {
                    // Either end may go away at any time; the other one sees that by itself.
                    let _ = pass_on(program, server, &orders, replace).await;
                });
            }
        });
        Ok(Self { folder, orders, task })
    }

    /// Folder of the socket.
    pub(super) fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Lets a fault strike the next message with this marker.
    pub(super) fn arm(&self, marker: &str, fault: Fault) {
        *self.orders.armed.lock().unwrap_or_else(PoisonError::into_inner) = Some((marker.into(), fault));
    }

    /// How many faults have struck.
    pub(super) fn struck(&self) -> u64 {
        self.orders.struck.load(Ordering::Relaxed)
    }

    /// How often the program's words were changed.
    pub(super) fn replaced(&self) -> u64 {
        self.orders.replaced.load(Ordering::Relaxed)
    }
}

impl Orders {
    fn strikes(&self, message: &[u8]) -> Option<Fault> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, fault) = armed.take_if(|(marker, _)| find(message, marker).is_some())?;
        self.struck.fetch_add(1, Ordering::Relaxed);
        Some(fault)
    }

    fn replace(&self, message: &mut [u8], [said, heard]: [&str; 2]) {
        while let Some(at) = find(message, said.as_bytes()) {
            if let Some(place) = message.get_mut(at..at + heard.len()) {
                place.copy_from_slice(heard.as_bytes());
            }
            self.replaced.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn find(message: &[u8], wanted: &[u8]) -> Option<usize> {
    message.windows(wanted.len()).position(|window| window == wanted)
}

async fn pass_on(
    mut program: UnixStream,
    mut server: UnixStream,
    orders: &Orders,
    replace: Option<[&str; 2]>,
) -> std::io::Result<()> {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = program.read(&mut asked) => {
                let length = read?;
                let Some(message) = asked.get_mut(..length).filter(|message| !message.is_empty()) else {
                    return Ok(());
                };
                if let Some(words) = replace {
                    orders.replace(message, words);
                }
                match orders.strikes(message) {
                    None => server.write_all(message).await?,
                    Some(Fault::BlackHole(length)) => {
                        sleep(length).await;
                        server.write_all(message).await?;
                    }
                    Some(fault) => return strike(fault, message, program, server).await,
                }
            }
            read = server.read(&mut answered) => {
                let length = read?;
                let Some(message) = answered.get(..length).filter(|message| !message.is_empty()) else {
                    return Ok(());
                };
                program.write_all(message).await?;
            }
        }
    }
}

/// Ends a connection; both ends are closed when this returns.
async fn strike(
    fault: Fault,
    message: &[u8],
    mut program: UnixStream,
    mut server: UnixStream,
) -> std::io::Result<()> {
    let half = |bytes: &[u8]| bytes.get(..bytes.len() / 2).map(<[u8]>::to_vec).unwrap_or_default();
    match fault {
        Fault::CutBeforeRequest | Fault::BlackHole(_) => Ok(()),
        Fault::CutInRequest => server.write_all(&half(message)).await,
        Fault::CutUnderWay => server.write_all(message).await,
        Fault::CutBeforeReply => whole_reply(message, &mut server).await.map(drop),
        Fault::CutInReply => {
            let reply = whole_reply(message, &mut server).await?;
            program.write_all(&half(&reply)).await
        }
        Fault::CutAfterReply => {
            let reply = whole_reply(message, &mut server).await?;
            program.write_all(&reply).await
        }
        Fault::HalfOpen => {
            whole_reply(message, &mut server).await?;
            drop(server);
            // Whatever the program still says, nobody hears it and nobody answers, until it goes away.
            let mut unheard = vec![0; 1 << 16];
            while program.read(&mut unheard).await? > 0 {}
            Ok(())
        }
    }
}

async fn whole_reply(message: &[u8], server: &mut UnixStream) -> std::io::Result<Vec<u8>> {
    server.write_all(message).await?;
    let (mut reply, mut part) = (Vec::new(), vec![0; 1 << 16]);
    while !reply.ends_with(READY) {
        let length = server.read(&mut part).await?;
        if length == 0 {
            break;
        }
        reply.extend_from_slice(part.get(..length).unwrap_or_default());
    }
    Ok(reply)
}
