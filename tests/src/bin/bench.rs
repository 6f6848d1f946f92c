//! The benchmark program; `docs/benchmarks.md` says how to run it and what it measures.

use std::io::Write as _;

use anyhow::bail;
use caseledger_tests::bench::{self, Scale};

fn main() -> anyhow::Result<()> {
    let scale = scale(std::env::args().skip(1))?;
    let report = tokio::runtime::Runtime::new()?.block_on(bench::run(&scale))?;
    std::io::stdout().write_all(report.text.as_bytes())?;
    Ok(())
}

fn scale(arguments: impl Iterator<Item = String>) -> anyhow::Result<Scale> {
    let mut scale = Scale::FULL;
    for argument in arguments {
        match argument.as_str() {
            "--quick" => scale = Scale::QUICK,
            other => bail!("{other:?} is no option of this program; it knows --quick"),
        }
    }
    Ok(scale)
}
