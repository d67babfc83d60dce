use axum::http::HeaderValue;
use edgeinfer_core::{Error, ErrorKind};

use super::access::Refused;
use super::keys::{Given, Key};
use super::token::{Bearer, Tokens};
use super::{Rate, Scope};
use crate::service::Service;

/// Who asks.
pub(super) enum Caller<'a> {
    /// Who has a key.
    Key(&'a Key),
    /// Whom a token speaks for.
    Token(Bearer, &'a Tokens),
}

impl<'a> Caller<'a> {
    /// Whose key or token is `given`; `None` for a key that is not known.
    ///
    /// # Errors
    ///
    /// What is wrong with a token.
    pub(super) fn of(service: &'a Service, given: &Given<'_>) -> Result<Option<Self>, Refused> {
        let config = &service.config;
        if let Some(key) = config.keys.find(given.bytes()) {
            return Ok(Some(Self::Key(key)));
        }
        let (Given::Bearer(token), Some(tokens)) = (given, &config.jwt) else { return Ok(None) };
        let now = service.clock.map(|clock| (clock.unix)());
        match tokens.verify(token, now) {
            Ok(bearer) => Ok(Some(Self::Token(bearer, tokens))),
            Err(wrong) => Err(invalid_token(wrong)),
        }
    }

    /// What logs call it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Key(key) => &key.name,
            Self::Token(bearer, _) => &bearer.name,
        }
    }

    /// What its bucket is called.
    pub(super) fn bucket(&self) -> String {
        let kind = match self {
            Self::Key(_) => "key",
            Self::Token(..) => "subject",
        };
        format!("{kind} {}", self.name())
    }

    pub(super) fn may(&self, scope: Scope) -> bool {
        match self {
            Self::Key(key) => key.scopes.contains(&scope),
            Self::Token(bearer, tokens) => tokens.admits(bearer, scope),
        }
    }

    /// The rate of its own.
    pub(super) fn rate(&self) -> Option<Rate> {
        match self {
            Self::Key(key) => key.rate,
            Self::Token(_, tokens) => tokens.rate,
        }
    }

    /// Why it may not do what `scope` is for.
    pub(super) fn refused(&self, scope: Scope) -> Refused {
        match self {
            Self::Key(_) => Error::new(ErrorKind::Forbidden, "the key does not open this path").into(),
            Self::Token(_, tokens) => insufficient_scope(tokens.names(scope)),
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc6750#section-3.1>
fn invalid_token(wrong: String) -> Refused {
    let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{wrong}\"");
    Refused {
        challenge: HeaderValue::try_from(challenge).ok(),
        ..Error::new(ErrorKind::Unauthorized, wrong).into()
    }
}

fn insufficient_scope(names: &[String]) -> Refused {
    let listed = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    let message = match names {
        [] => "no token opens this path".to_owned(),
        _ => format!("the token does not open this path: it asks for the scope {listed}"),
    };
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", names.join(" "));
    Refused {
        challenge: HeaderValue::try_from(challenge).ok(),
        ..Error::new(ErrorKind::Forbidden, message).into()
    }
}
