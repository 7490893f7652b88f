//! The client against servers of our own on loopback.

mod addresses;
mod bodies;
mod exchange;
mod redirects;
mod server;

use crate::{Egress, EgressError, Policy, Request, Response};

fn local() -> Policy {
    Policy {
        allow_loopback: true,
        ..Policy::default()
    }
}

fn get(url: String) -> Request {
    Request {
        method: "GET".to_owned(),
        url,
        follow_redirects: true,
        ..Request::default()
    }
}

/// Fails the test with the answer, if there is one.
fn error(result: Result<Response, EgressError>) -> EgressError {
    match result {
        Err(error) => error,
        Ok(response) => panic!("an answer: {response:?}"),
    }
}

fn egress() -> Egress {
    Egress::new(local())
}
