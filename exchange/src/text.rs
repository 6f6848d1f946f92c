//! Which text of a file can be kept, the same for every reader.
//!
//! An event holds no U+0000, has its text in Unicode normal form C and has a bounded size. What cannot be kept is
//! refused where it stands, so that one cell never stops a file. A text in another normal form looks the same and
//! is the same text: it is written in form C.

use std::borrow::Cow;

use domain::canonical;

/// The longest text of one cell or element, in bytes. A handful of them fits into one event.
pub(crate) const MOST_BYTES: usize = 32 << 10;

/// How much of a text that is too long stands in the report.
const SHOWN_CHARACTERS: usize = 40;

/// A text that no event can hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotKept {
    /// What the report shows of it.
    pub(crate) shown: String,
    /// Why it is refused.
    pub(crate) reason: &'static str,
}

/// The text as events hold it.
///
/// # Errors
/// [`NotKept`] for a text that they cannot hold.
pub(crate) fn kept(text: &str) -> Result<Cow<'_, str>, NotKept> {
    if text.contains('\0') {
        let shown = short(&text.replace('\0', "\u{fffd}"));
        return Err(NotKept { shown, reason: "holds the character U+0000; take it out" });
    }
    if text.len() > MOST_BYTES {
        return Err(NotKept { shown: short(text), reason: "the text is longer than 32,768 bytes" });
    }
    Ok(canonical::normal_form(text))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_in_one_normal_form_and_refused_where_no_event_can_hold_it() {
        assert_eq!(kept("Zoë Invented").unwrap(), "Zoë Invented");
        assert_eq!(kept("Zoe\u{308} Invented").unwrap(), "Zo\u{eb} Invented");
        // Odd, but no reason to lose a value.
        assert_eq!(kept("a\u{1}b\u{ffff}c").unwrap(), "a\u{1}b\u{ffff}c");
        let nul = kept("B.\0Invented").unwrap_err();
        assert_eq!((nul.shown.as_str(), nul.reason.contains("U+0000")), ("B.\u{fffd}Invented", true));
        assert!(kept(&"x".repeat(MOST_BYTES)).is_ok());
        let long = kept(&"x".repeat(MOST_BYTES + 1)).unwrap_err();
        assert_eq!(long.shown.chars().count(), 41);
    }
}
