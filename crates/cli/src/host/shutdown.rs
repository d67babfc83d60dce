//! Serving, and ending it.

use std::future::IntoFuture;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// How long requests in flight may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Answers connections of `listener` with `app` until a signal comes, then
/// lets requests in flight finish: for [`GRACE`], or until the next signal.
pub(crate) async fn serve_until_signal(
    listener: TcpListener,
    app: Router,
    signals: &mut Signals,
    progress: impl Fn(&str),
) -> Result<()> {
    // Small answers must not wait for more to send.
    let listener = listener.tap_io(|socket| {
        let _ = socket.set_nodelay(true);
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let mut server = pin!(server.into_future());
    tokio::select! {
        ended = &mut server => return ended.context("the server ended by itself"),
        () = signals.next() => {}
    }
    progress("stopping: requests in flight may finish; Ctrl-C stops at once");
    drop(stop);
    tokio::select! {
        ended = &mut server => ended.context("the server failed while stopping"),
        () = sleep(GRACE) => {
            progress(&format!("stopped; some requests did not finish within {GRACE:?}"));
            Ok(())
        }
        () = signals.next() => Ok(()),
    }
}

#[cfg(not(unix))]
pub(crate) use other::Signals;
#[cfg(unix)]
pub(crate) use unix::Signals;

#[cfg(unix)]
mod unix {
    use anyhow::{Context, Result};
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// The signals that ask a server to stop. Once made, they no longer end
    /// the process.
    pub(crate) struct Signals {
        interrupt: Signal,
        terminate: Signal,
    }

    impl Signals {
        /// Takes Ctrl-C and SIGTERM over.
        pub(crate) fn listen() -> Result<Self> {
            let take = |kind| signal(kind).context("cannot listen for signals");
            Ok(Self { interrupt: take(SignalKind::interrupt())?, terminate: take(SignalKind::terminate())? })
        }

        /// Waits for the next one.
        pub(crate) async fn next(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    use anyhow::Result;

    /// Ctrl-C. Once waited for, it no longer ends the process.
    pub(crate) struct Signals;

    impl Signals {
        /// Takes Ctrl-C over.
        pub(crate) fn listen() -> Result<Self> {
            Ok(Self)
        }

        /// Waits for the next one.
        pub(crate) async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending().await
            }
        }
    }
}
