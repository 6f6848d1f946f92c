//! A rule is asked for by its id; an unknown one is refused with the ids nearest to it.

use super::{Rule, RuleBook};
use crate::nearest;

/// How many ids an error offers.
const OFFERED: usize = 3;

/// No rule has this id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule \u{201c}{asked}\u{201d}; did you mean {}?", near.join(", "))]
pub struct UnknownRule {
    /// As asked.
    pub asked: String,
    /// The ids nearest to it, the nearest first.
    pub near: Vec<String>,
}

impl RuleBook {
    /// The rule with this id.
    ///
    /// # Errors
    /// [`UnknownRule`], so that a mistyped id never reads as "nothing is due".
    pub fn known(&self, id: &str) -> Result<&Rule, UnknownRule> {
        self.rule(id).ok_or_else(|| {
            let near = nearest::names(id, self.rules().map(|rule| rule.id.as_str()), OFFERED);
            UnknownRule { asked: id.to_owned(), near: near.into_iter().map(str::to_owned).collect() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_rule_is_refused_with_its_neighbours() {
        let book = RuleBook::built_in();
        assert_eq!(book.known("CP-04").map(|rule| rule.id.as_str()), Ok("CP-04"));
        let unknown = book.known("cp-O4").unwrap_err();
        assert!(unknown.near.contains(&"CP-04".to_owned()), "{unknown:?}");
        assert!(
            unknown.to_string().starts_with("unknown rule \u{201c}cp-O4\u{201d}; did you mean "),
            "{unknown}"
        );
        assert_eq!(book.known("").map(|rule| rule.id.as_str()).unwrap_err().near.len(), OFFERED);
    }
}
