//! Ways from page to page: service navigation, sub navigation, pagination.

use maud::{Markup, html};

/// One link of a navigation.
#[derive(Clone, Debug)]
pub struct NavigationItem {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the page that is shown.
    pub current: bool,
}

impl NavigationItem {
    /// A link, current or not.
    pub fn new(text: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { text: text.into(), href: href.into(), current }
    }
}

/// The parts of the service, as GOV.UK's service navigation shows them without JavaScript.
pub fn service_navigation(items: &[NavigationItem]) -> Markup {
    html! {
        section class="govuk-service-navigation" aria-label="Service" {
            div class="govuk-width-container" {
                div class="govuk-service-navigation__container" {
                    nav aria-label="Menu" class="govuk-service-navigation__wrapper" {
                        ul class="govuk-service-navigation__list" {
                            @for item in items {
                                li class=(if item.current { "govuk-service-navigation__item govuk-service-navigation__item--active" } else { "govuk-service-navigation__item" }) {
                                    a class="govuk-service-navigation__link" href=(item.href) aria-current=[item.current.then_some("page")] { (item.text) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Parts of one subject, as MOJ's sub navigation.
pub fn sub_navigation(label: &str, items: &[NavigationItem]) -> Markup {
    html! {
        nav class="moj-sub-navigation" aria-label=(label) {
            ul class="moj-sub-navigation__list" {
                @for item in items {
                    li class="moj-sub-navigation__item" {
                        a class="moj-sub-navigation__link" href=(item.href) aria-current=[item.current.then_some("page")] { (item.text) }
                    }
                }
            }
        }
    }
}

/// Where keyset paging can go from here.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// Address of the first page, unless it is shown.
    pub first: Option<String>,
    /// Address of the next page, where there is one.
    pub next: Option<String>,
}

/// Paging by keyset: back to the first page, on to the next; nothing where there is only one page.
pub fn pagination(paging: &Paging) -> Markup {
    html! {
        @if paging.first.is_some() || paging.next.is_some() {
            nav class="govuk-pagination" aria-label="Pagination" {
                @if let Some(first) = &paging.first {
                    div class="govuk-pagination__prev" {
                        a class="govuk-link govuk-pagination__link" href=(first) {
                            span class="govuk-pagination__link-title" { "First page" }
                        }
                    }
                }
                @if let Some(next) = &paging.next {
                    div class="govuk-pagination__next" {
                        a class="govuk-link govuk-pagination__link" href=(next) rel="next" {
                            span class="govuk-pagination__link-title" { "Next page" }
                        }
                    }
                }
            }
        }
    }
}
