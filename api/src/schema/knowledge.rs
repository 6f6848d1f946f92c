//! What every answer says about the knowledge that it rests on.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::failure::of_reading;
use super::scalars::{Date, Position};
use crate::asked;
use crate::reading::Covered;
use crate::state::AppState;

/// According to whom something was known.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// When the ledger recorded it: proved, never back-dated.
    #[default]
    Ledger,
    /// When the source system states that it was entered; where it states nothing, as for `EXTRACT`.
    Source,
    /// The date of the file that held it: the latest possible.
    Extract,
}

impl From<Basis> for domain::journey::Basis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::Ledger => Self::Ledger,
            Basis::Source => Self::Source,
            Basis::Extract => Self::Extract,
        }
    }
}

impl From<domain::journey::Basis> for Basis {
    fn from(basis: domain::journey::Basis) -> Self {
        match basis {
            domain::journey::Basis::Ledger => Self::Ledger,
            domain::journey::Basis::Source => Self::Source,
            domain::journey::Basis::Extract => Self::Extract,
        }
    }
}

/// The knowledge that an answer rests on. Cite it with the answer.
#[derive(SimpleObject, Clone, Debug)]
pub(super) struct Knowledge {
    /// According to whom.
    basis: Basis,
    /// Up to and including this instant; null means all that the ledger holds.
    known_at: Option<DateTime<Utc>>,
    /// The day that the answer is about.
    as_at: Date,
    /// The ledger.
    ledger: Uuid,
    /// Its epoch.
    epoch: u32,
    /// The last position that may count; "0" where the ledger had not begun.
    resolved_position: Position,
    /// Whether later recording can still change the answer.
    provisional: bool,
    /// When the ledger began: earlier knowledge is only what sources claim.
    ledger_began: DateTime<Utc>,
    /// The day whose knowledge of bank holidays counts.
    calendar_known_at: Date,
    /// The versions of rules behind the clocks of the answer, such as `CP-04 2018`; empty where it has no clocks.
    rule_versions: Vec<String>,
}

impl Knowledge {
    pub(super) fn of(knowledge: &asked::Knowledge, rule_versions: Vec<String>) -> Self {
        Self {
            basis: knowledge.asked.basis.into(),
            known_at: knowledge.resolved.known.until,
            as_at: Date(knowledge.as_at()),
            ledger: knowledge.ledger.id.as_uuid(),
            epoch: knowledge.resolved.epoch,
            resolved_position: Position(knowledge.position()),
            provisional: knowledge.is_provisional(),
            ledger_began: knowledge.ledger.began,
            calendar_known_at: Date(knowledge.resolved.calendar_known.date()),
            rule_versions,
        }
    }
}

/// Each rule version once, in order of rule and version.
pub(super) fn versions<'a>(of: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let names: std::collections::BTreeSet<String> =
        of.map(|(rule, version)| format!("{rule} {version}")).collect();
    names.into_iter().collect()
}

/// The ledger and its head.
pub(super) struct LedgerAnswer(pub(super) asked::Knowledge);

/// The ledger and its head.
#[Object(name = "Ledger")]
impl LedgerAnswer {
    /// Its id.
    async fn id(&self) -> Uuid {
        self.0.ledger.id.as_uuid()
    }

    /// Its epoch, from 1; a new epoch follows a restore.
    async fn epoch(&self) -> u32 {
        self.0.ledger.epoch
    }

    /// Code of the authority.
    async fn authority(&self) -> &str {
        &self.0.ledger.authority
    }

    /// When its first event was recorded.
    async fn began(&self) -> DateTime<Utc> {
        self.0.ledger.began
    }

    /// Position of the last event.
    async fn head(&self) -> Position {
        Position(self.0.ledger.head)
    }

    /// Position of the last event that the newest signed head covers; null where nothing is signed.
    async fn signed_up_to(&self, context: &Context<'_>) -> Result<Option<Position>> {
        Ok(covered(context).await?.signed.map(position))
    }

    /// Position of the last event that enough witnesses countersigned, "0" where there is none yet; null where this server
    /// asks no witnesses.
    async fn witnessed_up_to(&self, context: &Context<'_>) -> Result<Option<Position>> {
        Ok(covered(context).await?.witnessed.map(position))
    }

    /// When the last event was recorded.
    async fn head_recorded_at(&self) -> DateTime<Utc> {
        self.0.ledger.head_recorded_at
    }

    /// How the moment that was asked about resolves.
    async fn knowledge(&self) -> Knowledge {
        Knowledge::of(&self.0, Vec::new())
    }
}

async fn covered(context: &Context<'_>) -> Result<Covered> {
    let state = context.data::<AppState>()?;
    state.reading.covered((state.now)()).await.map_err(of_reading)
}

fn position(size: u64) -> Position {
    Position(domain::ids::Position(size))
}
