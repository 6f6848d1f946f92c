//! The fault campaigns; `docs/faults.md` says how to run them and what they found.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use caseledger_tests::faults::{self, CAMPAIGNS, Scale, Setting};

const USAGE: &str = "options: --short, --campaign (the default), --release, --seed NUMBER, --only NAME";

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some((first, rest)) = arguments.split_first()
        && first == "inside"
    {
        runtime.block_on(faults::inside::run(rest))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = runtime.block_on(faults::run(&setting(&arguments)?))?;
    std::io::stdout().write_all(report.text.as_bytes())?;
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn setting(arguments: &[String]) -> anyhow::Result<Setting> {
    let program = std::env::current_exe()?;
    let mut setting = Setting { scale: Scale::CAMPAIGN, seed: some_seed()?, program, only: Vec::new() };
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        match argument {
            "--short" => setting.scale = Scale::SHORT,
            "--campaign" => setting.scale = Scale::CAMPAIGN,
            "--release" => setting.scale = Scale::RELEASE,
            "--seed" => setting.seed = arguments.next().context(USAGE)?.parse().context("--seed")?,
            "--only" => setting.only.push(arguments.next().context(USAGE)?.to_owned()),
            other => bail!("{other:?} is no option of this program; {USAGE}"),
        }
    }
    if let Some(unknown) = setting.only.iter().find(|only| !CAMPAIGNS.contains(&only.as_str())) {
        bail!("{unknown:?} is no campaign; there are {}", CAMPAIGNS.join(", "));
    }
    Ok(setting)
}

fn some_seed() -> anyhow::Result<u64> {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    Ok(high ^ low)
}
