//! Under which names the server answers.
//!
//! A web page elsewhere can have its own name resolve to this machine, and its scripts then read answers as if they were
//! its own (DNS rebinding). Such a request carries that name. So a server without sign-in answers to addresses, to
//! `localhost`, and to the names that its operator gave, and to nothing else.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// The names beside addresses and `localhost`.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    names: Arc<[String]>,
}

impl Hosts {
    /// These names too, without ports; letters in either case.
    pub fn named(names: &[String]) -> Self {
        Self { names: names.iter().map(|name| name.to_ascii_lowercase()).collect() }
    }

    fn answers_to(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = authority.host().to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let is_address = bare.parse::<Ipv4Addr>().is_ok() || bare.parse::<Ipv6Addr>().is_ok();
        let is_ours = name == "localhost" || self.names.contains(&name);
        // `user@host` is no way to write a Host.
        !host.contains('@') && (is_address || is_ours)
    }
}

/// Middleware: a request to another name is refused, before anything looks at it.
pub(crate) async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = named.next().and_then(|host| host.to_str().ok());
    let one = named.next().is_none();
    match host {
        Some(host) if one && hosts.answers_to(host) => next.run(request).await,
        Some(_) | None => refused(),
    }
}

fn refused() -> Response {
    let text = "this server does not answer to that name: ask by address or localhost, or start it with --host NAME\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_own_names_are_answered_and_no_other() {
        let hosts = Hosts::named(&["Ledger.Example".to_owned()]);
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1",
            "127.0.0.1:8080",
            "10.1.2.3",
            "[::1]:8080",
            "ledger.example",
            "LEDGER.example:443",
        ] {
            assert!(hosts.answers_to(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "x@localhost",
            "evil.example@127.0.0.1",
            "ledger.example.",
            "a b",
            "localhost/",
            "1.2.3.4.5",
        ] {
            assert!(!hosts.answers_to(host), "{host}");
        }
        assert!(!Hosts::default().answers_to("ledger.example"));
    }
}
