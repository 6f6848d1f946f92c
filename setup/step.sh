#!/bin/sh
# Runs one step of a make target: prints its name before and its duration after.
#   setup/step.sh "NAME" COMMAND [ARGUMENT ...]
set -eu
. "$(dirname "$0")/say.sh"

name=$1
shift
say "$name: $*"
began=$(date +%s)
"$@" </dev/null || give_up "$name failed after $(($(date +%s) - began)) s"
say "$name: done in $(($(date +%s) - began)) s"
