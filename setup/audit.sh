#!/bin/sh
# Licences, banned crates and sources of every locked dependency (deny.toml); these decide the exit code.
# Known advisories are reported where their database can be reached, and fail the audit only then.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/say.sh"

if ! command -v cargo-deny >/dev/null; then
    say "installing cargo-deny"
    cargo install --locked --quiet cargo-deny
    PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
fi
say "licences, bans, sources"
cargo deny --locked --workspace check --hide-inclusion-graph licenses bans sources
say "advisories"
if cargo deny --locked --workspace fetch db 2>/dev/null; then
    cargo deny --locked --workspace check --disable-fetch advisories
else
    say "advisories NOT checked: their database (github.com/rustsec/advisory-db) cannot be reached from here"
fi
