//! `levqor probe`: whether a role answers. For whoever runs a container: the image has no other program that could ask.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use clap::Args;
use levqor_egress::{Egress, EgressError, Request};

use crate::{config::Config, wiring};

/// What is asked, and where.
#[derive(Args, Debug)]
pub(crate) struct ProbeArgs {
    /// Where the role answers [default: `listen`, and `metrics_listen` when nobody listens there]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Ask whether it lives, not whether it is ready
    #[arg(long)]
    live: bool,
    /// Longest that an answer may take
    #[arg(long, default_value_t = 4, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=60))]
    within: u64,
}

/// Exit code 0 when it answers with 200; else 1, with the reason on standard error.
pub(crate) async fn probe(
    config: impl FnOnce() -> anyhow::Result<Config>,
    arguments: &ProbeArgs,
) -> anyhow::Result<ExitCode> {
    let places = match &arguments.url {
        Some(url) => vec![url.trim_end_matches('/').to_owned()],
        None => places(&config()?),
    };
    let path = if arguments.live {
        "/health/live"
    } else {
        "/health/ready"
    };
    let egress = Egress::new(wiring::operators_policy());
    let mut absent = Vec::new();
    for place in places {
        match ask(&egress, format!("{place}{path}"), arguments.within).await {
            Ok(200) => return Ok(ExitCode::SUCCESS),
            Ok(status) => return Ok(failure(&format!("{place}{path} answers {status}"))),
            // One role of several may be here, or none.
            Err(EgressError::Connect(error)) => absent.push(format!("{place}: {error}")),
            Err(error) => return Ok(failure(&format!("{place}{path}: {error}"))),
        }
    }
    Ok(failure(&format!("cannot connect: {}", absent.join("; "))))
}

/// What the role answers.
async fn ask(egress: &Egress, url: String, within: u64) -> Result<u16, EgressError> {
    let request = Request {
        method: "GET".to_owned(),
        url,
        timeout: Some(Duration::from_secs(within)),
        ..Request::default()
    };
    Ok(egress.send(request).await?.status)
}

fn failure(why: &str) -> ExitCode {
    eprintln!("levqor: {why}");
    ExitCode::FAILURE
}

/// Where a role of this machine with this configuration may answer: an API on `listen`, others on `metrics_listen`.
fn places(config: &Config) -> Vec<String> {
    let addresses = [Some(config.listen), config.metrics_listen];
    let url = |address| format!("http://{}", reachable(address));
    addresses.into_iter().flatten().map(url).collect()
}

/// Who listens on all addresses is reached by loopback.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_asked_here() {
        for (listens, asked) in [
            ("0.0.0.0:8790", "127.0.0.1:8790"),
            ("[::]:9464", "[::1]:9464"),
            ("10.0.0.7:8790", "10.0.0.7:8790"),
        ] {
            let address = listens.parse().unwrap();
            assert_eq!(reachable(address).to_string(), asked);
        }
    }
}
