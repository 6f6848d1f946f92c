#!/bin/sh
# Prints the folder that holds PostgreSQL's server programs, or fails silently if there is none.
# Looks where the program itself looks: CASELEDGER_PG_BIN, PATH, Debian's and Red Hat's versioned folders
# (newest first), then the folder into which setup/postgres-wheel.sh unpacks.
set -eu

is_complete() { [ -x "$1/postgres" ] && [ -x "$1/initdb" ]; }

wheel_folder() { echo "${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}/caseledger-postgresql/bin"; }

if [ -n "${CASELEDGER_PG_BIN:-}" ]; then
    is_complete "$CASELEDGER_PG_BIN" && echo "$CASELEDGER_PG_BIN" && exit 0
    exit 1
fi
in_path=$(command -v postgres || true)
versioned=$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* 2>/dev/null | sort -Vr || true)
for folder in ${in_path:+"$(dirname "$(readlink -f "$in_path")")"} $versioned "$(wheel_folder)"; do
    if is_complete "$folder"; then
        echo "$folder"
        exit 0
    fi
done
exit 1
