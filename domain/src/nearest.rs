//! Names near to what somebody wrote: what an error offers for an unknown name.

/// The `count` names nearest to `wanted`: fewest letters to change, then alphabetical; capitals do not matter. A name
/// that holds what was written, or is held by it, comes first.
#[must_use]
pub fn names<'a>(wanted: &str, among: impl IntoIterator<Item = &'a str>, count: usize) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let mut all: Vec<(bool, usize, &str)> = among.into_iter().map(|name| far(name, &wanted)).collect();
    all.sort_unstable();
    all.into_iter().take(count).map(|(.., name)| name).collect()
}

fn far<'a>(name: &'a str, wanted: &str) -> (bool, usize, &'a str) {
    let lower = name.to_lowercase();
    (!related(&lower, wanted), distance(&lower, wanted), name)
}

fn related(name: &str, wanted: &str) -> bool {
    wanted.len() >= 3 && (name.contains(wanted) || wanted.contains(name))
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(above + 1);
        for (index, other) in right.iter().enumerate() {
            let at = |place: usize| row.get(place).copied().unwrap_or(usize::MAX);
            let before = next.last().copied().unwrap_or(usize::MAX);
            let changed = at(index) + usize::from(letter != *other);
            next.push(changed.min(at(index + 1) + 1).min(before + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_that_of_the_textbooks() {
        for (left, right, expected) in
            [("", "", 0), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("a", "", 1), ("same", "same", 0)]
        {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn the_nearest_come_first_and_capitals_do_not_matter() {
        let all = [
            "child_seen",
            "child_died",
            "iro_alert_raised",
            "iro_alert_answered",
            "CP-04",
            "CP-04u",
            "CT-01",
        ];
        assert_eq!(names("child_sean", all, 1), ["child_seen"]);
        assert_eq!(names("iro_alert", all, 2), ["iro_alert_raised", "iro_alert_answered"]);
        assert_eq!(names("cp-04", all, 2), ["CP-04", "CP-04u"]);
        assert_eq!(names("CP-O4", all, 1), ["CP-04"]);
        assert_eq!(names("x", [], 3), Vec::<&str>::new());
    }
}
