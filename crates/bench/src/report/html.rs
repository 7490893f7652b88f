//! A page of its own: no script, no font, no address outside of it.

use std::fmt::Write;

use super::{
    Report, median_and_range, number,
    svg::{Bar, bars, lines},
    target, times_better,
};
use crate::{
    context::Installation,
    record::Record,
    rows::{ROWS, Row},
};

const STYLE: &str = include_str!("style.css");

impl Report {
    /// The report as HTML.
    pub fn html(&self) -> String {
        let mut page = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>levqor bench</title><style>{STYLE}</style></head><body><main><h1>levqor bench</h1>\
             <p>Medians of the rounds, with the least and the largest. The dashed line of a plot is the target. Peers were \
             measured in turn with our rounds, on the same machine and the same Postgres.</p>"
        );
        self.rows(&mut page);
        self.series(&mut page);
        self.details(&mut page);
        page + "</main></body></html>\n"
    }

    fn rows(&self, page: &mut String) {
        page.push_str("<h2>Figures</h2>");
        for row in ROWS {
            let own = self.installations.iter();
            let own: Vec<_> = own
                .filter_map(|(one, measured)| Some((*one, &measured.own, measured.own.median(row.key)?)))
                .collect();
            if own.is_empty() {
                continue;
            }
            let _ = write!(page, "<section><h3>{}</h3>", escaped(row.label));
            let mut plot: Vec<Bar> = Vec::new();
            for (installation, record, figure) in &own {
                self.line(page, row, *installation, record);
                plot.push(Bar {
                    label: installation.name().to_owned(),
                    figure: *figure,
                    ours: true,
                });
            }
            self.against(page, row, &mut plot);
            page.push_str(&bars(&escaped(row.label), &plot, row.target));
            page.push_str("</section>");
        }
    }

    fn line(&self, page: &mut String, row: &Row, installation: Installation, record: &Record) {
        let figure = median_and_range(record, row.key).unwrap_or_default();
        let verdict = match record.median(row.key).and_then(|median| row.reached(median)) {
            Some(true) => format!("reaches the target of {}", target(row)),
            Some(false) => format!("<strong>misses</strong> the target of {}", target(row)),
            None => String::new(),
        };
        let _ = write!(page, "<p>{}: {figure} {verdict}</p>", installation.name());
        let last = self.installations.last().map(|(last, _)| *last);
        if !row.peers.is_empty() && last == Some(installation) {
            let _ = write!(
                page,
                "<p class=\"small\">Measured elsewhere: {}</p>",
                escaped(row.peers)
            );
        }
    }

    /// Peers of this sitting: a bar and a ratio each.
    fn against(&self, page: &mut String, row: &Row, plot: &mut Vec<Bar>) {
        let ours = self
            .own(Installation::PostgresRedis)
            .and_then(|own| own.median(row.key));
        for (peer, found) in self.peers() {
            let Some(theirs) = found.ok().and_then(|record| record.median(row.key)) else {
                continue;
            };
            if let Some(ours) = ours {
                let ratio = times_better(row, ours, theirs);
                let _ = write!(
                    page,
                    "<p>{}: {}, ours is {ratio:.2} times as good</p>",
                    peer.name(),
                    number(theirs)
                );
            }
            plot.push(Bar {
                label: peer.name().to_owned(),
                figure: theirs,
                ours: false,
            });
        }
    }

    fn series(&self, page: &mut String) {
        for (installation, measured) in &self.installations {
            for series in &measured.own.series {
                let _ = write!(
                    page,
                    "<section><h3>{}, {} ({})</h3>{}</section>",
                    installation.name(),
                    series.name,
                    series.unit,
                    lines(series)
                );
            }
        }
    }

    fn details(&self, page: &mut String) {
        page.push_str("<h2>Machine</h2>");
        pairs(page, &self.machine.0);
        for (installation, measured) in &self.installations {
            let _ = write!(page, "<h2>{}</h2>", installation.name());
            record(page, &measured.own);
        }
        for (peer, found) in self.peers() {
            let _ = write!(page, "<h2>{}</h2>", peer.name());
            match found {
                Ok(theirs) => record(page, theirs),
                Err(why) => {
                    let _ = write!(page, "<p>{}</p>", escaped(why));
                }
            }
        }
    }
}

fn record(page: &mut String, record: &Record) {
    pairs(page, &record.settings);
    if !record.notes.is_empty() {
        page.push_str("<ul>");
        for note in &record.notes {
            let _ = write!(page, "<li>{}</li>", escaped(note));
        }
        page.push_str("</ul>");
    }
}

fn pairs(page: &mut String, pairs: &[(String, String)]) {
    page.push_str("<dl>");
    for (name, value) in pairs {
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(value));
    }
    page.push_str("</dl>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::example;

    #[test]
    fn the_page_holds_all_it_needs_and_no_script() {
        let page = example().html();
        for part in [
            "<svg",
            "polyline",
            "ours is 2.00 times as good",
            "not found: npm cannot be started",
            "measured &lt;here&gt; &amp; now",
            "prefers-color-scheme: dark",
            "reaches the target",
        ] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        for part in ["<script", "http://", "https://", "src=", "@import"] {
            assert!(!page.contains(part), "{part} is in the page");
        }
    }
}
