//! The ways to say who one is, as the OpenAPI document has them.

use poem_openapi::registry::{MetaSecurityScheme, Registry};

/// An API key in `Authorization`.
pub(super) const BEARER: &str = "bearer";

/// An API key in a header of its own.
pub(super) const API_KEY: &str = "api_key";

/// A person's token.
pub(super) const USER_TOKEN: &str = "user_token";

/// Names the ways by key.
pub(super) fn register_key(registry: &mut Registry) {
    let key = "An API key, `lvk_` and 64 hexadecimal digits.";
    registry.create_security_scheme(BEARER, scheme(key, "http", None));
    registry.create_security_scheme(API_KEY, scheme(key, "apiKey", Some("X-Api-Key")));
}

/// Names the way of a person.
pub(super) fn register_user(registry: &mut Registry) {
    let token = "A person's token, `lvu_` and 64 hexadecimal digits, issued by the tenant's key.";
    registry.create_security_scheme(USER_TOKEN, scheme(token, "http", None));
}

/// In the header of this name, or as a bearer token.
fn scheme(description: &'static str, ty: &'static str, header: Option<&'static str>) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty,
        description: Some(description),
        name: header,
        key_in: header.map(|_| "header"),
        scheme: header.is_none().then_some("bearer"),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
