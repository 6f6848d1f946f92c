//! One normal form of identifiers, for whoever brings them in and whoever looks for them.
//!
//! Two spellings that differ only in what nobody sees or means are one identifier: case, white space,
//! invisible characters, full-width digits, and the `.0` that a spreadsheet adds to a number. Whatever
//! else differs stays different; [`likeness`] says which of these are easily mistaken for another.

use unicode_normalization::UnicodeNormalization as _;

/// The normal form: compatibility characters folded, without white space and invisible characters, ASCII letters in
/// upper case; a whole number without its decimal zeros. Empty where nothing visible stands there.
#[must_use]
pub fn normal_form(written: &str) -> String {
    let visible = written.nfkc().filter(|c| !c.is_whitespace() && !is_invisible(*c));
    let folded: String = visible.map(|c| c.to_ascii_uppercase()).collect();
    match folded.split_once('.') {
        Some((whole, zeros)) if is_digits(whole) && !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => {
            whole.to_owned()
        }
        _ => folded,
    }
}

/// What identifiers that are easily mistaken for one another have in common: letters and digits that look
/// alike, leading zeros and punctuation make no difference.
#[must_use]
pub fn likeness(written: &str) -> String {
    let normal = normal_form(written);
    let marks = normal.chars().filter(|c| c.is_alphanumeric());
    let alike: String = marks
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    alike.trim_start_matches('0').to_owned()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Characters that are there and cannot be seen: controls, joiners, marks of direction, fillers.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_nobody_means_to_differ_are_one_identifier() {
        for written in [
            "INV-0401",
            "inv-0401 ",
            "INV -0401",
            "INV-0401\u{200b}",
            "\u{feff}Inv-0401",
            "INV\u{a0}-0401",
            "ＩＮＶ-０４０１",
            "INV-\u{2060}0401",
            "INV-0401\t",
            "i\u{ad}nv-0401",
        ] {
            assert_eq!(normal_form(written), "INV-0401", "{written:?}");
        }
        for written in ["40501", "40501.0", " 40501.00", "４０５０１"] {
            assert_eq!(normal_form(written), "40501", "{written:?}");
        }
        assert_eq!(normal_form("\u{200b} \u{feff}"), "");
    }

    #[test]
    fn what_somebody_may_mean_to_differ_stays_different() {
        for (left, right) in [
            ("0401", "401"),
            ("INVO1", "INV01"),
            ("INV-1", "INV1"),
            ("405.1", "4051"),
            ("405.10", "405.1"),
            ("A.0", "A"),
            ("1.0.0", "1.0"),
        ] {
            assert_ne!(normal_form(left), normal_form(right), "{left} {right}");
        }
    }

    #[test]
    fn identifiers_that_look_alike_share_a_likeness() {
        for (left, right) in [("0401", "401"), ("INVO1", "INV01"), ("INV-1", "INV1"), ("INVl", "INV1")] {
            assert_eq!(likeness(left), likeness(right), "{left} {right}");
        }
        assert_ne!(likeness("401"), likeness("402"));
    }
}
