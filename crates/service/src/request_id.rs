use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// The header that names a request, in requests and in responses.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken over.
const LONGEST: usize = 128;

/// What names a request: 1 to 128 visible ASCII characters.
pub(crate) struct RequestId(String);

impl RequestId {
    /// The client's own id where it is sound, so that nothing else gets into
    /// logs and answers; otherwise a new UUID.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given.filter(|id| is_sound(id)) {
            Some(id) => Self(id.to_owned()),
            None => Self(Uuid::new_v4().to_string()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<RequestId> for HeaderValue {
    fn from(id: RequestId) -> Self {
        // Visible ASCII is always a header's value.
        Self::try_from(id.0).unwrap_or(Self::from_static("-"))
    }
}

fn is_sound(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}
