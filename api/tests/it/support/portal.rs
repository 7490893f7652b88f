//! A portal that makes sessions nobody can open.

use async_trait::async_trait;
use levqor_billing::{Portal, PortalError};
use parking_lot::Mutex;

/// Notes what it is asked: customer, return URL, key.
#[derive(Default)]
pub(crate) struct TestPortal {
    pub(crate) asked: Mutex<Vec<[String; 3]>>,
    /// What it answers instead of a session.
    pub(crate) trouble: Mutex<Option<PortalError>>,
}

#[async_trait]
impl Portal for TestPortal {
    async fn session(&self, customer: &str, return_url: &str, key: &str) -> Result<String, PortalError> {
        self.asked
            .lock()
            .push([customer, return_url, key].map(str::to_owned));
        match self.trouble.lock().clone() {
            Some(trouble) => Err(trouble),
            None => Ok(format!("https://billing.stripe.com/p/session/{customer}")),
        }
    }
}
