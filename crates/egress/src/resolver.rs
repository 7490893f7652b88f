//! Names to addresses, of which only those that policy allows come out.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Policy, error::Refusal};

/// Looks a name up.
pub(crate) type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The operating system's resolver.
pub(crate) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let sockets = tokio::net::lookup_host((name, 0)).await?;
            Ok(sockets.map(|socket| socket.ip()).collect())
        })
    })
}

/// The resolver of a client all of whose connections go to one port, as far as the policy tells ports apart.
pub(crate) struct CheckedResolver {
    pub(crate) policy: Arc<Policy>,
    pub(crate) lookup: Lookup,
    /// 0 for any port of which the policy says nothing.
    pub(crate) port: u16,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, port) = (Arc::clone(&self.policy), self.port);
        let lookup = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let sockets = allowed(&policy, lookup.await?, port)?;
            Ok(Box::new(sockets.into_iter()) as Addrs)
        })
    }
}

/// The allowed ones among the addresses of a name. The client puts in the port of the URL.
fn allowed(policy: &Policy, addresses: Vec<IpAddr>, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
    let mut refusal = None;
    let mut sockets = Vec::with_capacity(addresses.len());
    for address in addresses {
        match policy.check(address, port) {
            Ok(()) => sockets.push(SocketAddr::new(address, 0)),
            Err(refused) => refusal = Some(refused),
        }
    }
    match refusal {
        Some(refusal) if sockets.is_empty() => Err(refusal),
        _ => Ok(sockets),
    }
}
