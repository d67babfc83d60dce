use axum::http::HeaderMap;
use uuid::Uuid;

/// The trace that a request is a part of.
///
/// <https://www.w3.org/TR/trace-context/>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) id: String,
    flags: String,
}

impl Trace {
    /// The trace that the header `traceparent` names.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let parent = headers.get("traceparent")?.to_str().ok()?;
        let mut parts = parent.split('-');
        let (version, id, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // A later version may have more parts; its first four are these.
        let fits = hexadecimal(version, 2)
            && version != "ff"
            && (version != "00" || parts.next().is_none())
            && hexadecimal(id, 32)
            && hexadecimal(span, 16)
            && hexadecimal(flags, 2);
        let is_named = id.bytes().any(|byte| byte != b'0') && span.bytes().any(|byte| byte != b'0');
        (fits && is_named).then(|| Self { id: id.to_owned(), flags: flags.to_owned() })
    }

    /// The header `traceresponse`: the same trace, and a span of its own.
    pub(crate) fn response(&self) -> String {
        let (span, _) = Uuid::new_v4().as_u64_pair();
        format!("00-{}-{:016x}-{}", self.id, span.max(1), self.flags)
    }
}

fn hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn trace(parent: &'static str) -> Option<String> {
        let headers =
            HeaderMap::from_iter([("traceparent".parse().unwrap(), HeaderValue::from_static(parent))]);
        Trace::of(&headers).map(|trace| trace.id)
    }

    #[test]
    fn takes_over_the_trace_of_a_sound_header_alone() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(), Some(id));
        assert_eq!(
            trace("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").as_deref(),
            Some(id)
        );
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        ] {
            assert_eq!(trace(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn answers_with_a_span_of_its_own_in_the_same_trace() {
        let trace = Trace { id: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(), flags: "01".to_owned() };
        let response = trace.response();
        assert!(response.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && response.ends_with("-01"));
        assert_ne!(response, trace.response());
    }
}
