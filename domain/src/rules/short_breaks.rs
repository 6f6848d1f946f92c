//! What a series of short breaks is, told once for clocks and figures.
//!
//! A period of care is one where it began so: by its legal status or by its first placement. It is one no more from the day
//! of another legal status on, such as an order. Regulation 48 of the Care Planning, Placement and Case Review (England)
//! Regulations 2010; SSDA903, legal status V3 and V4 (not verified).

use std::sync::LazyLock;

use super::{Condition, EventMatch, Standing};
use crate::events::Kind;

/// The legal statuses of a series of short breaks.
const STATUSES: [&str; 2] = ["V3", "V4"];

/// What begins, marks and ends a series of short breaks.
#[derive(Debug)]
pub struct ShortBreaks {
    /// With what a period of care that is one begins: its legal status, or a placement that is one of a series.
    pub beginnings: Vec<EventMatch>,
    /// The legal status as it stands.
    pub status: Standing,
    /// A placement that is one of a series.
    pub placement: EventMatch,
    /// Another legal status: from it on the child is in care as any other.
    pub care: EventMatch,
}

impl ShortBreaks {
    /// The one definition.
    #[must_use]
    pub fn definition() -> &'static Self {
        static DEFINITION: LazyLock<ShortBreaks> = LazyLock::new(ShortBreaks::new);
        &DEFINITION
    }

    fn new() -> Self {
        let statuses = || toml::Value::from(STATUSES.to_vec());
        let others = toml::Value::from(toml::Table::from_iter([("none_of".to_owned(), statuses())]));
        let changed = Kind::LegalStatusChanged;
        let status = vec![
            matching(Kind::BecameLookedAfter, "legal_status", statuses()),
            matching(changed, "status", statuses()),
        ];
        let placement = matching(Kind::PlacementStarted, "short_break", true.into());
        Self {
            beginnings: status.iter().cloned().chain([placement.clone()]).collect(),
            status: Standing(status),
            placement,
            care: matching(changed, "status", others),
        }
    }
}

fn matching(kind: Kind, field: &str, value: toml::Value) -> EventMatch {
    let condition = Condition::read(kind, field, value).expect("the kind has the field, of this shape");
    EventMatch { conditions: vec![condition], ..EventMatch::of_kind(kind) }
}
