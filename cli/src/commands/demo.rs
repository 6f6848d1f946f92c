//! `caseledger demo`: the whole thing on invented children, and three things to look at.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use ::replay::{Asked, ChildFold, Knowledge};
use anyhow::Context as _;
use api::Hosts;
use domain::clocks::{Answers, State};
use domain::ids::StreamId;
use domain::journey::{Journey, KnownAt};
use tokio::sync::watch;

use super::serve::{site, until_told};
use super::{import, synth};
use crate::arguments::{DemoArguments, ImportArguments, Reading, SynthArguments};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Format;
use crate::place::{Open, Server, clock};
use crate::terminated;

/// The public sample workbook, see `tests/fixtures/annex-a/PROVENANCE.md`.
const WORKBOOK: &[u8] = include_bytes!("../../../tests/fixtures/annex-a/Annex_A.xlsx");
/// The ledger of the synthetic authority.
const SYNTHETIC: &str = "synthetic";
/// The ledger of the sample workbook.
const SAMPLE: &str = "sample";

/// Fills two ledgers where they are not there yet, and serves both.
///
/// # Errors
/// A [`Failure`] that says what stands in the way.
pub(crate) async fn run(server: &Server, arguments: &DemoArguments) -> Result<Outcome, Failure> {
    let began = Instant::now();
    let synthetic = synthetic(server, arguments).await?;
    let sample = sample(server).await?;
    let next = SocketAddr::new(arguments.listen.ip(), arguments.listen.port() + 1);
    let (stop, stopping) = watch::channel(false);
    let first = site(&synthetic, arguments.listen, Hosts::default(), None, stopping.clone()).await?;
    let second = site(&sample, next, Hosts::default(), None, stopping).await?;
    // Before the addresses are announced: whoever reads them may stop the servers at once.
    let told = terminated();
    tell(&synthetic, arguments.listen, next, began).await?;
    if arguments.once {
        return Ok(Outcome::Done);
    }
    let both = async { tokio::try_join!(first, second).map(|_| ()) };
    until_told(server, both, told, stop).await?;
    Ok(Outcome::Done)
}

async fn synthetic(server: &Server, arguments: &DemoArguments) -> Result<Open, Failure> {
    if !server.holds(SYNTHETIC).await? {
        let until = domain::time::london_day(clock().now());
        eprintln!("inventing {} children over {} years", arguments.children, arguments.years);
        let out = server.data().join("synthetic.jsonl");
        let invented = SynthArguments {
            children: arguments.children,
            years: arguments.years,
            seed: 1,
            until,
            out: out.clone(),
        };
        synth::run(&invented)?;
        import::run(server, SYNTHETIC, &plain_import(out, None)).await?;
    }
    server.open(SYNTHETIC).await
}

async fn sample(server: &Server) -> Result<Open, Failure> {
    if !server.holds(SAMPLE).await? {
        let file = server.data().join("Annex_A.xlsx");
        write(&file)?;
        import::run(server, SAMPLE, &plain_import(file, Some("999"))).await?;
    }
    server.open(SAMPLE).await
}

fn write(file: &Path) -> Result<(), Failure> {
    std::fs::write(file, WORKBOOK)
        .with_context(|| format!("write {}", file.display()))
        .or_fail(Outcome::Fault)
}

fn plain_import(file: PathBuf, authority: Option<&str>) -> ImportArguments {
    let authority = authority.map(str::to_owned);
    ImportArguments {
        file,
        check: false,
        as_at: None,
        authority,
        another_authority: false,
        empty_lists: false,
        system: "lcs".to_owned(),
        decide: None,
        reading: Reading::default(),
        format: Format::Table,
    }
}

async fn tell(open: &Open, listen: SocketAddr, next: SocketAddr, began: Instant) -> Result<(), Failure> {
    let asked = Asked { known: KnownAt::NOW, as_at: None, now: clock().now() };
    let knowledge = open.replayer.resolve(asked).await.or_fail(Outcome::Fault)?;
    let worth =
        open.replayer.fold_children(knowledge, 2, WorthSeeing::default).await.or_fail(Outcome::Fault)?;
    eprintln!();
    eprintln!("ready after {} s; every child, worker and family is invented", began.elapsed().as_secs());
    eprintln!("  synthetic authority   http://{listen}/");
    eprintln!("  sample workbook       http://{next}/");
    eprintln!("  GraphQL               http://{listen}/graphql (try it at http://{listen}/explorer)");
    eprintln!("three things to look at:");
    eprintln!("  1. what needs attention today: http://{listen}/");
    if let Some((_, child)) = worth.amended {
        let day = a_year_before(&knowledge);
        eprintln!("  2. a journey with late entries and corrections: http://{listen}/children/{child}");
        eprintln!(
            "     and as its source knew it a year ago: http://{listen}/children/{child}?basis=source&known-at={day}"
        );
    }
    if let Some((_, child)) = worth.late {
        eprintln!("  3. a late conference, day by day (choose its clock): http://{listen}/children/{child}");
    }
    eprintln!("stop with Ctrl-C; the data stay for the next start");
    Ok(())
}

fn a_year_before(knowledge: &Knowledge) -> chrono::NaiveDate {
    knowledge.as_at.checked_sub_months(chrono::Months::new(12)).unwrap_or(knowledge.as_at)
}

/// The children whose pages show most.
#[derive(Default)]
struct WorthSeeing {
    amended: Option<(usize, StreamId)>,
    late: Option<(usize, StreamId)>,
}

impl ChildFold for WorthSeeing {
    const ASKS_MEMBERS: bool = false;

    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>) {
        let amended =
            journey.events.iter().filter(|event| event.is_corrected()).count() + journey.withdrawn.len();
        if amended > 0 {
            let score = amended * 10 + answers.clocks.len();
            self.amended = self.amended.max(Some((score, stream)));
        }
        let late = |rule: &str| {
            answers.clocks.iter().any(|clock| clock.rule.id.as_str() == rule && clock.state == State::Late)
        };
        if late("CP-04") {
            self.late = self.late.max(Some((answers.clocks.len(), stream)));
        }
    }

    fn merge(&mut self, other: Self) {
        self.amended = self.amended.max(other.amended);
        self.late = self.late.max(other.late);
    }
}
