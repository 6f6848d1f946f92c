//! Which of the two media types an answer has: content negotiation by `Accept` with quality values (RFC 9110,
//! sections 12.4.2 and 12.5.1).

use axum::http::HeaderValue;

/// What is offered, for the text of a 406.
pub(super) const OFFERED: &str =
    "offered are application/graphql-response+json and application/json, in UTF-8";

/// A media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MediaType {
    /// `application/json`: every well-formed request is answered 200.
    Json,
    /// `application/graphql-response+json`: the status tells whether the request was valid.
    GraphqlResponse,
}

impl MediaType {
    fn subtype(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GraphqlResponse => "graphql-response+json",
        }
    }

    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// One range of an `Accept` header with its quality in thousandths.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    charset: Option<&'a str>,
    quality: u16,
}

/// How well a range fits: 1 `*/*`, 2 `application/*`, 3 the type itself.
type Specificity = u8;

/// The media type to answer with; `None` where the client accepts neither (406).
///
/// No header at all, and a wildcard, mean `application/json`, as older clients expect. Where both types are
/// named with one quality the newer one wins.
pub(super) fn negotiate<'a>(headers: impl IntoIterator<Item = &'a HeaderValue>) -> Option<MediaType> {
    let texts: Vec<&str> = headers.into_iter().filter_map(|value| value.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> =
        texts.iter().flat_map(|text| text.split(',')).filter_map(parse_range).collect();
    if ranges.is_empty() {
        return Some(MediaType::Json);
    }
    let rated = |media| rate(&ranges, media).map(|(quality, fit)| (quality, fit, media));
    match (rated(MediaType::Json), rated(MediaType::GraphqlResponse)) {
        (Some(json), Some(graphql)) => Some(better(json, graphql)),
        (Some((.., media)), None) | (None, Some((.., media))) => Some(media),
        (None, None) => None,
    }
}

fn better(json: (u16, Specificity, MediaType), graphql: (u16, Specificity, MediaType)) -> MediaType {
    let named = graphql.1 == 3;
    let graphql_wins = (graphql.0, graphql.1) > (json.0, json.1) || (named && graphql.0 == json.0);
    if graphql_wins { MediaType::GraphqlResponse } else { MediaType::Json }
}

/// Quality and fit of the most specific range for a type; `None` where none fits or its quality is 0.
fn rate(ranges: &[Range<'_>], media: MediaType) -> Option<(u16, Specificity)> {
    let fitting = ranges.iter().filter_map(|range| fit(range, media).map(|fit| (fit, range.quality)));
    let (fit, quality) = fitting.max()?;
    (quality > 0).then_some((quality, fit))
}

fn fit(range: &Range<'_>, media: MediaType) -> Option<Specificity> {
    let utf8 = range.charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"));
    let subtype_fits = range.subtype.eq_ignore_ascii_case(media.subtype());
    match (range.kind, range.subtype) {
        ("*", "*") => Some(1),
        (kind, "*") if kind.eq_ignore_ascii_case("application") => Some(2),
        (kind, _) if kind.eq_ignore_ascii_case("application") && subtype_fits && utf8 => Some(3),
        _ => None,
    }
}

fn parse_range(text: &str) -> Option<Range<'_>> {
    let mut parts = text.split(';').map(str::trim);
    let (kind, subtype) = parts.next()?.split_once('/')?;
    let mut range = Range { kind, subtype, charset: None, quality: 1000 };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => range.quality = parse_quality(value)?,
            "charset" => range.charset = Some(value),
            _ => {}
        }
    }
    Some(range)
}

/// `0`, `1`, `0.5`, `1.000` and so on as thousandths.
fn parse_quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// Whether a `Content-Type` is `application/json` in UTF-8, stated or not.
pub(super) fn is_json_in_utf8(content_type: &str) -> bool {
    parse_range(content_type).is_some_and(|range| fit(&range, MediaType::Json) == Some(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Option<MediaType> {
        negotiate([&HeaderValue::from_str(accept).unwrap()])
    }

    #[test]
    fn the_better_of_two_types_is_chosen() {
        use MediaType::{GraphqlResponse, Json};
        let none: [&HeaderValue; 0] = [];
        assert_eq!(negotiate(none), Some(Json));
        for (accept, expected) in [
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("application/json", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json;q=0.8, application/json", Some(Json)),
            ("application/graphql-response+json, application/json;q=0.9", Some(GraphqlResponse)),
            (
                "application/graphql-response+json; charset=utf-8, application/json;q=0.5",
                Some(GraphqlResponse),
            ),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("APPLICATION/JSON", Some(Json)),
            ("text/html, */*;q=0.8", Some(Json)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json; charset=utf-16", None),
            ("image/png, application/xml;q=0.9", None),
        ] {
            assert_eq!(chosen(accept), expected, "{accept}");
        }
    }

    #[test]
    fn a_body_is_json_in_utf8_or_refused() {
        for (content_type, expected) in [
            ("application/json", true),
            ("application/json; charset=UTF-8", true),
            ("application/json; charset=\"utf-8\"", true),
            ("application/json; charset=utf-16", false),
            ("application/graphql", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("text/plain", false),
            ("*/*", false),
            ("", false),
        ] {
            assert_eq!(is_json_in_utf8(content_type), expected, "{content_type}");
        }
    }
}
