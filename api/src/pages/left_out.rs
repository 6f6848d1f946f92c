//! What the lists of clocks leave out: clocks that wait for something that nobody records here.
//!
//! They are no answer about a child, but a reader must see that they are missing from the counts, and by which rules.

use std::collections::BTreeMap;

use domain::rules::Rule;
use maud::{Markup, html};

use super::children::LEFT_OUT;
use super::query::Address;
use crate::asked::Knowledge;
use crate::components::{Cell, Table, details, table};
use crate::reading::ChildLine;

/// How many clocks are left out, with a table of their rules; nothing where there are none.
pub(super) fn notice(knowledge: &Knowledge, children: &[ChildLine]) -> Markup {
    let mut by_rule: BTreeMap<&str, (&Rule, usize)> = BTreeMap::new();
    for clock in children.iter().flat_map(|child| &child.clocks).filter(|clock| clock.state.is_left_out()) {
        by_rule.entry(clock.rule.id.as_str()).or_insert((clock.rule, 0)).1 += 1;
    }
    let total: usize = by_rule.values().map(|(_, clocks)| clocks).sum();
    let address = Address::knowing("/children", knowledge.asked).with("clocks", Some(LEFT_OUT.to_owned()));
    html! {
        @if total > 0 {
            p class="govuk-body" {
                "Not recorded by this authority, and so not in these lists: " (total) @if total == 1 { " clock" } @else { " clocks" }
                " of " (by_rule.len()) @if by_rule.len() == 1 { " rule" } @else { " rules" }
                ". Nothing of the kind that would stop them is recorded in this ledger, so nobody can tell whether it was done. "
                a class="govuk-link" href=(address) { "Children with such a clock" }
            }
            (details("Rules that wait for what is not recorded", &rules(by_rule.into_values())))
        }
    }
}

fn rules<'a>(left_out: impl Iterator<Item = (&'a Rule, usize)>) -> Markup {
    let row = |(rule, clocks): (&Rule, usize)| {
        vec![Cell::new(html! { (rule.title) " (" (rule.id) ")" }), Cell::new(html! { (clocks) })]
    };
    table(&Table {
        caption: "Rules that wait for what is not recorded",
        head: &["Rule", "Clocks"],
        rows: left_out.map(row).collect(),
    })
}
