#!/bin/sh
# Fetches the benchmark's peers that are no crates into target/peers: the SQL of message-db (an npm package) and the
# server of UmaDB (a Python wheel). What cannot be fetched is said, and the benchmark leaves it out.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/say.sh"
peers=$(cd "$here/.." && pwd)/target/peers
message_db=1.3.1
umadb=0.7.8

fetch_message_db() {
    if [ -e "$peers/package/database/VERSION.txt" ]; then return; fi
    command -v npm >/dev/null || { say "no npm: message-db is left out"; return; }
    say "npm pack @eventide/message-db@$message_db"
    (cd "$peers" && npm pack --silent "@eventide/message-db@$message_db" >/dev/null && tar -xzf eventide-message-db-*.tgz) ||
        say "message-db cannot be fetched: it is left out"
}

fetch_umadb() {
    if [ -x "$peers/venv/bin/umadb" ]; then return; fi
    command -v python3 >/dev/null || { say "no python3: UmaDB is left out"; return; }
    say "pip install umadb==$umadb"
    { python3 -m venv "$peers/venv" && "$peers/venv/bin/pip" install --quiet --only-binary :all: "umadb==$umadb"; } ||
        say "UmaDB cannot be fetched: it is left out"
}

mkdir -p "$peers"
fetch_message_db
fetch_umadb
