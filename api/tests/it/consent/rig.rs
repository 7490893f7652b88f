//! A tenant, people it asks, and the mails they get.

use levqor_consent::{SendId, send::queue};
use levqor_entities::mails::{self, Model as Mail};
use levqor_store::{Catalogue, TenantId};
use sea_orm::QueryOrder;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp, User};

pub(crate) const START: &str = "/api/marketing/consent/start";
pub(crate) const CONFIRM: &str = "/api/marketing/consent/confirm";
pub(crate) const SEND: &str = "/api/v1/marketing/send";
pub(crate) const URLENCODED: &str = "application/x-www-form-urlencoded";
pub(crate) const ONE_CLICK: &str = "List-Unsubscribe=One-Click";
pub(crate) const ADA: &str = "ada@example.com";

/// Where the installation says it is; links begin so.
pub(crate) const URL: &str = "https://levqor.test";

pub(crate) struct Bench {
    pub(crate) app: TestApp,
    pub(crate) tenant: User,
    pub(crate) person: User,
    id: TenantId,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        let app = TestApp::builder().public_url(URL).start().await;
        let tenant = app.tenant("acme", "enterprise").await;
        let id = app.store.tenant_by_name("acme").await.unwrap().unwrap().id;
        let person = app.anonymous();
        Self {
            app,
            tenant,
            person,
            id,
        }
    }

    /// Asks for a consent.
    pub(crate) async fn start(&self, email: &str, scope: &str) -> Answer {
        let body = json!({"email": email, "scope": scope, "wording": "Yes, send me <news>."});
        self.tenant.post(START, body).await
    }

    pub(crate) async fn mails(&self) -> Vec<Mail> {
        let found = mails::secure_find(self.id).order_by_asc(mails::Column::Id);
        found.all(self.app.state.platform.db.reader()).await.unwrap()
    }

    /// Asks, and gives the token of the mail.
    pub(crate) async fn asked(&self, email: &str, scope: &str) -> String {
        self.start(email, scope).await.expect(202);
        token(self.mails().await.last().unwrap(), "lvc_")
    }

    /// The button of the page to confirm.
    pub(crate) async fn press(&self, token: &str) -> Answer {
        let call = self.person.call("POST", CONFIRM);
        call.body(URLENCODED, format!("token={token}")).send().await
    }

    pub(crate) async fn granted(&self, email: &str, scope: &str) {
        let token = self.asked(email, scope).await;
        self.press(&token).await.expect(200);
    }

    pub(crate) async fn sender(&self) {
        let sender = json!({"name": "Acme & Sons", "postal_address": "1 High St, Leeds"});
        let call = self.tenant.call("PUT", "/api/v1/marketing/sender");
        call.body("application/json", sender.to_string())
            .send()
            .await
            .expect(200);
    }

    /// Orders a mail to a list, and writes it as a worker would.
    pub(crate) async fn mailed(&self, scope: &str) -> Mail {
        self.sender().await;
        let body = json!({"scope": scope, "subject": "News", "text": "There are news."});
        let send: SendId = self
            .tenant
            .post(SEND, body)
            .await
            .expect(202)
            .text("id")
            .parse()
            .unwrap();
        while !queue(&self.app.state.platform, self.id, send)
            .await
            .unwrap()
            .unwrap()
            .done
        {}
        self.mails().await.pop().unwrap()
    }

    /// How it stands with an address and a list.
    pub(crate) async fn status(&self, email: &str, scope: &str) -> Value {
        let path = format!("/api/v1/consents?email={email}&scope={scope}");
        self.tenant.get(&path).await.expect(200).at("/consents/0/status")
    }

    pub(crate) async fn post_form(&self, path: &str, form: &str) -> Answer {
        self.person.call("POST", path).body(URLENCODED, form).send().await
    }
}

/// The token with this prefix in a mail.
pub(crate) fn token(mail: &Mail, prefix: &str) -> String {
    let text = mail.text.as_deref().unwrap();
    let at = text.find(prefix).unwrap();
    text[at..at + prefix.len() + 64].to_owned()
}

/// The path of the link to unsubscribe.
pub(crate) fn unsubscribe(mail: &Mail) -> String {
    mail.unsubscribe
        .as_deref()
        .unwrap()
        .strip_prefix(URL)
        .unwrap()
        .to_owned()
}
