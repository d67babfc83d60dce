use axum::extract::{FromRequest, Request};
use edgeinfer_core::Result;

use crate::content::{MediaType, media_type};
use crate::error::ApiError;
use crate::form::Form;
use crate::service::Shared;
use crate::{body, json};

/// A request's body, read once, straight into `T`.
pub(crate) struct Payload<T>(pub(crate) T);

impl<T: Form> FromRequest<Shared> for Payload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Shared) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        media_type(&parts.headers, &[MediaType::Json])?;
        let body = body::read(&parts.headers, body, service.config.limits.body_bytes).await?;
        Ok(Self(json::parse(&body)?))
    }
}
