//! The store that JavaScript gives.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use edgeinfer_core::{Error, ErrorKind, Result};
use edgeinfer_service::{About, Bytes, Change, Item, Reach, Store, StoreFuture, Updates};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The package's `Bridge` to a store, which takes and gives bytes.
    pub type Bridge;

    #[wasm_bindgen(method, getter)]
    fn name(this: &Bridge) -> String;
    #[wasm_bindgen(method, getter, js_name = isGlobal)]
    fn is_global(this: &Bridge) -> bool;
    #[wasm_bindgen(method, getter, js_name = isExact)]
    fn is_exact(this: &Bridge) -> bool;
    /// In seconds.
    #[wasm_bindgen(method, getter)]
    fn interval(this: &Bridge) -> f64;

    #[wasm_bindgen(method)]
    fn get(this: &Bridge, key: &str) -> Asked;
    /// `seconds` after which it may be forgotten, infinite for never.
    #[wasm_bindgen(method)]
    fn put(this: &Bridge, key: &str, value: &[u8], seconds: f64) -> Asked;
    #[wasm_bindgen(method)]
    fn delete(this: &Bridge, key: &str) -> Asked;
    /// Puts `after` where the value is `before`, and gives whether it was.
    #[wasm_bindgen(method)]
    fn swap(this: &Bridge, key: &str, before: Option<&[u8]>, after: &[u8], seconds: f64) -> Asked;

    /// What the bridge was asked for.
    type Asked;

    #[wasm_bindgen(method, getter, js_name = isSettled)]
    fn is_settled(this: &Asked) -> bool;
    /// Why it failed, where it did.
    #[wasm_bindgen(method, getter)]
    fn error(this: &Asked) -> Option<String>;
    /// The value that was there, where one was.
    #[wasm_bindgen(method, getter)]
    fn value(this: &Asked) -> Option<Vec<u8>>;
    /// Whether it was done.
    #[wasm_bindgen(method, getter, js_name = isDone)]
    fn is_done(this: &Asked) -> bool;
}

/// How often a change is tried whose value another one changed meanwhile.
const ATTEMPTS: usize = 32;

/// A store that JavaScript gives.
pub(super) struct Given {
    bridge: Bridge,
    about: About,
}

impl Given {
    pub(super) fn new(bridge: Bridge) -> Self {
        let about = About {
            name: bridge.name(),
            reach: if bridge.is_global() { Reach::Global } else { Reach::Instance },
            updates: if bridge.is_exact() { Updates::Exact } else { Updates::Lossy },
            interval: Duration::try_from_secs_f64(bridge.interval()).unwrap_or_default(),
        };
        Self { bridge, about }
    }

    async fn change(&self, key: &str, change: Change<'_>) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let before = settled(self.bridge.get(key)).await?.value();
            let Some(item) = change(before.as_deref()) else { return Ok(()) };
            let seconds = seconds(&item);
            if self.about.updates == Updates::Lossy {
                return settled(self.bridge.put(key, &item.value, seconds)).await.map(drop);
            }
            if settled(self.bridge.swap(key, before.as_deref(), &item.value, seconds)).await?.is_done() {
                return Ok(());
            }
        }
        Err(failed(&format!("a value changed {ATTEMPTS} times while it was to be changed")))
    }
}

impl Store for Given {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        let asked = self.bridge.get(key);
        Box::pin(async move { Ok(settled(asked).await?.value().map(Bytes::from)) })
    }

    fn put<'a>(&'a self, key: &'a str, item: Item) -> StoreFuture<'a, ()> {
        let asked = self.bridge.put(key, &item.value, seconds(&item));
        Box::pin(async move { settled(asked).await.map(drop) })
    }

    fn delete<'a>(&'a self, key: &'a str) -> StoreFuture<'a, ()> {
        let asked = self.bridge.delete(key);
        Box::pin(async move { settled(asked).await.map(drop) })
    }

    fn update<'a>(&'a self, key: &'a str, change: Change<'a>) -> StoreFuture<'a, ()> {
        Box::pin(self.change(key, change))
    }
}

fn seconds(item: &Item) -> f64 {
    item.age.map_or(f64::INFINITY, |age| age.as_secs_f64())
}

/// Waits for `asked`.
///
/// # Errors
///
/// What the store failed with.
async fn settled(asked: Asked) -> Result<Asked> {
    let asked = Settling(Some(asked)).await;
    match asked.error() {
        None => Ok(asked),
        Some(reason) => Err(failed(&reason)),
    }
}

/// Is ready when what was asked is settled. Nobody is woken: JavaScript, which knows,
/// polls again.
struct Settling(Option<Asked>);

impl Future for Settling {
    type Output = Asked;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Asked> {
        match self.0.take_if(|asked| asked.is_settled()) {
            Some(asked) => Poll::Ready(asked),
            None => Poll::Pending,
        }
    }
}

fn failed(reason: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("the store failed: {reason}"))
}
