//! The negative control: with acknowledgements that are not flushed the oracle must find losses, or it finds none
//! because it cannot.
//!
//! The ledger insists on `synchronous_commit = on` in its own sessions; only the proxy, which changes those words
//! on their way, can take that from it. What is lost then is what PostgreSQL had not yet written when it was killed.

use std::time::Duration;

use tokio::time::sleep;

use super::Setting;
use super::answer::Said;
use super::audited::Audited;
use super::kill::{is_acknowledged, start, wait_for_sessions_to_end};
use super::oracle::{Findings, Oracle};
use super::place::Place;
use super::prng::Prng;
use super::proxy::Proxy;
use super::report::{FINDINGS, Report, counts};
use super::server::{Folders, Server};

/// As the ledger says it, and as PostgreSQL hears it from the proxy.
const CARELESS: [&str; 2] = ["synchronous_commit = on", "synchronous_commit =off"];
/// Nothing is written before somebody waits for it, as far as PostgreSQL lets one choose.
const LAZY: [&str; 3] = ["synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB"];
const LONG: Duration = Duration::from_secs(30);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Control {
    Careless,
    Insisting,
    Durable,
}

impl Control {
    const ALL: [Self; 3] = [Self::Careless, Self::Insisting, Self::Durable];

    fn name(self) -> &'static str {
        match self {
            Self::Careless => "server off, the ledger's `on` turned into `off` on its way",
            Self::Insisting => "server off, the ledger's `on` left alone",
            Self::Durable => "server on, through the same proxy",
        }
    }

    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Careless | Self::Insisting => &LAZY,
            Self::Durable => &[],
        }
    }

    fn words(self) -> Option<[&'static str; 2]> {
        (self == Self::Careless).then_some(CARELESS)
    }
}

#[derive(Default)]
struct Outcome {
    acknowledged: u64,
    cycles_with_loss: u32,
    noticed: u32,
    /// Of how many cycles the check of the ledger with all receipts says that nothing is wrong.
    verified: u32,
    /// Of how many cycles with a loss it says so.
    missed: u32,
    /// What it says of the others.
    damage: Vec<String>,
    findings: Findings,
}

/// Runs the control that must lose, and the two that must not.
pub(super) async fn measure(setting: &Setting, report: &mut Report) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for control in Control::ALL {
        super::tell(&format!("control: {}", control.name()));
        let outcome = run(setting, control).await?;
        let mut row = vec![control.name().to_owned(), setting.scale.controls.to_string()];
        row.push(outcome.acknowledged.to_string());
        row.extend(counts(&outcome.findings));
        let cycles = [outcome.cycles_with_loss, outcome.verified, outcome.noticed];
        row.extend(cycles.map(|count| count.to_string()));
        rows.push(row);
        match control {
            Control::Careless => {
                let all = outcome.cycles_with_loss == setting.scale.controls;
                report.expect(all, "the oracle found no loss where acknowledgements were not flushed");
                report.expect(outcome.missed == 0, "verify called a log clean that had lost its end");
                let noticed = outcome.noticed == setting.scale.controls;
                report.expect(noticed, "a running program went on with a log that had lost its end");
            }
            Control::Insisting | Control::Durable => {
                report.expect_clean(control.name(), &outcome.findings);
                let all = outcome.verified == setting.scale.controls;
                let damage = outcome.damage.join("; ");
                report.expect(all, format!("{}: verify says {damage}", control.name()));
            }
        }
    }
    let mut columns = vec!["synchronous_commit", "kills of PostgreSQL", "commands acknowledged"];
    columns.extend(FINDINGS);
    columns.extend(["kills with loss", "verified as clean", "noticed by the running program"]);
    report.table("Negative control", &columns, &rows);
    Ok(())
}

async fn run(setting: &Setting, control: Control) -> anyhow::Result<Outcome> {
    let mut server = Server::make(Folders::fresh()?, control.settings()).await?;
    let proxy = Proxy::start(&server.folders().root, "proxy", control.words())?;
    let mut chance = Prng::of(setting.seed, control.name());
    let mut outcome = Outcome::default();
    for cycle in 0..setting.scale.controls {
        let place = Place::make(&server, &format!("control_{cycle}")).await?;
        // The ledger itself is there: only what comes now may be lost.
        server.admin("postgres").await?.batch_execute("CHECKPOINT").await?;
        let (run, replaced) = (chance.next(), proxy.replaced());
        let through = place.through(proxy.folder());
        let mut child = start(&setting.program, &through, run, setting.scale.callers)?;
        child.wait_for(is_acknowledged, LONG).await?;
        sleep(Duration::from_millis(chance.between(50, 300))).await;
        server.kill()?;
        server.start().await?;
        let is_refused = |said: &(_, Said)| matches!(said.1, Said::Refused(..));
        let said = match control {
            Control::Careless => {
                anyhow::ensure!(proxy.replaced() > replaced, "the proxy changed nothing");
                outcome.noticed += u32::from(child.wait_for(is_refused, LONG).await.is_ok());
                child.stop()?
            }
            Control::Insisting | Control::Durable => {
                let up = std::time::Instant::now();
                child.wait_for(|said| said.0 > up && is_acknowledged(said), LONG).await?;
                child.stop()?
            }
        };
        let admin = place.admin().await?;
        wait_for_sessions_to_end(&admin, run).await?;
        let mut oracle = Oracle::new(place.verifier()?);
        for (_, said) in said {
            if let Said::Acknowledged(asked, answer) = said {
                oracle.acknowledge(asked, answer);
            }
        }
        oracle.look(&admin).await?;
        outcome.acknowledged += oracle.acknowledged().0;
        let audited = Audited::of(&place, &oracle).await?;
        if audited.is_clean() {
            outcome.verified += 1;
            outcome.missed += u32::from(oracle.findings().lost > 0);
        } else {
            outcome.damage.push(audited.words());
        }
        outcome.cycles_with_loss += u32::from(oracle.findings().lost > 0);
        outcome.findings.add(oracle.findings());
    }
    Ok(outcome)
}
