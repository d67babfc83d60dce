use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use edgeinfer_core::{Error, ErrorKind, Result};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::error::ApiError;
use crate::form::Form;
use crate::service::Shared;
use crate::{json, media_type};

/// A request's body, read once, straight into `T`.
pub(crate) struct Payload<T>(pub(crate) T);

impl<T: Form> FromRequest<Shared> for Payload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, service: &Shared) -> Result<Self, ApiError> {
        media_type::check(request.headers())?;
        let body = read(request.into_body(), service.config.limits.body_bytes).await?;
        Ok(Self(json::parse(&body)?))
    }
}

async fn read(body: Body, limit: usize) -> Result<Bytes> {
    let too_large = || {
        let message = format!("the body is longer than {limit} bytes; split it into several requests");
        Error::new(ErrorKind::PayloadTooLarge, message)
    };
    // By the announced length where there is one: nothing is read in vain.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(Error::new(ErrorKind::MalformedRequest, format!("the body broke off: {error}"))),
    }
}
