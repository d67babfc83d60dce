//! One instance of the component, and what it may touch.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::spin::Shared;
use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use wasmtime::Store;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme};
use wasmtime_wasi_http::p2::bindings::{Proxy, ProxyPre};
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

/// Where a guest's answer goes: a response, or the error it gives instead.
pub(crate) type Respond = oneshot::Sender<Result<http::Response<WasiBody>, ErrorCode>>;

/// One instance of the component.
///
/// It reads `/models`, the settings in its environment and variables, the clocks and
/// random numbers, keeps values in a store that all instances share, and writes to the
/// host's standard error. It has no arguments, no sockets, and no
/// requests of its own.
pub(crate) struct Guest {
    store: Store<State>,
    proxy: Proxy,
}

impl Guest {
    /// Makes an instance that sees the host's folder `models` as `/models`,
    /// `environment`, and what it shares with others.
    pub(crate) async fn new(
        component: &ProxyPre<State>,
        models: &Path,
        environment: &[(String, String)],
        shared: &Shared,
    ) -> wasmtime::Result<Self> {
        let mut store = Store::new(component.engine(), State::new(models, environment, shared)?);
        store.epoch_deadline_async_yield_and_update(1);
        let proxy = component.instantiate_async(&mut store).await?;
        Ok(Self { store, proxy })
    }

    /// Runs the component's handler on `request`, which must name its host.
    ///
    /// The response arrives at `respond` as soon as the guest has set it,
    /// while the guest may still be writing its body. If the guest never sets
    /// one, `respond` is dropped.
    ///
    /// # Errors
    ///
    /// A trap. The instance cannot be used again.
    pub(crate) async fn handle(&mut self, request: Request, respond: Respond) -> wasmtime::Result<()> {
        let request =
            request.map(|body: Body| body.map_err(|error| HttpError::InternalError(Some(error.to_string()))));
        // A guest may return and keep its end, unused: the sender stays here.
        let respond = Arc::new(Mutex::new(Some(respond)));
        let set = {
            let respond = Arc::clone(&respond);
            move |answer| {
                if let Some(respond) = take(&respond) {
                    let _ = respond.send(answer);
                }
            }
        };
        self.store.set_epoch_deadline(1);
        let mut http = self.store.data_mut().http();
        let request = http.new_incoming_request(Scheme::Http, request)?;
        let set = http.new_response_outparam_from_callback(set)?;
        let ended = self.proxy.wasi_http_incoming_handler().call_handle(&mut self.store, request, set).await;
        drop(take(&respond));
        ended
    }
}

fn take(respond: &Mutex<Option<Respond>>) -> Option<Respond> {
    respond.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The host's side of an instance.
pub(crate) struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: NoRequests,
    pub(super) table: ResourceTable,
    pub(super) shared: Shared,
}

impl State {
    fn new(models: &Path, environment: &[(String, String)], shared: &Shared) -> wasmtime::Result<Self> {
        let wasi = WasiCtx::builder()
            .stdout(io::stderr())
            .stderr(io::stderr())
            .envs(environment)
            // The only file is small or cached: a thread switch for each read
            // costs more than the read.
            .allow_blocking_current_thread(true)
            .preopened_dir(models, "/models", FsPerms::ReadOnly)?
            .build();
        let (http, hooks, table) = (WasiHttpCtx::new(), NoRequests, ResourceTable::new());
        Ok(Self { wasi, http, hooks, table, shared: shared.clone() })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// Denies every request that a guest tries to send.
struct NoRequests;

/// The outcome of a request's transmission.
type Transmission = Box<dyn Future<Output = Result<(), HttpError>> + Send>;

impl WasiHttpHooks for NoRequests {
    fn send_request(
        &mut self,
        _request: http::Request<WasiBody>,
        _options: Option<RequestOptions>,
        _transmission: Transmission,
    ) -> Box<dyn Future<Output = Result<(http::Response<WasiBody>, Transmission), HttpError>> + Send> {
        Box::new(async { Err(HttpError::HttpRequestDenied) })
    }
}
