//! The log for those who follow it with tools of their own: C2SP `tlog-tiles` below `/log/`, read-only.
//!
//! Nothing here names a child: entries are leaves, which hold commitments only. Full tiles never change and say so to
//! caches; the checkpoint always changes.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::ids::Position;
use ledger::Ledger;
use ledger::notes::to_base64;
use ledger::proof::{Checkpoint, ProofFault, TILE_WIDTH, TilePath};

const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const NEVER: &str = "no-store";

/// The routes of a ledger's log.
pub(crate) fn router(ledger: Ledger) -> Router {
    Router::new()
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/tile/{*place}", get(tile))
        .route("/log/proof/{position}", get(proof))
        .with_state(ledger)
}

async fn checkpoint(State(ledger): State<Ledger>) -> Response {
    match ledger.checkpoint().await {
        Ok(Some(note)) => file(TEXT, NEVER, note.into_bytes()),
        Ok(None) => not_found("this log has no signed checkpoint yet\n"),
        Err(fault) => failed(&fault),
    }
}

async fn tile(State(ledger): State<Ledger>, Path(place): Path<String>) -> Response {
    let Some(path) = TilePath::parse(&format!("tile/{place}")) else {
        return not_found("no tile has such a path; see https://c2sp.org/tlog-tiles\n");
    };
    match ledger.tile(path).await {
        Ok(Some(bytes)) if path.width == TILE_WIDTH => file(BYTES, FOR_EVER, bytes),
        Ok(Some(bytes)) => file(BYTES, NEVER, bytes),
        Ok(None) => not_found("the log does not reach so far yet\n"),
        Err(fault) => failed(&fault),
    }
}

/// The proof that a position stands in the newest checkpoint, as C2SP `tlog-proof`.
async fn proof(State(ledger): State<Ledger>, Path(position): Path<u64>) -> Response {
    match tlog_proof(&ledger, Position(position)).await {
        Ok(Some(proof)) => file(TEXT, NEVER, proof.into_bytes()),
        Ok(None) => not_found("no checkpoint covers this position; a new one is signed within a second\n"),
        Err(fault) => failed(&fault),
    }
}

async fn tlog_proof(ledger: &Ledger, position: Position) -> Result<Option<String>, ProofFault> {
    let Some(note) = ledger.checkpoint().await? else { return Ok(None) };
    let size = Checkpoint::of_note(&note).map_or(0, |(checkpoint, _)| checkpoint.tree_size);
    if !(1..=size).contains(&position.0) {
        return Ok(None);
    }
    let proof = ledger.inclusion(position, size).await?;
    let hashes: String = proof.path.iter().map(|hash| to_base64(hash) + "\n").collect();
    Ok(Some(format!("c2sp.org/tlog-proof@v1\nindex {}\n{hashes}\n{note}", proof.index)))
}

fn file(kind: &'static str, cache: &'static str, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    (headers, bytes).into_response()
}

fn not_found(why: &'static str) -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, NEVER)], why).into_response()
}

fn failed(fault: &ProofFault) -> Response {
    tracing::error!(error = fault as &dyn std::error::Error, "the log cannot be served");
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CACHE_CONTROL, NEVER)], "the log cannot be read\n")
        .into_response()
}
