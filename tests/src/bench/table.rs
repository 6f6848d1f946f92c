//! Tables as Markdown.

use std::fmt::Write as _;
use std::time::Duration;

/// A heading, and a table under it.
pub(super) fn table(out: &mut String, title: &str, columns: &[&str], rows: &[Vec<String>]) {
    let _ = writeln!(out, "## {title}\n\n| {} |", columns.join(" | "));
    let rule = columns.iter().map(|_| "---:").collect::<Vec<_>>().join("|");
    let _ = writeln!(out, "|{rule}|");
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}

/// A number without decimals, thousands apart.
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The same for a count.
pub(super) fn count(number: u64) -> String {
    whole(number as f64)
}

/// How many times.
pub(super) fn times(ratio: f64) -> String {
    format!("{ratio:.2}")
}

/// A number with one decimal.
pub(super) fn one_decimal(number: f64) -> String {
    format!("{number:.1}")
}

/// Milliseconds.
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1e3)
}

/// Lowest to highest.
pub(super) fn spread(values: impl IntoIterator<Item = f64>) -> String {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    match (values.first(), values.last()) {
        (Some(first), Some(last)) => format!("{}-{}", whole(*first), whole(*last)),
        (_, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in
            [(0.0, "0"), (999.4, "999"), (999.6, "1,000"), (12_345.0, "12,345"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(whole(number), text);
        }
    }

    #[test]
    fn a_table_has_a_cell_for_each_column() {
        let mut out = String::new();
        table(&mut out, "Title", &["a", "b"], &[vec!["1".into(), "2".into()]]);
        assert_eq!(out, "## Title\n\n| a | b |\n|---:|---:|\n| 1 | 2 |\n\n");
    }
}
