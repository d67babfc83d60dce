use std::net::{IpAddr, SocketAddr};

use axum::http::Request;

/// The address of the client. A host that knows it puts it into the request's
/// extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The client of `request`: as the host says, or as the header does that the
    /// configuration trusts.
    pub(crate) fn of<B>(request: &Request<B>, trusted: Option<&str>) -> Option<Self> {
        let told = request.extensions().get().copied();
        told.or_else(|| Self::read(request.headers().get(trusted?)?.to_str().ok()?))
    }

    /// An address, with a port or without.
    fn read(text: &str) -> Option<Self> {
        let address = text.parse().or_else(|_| text.parse().map(|address: SocketAddr| address.ip()));
        address.ok().map(Self)
    }

    pub(crate) fn is_loopback(self) -> bool {
        self.0.to_canonical().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(header: &str, trusted: Option<&str>) -> Option<String> {
        let request = Request::builder().header("x-client", header).body(()).unwrap();
        Peer::of(&request, trusted).map(|Peer(address)| address.to_string())
    }

    #[test]
    fn is_read_from_the_trusted_header_alone() {
        for (header, address) in
            [("10.0.0.7", "10.0.0.7"), ("10.0.0.7:4711", "10.0.0.7"), ("[::1]:80", "::1"), ("::1", "::1")]
        {
            assert_eq!(peer(header, Some("x-client")).as_deref(), Some(address));
        }
        assert_eq!(peer("10.0.0.7", None), None);
        assert_eq!(peer("10.0.0.7", Some("x-other")), None);
        assert_eq!(peer("localhost", Some("x-client")), None);
    }

    #[test]
    fn loopback_is_loopback_in_every_spelling() {
        for (address, is_loopback) in [
            ("127.0.0.1", true),
            ("127.8.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", false),
        ] {
            assert_eq!(Peer(address.parse().unwrap()).is_loopback(), is_loopback, "{address}");
        }
    }
}
