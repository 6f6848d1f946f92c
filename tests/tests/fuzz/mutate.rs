//! Changes of bytes, as damage, bad programs and somebody who means harm make them.

use caseledger_tests::dice::Dice;

/// No input grows beyond this.
const LONGEST: usize = 1 << 18;

/// Pieces that readers look for, or stumble over.
const PIECES: [&[u8]; 40] = [
    b"",
    b"\0",
    b"\n",
    b"\r\n",
    b"\n\n",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xe2\x80\x8b",
    b"\xe2\x80\x94",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"]]]]",
    b"null",
    b"-0",
    b"1e309",
    b"9223372036854775807",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"99999999999999999999999999999999999999",
    b"0001-01-01",
    b"9999-12-31",
    b"+262143-12-31",
    b"2024-02-30",
    b"29/02/1900",
    b"45000.99999",
    b"<a><b><c><d>",
    b"</Child>",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"&b;&#x110000;",
    b"<!--",
    b"../../../../etc/passwd",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    b"\xf0\x9f\x98\x80",
];

/// One of the samples with one to six changes.
pub(crate) fn changed(dice: &mut Dice, samples: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.one_of(samples).clone();
    for _ in 0..=dice.below(6) {
        change(dice, &mut bytes, samples);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(dice: &mut Dice, bytes: &mut Vec<u8>, samples: &[Vec<u8>]) {
    let (from, to) = stretch(dice, bytes.len());
    match dice.below(9) {
        0 if from < bytes.len() => bytes[from] ^= 1 << dice.below(8),
        1 if from < bytes.len() => bytes[from] = u8::try_from(dice.below(256)).unwrap(),
        2 => drop(bytes.drain(from..to)),
        3 => {
            let again = bytes[from..to].to_vec();
            bytes.splice(from..from, again);
        }
        4 => drop(bytes.splice(from..from, dice.one_of(&PIECES).iter().copied())),
        5 => drop(bytes.splice(from..to, dice.one_of(&PIECES).iter().copied())),
        6 => bytes.truncate(from),
        7 => {
            let other = dice.one_of(samples);
            let (first, last) = stretch(dice, other.len());
            drop(bytes.splice(from..to, other[first..last].iter().copied()));
        }
        _ => swap_words(dice, bytes),
    }
}

/// A stretch that is mostly short.
fn stretch(dice: &mut Dice, length: usize) -> (usize, usize) {
    let from = usize::try_from(dice.below(length as u64 + 1)).unwrap();
    let most = if dice.below(8) == 0 { length - from } else { (length - from).min(24) };
    (from, from + usize::try_from(dice.below(most as u64 + 1)).unwrap())
}

/// Puts one word of the text in the place of another, so that what comes out is often well-formed and means something else.
fn swap_words(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let words: Vec<(usize, usize)> = words(bytes);
    if words.len() < 2 {
        return;
    }
    let ((from, to), (first, last)) = (*dice.one_of(&words), *dice.one_of(&words));
    let word = bytes[first..last].to_vec();
    drop(bytes.splice(from..to, word));
}

fn words(bytes: &[u8]) -> Vec<(usize, usize)> {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte);
    let (mut words, mut from) = (Vec::new(), 0);
    for (at, byte) in bytes.iter().enumerate() {
        if !is_of_word(byte) {
            if at > from {
                words.push((from, at));
            }
            from = at + 1;
        }
    }
    words
}
