//! Names of kinds near to what somebody wrote.

use domain::events::Kind;

/// The `count` names nearest to `wanted`: fewest letters to change, then alphabetical. A name that holds what was
/// written, or is held by it, comes first.
pub(super) fn names(wanted: &str, count: usize) -> Vec<&'static str> {
    let wanted = wanted.to_lowercase();
    let mut all: Vec<&'static str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    all.sort_by_key(|name| (!related(name, &wanted), distance(name, &wanted), *name));
    all.truncate(count);
    all
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
    fn the_nearest_come_first() {
        assert_eq!(names("child_sean", 1), ["child_seen"]);
        assert_eq!(names("iro_alert", 5).len(), 5);
        assert!(names("iro_alert", 5).iter().all(|name| name.starts_with("iro_alert")));
        assert_eq!(names("CONTACT_RECIEVED", 1), ["contact_received"]);
    }
}
