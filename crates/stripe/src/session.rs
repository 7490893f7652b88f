//! Sessions of the customer portal.

use async_trait::async_trait;
use levqor_billing::{Portal, PortalError};
use stripe_billing::billing_portal_session::{
    CreateBillingPortalSession, CreateBillingPortalSessionFlowData, CreateBillingPortalSessionFlowDataType,
};
use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest};

use crate::{Client, error::Failure};

#[async_trait]
impl Portal for Client {
    async fn session(&self, customer: &str, return_url: &str, key: &str) -> Result<String, PortalError> {
        let key = IdempotencyKey::new(key).map_err(|error| PortalError::Refused(error.to_string()))?;
        // The page that asks for another card at once, not the overview.
        let flow = CreateBillingPortalSessionFlowDataType::PaymentMethodUpdate;
        let session = CreateBillingPortalSession::new()
            .customer(customer)
            .return_url(return_url)
            .flow_data(CreateBillingPortalSessionFlowData::new(flow))
            .customize()
            .request_strategy(RequestStrategy::Idempotent(key))
            .send(self)
            .await;
        session.map(|session| session.url).map_err(|Failure(error)| error)
    }
}
