use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use edgeinfer_service::Bytes;
use edgeinfer_service::http::Response;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::request::lines;

/// A request that is being answered.
#[wasm_bindgen]
pub struct Call {
    state: State,
}

type Answering = Pin<Box<dyn Future<Output = Response<Bytes>>>>;

enum State {
    Waiting(Answering),
    Answered(Response<Bytes>),
}

impl Call {
    pub(super) fn new(answering: impl Future<Output = Response<Bytes>> + 'static) -> Self {
        Self { state: State::Waiting(Box::pin(answering)) }
    }

    fn answer(&self) -> Option<&Response<Bytes>> {
        match &self.state {
            State::Answered(answer) => Some(answer),
            State::Waiting(_) => None,
        }
    }
}

#[wasm_bindgen]
impl Call {
    /// Goes on answering, as far as that goes before the store has answered. Whether
    /// the answer is there.
    pub fn poll(&mut self) -> bool {
        let State::Waiting(answering) = &mut self.state else { return true };
        // Nobody needs to be woken: JavaScript polls again when the store has answered.
        match answering.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => {
                self.state = State::Answered(answer);
                true
            }
            Poll::Pending => false,
        }
    }

    /// The answer's status; 0 while it is not there.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.answer().map_or(0, |answer| answer.status().as_u16())
    }

    /// The answer's headers, a line for each name and one for its value.
    #[must_use]
    pub fn headers(&self) -> String {
        self.answer().map(|answer| lines(answer.headers())).unwrap_or_default()
    }

    /// The answer's body.
    #[must_use]
    pub fn body(&self) -> Uint8Array {
        Uint8Array::from(self.answer().map_or([].as_slice(), |answer| answer.body()))
    }
}
