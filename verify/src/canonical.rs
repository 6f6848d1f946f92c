//! Whether bytes are canonical JSON, `docs/ledger-format.md` section 4. Reads only; nothing is built.
//!
//! One pass over the bytes; the only allocation is for a key or text with escapes or characters outside ASCII.

use std::borrow::Cow;
use std::cmp::Ordering;

use thiserror::Error;
use unicode_normalization::is_nfc;

/// Nesting deeper than this is not canonical.
const MAX_DEPTH: u32 = 16;

/// The largest integer that every reader of JSON keeps exactly.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Where and why bytes are not canonical JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not canonical at byte {at}: {reason}")]
pub struct NotCanonical {
    /// The first byte that does not fit, from 0.
    pub at: usize,
    /// What does not fit.
    pub reason: &'static str,
}

/// Checks that the bytes are one canonical JSON value and nothing else.
///
/// # Errors
/// [`NotCanonical`], at the first byte that does not fit.
pub(crate) fn check(bytes: &[u8]) -> Result<(), NotCanonical> {
    let text = std::str::from_utf8(bytes)
        .map_err(|fault| NotCanonical { at: fault.valid_up_to(), reason: "not UTF-8" })?;
    let mut scanner = Scanner { text, at: 0 };
    scanner.value(0)?;
    if scanner.at == bytes.len() { Ok(()) } else { Err(scanner.fault("something follows the value")) }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

type Checked<T = ()> = Result<T, NotCanonical>;

impl<'a> Scanner<'a> {
    fn fault(&self, reason: &'static str) -> NotCanonical {
        NotCanonical { at: self.at, reason }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, expected: u8) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn value(&mut self, depth: u32) -> Checked {
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.integer(),
            Some(b'n') => Err(self.fault("null; an absent value is an absent key")),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Checked {
        let word = ["true", "false"].into_iter().find(|word| self.rest().starts_with(word));
        self.at += word.ok_or_else(|| self.fault("no JSON value"))?.len();
        Ok(())
    }

    fn object(&mut self, depth: u32) -> Checked {
        self.open(depth)?;
        if self.take(b'}') {
            return Ok(());
        }
        let mut before: Option<Cow<'a, str>> = None;
        loop {
            let start = self.at;
            let key = self.string()?;
            if before.is_some_and(|before| utf16_order(&before, &key) != Ordering::Less) {
                return Err(NotCanonical {
                    at: start,
                    reason: "keys are not in order, or one is there twice",
                });
            }
            before = Some(key);
            if !self.take(b':') {
                return Err(self.fault("no ':' after a key"));
            }
            self.value(depth)?;
            if self.take(b'}') {
                return Ok(());
            }
            self.comma()?;
        }
    }

    fn array(&mut self, depth: u32) -> Checked {
        self.open(depth)?;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if self.take(b']') {
                return Ok(());
            }
            self.comma()?;
        }
    }

    fn open(&mut self, depth: u32) -> Checked {
        if depth > MAX_DEPTH {
            return Err(self.fault("nested deeper than 16"));
        }
        self.at += 1;
        Ok(())
    }

    fn comma(&mut self) -> Checked {
        if self.take(b',') { Ok(()) } else { Err(self.fault("neither ',' nor an end")) }
    }

    fn integer(&mut self) -> Checked {
        let start = self.at;
        let negative = self.take(b'-');
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let text = self.rest().get(..digits).unwrap_or("");
        let (leading_zero, zero) = (digits > 1 && text.starts_with('0'), text == "0");
        let small = text.parse::<u64>().is_ok_and(|value| value <= MAX_INTEGER);
        self.at += digits;
        if !small || leading_zero || (negative && zero) {
            return Err(NotCanonical {
                at: start, reason: "no integer within ±(2^53 − 1) in its one form"
            });
        }
        if matches!(self.peek(), Some(b'.' | b'e' | b'E')) {
            return Err(self.fault("a number with a fraction or an exponent"));
        }
        Ok(())
    }

    /// Passes over a text and gives its value.
    fn string(&mut self) -> Checked<Cow<'a, str>> {
        if !self.take(b'"') {
            return Err(self.fault("no text where one must be"));
        }
        let start = self.at;
        let plain = self.rest().bytes().take_while(|byte| is_plain(*byte)).count();
        self.at += plain;
        let text = self.text.get(start..self.at).unwrap_or("");
        if self.take(b'"') {
            return Ok(Cow::Borrowed(text));
        }
        self.rich_string(start, text.to_owned()).map(Cow::Owned)
    }

    /// The rest of a text that holds escapes or characters outside ASCII.
    fn rich_string(&mut self, start: usize, mut value: String) -> Checked<String> {
        while let Some(character) = self.rest().chars().next() {
            match character {
                '"' => {
                    self.at += 1;
                    let normal = is_nfc(&value);
                    let fault = NotCanonical { at: start, reason: "text is not in Unicode normal form C" };
                    return if normal { Ok(value) } else { Err(fault) };
                }
                '\\' => value.push(self.escape()?),
                '\0'..='\x1f' => return Err(self.fault("a control character without an escape")),
                _ => {
                    value.push(character);
                    self.at += character.len_utf8();
                }
            }
        }
        Err(self.fault("a text without an end"))
    }

    fn escape(&mut self) -> Checked<char> {
        let fault = self.fault("an escape that is not the one form of its character");
        let rest = self.rest();
        for (escape, character) in [
            ("\\\"", '"'),
            ("\\\\", '\\'),
            ("\\b", '\u{8}'),
            ("\\t", '\t'),
            ("\\n", '\n'),
            ("\\f", '\u{c}'),
            ("\\r", '\r'),
        ] {
            if rest.starts_with(escape) {
                self.at += escape.len();
                return Ok(character);
            }
        }
        let digits = rest.strip_prefix("\\u00").and_then(|rest| rest.get(..2)).ok_or(fault)?;
        let code = u8::from_str_radix(digits, 16).map_err(|_| fault)?;
        let has_own_form = matches!(code, 8 | 9 | 10 | 12 | 13);
        if code == 0 || code > 0x1f || has_own_form || digits.bytes().any(|digit| digit.is_ascii_uppercase())
        {
            return Err(fault);
        }
        self.at += 6;
        Ok(char::from(code))
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | 0x7f) && byte != b'"' && byte != b'\\'
}

fn utf16_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Writes a text as canonical JSON.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    if text.iter().all(|byte| is_plain(*byte) || *byte >= 0x80) {
        out.extend_from_slice(text);
    } else {
        text.iter().for_each(|byte| push_character(out, *byte));
    }
    out.push(b'"');
}

fn push_character(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        8 => out.extend_from_slice(b"\\b"),
        9 => out.extend_from_slice(b"\\t"),
        10 => out.extend_from_slice(b"\\n"),
        12 => out.extend_from_slice(b"\\f"),
        13 => out.extend_from_slice(b"\\r"),
        0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        _ => out.push(byte),
    }
}
