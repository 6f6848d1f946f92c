# Sourced by the other scripts: one line for each thing that is done, and one for each thing that stops it.
say() { printf '==> %s\n' "$*"; }
give_up() {
    printf '==> stopped: %s\n' "$1" >&2
    shift
    for line in "$@"; do printf '    %s\n' "$line" >&2; done
    exit 1
}
