//! Takes the values out of a parser's message: a message may go to a log, a value may name somebody.

use domain::events::Code;

/// The message with everything between double quotes left out, and between backticks unless it is a code.
pub(super) fn without_values(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(['"', '`']) {
        let (before, quoted) = rest.split_at(at);
        out.push_str(before);
        let (inside, after) = split_quoted(quoted);
        out.push_str(&shown(quoted, inside));
        rest = after;
    }
    out.push_str(rest);
    without_place(&out).to_owned()
}

/// What stands inside the quotes that `text` opens with, and what follows them.
fn split_quoted(text: &str) -> (&str, &str) {
    let quote = text.chars().next().unwrap_or('"');
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !escaped {
            return (text.get(1..at).unwrap_or(""), text.get(at + 1..).unwrap_or(""));
        }
        escaped = character == '\\' && !escaped;
    }
    (text.get(1..).unwrap_or(""), "")
}

fn shown(quoted: &str, inside: &str) -> String {
    let is_name = quoted.starts_with('`') && Code::try_new(inside).is_ok();
    if is_name { format!("`{inside}`") } else { "…".to_owned() }
}

/// The reader's own place is left out: the column is told apart from the message.
fn without_place(message: &str) -> &str {
    message.rfind(" at line ").and_then(|at| message.get(..at)).unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_left_out_and_names_of_fields_stay() {
        let cases = [
            (
                "invalid type: string \"Amy \\\" X\", expected u16 at line 1 column 7",
                "invalid type: string …, expected u16",
            ),
            (
                "unknown field `colour`, expected `kind` or `facts` at line 1 column 3",
                "unknown field `colour`, expected `kind` or `facts`",
            ),
            (
                "unknown variant `Amy Example`, expected one of `a`, `b`",
                "unknown variant …, expected one of `a`, `b`",
            ),
            ("\"open", "…"),
            ("plain", "plain"),
        ];
        for (message, expected) in cases {
            assert_eq!(without_values(message), expected);
        }
    }
}
