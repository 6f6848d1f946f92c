//! The same content for every store: about 500 bytes of JSON with nine fields, different in every event.

use uuid::Uuid;

/// Events that one stream gets before the caller begins the next; a child has about as many in two years.
pub(super) const EVENTS_A_STREAM: u32 = 20;

/// Names of the fields, ascending, as the ledger's canonical form demands.
const NAMES: [&str; 9] = [
    "allocated_to",
    "assessment",
    "chaired_by",
    "conference",
    "decided_by",
    "done_by",
    "enquiry",
    "plan_started_at_conference",
    "referral",
];

/// The fields of an invented event, names ascending.
pub(super) fn fields() -> impl Iterator<Item = (&'static str, String)> {
    let base = Uuid::new_v4().as_u128();
    NAMES
        .into_iter()
        .zip(0_u128..)
        .map(move |(name, offset)| (name, Uuid::from_u128(base ^ offset).to_string()))
}

/// The same as canonical JSON text.
pub(super) fn facts() -> String {
    let fields: Vec<String> = fields().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    format!("{{\"details\":{{{}}}}}", fields.join(","))
}

#[cfg(test)]
mod tests {
    #[test]
    fn facts_are_canonical_and_about_as_long_as_stated() {
        let facts = super::facts();
        assert_eq!(domain::canonical::check(&facts), Ok(()));
        assert!((450..=550).contains(&facts.len()), "{}", facts.len());
        assert_ne!(facts, super::facts());
    }
}
