//! Connections: taken, answered and let go. Nobody who connects can keep what others need: heads of requests, silence and
//! reading of answers have limits of time, and connections a limit of number.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tokio_io_timeout::TimeoutStream;

/// Connections at once; more wait in the queue of the operating system.
const CONNECTIONS: usize = 512;

/// How long the head of a request may take, and a connection be silent between two requests.
const HEAD_LIMIT: Duration = Duration::from_secs(15);

/// How long somebody who gets an answer may take nothing of it.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// How long to wait where the operating system has no room for another connection.
const NO_ROOM: Duration = Duration::from_millis(200);

/// Answers whoever connects until `shutdown` resolves; requests that are under way are finished.
pub(crate) async fn answer(routes: Router, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) {
    let (room, graceful) = (Arc::new(Semaphore::new(CONNECTIONS)), GracefulShutdown::new());
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (stream, place) = accepted(&listener, &room) => answer_one(stream, place, routes.clone(), &graceful),
        }
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection, once there is room for it. A connection that fails while it is taken is the client's affair.
async fn accepted(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    let place = Arc::clone(room).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, place),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be taken just now; trying again");
                sleep(NO_ROOM).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

/// Answers one connection on a task of its own: a panic there ends this connection and nothing else.
fn answer_one(
    stream: TcpStream,
    place: Option<OwnedSemaphorePermit>,
    routes: Router,
    graceful: &GracefulShutdown,
) {
    // Small answers are not held back for more.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_LIMIT));
    let service = TowerToHyperService::new(routes.into_service::<hyper::body::Incoming>());
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    let connection = builder.serve_connection(TokioIo::new(Box::pin(stream)), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
        drop(place);
    });
}
