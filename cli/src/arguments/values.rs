//! Values of options, read from their text.

use chrono::{DateTime, NaiveDate, Utc};
use domain::journey::Basis;
use domain::time::end_of_london_day;

/// Reads the name of a ledger.
pub(crate) fn ledger_name(text: &str) -> Result<String, String> {
    let fits = !text.is_empty()
        && text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits {
        Ok(text.to_owned())
    } else {
        Err("a small letter, then small letters, digits and '_', 40 at most".to_owned())
    }
}

/// Reads a civil day.
pub(crate) fn day(text: &str) -> Result<NaiveDate, String> {
    let read = (text.len() == 10).then(|| text.parse().ok()).flatten();
    read.ok_or_else(|| "write year, month and day, such as 2024-05-01".to_owned())
}

/// Reads an address to listen on.
pub(crate) fn address(text: &str) -> Result<std::net::SocketAddr, String> {
    text.parse().map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:8080".to_owned())
}

/// Reads a moment of knowledge; a day counts to its end.
pub(crate) fn known_at(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(end_of_london_day(day));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.with_timezone(&Utc))
        .map_err(|_| "write a day such as 2024-05-01, or an instant such as 2024-05-01T09:30:00Z".to_owned())
}

/// Reads a basis of knowledge.
pub(crate) fn basis(text: &str) -> Result<Basis, String> {
    text.parse().map_err(|unknown: domain::journey::UnknownBasis| unknown.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_knowledge_counts_to_its_end_in_london() {
        assert_eq!(known_at("2022-09-15").unwrap().to_rfc3339(), "2022-09-15T22:59:59.999999+00:00");
        assert_eq!(known_at("2022-01-15").unwrap().to_rfc3339(), "2022-01-15T23:59:59.999999+00:00");
        assert!(known_at("15/09/2022").is_err());
    }
}
