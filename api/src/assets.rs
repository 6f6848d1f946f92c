//! Styles, icons and the one small script, embedded in the program, so that no page asks anything of the outside.
//!
//! Each file is served under its name with a query of its hash; such an address never changes its content.

use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "assets/served"]
struct Embedded;

/// The routes under `/assets/`.
pub(crate) fn router() -> Router {
    Router::new().route("/assets/{*path}", get(serve))
}

/// The address of an embedded file, with its hash.
///
/// # Panics
/// Where no such file is embedded: a slip of the programmer, caught by every page test.
pub(crate) fn href(path: &str) -> String {
    let file = Embedded::get(path).unwrap_or_else(|| panic!("no embedded file {path}"));
    format!("/assets/{path}?{}", short_hash(&file))
}

async fn serve(Path(path): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(file) = Embedded::get(&path) else {
        return (StatusCode::NOT_FOUND, "no such asset").into_response();
    };
    let by_hash = query.is_some_and(|query| query == short_hash(&file));
    let caching = if by_hash { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
    let headers = [(header::CONTENT_TYPE, content_type(&path)), (header::CACHE_CONTROL, caching)];
    (headers, file.data.into_owned()).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// The first 8 bytes of the file's SHA-256, in hexadecimal.
fn short_hash(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
