//! A quick look whether a text is certainly in canonical form already.
//!
//! It only answers for what is plain ASCII without escapes, where nearly every line is; anything else goes the
//! slow way through [`crate::canonical`]. Invariant: it never says yes to a text that `canonical::check`
//! refuses, nor to one with a list of texts that is not sorted.

use crate::canonical::{MAX_DEPTH, MAX_INTEGER};

/// Whether `text` is certainly canonical, with every list of texts strictly ascending.
pub fn is_plainly_canonical(text: &str) -> bool {
    let mut scan = Scan { rest: text.as_bytes() };
    scan.value(0).is_some() && scan.rest.is_empty()
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.rest.first()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.text().map(|_| ()),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            _ => self.integer(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.byte(b'{')?;
        if self.byte(b'}').is_some() {
            return Some(());
        }
        let mut last: Option<&[u8]> = None;
        loop {
            let key = self.text()?;
            if last.is_some_and(|last| last >= key) {
                return None;
            }
            last = Some(key);
            self.byte(b':')?;
            self.value(depth + 1)?;
            if self.byte(b',').is_none() {
                return self.byte(b'}');
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.byte(b'[')?;
        if self.byte(b']').is_some() {
            return Some(());
        }
        let mut last: Option<&[u8]> = None;
        loop {
            let before = self.rest;
            self.value(depth + 1)?;
            let item = before.get(..before.len() - self.rest.len())?;
            if item.first() == Some(&b'"') && last.is_some_and(|last| last >= item) {
                return None;
            }
            last = Some(item);
            if self.byte(b',').is_none() {
                return self.byte(b']');
            }
        }
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        self.byte(b'"')?;
        let end =
            self.rest.iter().position(|byte| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\'))?;
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.byte(b'"')?;
        Some(text)
    }

    fn integer(&mut self) -> Option<()> {
        let negative = self.byte(b'-').is_some();
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = self.rest.split_at(digits);
        let number = std::str::from_utf8(number).ok()?;
        let leading_zero = number.starts_with('0') && (digits > 1 || negative);
        let fits = number.parse::<i64>().is_ok_and(|number| number <= MAX_INTEGER);
        if leading_zero || !fits {
            return None;
        }
        self.rest = rest;
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn byte(&mut self, byte: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        if *first == byte {
            self.rest = rest;
            Some(())
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;

    #[test]
    fn yes_is_never_wrong_and_plain_facts_get_it() {
        let texts = [
            (r#"{"details":{"a":["x","y"],"b":-7,"c":true},"entities":{"plan":"x"}}"#, true),
            (r#"{"details":{}}"#, true),
            (r#"{"a":[],"b":[1,1],"c":[{"a":1},{"a":1}]}"#, true),
            (r#"{"b":1,"a":2}"#, false),
            (r#"{"a":1,"a":2}"#, false),
            (r#"{"a":["y","x"]}"#, false),
            (r#"{"a": 1}"#, false),
            (r#"{"a":1.5}"#, false),
            (r#"{"a":1e3}"#, false),
            (r#"{"a":-0}"#, false),
            (r#"{"a":01}"#, false),
            (r#"{"a":9007199254740992}"#, false),
            (r#"{"a":null}"#, false),
            (r#"{"a":"\n"}"#, false),
            (r#"{"a":"é"}"#, false),
            (r#"{"a":1}}"#, false),
            (r#"{"a":1"#, false),
            (r#"{"a""#, false),
            ("", false),
        ];
        for (text, expected) in texts {
            assert_eq!(is_plainly_canonical(text), expected, "{text}");
            // The slow way is the oracle; `check` asks this scan first.
            let slow = canonical::read(text).and_then(|value| canonical::write(&value));
            assert!(!expected || slow.as_deref() == Ok(text), "{text}");
        }
        let deep = format!("{}{}", "[".repeat(20), "]".repeat(20));
        assert!(!is_plainly_canonical(&deep));
    }
}
