//! Which instance answers a request, and for how long.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::{Error as HttpError, WasiBody};

use super::Instances;
use super::failure::Failure;
use super::guest::{Guest, Respond, State};
use super::spin::Shared;

/// How many guests may run at once, at least: more than the processors, since
/// some only wait for a slow client. Each may hold a model in memory.
const MIN_RUNNING: usize = 16;

/// Gives each request an instance of the component.
pub(crate) struct Pool {
    component: ProxyPre<State>,
    models: PathBuf,
    environment: Vec<(String, String)>,
    shared: Shared,
    limit: Duration,
    running: Semaphore,
    /// Instances that have answered, the last one on top: its memory is warm.
    idle: Mutex<Vec<Guest>>,
    max_idle: usize,
}

impl Pool {
    /// Instances of `component` see the folder `models`, `environment` and what is
    /// `shared`; each request takes at most `limit`.
    pub(crate) fn new(
        component: ProxyPre<State>,
        models: &Path,
        environment: Vec<(String, String)>,
        shared: Shared,
        instances: Instances,
        limit: Duration,
    ) -> Arc<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Arc::new(Self {
            component,
            models: models.to_owned(),
            environment,
            shared,
            limit,
            running: Semaphore::new(MIN_RUNNING.max(2 * processors)),
            idle: Mutex::default(),
            max_idle: match instances {
                Instances::Fresh => 0,
                Instances::Reused => processors,
            },
        })
    }

    /// The component's answer to `request`, which must name its host.
    ///
    /// Bodies are passed on as they come. The guest runs on when the returned
    /// future is dropped, until it is done or its time is over.
    pub(crate) async fn answer(self: &Arc<Self>, request: Request) -> Result<Response, Failure> {
        let subject = format!("{} {}", request.method(), request.uri().path());
        let (respond, response) = oneshot::channel();
        let call = tokio::spawn(Arc::clone(self).watch(subject.clone(), request, respond));
        let failure = match response.await {
            Ok(Ok(response)) => return Ok(response.map(|body| complete(body, call))),
            Ok(Err(code)) => Failure::Refused(code.to_string()),
            Err(_) => match outcome(call).await {
                Ok(()) => Failure::Silent,
                Err(failure) => return Err(failure),
            },
        };
        failure.report(&subject);
        Err(failure)
    }

    /// [`Pool::call`] within the limit, with failures reported even if no
    /// client is left to hear of them.
    async fn watch(
        self: Arc<Self>,
        subject: String,
        request: Request,
        respond: Respond,
    ) -> Result<(), Failure> {
        let outcome = timeout(self.limit, self.call(request, respond))
            .await
            .unwrap_or(Err(Failure::TimedOut(self.limit)));
        if let Err(failure) = &outcome {
            failure.report(&subject);
        }
        outcome
    }

    async fn call(&self, request: Request, respond: Respond) -> Result<(), Failure> {
        let _permit = self.running.acquire().await.map_err(|_| Failure::Lost)?;
        let idle = self.idle().pop();
        let mut guest = match idle {
            Some(guest) => guest,
            None => {
                let made = Guest::new(&self.component, &self.models, &self.environment, &self.shared);
                made.await.map_err(Failure::Start)?
            }
        };
        guest.handle(request, respond).await.map_err(Failure::Trap)?;
        let mut idle = self.idle();
        if idle.len() < self.max_idle {
            idle.push(guest);
        }
        Ok(())
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Guest>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call of the component, and how it ended.
type Call = JoinHandle<Result<(), Failure>>;

async fn outcome(call: Call) -> Result<(), Failure> {
    call.await.unwrap_or(Err(Failure::Lost))
}

/// `body`, and an error at its end if the guest failed after it had begun:
/// otherwise what was cut short would look complete.
fn complete(body: WasiBody, call: Call) -> Body {
    Body::new(body.with_trailers(async {
        let failure = outcome(call).await.err()?;
        Some(Err(HttpError::InternalError(Some(failure.to_string()))))
    }))
}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::super::component::compile;
    use super::super::models::ModelDir;
    use super::*;
    use std::collections::BTreeMap;

    /// Answers of a component whose handler runs the core instructions `body`,
    /// which may use the global `$calls`, and never sets a response.
    async fn failures(body: &str, instances: Instances, count: usize) -> Result<Vec<Failure>> {
        let component = compile(&wat::parse_str(format!(
            r#"(component
                (import "wasi:http/types@0.2.0" (instance $types
                    (export "incoming-request" (type (sub resource)))
                    (export "response-outparam" (type (sub resource)))))
                (alias export $types "incoming-request" (type $request))
                (alias export $types "response-outparam" (type $respond))
                (core module $module
                    (global $calls (mut i32) (i32.const 0))
                    (func (export "handle") (param i32 i32) {body}))
                (core instance $core (instantiate $module))
                (func $handle
                    (param "request" (own $request)) (param "response-out" (own $respond))
                    (canon lift (core func $core "handle")))
                (instance $handler (export "handle" (func $handle)))
                (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))"#
        ))?)?;
        let models = ModelDir::new(Vec::new())?;
        let (shared, limit) = (Shared::new(BTreeMap::new()), Duration::from_millis(200));
        let pool = Pool::new(component, models.path(), Vec::new(), shared, instances, limit);
        let mut failures = Vec::new();
        for _ in 0..count {
            let request = Request::builder().header("host", "localhost").body(Body::empty())?;
            failures.extend(pool.answer(request).await.err());
        }
        Ok(failures)
    }

    const TRAP_ON_THE_SECOND_CALL: &str =
        "(if (global.get $calls) (then unreachable)) (global.set $calls (i32.const 1))";

    #[tokio::test]
    async fn a_fresh_instance_remembers_nothing() -> Result<()> {
        let failures = failures(TRAP_ON_THE_SECOND_CALL, Instances::Fresh, 3).await?;
        assert!(
            matches!(failures.as_slice(), [Failure::Silent, Failure::Silent, Failure::Silent]),
            "{failures:?}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_reused_instance_remembers_until_it_traps() -> Result<()> {
        let failures = failures(TRAP_ON_THE_SECOND_CALL, Instances::Reused, 3).await?;
        assert!(
            matches!(failures.as_slice(), [Failure::Silent, Failure::Trap(_), Failure::Silent]),
            "{failures:?}"
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_guest_that_never_ends_is_stopped() -> Result<()> {
        let failures = failures("(loop (br 0))", Instances::Reused, 2).await?;
        assert!(matches!(failures.as_slice(), [Failure::TimedOut(_), Failure::TimedOut(_)]), "{failures:?}");
        Ok(())
    }
}
