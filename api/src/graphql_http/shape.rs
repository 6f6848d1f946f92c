//! How deep and how long the text of a document is, seen before anybody parses it.
//!
//! The parser descends once for each bracket that stands open, on the stack of the thread that answers. So brackets are
//! counted first, in one pass that keeps nothing but a number: strings, block strings and comments are stepped over as
//! the grammar has them (GraphQL, October 2021, §2.1). Where a block string never ends, the parser tries its beginning as
//! an empty string and goes on behind it; so then every bracket of the rest counts, whatever it stands in.

use super::budget::OverBudget;

/// Brackets of any kind that may stand open at once. The usual introspection query has 16 open.
const OPEN_LIMIT: usize = 64;

/// Names, numbers, strings and signs in all.
const TOKEN_LIMIT: usize = 5_000;

/// Refuses a text that is nested too deep, or has too many tokens, to be parsed.
pub(super) fn check(text: &str) -> Result<(), OverBudget> {
    let (mut open, mut tokens) = (0_usize, 0_usize);
    let mut rest = text.as_bytes();
    while let [first, ..] = rest {
        let length = match first {
            b'{' | b'[' | b'(' => {
                open += 1;
                1
            }
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                1
            }
            b'#' => comment(rest),
            b'"' => match string(rest) {
                Some(length) => length,
                None => {
                    open += rest.iter().filter(|byte| matches!(byte, b'{' | b'[' | b'(')).count();
                    rest.len()
                }
            },
            byte if is_in_word(*byte) => run(rest, is_in_word),
            _ => 1,
        };
        tokens += usize::from(!is_ignored(*first));
        if open > OPEN_LIMIT {
            return Err(OverBudget::TooMany { what: "brackets open at once", limit: OPEN_LIMIT });
        }
        if tokens > TOKEN_LIMIT {
            return Err(OverBudget::TooMany { what: "tokens", limit: TOKEN_LIMIT });
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// What a name or a number is made of.
const fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.')
}

/// White space, commas, comments and what follows the first byte of a letter beyond ASCII.
const fn is_ignored(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'#' | 0x80..)
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| belongs(**byte)).count()
}

fn comment(text: &[u8]) -> usize {
    run(text, |byte| byte != b'\n' && byte != b'\r')
}

/// Length of a string with its quotation marks; `None` for a block string that never ends.
fn string(text: &[u8]) -> Option<usize> {
    const BLOCK: &[u8] = b"\"\"\"";
    let is_block = text.starts_with(BLOCK);
    let mut at = if is_block { BLOCK.len() } else { 1 };
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += match (is_block, rest) {
            (true, [b'\\', b'"', b'"', b'"', ..]) => BLOCK.len() + 1,
            (true, [b'"', b'"', b'"', ..]) => return Some(at + BLOCK.len()),
            (false, [b'\\', ..]) => 2,
            // A line's end ends a string that nobody closed, and with it what the parser reads.
            (false, [b'"' | b'\n' | b'\r', ..]) => return Some(at + 1),
            (_, _) => 1,
        };
    }
    if is_block { None } else { Some(text.len()) }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;

    fn nested(open: &str, levels: usize, close: &str) -> String {
        format!("{{ ledger(a: {}1{}) }}", open.repeat(levels), close.repeat(levels))
    }

    #[test]
    fn every_bracket_that_stands_open_counts() {
        for (open, close) in [("[", "]"), ("{a:", "}"), ("[{a:", "}]")] {
            let each = open.matches(['[', '{']).count();
            // Two are open around it: of the selection and of the arguments.
            let levels = (OPEN_LIMIT - 2) / each;
            assert_eq!(check(&nested(open, levels, close)), Ok(()), "{open}");
            let refused = check(&nested(open, levels + 1, close));
            assert_eq!(
                refused,
                Err(OverBudget::TooMany { what: "brackets open at once", limit: OPEN_LIMIT })
            );
        }
        let variable =
            |levels| format!("query ($a: {}Int{}) {{ a }}", "[".repeat(levels), "]".repeat(levels));
        assert_eq!(check(&variable(OPEN_LIMIT - 1)), Ok(()));
        assert!(check(&variable(OPEN_LIMIT)).is_err());
        // Beside each other is not within each other.
        assert_eq!(check(&"{ a(b: [[1]]) } ".repeat(200)), Ok(()));
    }

    #[test]
    fn the_deepest_text_that_is_let_through_fits_a_small_stack() {
        let deepest =
            [nested("[", OPEN_LIMIT - 2, "]"), nested("{a:", OPEN_LIMIT - 2, "}"), "{a".repeat(OPEN_LIMIT)];
        let small = std::thread::Builder::new().stack_size(512 * 1024);
        let parsed = small.spawn(move || deepest.map(|text| parse_query(text).is_ok())).unwrap();
        assert_eq!(parsed.join().unwrap(), [true, true, false]);
    }

    #[test]
    fn brackets_in_strings_and_comments_are_content() {
        let many = "[".repeat(100);
        for text in [
            format!("{{ a(b: \"{many}\") }}"),
            format!("{{ a(b: \"\\\"{many}\") }}"),
            format!("{{ a(b: \"\"\"{many}\n\" \\\"\"\" {many}\"\"\") }}"),
            format!("# {many}\n{{ a }}"),
            format!("{{ a(b: \"\") # {many}\r}}"),
        ] {
            assert_eq!(check(&text), Ok(()), "{text}");
        }
        let unended = format!("{{ a(b: [\"\"\" \" {many} \"");
        assert!(check(&unended).is_err(), "the parser reads it as two strings and a hundred brackets");
        for text in [
            format!("{{ a(b: \"\" {many}"),
            format!("# a\n{many}"),
            format!("\"a\n{many}"),
            format!("\"\\\\\"{many}"),
        ] {
            assert!(check(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn tokens_are_counted_once_each() {
        let fields = |count: usize| format!("{{ {} }}", "long_name, ".repeat(count));
        assert_eq!(check(&fields(TOKEN_LIMIT - 2)), Ok(()));
        assert_eq!(
            check(&fields(TOKEN_LIMIT - 1)),
            Err(OverBudget::TooMany { what: "tokens", limit: TOKEN_LIMIT })
        );
    }

    proptest! {
        /// Whatever is let through, the parser ends with it on a thread of the usual size.
        #[test]
        fn the_parser_ends_with_whatever_is_let_through(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", "(", ")", "a", "a:", "$b", "\"", "\"\"\"", "\\", "#", "\n", "1", "...", "@", "!", "é", " ",
                    "{a", "[[[[[[[[", "(a:", "{a:{a:", "query", "fragment f on Q",
                ]),
                0..400,
            )
        ) {
            let text = parts.concat();
            if check(&text).is_ok() {
                let _ = parse_query(&text);
            }
        }
    }
}
