//! Numbers and digests in facts, as text of a closed form: facts hold no floating-point numbers.

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! closed_text {
    ($(#[$doc:meta])* $name:ident, $fault:ident, $message:literal, $pattern:literal, $fits:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(into = "String", try_from = "String")]
        #[schemars(with = "String", extend("pattern" = $pattern))]
        pub struct $name(Box<str>);

        /// A text of another form.
        #[derive(Clone, Debug, PartialEq, Eq, Error)]
        #[error($message)]
        pub struct $fault;

        impl $name {
            /// The form of the text, as it stands in JSON schemas.
            pub const PATTERN: &'static str = $pattern;

            /// Reads the text.
            ///
            /// # Errors
            /// Where it has another form; the text itself is not repeated.
            pub fn try_new(text: &str) -> Result<Self, $fault> {
                let fits: fn(&str) -> bool = $fits;
                if fits(text) { Ok(Self(text.into())) } else { Err($fault) }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $fault;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::try_new(&text)
            }
        }
    };
}

closed_text! {
    /// A decimal number such as `95`, `-0.5` or `22.58`: at most 24 characters, no leading zeros, no exponent.
    DecimalText, NotADecimal,
    "not a decimal: an optional '-', digits without leading zeros, and at most one '.' with digits after it are read",
    "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$", is_decimal
}

closed_text! {
    /// A SHA-256 digest: 64 lower-case hexadecimal digits.
    DigestText, NotADigest, "not a digest: 64 lower-case hexadecimal digits are read", "^[0-9a-f]{64}$", is_digest
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) =
        unsigned.split_once('.').map_or((unsigned, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 24 && digits(whole) && (whole == "0" || !whole.starts_with('0')) && part.is_none_or(digits)
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimals_and_digests_are_read() {
        for text in ["0", "95", "-0.5", "22.58", "100000000000000000000000"] {
            assert_eq!(DecimalText::try_new(text).unwrap().as_str(), text);
        }
        for text in ["", "-", ".5", "5.", "05", "1e3", "1,5", "NaN", "1000000000000000000000000"] {
            assert_eq!(DecimalText::try_new(text), Err(NotADecimal), "{text}");
        }
        assert!(DigestText::try_new(&"0f".repeat(32)).is_ok());
        for text in ["", "0f", "0F".repeat(32).as_str(), "0g".repeat(32).as_str()] {
            assert_eq!(DigestText::try_new(text), Err(NotADigest), "{text}");
        }
    }
}
