# The whole set-up on a machine that has Rust and a package manager: `make demo` to see it, `make test` to
# check it. Both install what is missing and say what they do. `make help` lists the targets.

SHELL := /bin/sh
STEP := setup/step.sh
# The program and the tests find PostgreSQL in PATH, also when it comes from setup/postgres-wheel.sh.
WITH_POSTGRES := PATH="$$(setup/find-postgres.sh | sed 's/$$/:/')$$PATH"

.PHONY: help set-up build demo test audit bench faults
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

set-up: ## install what is missing: a C linker, PostgreSQL's server programs
	@setup/set-up.sh

build: set-up ## build the program, optimised: target/release/caseledger
	@$(STEP) "build" cargo build --release --locked

demo: build ## a synthetic authority, a sample workbook and the server; stop it with Ctrl-C
	@$(WITH_POSTGRES) exec target/release/caseledger demo

test: set-up ## format, lints, documentation and every test, warnings denied
	@$(STEP) "format" cargo fmt --all --check
	@$(STEP) "lints" cargo clippy --workspace --all-targets --locked -- -D warnings
	@RUSTDOCFLAGS="-D warnings" $(STEP) "documentation" cargo doc --workspace --no-deps --locked
	@setup/postgres-18.sh
	@$(WITH_POSTGRES) $(STEP) "tests" cargo test --workspace --locked

audit: ## licences, banned crates and sources of every dependency; advisories where they can be reached
	@setup/audit.sh

bench: ## the benchmark against its peers; figures and conditions on stdout (docs/benchmarks.md)
	@setup/set-up.sh --peers >&2
	@setup/peers.sh >&2
	@$(STEP) "build" cargo build --release --locked -p caseledger-tests --features peers --bin bench >&2
	@$(WITH_POSTGRES) target/release/bench $(BENCH)

faults: set-up ## kills, full disks, cut connections under load; tables on stdout (docs/faults.md); FAULTS=--release for more
	@$(STEP) "build" cargo build --locked -p caseledger-tests --bin faults >&2
	@$(WITH_POSTGRES) target/debug/faults $(FAULTS)
