//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use poem::{Addr, Request, http::HeaderMap};

/// The caller's address, as operations see it; the gate put it into the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address(pub(super) IpAddr);

impl Address {
    /// Without what tells a household from its neighbours: the last octet of IPv4, the last 80 bits of IPv6.
    pub(crate) fn truncated(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Ipv4Addr::new(a, b, c, 0).to_string()
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string()
            }
        }
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        Self(address)
    }
}

/// The caller's address. With `proxies` trusted proxies before this server, the entry of X-Forwarded-For that the
/// outermost of them wrote; what stands left of it was written by the caller and is not believed.
pub(super) fn address(request: &Request, proxies: usize) -> IpAddr {
    let peer = match request.remote_addr().0 {
        Addr::SocketAddr(address) => address.ip(),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    if proxies == 0 {
        peer
    } else {
        forwarded(request.headers(), proxies).unwrap_or(peer)
    }
}

fn forwarded(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let lines = headers.get_all("x-forwarded-for");
    let entries: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let entry = entries.get(entries.len().checked_sub(proxies)?)?;
    let bare = entry.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| entry.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(header: &str, proxies: usize) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", header.parse().unwrap());
        forwarded(&headers, proxies)
            .map(|address| address.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        assert_eq!(from("6.6.6.6, 192.0.2.7", 1), "192.0.2.7");
        assert_eq!(from("6.6.6.6, 192.0.2.7, 10.0.0.1", 2), "192.0.2.7");
        assert_eq!(from("192.0.2.7", 2), "");
        assert_eq!(from("nonsense", 1), "");
        assert_eq!(from("[2001:db8::1]:443", 1), "2001:db8::1");
        assert_eq!(from("[2001:db8::1]", 1), "2001:db8::1");
        assert_eq!(from("192.0.2.7:1234", 1), "192.0.2.7");
    }

    #[test]
    fn an_address_is_cut_to_its_network() {
        let cut = |text: &str| Address(text.parse().unwrap()).truncated();
        assert_eq!(cut("192.0.2.77"), "192.0.2.0");
        assert_eq!(cut("::ffff:192.0.2.77"), "192.0.2.0");
        assert_eq!(cut("2001:db8:1:2:3:4:5:6"), "2001:db8:1::");
    }

    #[test]
    fn without_trusted_proxies_the_header_is_ignored() {
        let request = Request::builder().header("x-forwarded-for", "192.0.2.7").finish();
        assert_eq!(address(&request, 0), IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        assert_eq!(address(&request, 1).to_string(), "192.0.2.7");
    }
}
