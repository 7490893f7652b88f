//! The texts. Parameters: $1 latest clock, $2 earliest clock, $3 as of, $4 the rule's days, then what each adds.

use levqor_entities::data_map::Subject;

use super::Target;

/// Whoever places a hold or chooses a period waits for the batch, and the batch for them: what is acknowledged is seen
/// by every later statement. Batches wait for each other too, since two that share the lock could not both go on to
/// delete old holds. Readers wait for nobody. SQLite has one writer anyway.
pub(crate) const STILL: &str = "LOCK TABLE legal_holds, retention_overrides IN SHARE ROW EXCLUSIVE MODE";

/// Whether an active hold covers the row that `row` names (an alias or a table), as a condition.
pub(crate) fn held(row: &str, table: &str, tenant: &str, subject: Subject) -> String {
    let about = match subject {
        Subject::Nobody => String::new(),
        Subject::User(column) => format!(" OR h.user_id = {row}.{column}"),
        Subject::Email(column) => format!(" OR h.email = {row}.{column}"),
    };
    format!(
        "EXISTS (SELECT 1 FROM legal_holds AS h WHERE h.tenant_id = {row}.{tenant} AND h.released_at IS NULL \
         AND (h.table_name IS NULL OR h.table_name = '{table}') AND (h.user_id IS NULL{about}))"
    )
}

/// The period in days that applies to the row: its tenant's own, else the rule's.
pub(crate) fn period(row: &str, tenant: &str, dataset: &str, days: &str) -> String {
    format!(
        "coalesce((SELECT o.days FROM retention_overrides AS o WHERE o.tenant_id = {row}.{tenant} \
         AND o.dataset = '{dataset}'), {days})"
    )
}

impl Target {
    fn held(&self, row: &str) -> Option<String> {
        self.tenant
            .map(|tenant| held(row, self.table, tenant, self.subject))
    }

    fn free(&self, row: &str) -> String {
        self.held(row)
            .map_or_else(String::new, |held| format!(" AND NOT {held}"))
    }

    fn period(&self, row: &str) -> String {
        let own = |tenant| period(row, tenant, self.dataset, "$4");
        self.tenant.map_or_else(|| "$4".to_owned(), own)
    }

    /// The condition of age over the alias `r`.
    fn due(&self) -> String {
        let Self { clock, .. } = self;
        let period = self.period("r");
        let only = self.only.map_or_else(String::new, |(column, text)| {
            format!(" AND r.{column} = '{text}'")
        });
        let full = self
            .blank
            .first()
            .map_or_else(String::new, |column| format!(" AND r.{column} IS NOT NULL"));
        format!(
            "r.{clock} <= $1 AND r.{clock} >= $2 AND r.{clock} <= $3 - 86400000000 * {period}{only}{full}"
        )
    }

    /// At most `$5` rows, oldest first; answers tenant, clock, days and the parts of the key.
    pub(super) fn batch(&self, postgres: bool) -> String {
        let Self { table, clock, .. } = self;
        let keys = |row: &str| join(self.key.iter().map(|key| format!("{row}.{key}")));
        let (key, from) = if postgres {
            (format!("{table}.ctid"), "r.ctid".to_owned())
        } else {
            (format!("({})", keys(table)), keys("r"))
        };
        let lock = if postgres {
            " FOR UPDATE OF r SKIP LOCKED"
        } else {
            ""
        };
        let chosen = format!(
            "SELECT {from} FROM {table} AS r WHERE {}{} ORDER BY r.{clock} LIMIT $5{lock}",
            self.due(),
            self.free("r")
        );
        let among = if postgres {
            format!("{key} = ANY (ARRAY({chosen}))")
        } else {
            format!("{key} IN ({chosen})")
        };
        let head = if self.blank.is_empty() {
            format!("DELETE FROM {table}")
        } else {
            let blanks = self.blank.iter().map(|column| format!("{column} = NULL"));
            format!("UPDATE {table} SET {}", join(blanks))
        };
        let free = self.free(table);
        format!("{head} WHERE {among}{free} RETURNING {}", self.answer())
    }

    fn answer(&self) -> String {
        let Self { table, clock, .. } = self;
        let tenant = self
            .tenant
            .map_or_else(|| "NULL".to_owned(), |name| format!("{table}.{name}"));
        let days = self.period(table);
        let keys = join(self.key.iter().map(|key| format!("{table}.{key}")));
        format!("{tenant}, {table}.{clock}, CAST({days} AS bigint), {keys}")
    }

    /// How many rows of tenant `$6` (of all, when NULL) are due, how many of them held, and the first and last clock of
    /// those that are not. Looks at `$5` rows at most.
    pub(super) fn count(&self) -> String {
        let Self { table, clock, .. } = self;
        let held = self.held("r").unwrap_or_else(|| "1 = 0".to_owned());
        format!(
            "SELECT count(*), count(*) FILTER (WHERE held), min(clock) FILTER (WHERE NOT held), \
             max(clock) FILTER (WHERE NOT held) FROM (SELECT r.{clock} AS clock, {held} AS held FROM {table} AS r \
             WHERE {}{} ORDER BY r.{clock} LIMIT $5) AS due",
            self.due(),
            self.of_tenant()
        )
    }

    /// The keys of the first `$5` rows that the next batch would take of tenant `$6`.
    pub(super) fn sample(&self) -> String {
        let Self { table, clock, .. } = self;
        let keys = join(self.key.iter().map(|key| format!("r.{key}")));
        format!(
            "SELECT {keys} FROM {table} AS r WHERE {}{}{} ORDER BY r.{clock} LIMIT $5",
            self.due(),
            self.free("r"),
            self.of_tenant()
        )
    }

    fn of_tenant(&self) -> String {
        let own = |tenant| format!(" AND ($6 IS NULL OR r.{tenant} = $6)");
        self.tenant.map_or_else(|| " AND $6 IS NULL".to_owned(), own)
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
