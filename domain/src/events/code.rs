//! A code of a return or a local list, as it may stand in facts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A code such as `N1`, `1A` or `WBRI`: 1 to 32 of ASCII letters, digits, `_`, `-` and `.`.
///
/// The narrow alphabet keeps narrative out of facts; what does not fit is sealed as raw text instead.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(with = "String")]
pub struct Code(Box<str>);

/// A text that cannot be a code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "not a code: 1 to 32 of ASCII letters, digits, '_', '-' and '.' are read; put other text into a sealed field"
)]
pub struct NotACode;

impl Code {
    /// Reads a code.
    ///
    /// # Errors
    /// [`NotACode`] where the text is empty, longer than 32, or has another character. The text itself is not
    /// repeated, because it may identify somebody.
    pub fn try_new(text: &str) -> Result<Self, NotACode> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(allowed);
        if fits { Ok(Self(text.into())) } else { Err(NotACode) }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code({})", self.0)
    }
}

impl FromStr for Code {
    type Err = NotACode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0.into()
    }
}

impl TryFrom<String> for Code {
    type Error = NotACode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::try_new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrative_is_no_code() {
        for text in ["N1", "1A", "WBRI", "full_time", "E4A", "10.B"] {
            assert_eq!(Code::try_new(text).unwrap().as_str(), text);
        }
        for text in ["", "N1 - Abuse", "é", "a\u{a0}b", "x".repeat(33).as_str()] {
            assert_eq!(Code::try_new(text), Err(NotACode));
        }
    }
}
