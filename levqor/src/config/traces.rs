//! Where traces go, and how many.

use std::fmt;

use anyhow::{Context, bail};
use url::Url;

use super::{SecretKey, Settings};

/// Share of new traces that a fleet records: at thousands of runs a second the others say nothing new.
const FLEET: f64 = 0.01;

/// Where spans go by OTLP; without an endpoint none are recorded.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    /// Where they are posted.
    pub(crate) endpoint: Option<Url>,
    /// Names and values, sent with each request.
    pub(crate) headers: Vec<(String, SecretKey)>,
    /// Of the traces that begin here, 0 to 1.
    pub(crate) ratio: f64,
}

impl Traces {
    pub(super) fn new(s: &Settings, embedded: bool) -> anyhow::Result<Self> {
        let endpoint = s.otlp_endpoint.as_deref().filter(|text| !text.trim().is_empty());
        let ratio = s.trace_ratio.unwrap_or(if embedded { 1.0 } else { FLEET });
        if !(0.0..=1.0).contains(&ratio) {
            bail!("trace_ratio must be 0 to 1; it is {ratio}");
        }
        Ok(Self {
            endpoint: endpoint.map(address).transpose()?,
            headers: headers(s.otlp_headers.as_deref().unwrap_or(""))?,
            ratio,
        })
    }
}

/// The base URL of a collector, to which OTLP/HTTP adds the path of the signal.
fn address(text: &str) -> anyhow::Result<Url> {
    let text = text.trim().trim_end_matches('/');
    let base = text.strip_suffix("/v1/traces").unwrap_or(text);
    let url = Url::parse(&format!("{base}/v1/traces"));
    let url = url.context("otlp_endpoint must be a URL such as http://collector:4318")?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !matches!(url.scheme(), "http" | "https") || !plain || url.host_str().is_none() {
        bail!(
            "otlp_endpoint must be an http or https URL without credentials and query; those go into otlp_headers"
        );
    }
    Ok(url)
}

/// Of `name=value,name=value`; a value may hold `=`.
fn headers(text: &str) -> anyhow::Result<Vec<(String, SecretKey)>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((
                name.trim().to_ascii_lowercase(),
                SecretKey(value.trim().to_owned()),
            )),
            // The part may be a secret and is not repeated.
            _ => bail!("otlp_headers must be name=value, separated by commas"),
        })
        .collect()
}

/// TOML, a setting a line, with the secret masked.
impl fmt::Display for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(endpoint) = &self.endpoint {
            writeln!(f, "otlp_endpoint = {:?}", endpoint.as_str())?;
        }
        if !self.headers.is_empty() {
            writeln!(f, "otlp_headers = \"***\"")?;
        }
        writeln!(f, "trace_ratio = {:?}", self.ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(endpoint: &str, headers: &str, ratio: Option<f64>) -> anyhow::Result<Traces> {
        let settings = Settings {
            otlp_endpoint: Some(endpoint.to_owned()),
            otlp_headers: Some(headers.to_owned()),
            trace_ratio: ratio,
            ..Settings::default()
        };
        Traces::new(&settings, false)
    }

    #[test]
    fn the_path_of_traces_is_added_once_and_headers_are_never_shown() {
        for endpoint in ["http://c:4318", "http://c:4318/", "http://c:4318/v1/traces"] {
            let traces = traces(endpoint, "Authorization=Basic aHVudGVyMg==, x-scope = a", None).unwrap();
            assert_eq!(
                traces.endpoint.as_ref().unwrap().as_str(),
                "http://c:4318/v1/traces"
            );
            let given: Vec<_> = traces
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.0.as_str()))
                .collect();
            assert_eq!(given, [("authorization", "Basic aHVudGVyMg=="), ("x-scope", "a")]);
            let shown = format!("{traces} {traces:?}");
            assert!(!shown.contains("aHVudGVyMg") && shown.contains("***"), "{shown}");
        }
    }

    #[test]
    fn values_that_cannot_be_meant_are_refused_by_name() {
        for (endpoint, headers, ratio, name) in [
            ("collector:4318", "", None, "otlp_endpoint"),
            ("http://a:b@c", "", None, "otlp_endpoint"),
            ("http://c?x=1", "", None, "otlp_endpoint"),
            ("http://c", "hunter2", None, "otlp_headers"),
            ("http://c", "", Some(1.5), "trace_ratio"),
            ("http://c", "", Some(f64::NAN), "trace_ratio"),
        ] {
            let error = format!("{:#}", traces(endpoint, headers, ratio).unwrap_err());
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn without_an_endpoint_nothing_is_recorded_and_the_embedded_size_records_all() {
        let embedded = Traces::new(&Settings::default(), true).unwrap();
        assert!(embedded.endpoint.is_none() && embedded.ratio >= 1.0);
    }
}
