//! What stands in a page's address, and addresses that keep it.
//!
//! Every view is an address: the same address shows the same view to whoever may see it.

use domain::journey::Basis;

use crate::asked::{Asked, Moment};
use crate::components::Problem;

/// The parameters of an address, in the order in which they stood; unknown ones are ignored.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first non-empty value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(held, _)| held == name).map(|(_, value)| value.trim());
        found.find(|value| !value.is_empty())
    }

    /// The choice that a parameter names, where it is there. Case, `_` and `-` do not matter: people write addresses by
    /// hand.
    ///
    /// # Errors
    /// A [`Problem`] that lists the choices, where the value is none of them.
    pub(super) fn choice(
        &self,
        field: &'static str,
        choices: &[&'static str],
    ) -> Result<Option<&'static str>, Problem> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let plain = |text: &str| text.to_lowercase().replace(['_', '-'], " ");
        let found = choices.iter().find(|choice| plain(choice) == plain(value));
        found.map(|choice| Some(*choice)).ok_or_else(|| Problem {
            text: format!("Unknown {field} “{value}”. Use one of: {}", choices.join(", ")),
            field: Some(field),
        })
    }

    /// The knowledge that is asked for, with what cannot be read.
    pub(super) fn asked(&self) -> (Asked, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut problem = |field: &'static str, text: &str| {
            problems.push(Problem { text: text.to_owned(), field: Some(field) });
        };
        let known_at = self.get("known-at").and_then(|text| {
            let read = Moment::parse(text);
            if read.is_none() {
                problem("known-at", "Enter the date of knowledge as year, month and day, such as 2025-06-03");
            }
            read
        });
        let basis = self.get("basis").map_or(Basis::default(), |text| {
            text.parse().unwrap_or_else(|_| {
                problem("basis", "Choose ledger, source or extract as the basis of knowledge");
                Basis::default()
            })
        });
        let as_at = self.get("as-at").and_then(|text| {
            let read = text.parse().ok().filter(|_| text.len() == 10);
            if read.is_none() {
                problem("as-at", "Enter the day of the question as year, month and day, such as 2025-06-03");
            }
            read
        });
        (Asked { known_at, basis, as_at }, problems)
    }
}

/// An address under construction.
#[derive(Clone, Debug)]
pub(super) struct Address {
    path: String,
    pairs: Vec<(&'static str, String)>,
}

impl Address {
    pub(super) fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), pairs: Vec::new() }
    }

    /// The same page with the knowledge that is asked for.
    pub(super) fn knowing(path: impl Into<String>, asked: Asked) -> Self {
        Self::new(path)
            .with("known-at", asked.known_at.map(|moment| moment.to_string()))
            .with("basis", (asked.basis != Basis::default()).then(|| asked.basis.to_string()))
            .with("as-at", asked.as_at.map(|day| day.to_string()))
    }

    pub(super) fn with(mut self, name: &'static str, value: Option<String>) -> Self {
        self.pairs.retain(|(held, _)| *held != name);
        self.pairs.extend(value.map(|value| (name, value)));
        self
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        for (at, (name, value)) in self.pairs.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}=")?;
            encode(value, f)?;
        }
        Ok(())
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 and ':'.
fn encode(value: &str, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':') {
            write!(f, "{}", char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_asked() {
        let pairs = |text: &str| {
            let pair =
                |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
            Query::new(text.split('&').filter_map(pair).collect())
        };
        let (asked, problems) = pairs("known-at=2025-06-03&basis=source&as-at=2025-06-01").asked();
        assert!(problems.is_empty());
        assert_eq!(
            Address::knowing("/children", asked).to_string(),
            "/children?known-at=2025-06-03&basis=source&as-at=2025-06-01"
        );
        let (asked, problems) = pairs("known-at=yesterday&basis=hearsay&as-at=1").asked();
        assert_eq!(asked, Asked::default());
        assert_eq!(problems.len(), 3);
        assert_eq!(Address::new("/a").with("q", Some("a b&ü".into())).to_string(), "/a?q=a%20b%26%C3%BC");
    }
}
