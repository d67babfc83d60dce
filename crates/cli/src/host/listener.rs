//! The socket.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Result;
use tokio::net::TcpListener;

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Listens on `addr`.
///
/// # Errors
///
/// Name the address, the reason, and how to choose another.
pub(crate) async fn bind(addr: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(addr).await.map_err(|error| {
        let (reason, free) = match error.kind() {
            ErrorKind::AddrInUse => ("another program listens there already", addr.ip()),
            ErrorKind::AddrNotAvailable => ("this machine has no such address", LOCALHOST),
            ErrorKind::PermissionDenied if addr.port() < 1024 => {
                ("ports below 1024 need more rights", addr.ip())
            }
            _ => ("the system refused", LOCALHOST),
        };
        let free = SocketAddr::new(free, 0);
        anyhow::Error::new(error).context(format!(
            "cannot listen on {addr}: {reason}; choose another address with --addr \
             (--addr {free} takes any free port)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_named_with_the_option_that_changes_it() -> Result<()> {
        let taken = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let addr = taken.local_addr()?;
        let error = bind(addr).await.err().context("bound twice")?.to_string();
        assert!(error.contains(&addr.to_string()), "{error}");
        assert!(error.contains("another program"), "{error}");
        assert!(error.contains("--addr"), "{error}");
        Ok(())
    }
}
