//! What two spellings of a header or of a sheet's name have in common, beside letters and digits.

use crate::layout::header_key;

/// The key of a header without what stands in brackets, without its number (`3. Gender`, `1) Gender`, `A. Gender`) and
/// articles, and with `&` as `and`.
pub(super) fn bare_key(header: &str) -> String {
    let text = without_brackets(unnumbered(header)).replace('&', " and ").to_lowercase();
    let words = text.split_whitespace().filter(|word| !["the", "a", "an"].contains(word));
    words.map(header_key).collect()
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let outside = text.chars().filter(|character| match character {
        '(' | '[' => {
            depth += 1;
            false
        }
        ')' | ']' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    });
    outside.collect()
}

/// A text without the number or letter that counts it: `01.`, `1)`, `2.3 `, `A.`, `iv)`, `4 -`.
fn unnumbered(text: &str) -> &str {
    let text = text.trim_start_matches(is_invisible);
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(text.len());
    let (label, rest) = text.split_at(end);
    let (inner, is_dotted) = label.strip_suffix('.').map_or((label, false), |inner| (inner, true));
    let closed = rest.trim_start().strip_prefix([')', ':', '-', '\u{2013}']);
    let after = match closed {
        Some(after) => after,
        // `1.2 Gender`: several numbers need no mark behind them.
        None if is_dotted || inner.contains('.') => rest,
        None => return after_dot(text).unwrap_or(text),
    };
    if is_a_label(inner) { after } else { after_dot(text).unwrap_or(text) }
}

/// What stands behind a number or letter and its dot, where no space does: `3.Gender`.
fn after_dot(text: &str) -> Option<&str> {
    let (label, after) = text.split_once('.')?;
    (is_a_label(label) && !label.is_empty()).then_some(after)
}

/// Whether a text counts something: numbers with dots between them, one letter, or a small Roman number.
fn is_a_label(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let is_letter = text.len() == 1 && text.chars().all(|c| c.is_ascii_alphabetic());
    let is_roman = (1..=4).contains(&text.len()) && text.chars().all(|c| "ivxIVX".contains(c));
    text.split('.').all(is_number) || is_letter || is_roman
}

/// Whether a character takes no place, or only space: a byte order mark, a non-breaking space, a zero-width joiner.
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{ad}')
}

#[cfg(test)]
mod tests {
    use super::bare_key;

    #[test]
    fn a_bare_header_has_no_brackets_and_no_number() {
        let table = [
            ("Age of Child (Years)", "ageofchild"),
            ("Date of Birth [dd/mm/yyyy]", "dateofbirth"),
            ("3. Gender", "gender"),
            ("12 months", "12months"),
            ("Matching Child & Prospective Adopters", "matchingchildandprospectiveadopters"),
            ("within the Last 12 Months (Y/N))", "withinlast12months"),
            ("Was an Initial  Conference\u{a0}held?", "wasinitialconferenceheld"),
        ];
        for (header, expected) in table {
            assert_eq!(bare_key(header), expected, "{header}");
        }
    }

    #[test]
    fn a_number_or_letter_before_a_header_is_no_part_of_it() {
        for number in [
            "1) ",
            "1)",
            "01. ",
            "01.",
            "A. ",
            "A) ",
            "a: ",
            "(1) ",
            "[a] ",
            "1 - ",
            "1: ",
            "2.3 ",
            "2.3. ",
            "2.3) ",
            "iv) ",
            "IV. ",
            "\u{feff}1) ",
            "\u{a0}1.\u{a0}",
            "1)\n",
            "12 \u{2013} ",
            "",
        ] {
            for mark in [
                "",
                "*",
                " **",
                "\u{b9}",
                " \u{2020}",
                "\u{b2}\u{b3}",
                " (1)",
                " [note 2]",
                "\n(Y/N)",
                "\u{feff}",
            ] {
                for name in ["Child Unique ID", "Child\nUnique\r\nID", "Child\u{a0}Unique\u{200b} ID"] {
                    assert_eq!(
                        bare_key(&format!("{number}{name}{mark}")),
                        "childuniqueid",
                        "{number:?} {mark:?}"
                    );
                }
            }
        }
        for (header, key) in
            [("LA of Placement", "laofplacement"), ("DOB", "dob"), ("ID", "id"), ("A", ""), ("vi", "vi")]
        {
            assert_eq!(bare_key(header), key);
        }
    }
}
