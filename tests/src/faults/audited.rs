//! The room that checks ledgers looks at what the faults left, as an auditor would who holds the callers' receipts.
//!
//! It shares no code with the ledger nor with the oracle. Invariant: it is given every receipt of every acknowledged event.

use anyhow::{Context as _, ensure};
use ledger::Options;
use verify::{DatabaseQuestion, Key, Receipt, Report};

use super::oracle::Oracle;
use super::place::Place;

/// What the check of a whole ledger against all receipts gave.
pub(super) struct Audited {
    pub(super) report: Report,
    receipts: u64,
}

impl Audited {
    /// Checks a ledger from its first position, with all its checkpoints, the proof folder and all receipts.
    pub(super) async fn of(place: &Place, oracle: &Oracle) -> anyhow::Result<Self> {
        let ledger = place.open("audited", Options::default()).await?.id();
        let lines = oracle.receipt_lines(&ledger.to_string());
        let receipts = Receipt::read_lines(&lines)?;
        let given = receipts.len() as u64;
        let key = Key::parse(&place.verifier()?.to_string()).context("the log's key")?;
        let question = DatabaseQuestion {
            examples: 3,
            receipts,
            trusted: vec![key],
            proof_folder: Some(place.proof.clone()),
            every: true,
            ..DatabaseQuestion::default()
        };
        let (report, _) = verify::verify_database(&place.config("caseledger_appender"), &question).await?;
        ensure!(given > 0, "no receipt was given");
        Ok(Self { report, receipts: given })
    }

    /// Whether nothing is wrong, and every receipt was compared. A short cycle may end before anything is signed.
    pub(super) fn is_clean(&self) -> bool {
        self.report.findings.is_clean() && self.report.receipts == self.receipts
    }

    /// For a cell of a table.
    pub(super) fn words(&self) -> String {
        let Report { events, receipts, checkpoints, findings, .. } = &self.report;
        match findings.first() {
            None if self.is_clean() => {
                format!("clean: {events} events, {receipts} receipts, {} checkpoints", checkpoints.len())
            }
            None => {
                let given = self.receipts;
                format!("{receipts} of {given} receipts compared")
            }
            Some(first) => first.to_string(),
        }
    }
}
