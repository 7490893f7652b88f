//! What may be reached.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;

use crate::{error::Refusal, ranges};

/// What may be reached, and the limits of an exchange. `deny` stands above `allow`, which stands above the ranges that
/// are refused in any case.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Loopback addresses may be reached: for a development machine.
    pub allow_loopback: bool,
    /// Networks that may be reached although they are private, link-local, …
    pub allow: Vec<IpNet>,
    /// Networks refused although they are public or allowed.
    pub deny: Vec<IpNet>,
    /// Single sockets refused although their address is allowed: our own Postgres, Redis, API.
    pub deny_sockets: Vec<SocketAddr>,
    /// Longest body of an answer, decompressed, in bytes. Default 10 MiB.
    pub max_response_bytes: usize,
    /// Names and values of an answer's header fields together, in bytes. Default 64 KiB.
    pub max_header_bytes: usize,
    /// For resolving the name, the TCP and the TLS handshake of each connection. Default 10 s.
    pub connect_timeout: Duration,
    /// For the whole exchange, redirects and the body included. Default 60 s.
    pub total_timeout: Duration,
    /// Most redirects followed. Default 5.
    pub max_redirects: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow_loopback: false,
            allow: Vec::new(),
            deny: Vec::new(),
            deny_sockets: Vec::new(),
            max_response_bytes: 10 * 1024 * 1024,
            max_header_bytes: 64 * 1024,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_mins(1),
            max_redirects: 5,
        }
    }
}

impl Policy {
    /// Whether a connection to this socket may be made.
    pub(crate) fn check(&self, address: IpAddr, port: u16) -> Result<(), Refusal> {
        let address = ranges::plain(address);
        // A translator makes of the one address the other: both have to be allowed.
        if let Some(embedded) = ranges::embedded(address).filter(|_| !address.is_loopback()) {
            self.check_plain(embedded.into(), port)?;
        }
        self.check_plain(address, port)
    }

    fn check_plain(&self, address: IpAddr, port: u16) -> Result<(), Refusal> {
        let socket = |denied: &SocketAddr| ranges::plain(denied.ip()) == address && denied.port() == port;
        if self.deny_sockets.iter().any(socket) || self.deny.iter().any(|net| net.contains(&address)) {
            return Err(Refusal(format!(
                "{address} port {port} is not to be reached from here"
            )));
        }
        let allowed = self.allow.iter().any(|net| net.contains(&address));
        if allowed || (self.allow_loopback && address.is_loopback()) {
            return Ok(());
        }
        match ranges::special(address) {
            Some(what) => Err(Refusal(format!("{address} is not a public address ({what})"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(policy: &Policy, address: &str) -> bool {
        policy.check(address.parse().unwrap(), 443).is_err()
    }

    #[test]
    fn addresses_outside_the_public_internet_are_refused() {
        let addresses = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.9.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in addresses {
            assert!(refused(&Policy::default(), address), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_allowed() {
        let addresses = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "198.17.255.255",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "2001:4860:4860::8888",
        ];
        for address in addresses {
            assert!(!refused(&Policy::default(), address), "{address}");
        }
    }

    #[test]
    fn loopback_can_be_allowed_and_nothing_else_with_it() {
        let policy = Policy {
            allow_loopback: true,
            ..Policy::default()
        };
        for address in ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"] {
            assert!(!refused(&policy, address), "{address}");
        }
        for address in ["0.0.0.0", "10.0.0.1", "::", "64:ff9b::7f00:1", "2002:7f00:1::"] {
            assert!(refused(&policy, address), "{address}");
        }
    }

    #[test]
    fn an_allowed_translator_does_not_open_what_is_behind_it() {
        let policy = Policy {
            allow: vec!["64:ff9b::/96".parse().unwrap()],
            ..Policy::default()
        };
        assert!(!refused(&policy, "64:ff9b::808:808"));
        assert!(refused(&policy, "64:ff9b::a00:1"));
        assert!(refused(&policy, "64:ff9b::a9fe:a9fe"));
    }

    #[test]
    fn deny_stands_above_allow() {
        let policy = Policy {
            allow_loopback: true,
            allow: vec!["10.0.0.0/8".parse().unwrap()],
            deny: vec!["10.1.0.0/16".parse().unwrap(), "8.8.8.8/32".parse().unwrap()],
            deny_sockets: vec![
                "127.0.0.1:5432".parse().unwrap(),
                "[::ffff:10.0.0.5]:6379".parse().unwrap(),
            ],
            ..Policy::default()
        };
        let check = |address: &str, port| policy.check(address.parse().unwrap(), port).is_ok();
        assert!(check("10.0.0.5", 443) && !check("10.0.0.5", 6379));
        assert!(!check("10.1.2.3", 443) && !check("8.8.8.8", 443) && !check("::ffff:8.8.8.8", 443));
        assert!(check("127.0.0.1", 80) && !check("127.0.0.1", 5432) && !check("::ffff:127.0.0.1", 5432));
    }
}
