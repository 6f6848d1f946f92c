//! Short things that stand out: tags, banners, dates in context, errors, disclosures.

use maud::{Markup, html};

/// The colours of a tag. The words carry the meaning; the colour repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Needs attention now.
    Red,
    /// Needs attention soon.
    Orange,
    /// Cannot be told, or not complete.
    Yellow,
    /// In order.
    Green,
    /// Runs.
    Blue,
    /// Rests.
    Grey,
    /// About the record itself.
    Purple,
}

impl Colour {
    fn class(self) -> &'static str {
        match self {
            Self::Red => "govuk-tag govuk-tag--red",
            Self::Orange => "govuk-tag govuk-tag--orange",
            Self::Yellow => "govuk-tag govuk-tag--yellow",
            Self::Green => "govuk-tag govuk-tag--green",
            Self::Blue => "govuk-tag govuk-tag--blue",
            Self::Grey => "govuk-tag govuk-tag--grey",
            Self::Purple => "govuk-tag govuk-tag--purple",
        }
    }
}

/// A state in one or two words.
pub fn tag(text: &str, colour: Colour) -> Markup {
    html! { strong class=(colour.class()) { (text) } }
}

/// What every reader of the page has to know first.
pub fn banner(content: &Markup) -> Markup {
    html! {
        div class="moj-banner cl-banner" role="region" aria-label="Basis of knowledge" {
            div class="moj-banner__message" { (content) }
        }
    }
}

/// Whom the page is about: full width under the header.
pub fn identity_bar(title: &Markup, facts: &[Markup]) -> Markup {
    html! {
        section class="moj-identity-bar" aria-label="Child" {
            div class="moj-identity-bar__container" {
                div class="moj-identity-bar__details" {
                    span class="moj-identity-bar__title" { (title) }
                    @for fact in facts { span class="cl-identity-fact" { (fact) } }
                }
            }
        }
    }
}

/// How a due date stands to the day of the question, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// The last day in time lies this many days before the day of the question.
    OverdueBy {
        /// At least 1.
        days: u32,
    },
    /// The last day in time is the day of the question.
    Today,
    /// The last day in time is this many days ahead.
    InDays {
        /// At least 1.
        days: u32,
    },
}

/// A date with words that say how it stands; `unit` is `working day` or `day`.
pub fn contextual_date(date: &str, due: Due, unit: &str) -> Markup {
    let (words, class) = match due {
        Due::OverdueBy { days } => (format!("overdue by {}", count(days, unit)), "cl-due cl-due--overdue"),
        Due::Today => ("due today".to_owned(), "cl-due cl-due--soon"),
        Due::InDays { days } => (format!("due in {}", count(days, unit)), "cl-due"),
    };
    html! { span class=(class) { (date) " " span class="cl-due__words" { "(" (words) ")" } } }
}

/// `1 day`, `2 days`.
pub(crate) fn count(number: u32, unit: &str) -> String {
    if number == 1 { format!("1 {unit}") } else { format!("{number} {unit}s") }
}

/// One thing that is wrong with what was typed.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What is wrong and what would be right.
    pub text: String,
    /// The id of the field, where it is about one.
    pub field: Option<&'static str>,
}

/// Everything that is wrong, on top of a page; nothing where nothing is.
pub fn error_summary(problems: &[Problem]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div class="govuk-error-summary" {
                div role="alert" {
                    h2 class="govuk-error-summary__title" { "There is a problem" }
                    div class="govuk-error-summary__body" {
                        ul class="govuk-list govuk-error-summary__list" {
                            @for problem in problems {
                                li {
                                    @if let Some(field) = problem.field { a href={ "#" (field) } { (problem.text) } }
                                    @else { (problem.text) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What only some readers want, folded.
pub fn details(summary: &str, content: &Markup) -> Markup {
    html! {
        details class="govuk-details" {
            summary class="govuk-details__summary" {
                span class="govuk-details__summary-text" { (summary) }
            }
            div class="govuk-details__text" { (content) }
        }
    }
}

/// A paragraph set apart.
pub fn inset(content: &Markup) -> Markup {
    html! { div class="govuk-inset-text" { (content) } }
}

/// A warning with its sign.
pub fn warning(text: &str) -> Markup {
    html! {
        div class="govuk-warning-text" {
            span class="govuk-warning-text__icon" aria-hidden="true" { "!" }
            strong class="govuk-warning-text__text" {
                span class="govuk-visually-hidden" { "Warning" } " " (text)
            }
        }
    }
}
