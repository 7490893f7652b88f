//! The endpoint: operations behind the gate.

use std::sync::Arc;

use poem::{Endpoint, IntoEndpoint, Response};
use poem_openapi::OpenApiService;

use crate::{
    middleware::Gate,
    routes::operations,
    state::{ApiState, Shared},
};

/// The whole API as one endpoint. It starts its background tasks; needs a tokio runtime.
pub fn app(state: ApiState) -> impl Endpoint<Output = Response> {
    over(Shared::start(state))
}

/// The endpoint over a state that was started.
pub(crate) fn over(shared: Arc<Shared>) -> impl Endpoint<Output = Response> {
    let operations = OpenApiService::new(operations(&shared), "Levqor API", env!("CARGO_PKG_VERSION"));
    Gate::new(operations.into_endpoint(), shared)
}
