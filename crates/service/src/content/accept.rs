use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use edgeinfer_core::{Error, ErrorKind, Result};

use crate::shortened::shortened;

/// The one of the media types `offered` that a client wants most by its `Accept`
/// header, the first of them where it says nothing.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#name-accept>
///
/// # Errors
///
/// [`ErrorKind::NotAcceptable`] when it wants none of them.
pub(crate) fn choose<'a>(headers: &HeaderMap, offered: &[&'a str]) -> Result<&'a str> {
    let accept = header(headers);
    let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::read).collect();
    let first = offered.first().copied().unwrap_or_default();
    if ranges.is_empty() {
        return Ok(first);
    }
    let mut best: Option<(f32, &'a str)> = None;
    for media_type in offered {
        let quality = quality(&ranges, media_type);
        if quality > best.map_or(0.0, |(quality, _)| quality) {
            best = Some((quality, media_type));
        }
    }
    best.map(|(_, media_type)| media_type).ok_or_else(|| {
        let message =
            format!("the answer is {}, the client accepts `{}`", offered.join(" or "), shortened(&accept));
        Error::new(ErrorKind::NotAcceptable, message)
    })
}

/// Whether a client names `media_type` itself in its `Accept` header.
pub(crate) fn asks_for(headers: &HeaderMap, media_type: &str) -> bool {
    let accept = header(headers);
    let named = |range: Range<'_>| range.exactness(media_type) == Some(2) && range.quality > 0.0;
    accept.split(',').filter_map(Range::read).any(named)
}

/// The whole `Accept` header.
fn header(headers: &HeaderMap) -> String {
    let values = headers.get_all(ACCEPT).into_iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect::<Vec<_>>().join(",")
}

/// A range of media types, and how much they are wanted, 0 to 1.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
        Some(Self { kind, subtype, quality })
    }

    /// How exactly it names `media_type`; `None` where it does not.
    fn exactness(&self, media_type: &str) -> Option<u8> {
        let (kind, subtype) = media_type.split_once('/')?;
        match (self.kind, self.subtype) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, own_subtype)
                if own.eq_ignore_ascii_case(kind) && own_subtype.eq_ignore_ascii_case(subtype) =>
            {
                Some(2)
            }
            _ => None,
        }
    }
}

/// What the most exact of `ranges` says of `media_type`.
fn quality(ranges: &[Range<'_>], media_type: &str) -> f32 {
    let exact = ranges.iter().filter_map(|range| Some((range.exactness(media_type)?, range.quality)));
    exact.max_by_key(|(exactness, _)| *exactness).map_or(0.0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn chosen(accept: &'static str) -> Option<&'static str> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
        choose(&headers, &["application/json", "text/csv"]).ok()
    }

    #[test]
    fn the_wanted_most_is_chosen_and_the_first_where_all_are_the_same() {
        assert_eq!(choose(&HeaderMap::new(), &["application/json"]).ok(), Some("application/json"));
        for (accept, media_type) in [
            ("*/*", "application/json"),
            ("text/csv", "text/csv"),
            ("TEXT/CSV", "text/csv"),
            ("text/*", "text/csv"),
            ("application/json;q=0.5, text/csv", "text/csv"),
            ("text/csv;q=0.1, */*;q=0.2", "application/json"),
            ("application/json;q=0, */*", "text/csv"),
            ("", "application/json"),
        ] {
            assert_eq!(chosen(accept), Some(media_type), "{accept}");
        }
        for accept in ["image/png", "application/json;q=0"] {
            assert_eq!(chosen(accept), None, "{accept}");
        }
    }
}
