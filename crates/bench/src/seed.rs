//! Rows as runs leave them, made by SQL: copies of one real row under ids of their own.

use crate::session::Session;

/// Rows of one statement.
const CHUNK: usize = 250_000;

/// A UUIDv7 of the millisecond `m`, distinct for each number `g` of the series.
const ID: &str = "(lpad(to_hex(m), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid";

/// Which rows to make.
pub(crate) struct Copies<'a> {
    pub(crate) table: &'a str,
    /// Picks the row to copy.
    pub(crate) like: &'a str,
    /// Columns that differ, as SQL over the number `g`, its millisecond `m` and the copied row `t`; `ID` is the id.
    pub(crate) but: &'a [(&'a str, &'a str)],
    pub(crate) count: usize,
}

impl Copies<'_> {
    /// Makes them, spread over the time since midnight, UTC, in the order of their ids.
    pub(crate) async fn make(&self, session: &mut Session, say: impl Fn(&str)) -> anyhow::Result<()> {
        let columns = self.columns(session).await?;
        let (names, values): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        let copied = format!(
            "CREATE TEMP TABLE one AS SELECT * FROM {} WHERE {} LIMIT 1",
            self.table, self.like
        );
        session.run(copied).await?;
        for first in (0..self.count).step_by(CHUNK) {
            let last = (first + CHUNK).min(self.count) - 1;
            session
                .run(self.statement(&names.join(", "), &values.join(", "), first, last))
                .await?;
            say(&format!("{} of {} rows in {}", last + 1, self.count, self.table));
        }
        session.run("DROP TABLE one").await
    }

    /// Names of the table's columns and what they are to be.
    async fn columns(&self, session: &mut Session) -> anyhow::Result<Vec<(String, String)>> {
        let names = format!(
            "SELECT quote_ident(column_name), '' FROM information_schema.columns
             WHERE table_name = '{}' ORDER BY ordinal_position",
            self.table
        );
        let names = session.pairs(names).await?.into_iter();
        Ok(names
            .map(|(name, _)| {
                let other = self.but.iter().find(|(column, _)| *column == name);
                let value = other.map_or(format!("t.{name}"), |(_, value)| value.replace("ID", ID));
                (name, value)
            })
            .collect())
    }

    fn statement(&self, names: &str, values: &str, first: usize, last: usize) -> String {
        let count = self.count;
        format!(
            "INSERT INTO {} ({names}) SELECT {values} FROM one AS t, (
                 SELECT g, md5(g::text) AS h,
                        (extract(epoch FROM date_trunc('day', now(), 'UTC')) * 1000)::bigint
                        + (g * extract(epoch FROM now() - date_trunc('day', now(), 'UTC')) * 1000 / {count})::bigint
                        AS m
                 FROM generate_series({first}, {last}) AS g
             ) AS s",
            self.table
        )
    }
}

/// `count` completed runs.
pub(crate) async fn finished(session: &mut Session, count: usize, say: impl Fn(&str)) -> anyhow::Result<()> {
    let copies = Copies {
        table: "ended",
        like: "state = 6",
        but: &[
            ("id", "ID"),
            ("created_at", "m * 1000"),
            ("started_at", "m * 1000 + 2000"),
            ("ended_at", "m * 1000 + 3000"),
        ],
        count,
    };
    copies.make(session, say).await?;
    settle(session, "ended").await
}

/// `count` runs that are due in the coming days, with the timers that will start them. One such run must be there.
pub(crate) async fn pending(session: &mut Session, count: usize, say: impl Fn(&str)) -> anyhow::Result<()> {
    const DUE: &str = "t.due + g * 1000";
    let runs = Copies {
        table: "live",
        like: "NOT ready",
        but: &[("id", "ID"), ("created_at", "m * 1000"), ("due", DUE)],
        count,
    };
    runs.make(session, &say).await?;
    let timers = Copies {
        table: "timers",
        like: "epoch = 0",
        but: &[("run_id", "ID"), ("due", DUE)],
        count,
    };
    timers.make(session, &say).await?;
    settle(session, "live").await?;
    settle(session, "timers").await
}

/// What the server would do sooner or later because of these rows is done before anything is measured.
async fn settle(session: &mut Session, table: &str) -> anyhow::Result<()> {
    session.run(format!("VACUUM (ANALYZE) {table}")).await?;
    session.run("CHECKPOINT").await
}
