//! Records by name, from the system's servers or a named one.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::RData,
};

/// How long one try takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// What came of a question: texts, of which there may be none, or why there is no answer.
pub(super) type Found = Result<Vec<String>, String>;

/// Somebody to ask.
pub(super) struct Dns(TokioResolver);

impl Dns {
    /// The system's servers (`/etc/resolv.conf`), unless one is named.
    pub(super) fn open(server: Option<SocketAddr>) -> Result<Self, String> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio().map_err(|error| error.to_string())?,
            Some(server) => Resolver::builder_with_config(only(server), TokioRuntimeProvider::default()),
        };
        builder.options_mut().timeout = PATIENCE;
        builder.options_mut().attempts = 2;
        builder.build().map(Self).map_err(|error| error.to_string())
    }

    /// TXT records, each with its strings joined (RFC 7208, 3.3).
    pub(super) async fn texts(&self, name: &str) -> Found {
        let found = self.0.txt_lookup(absolute(name)).await;
        let answers = answered(found)?;
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(answers.iter().filter_map(text).collect())
    }

    /// Names of mail exchangers; `.` of a domain that takes no mail (RFC 7505).
    pub(super) async fn exchangers(&self, name: &str) -> Found {
        let found = self.0.mx_lookup(absolute(name)).await;
        let answers = answered(found)?;
        let name = |data: &RData| match data {
            RData::MX(mx) => Some(mx.exchange.to_string()),
            _ => None,
        };
        Ok(answers.iter().filter_map(name).collect())
    }
}

/// UDP, and TCP for what does not fit, at this port.
fn only(server: SocketAddr) -> ResolverConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    ResolverConfig::from_name_servers(vec![server])
}

/// No search domain is added to a name that ends with a dot.
fn absolute(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}

/// That there is no such name, or no such record, is an answer.
fn answered(found: Result<hickory_resolver::lookup::Lookup, NetError>) -> Result<Vec<RData>, String> {
    match found {
        Ok(lookup) => Ok(lookup
            .answers()
            .iter()
            .map(|record| record.data.clone())
            .collect()),
        Err(error) if error.is_no_records_found() => Ok(Vec::new()),
        Err(error) => Err(error.to_string()),
    }
}
