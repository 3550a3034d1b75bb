//! Everything that is answered instead of what was asked for: RFC 9457 problem documents, and the one place
//! where errors get their HTTP status.

use std::error::Error;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use prismatron_core::effect::EffectError;
use prismatron_core::layout::LayoutError;
use prismatron_core::role::Role;
use prismatron_engine::EngineError;
use prismatron_store::StoreError;
use prismatron_system::SystemError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Refusal, SignInError};
use crate::tus::TusError;
use crate::wire::Invalid;

/// Media type of a problem document.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was not answered as asked (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    /// What is wrong with this request, in words for people.
    detail: String,
    #[serde(skip)]
    #[schema(ignore)]
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

/// An upload's bytes do not match their checksum (tus).
fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = match status.as_u16() {
            460 => "Checksum Mismatch",
            _ => status.canonical_reason().unwrap_or("Unknown"),
        };
        Self { kind: "about:blank", title, status, detail: detail.into(), header: None }
    }

    fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.header = Some(Box::new((name, value.into())));
        self
    }

    /// What is wrong, in words for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    pub(crate) fn not_acceptable_value(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    pub(crate) fn stale(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    pub(crate) fn sign_in_first() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign in first")
            .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"prismatron\""))
    }

    /// A sign-in that was refused; `wrong` is what to say where something was wrong.
    pub(crate) fn refused(refusal: Refusal, wrong: &'static str) -> Self {
        match refusal {
            Refusal::Wrong => Self::new(StatusCode::UNAUTHORIZED, wrong),
            Refusal::Wait(wait) => {
                let seconds = wait.as_secs() + 1;
                let detail = format!("too many wrong ones; try again in {seconds} seconds");
                Self::new(StatusCode::TOO_MANY_REQUESTS, detail).with(header::RETRY_AFTER, seconds)
            }
        }
    }

    pub(crate) fn other_origin() -> Self {
        Self::new(StatusCode::FORBIDDEN, "a page of another origin may not do this")
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(crate) fn role_needed(needed: Role, present: Role) -> Self {
        Self::forbidden(format!("this takes the role {needed}; yours is {present}"))
    }

    pub(crate) fn other_host() -> Self {
        Self::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this machine is not known by the name in the address: use its IP address or its host name, or \
             list the name under host_names in the configuration",
        )
    }

    pub(crate) fn too_often(wait: Duration) -> Self {
        let seconds = wait.as_secs() + 1;
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("that was too often; try again in {seconds} seconds"),
        )
        .with(header::RETRY_AFTER, seconds)
    }

    pub(crate) fn not_hashed() -> Self {
        Self::unavailable("the password could not be hashed")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "this address does not take this method")
    }

    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
            .with(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// Something that should not happen; told to the log in full.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        let detail = chain(error);
        tracing::error!("a request failed: {detail}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

/// An error and what it comes from, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if let Some(header) = self.header {
            let (name, value) = *header;
            headers.insert(name, value);
        }
        response
    }
}

impl From<Invalid> for Problem {
    fn from(error: Invalid) -> Self {
        Self::not_acceptable_value(error.to_string())
    }
}

impl From<EffectError> for Problem {
    fn from(error: EffectError) -> Self {
        Self::not_acceptable_value(error.to_string())
    }
}

impl From<LayoutError> for Problem {
    fn from(error: LayoutError) -> Self {
        Self::not_acceptable_value(error.to_string())
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused(refusal) => Self::refused(refusal, "that is not the claim code"),
            SignInError::Store(error) => error.into(),
            SignInError::Hash => Self::not_hashed(),
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let text = chain(&error);
        match error {
            EngineError::Busy | EngineError::Stopped => Self::unavailable(text),
            EngineError::Rejected { .. } => Self::conflict(text),
            EngineError::Layout(_) | EngineError::Colour { .. } => Self::not_acceptable_value(text),
            error => Self::internal(&error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        use StoreError as E;
        // Which file it was is nothing to those on the network.
        let text = match &error {
            E::DiskFull { .. } => "the disk is full: delete files that are not needed".to_owned(),
            error => chain(error),
        };
        let status = match error {
            E::NoSuchPlaylist(_)
            | E::NoSuchMedia(_)
            | E::NoSuchUpload(_)
            | E::NoSuchSnapshot(_)
            | E::NoSuchAccount(_)
            | E::NoSuchToken(_)
            | E::NothingProven => StatusCode::NOT_FOUND,
            E::Stale { .. } | E::StaleSchedule { .. } => StatusCode::PRECONDITION_FAILED,
            E::Invalid { .. } | E::Refused { .. } | E::Encode { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            E::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            E::DocumentTooLarge { .. } | E::Quota { .. } | E::BeyondLength { .. } => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            E::DiskFull { .. } | E::NoRoom { .. } => StatusCode::INSUFFICIENT_STORAGE,
            E::Busy(_) => StatusCode::LOCKED,
            E::TakenOver(_)
            | E::Offset { .. }
            | E::Incomplete { .. }
            | E::NameTaken(_)
            | E::LastAdmin
            | E::Claimed => StatusCode::CONFLICT,
            E::Checksum(_) => checksum_mismatch(),
            E::Closed => return Self::unavailable(text),
            error => return Self::internal(&error),
        };
        Self::new(status, text)
    }
}

impl From<SystemError> for Problem {
    fn from(error: SystemError) -> Self {
        let text = error.to_string();
        match error {
            SystemError::Impossible { .. } | SystemError::Rauc(_) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
            }
            SystemError::Pending { .. }
            | SystemError::UnderWay { .. }
            | SystemError::Held { .. }
            | SystemError::OutOfTurn { .. }
            | SystemError::Unstoppable
            | SystemError::UploadGone
            | SystemError::Unconfirmed
            | SystemError::NoWayBack(_) => Self::conflict(text),
            SystemError::NotKept(_) | SystemError::GateUntold(_) => {
                Self::new(StatusCode::INSUFFICIENT_STORAGE, text)
            }
            SystemError::NothingPending => Self::not_found(text),
            SystemError::Busy | SystemError::Ended => Self::unavailable(text),
        }
    }
}

impl From<TusError> for Problem {
    fn from(error: TusError) -> Self {
        let status = match error {
            TusError::Version => StatusCode::PRECONDITION_FAILED,
            TusError::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            TusError::Length | TusError::Offset | TusError::Metadata(_) | TusError::Checksum(_) => {
                StatusCode::BAD_REQUEST
            }
        };
        Self::new(status, error.to_string())
    }
}
