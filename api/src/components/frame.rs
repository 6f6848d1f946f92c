//! The frame around every page: head, generic header, service navigation, main part and footer.

use maud::{DOCTYPE, Markup, html};

use super::{NavigationItem, service_navigation};
use crate::assets::href;

/// What a page says about itself.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// The title of the browser's tab, without the service's name. No name of a child stands here: tabs are seen.
    pub title: &'a str,
    /// The parts of the service, the current one marked.
    pub navigation: &'a [NavigationItem],
    /// Full-width parts between header and main part, such as the identity bar.
    pub above: Markup,
    /// Sentences at the foot of the page.
    pub footnotes: &'a [String],
}

/// A whole page.
pub fn page(frame: &Frame<'_>, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en-GB" class="govuk-template" {
            head {
                meta charset="utf-8";
                title { (frame.title) " – Case journey ledger" }
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="robots" content="noindex, nofollow";
                link rel="icon" type="image/svg+xml" href=(href("images/caseledger.svg"));
                link rel="stylesheet" href=(href("vendor/govuk-frontend.css"));
                link rel="stylesheet" href=(href("vendor/moj-frontend.css"));
                link rel="stylesheet" href=(href("caseledger.css"));
                script src=(href("caseledger.js")) defer {}
            }
            body class="govuk-template__body" {
                a href="#main-content" class="govuk-skip-link" { "Skip to main content" }
                header class="govuk-template__header" {
                    (generic_header())
                    (service_navigation(frame.navigation))
                }
                (frame.above)
                div class="govuk-width-container" {
                    main class="govuk-main-wrapper" id="main-content" { (content) }
                }
                (footer(frame.footnotes))
            }
        }
    }
}

/// The header for a service that is not on GOV.UK.
fn generic_header() -> Markup {
    html! {
        div class="govuk-generic-header" {
            div class="govuk-generic-header__container govuk-width-container" {
                div class="govuk-generic-header__logo" {
                    a href="/" class="govuk-generic-header__homepage-link cl-name" { "Case journey ledger" }
                }
            }
        }
    }
}

fn footer(footnotes: &[String]) -> Markup {
    html! {
        footer class="govuk-template__footer" {
            div class="govuk-footer cl-footer" {
                div class="govuk-width-container" {
                    @for note in footnotes { p class="govuk-body-s" { (note) } }
                }
            }
        }
    }
}
