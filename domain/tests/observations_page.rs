//! `docs/observations.md` lists every code with its standing and sentence.

use domain::observations::{ObservationCode, Standing};

#[test]
fn the_page_lists_every_observation_as_it_is() {
    let page = include_str!("../../docs/observations.md");
    for code in ObservationCode::ALL {
        let standing = match code.standing() {
            Standing::Impossible => "impossible",
            Standing::Odd => "odd",
        };
        let row = format!("| `{}` | {standing} | {} |", code.name(), code.sentence());
        assert!(page.contains(&row), "docs/observations.md lacks: {row}");
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ObservationCode::ALL.len(), "docs/observations.md lists what the code does not know");
}
