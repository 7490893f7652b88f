//! The client.

use std::{collections::HashMap, fmt, net::IpAddr, sync::Arc, time::Duration};

use reqwest::Client;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use url::Host;

use crate::{
    EgressError, Policy, Request, Response, redirect,
    request::Hop,
    resolver::{CheckedResolver, Lookup, system},
    response,
};

/// A connection nobody uses is closed after this.
const IDLE: Duration = Duration::from_secs(30);
/// Connections kept per host while nobody uses them.
const IDLE_PER_HOST: usize = 32;

/// The one HTTP client that may leave the machine. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Egress {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Arc<Policy>,
    client: Client,
    /// A resolver is not told the port, so each port of `deny_sockets` has a client with a resolver that knows it.
    by_port: HashMap<u16, Client>,
}

impl Egress {
    /// A client under this policy. TLS by rustls with ring and the certificates of Mozilla's list; no proxy.
    pub fn new(policy: Policy) -> Self {
        Self::with_lookup(policy, &system())
    }

    pub(crate) fn with_lookup(policy: Policy, lookup: &Lookup) -> Self {
        let policy = Arc::new(policy);
        let tls = tls();
        let client = |port| {
            let resolver = CheckedResolver {
                policy: Arc::clone(&policy),
                lookup: Arc::clone(lookup),
                port,
            };
            build(&policy, tls.clone(), resolver)
        };
        let by_port = policy
            .deny_sockets
            .iter()
            .map(|socket| (socket.port(), client(socket.port())))
            .collect();
        let shared = Shared {
            client: client(0),
            by_port,
            policy,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sends a request and reads the answer, whatever its status.
    pub async fn send(&self, request: Request) -> Result<Response, EgressError> {
        let hop = Hop::first(&request)?;
        let host = hop.host().to_owned();
        let most = self.shared.policy.total_timeout;
        let timeout = request.timeout.map_or(most, |timeout| timeout.min(most));
        let exchange = self.exchange(hop, request.follow_redirects);
        let result = tokio::time::timeout(timeout, exchange).await.unwrap_or_else(|_| {
            Err(EgressError::Timeout(format!(
                "{host}: no answer in {} ms",
                timeout.as_millis()
            )))
        });
        if let Err(EgressError::Refused(reason)) = &result {
            tracing::info!(host, reason, "request refused");
        }
        result
    }

    async fn exchange(&self, mut hop: Hop, follow: bool) -> Result<Response, EgressError> {
        let policy = &self.shared.policy;
        for _ in 0..=policy.max_redirects {
            let answer = self.one(&hop).await?;
            if !follow {
                return read(answer, &hop, policy).await;
            }
            match redirect::next(&hop, answer.status(), answer.headers())? {
                None => return read(answer, &hop, policy).await,
                Some(next) => hop = next,
            }
        }
        Err(EgressError::Refused(format!(
            "{}: more than {} redirects",
            hop.host(),
            policy.max_redirects
        )))
    }

    async fn one(&self, hop: &Hop) -> Result<reqwest::Response, EgressError> {
        let port = hop.url.port_or_known_default().unwrap_or_default();
        self.check_literal(hop, port)?;
        let client = self.shared.by_port.get(&port).unwrap_or(&self.shared.client);
        let mut request = client
            .request(hop.method.clone(), hop.url.clone())
            .headers(hop.headers.clone());
        if let Some(body) = &hop.body {
            request = request.body(body.clone());
        }
        request
            .send()
            .await
            .map_err(|error| EgressError::from_client(&error, hop.host()))
    }

    /// An address in the URL does not pass the resolver. The URL parser has brought its odd spellings (decimal, octal,
    /// hexadecimal, short) into the usual form.
    fn check_literal(&self, hop: &Hop, port: u16) -> Result<(), EgressError> {
        let address: IpAddr = match hop.url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.shared
            .policy
            .check(address, port)
            .map_err(|refusal| EgressError::Refused(refusal.0))
    }
}

async fn read(answer: reqwest::Response, hop: &Hop, policy: &Policy) -> Result<Response, EgressError> {
    response::read(answer, hop.url.to_string(), policy, hop.host()).await
}

#[expect(clippy::disallowed_methods, reason = "this is the egress client")]
#[expect(clippy::expect_used, reason = "fails on settings only, which are constants")]
fn build(policy: &Policy, tls: ClientConfig, resolver: CheckedResolver) -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .user_agent(concat!("levqor/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(policy.connect_timeout)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .http2_max_header_list_size(u32::try_from(policy.max_header_bytes).unwrap_or(u32::MAX))
        .tls_backend_preconfigured(tls)
        .dns_resolver(resolver)
        .build()
        .expect("the settings of the HTTP client are valid")
}

#[expect(clippy::expect_used, reason = "fails on settings only, which are constants")]
fn tls() -> ClientConfig {
    let roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has ciphers for the default versions of TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

impl fmt::Debug for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Egress")
            .field("policy", &self.shared.policy)
            .finish_non_exhaustive()
    }
}
