//! The measure of an import: binary COPY of the very same rows into a table with the same indexes and checks.

use std::io::{Read as _, Seek as _, Write as _};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use tokio_postgres::Client;

const TABLE: &str = "CREATE SCHEMA copied; CREATE TABLE copied.events (LIKE caseledger.events INCLUDING ALL)";
const OUT: &str = "COPY caseledger.events TO STDOUT (FORMAT binary)";
const IN: &str = "COPY copied.events FROM STDIN (FORMAT binary)";

/// Bytes sent to the server at once.
const PIECE: usize = 1 << 18;

/// Copies a ledger's events into a table beside them; rows, and how long the copying in took, commit included.
pub(super) async fn copy_beside(admin: &Client) -> anyhow::Result<(u64, Duration)> {
    let mut file = tempfile::tempfile()?;
    let mut rows = std::pin::pin!(admin.copy_out(OUT).await?);
    while let Some(row) = rows.next().await {
        file.write_all(&row?)?;
    }
    admin.batch_execute(TABLE).await?;
    admin.batch_execute("CHECKPOINT").await?;
    file.rewind()?;
    let began = Instant::now();
    let mut sink = std::pin::pin!(admin.copy_in::<_, Bytes>(IN).await?);
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        if (&mut file).take(PIECE as u64).read_to_end(&mut piece)? == 0 {
            break;
        }
        sink.feed(piece.into()).await?;
    }
    let copied = sink.finish().await?;
    Ok((copied, began.elapsed()))
}
