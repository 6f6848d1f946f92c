//! The benchmark program; `docs/benchmarks.md` says how to run it and what it measures.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, bail};
use caseledger_tests::bench::{self, Load, Scale};

/// As the program itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const OPTIONS: &str = "--quick, --appends, --alone, --callers N, --rounds N, --seconds N, --preload EVENTS, --snapshot SECONDS, --children N";

fn main() -> anyhow::Result<()> {
    let scale = scale(std::env::args().skip(1))?;
    let report = tokio::runtime::Runtime::new()?.block_on(bench::run(&scale))?;
    std::io::stdout().write_all(report.text.as_bytes())?;
    Ok(())
}

fn scale(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Scale> {
    let mut scale = Scale::FULL;
    while let Some(argument) = arguments.next() {
        let mut number = || number(&argument, arguments.next());
        match argument.as_str() {
            "--quick" => scale = Scale::QUICK,
            "--appends" => scale.children = 0,
            "--alone" => scale.alone = true,
            "--callers" => scale.loads = vec![Load::of(usize::try_from(number()?)?)].into(),
            "--rounds" => scale.rounds = usize::try_from(number()?)?,
            "--seconds" => scale.round = Duration::from_secs(number()?),
            "--preload" => scale.preload = number()?,
            "--snapshot" => scale.snapshot = Duration::from_secs(number()?),
            "--children" => scale.children = u32::try_from(number()?)?,
            other => bail!("{other:?} is no option of this program; it knows {OPTIONS}"),
        }
    }
    if scale.rounds == 0 || scale.round.is_zero() {
        bail!("at least one round of at least one second");
    }
    Ok(scale)
}

fn number(option: &str, value: Option<String>) -> anyhow::Result<u64> {
    let value = value.with_context(|| format!("{option} needs a number"))?;
    value.parse().with_context(|| format!("{option} needs a number, not {value:?}"))
}
