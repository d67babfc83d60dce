use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use edgeinfer_core::{Error, ErrorKind, Health, Model, Result};

use crate::Limits;
use crate::error::ApiError;

/// What the routes answer from.
pub(crate) struct Service {
    model: Result<Arc<Model>>,
    pub(crate) limits: Limits,
}

/// The service as axum hands it to each handler.
pub(crate) type Shared = Arc<Service>;

impl Service {
    pub(crate) fn new(model: Result<Arc<Model>>, limits: Limits) -> Self {
        Self { model, limits }
    }

    pub(crate) fn health(&self) -> Health {
        match &self.model {
            Ok(model) => model.health(),
            Err(reason) => Health::unhealthy(reason.to_string()),
        }
    }
}

/// The model, for handlers that need one.
///
/// Rejects with [`ErrorKind::ModelUnavailable`] and the reason.
pub(crate) struct Loaded(pub(crate) Arc<Model>);

impl FromRequestParts<Shared> for Loaded {
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, service: &Shared) -> Result<Self, ApiError> {
        match &service.model {
            Ok(model) => Ok(Self(model.clone())),
            Err(reason) => {
                let message = format!("no model is loaded: {reason}");
                Err(Error::new(ErrorKind::ModelUnavailable, message).into())
            }
        }
    }
}
