//! The rows about a person, of any table, found by the data map alone: what an export needs, whatever tables there will
//! be. Values come as JSON; columns that open something are left out.

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement},
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    data_map::{Entry, Owner, Subject},
    ids::{TenantId, UserId},
};

/// A person, as tables name them.
#[derive(Clone, Debug)]
pub struct Person {
    /// The tenant that keeps the data.
    pub tenant: TenantId,
    /// Their id.
    pub user: UserId,
    /// Their e-mail address, normalised.
    pub email: String,
}

/// Rows of one table about one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Names of the columns, in the table's order, without those left out.
    pub columns: Vec<String>,
    /// Names of columns that were left out, since they open something.
    pub left_out: Vec<String>,
    /// A value for each column, in its order.
    pub rows: Vec<Map<String, Value>>,
}

/// Ends of the names of columns whose content would open something or help to guess it; they never leave.
const SECRET: [&str; 7] = [
    "hash",
    "salt",
    "secret",
    "token",
    "password",
    "sealed_key",
    "signature",
];

/// Columns that may hold such a thing among other words: what a mail says until it is sent has links with tokens in them.
const HOLDS_SECRETS: [(&str, &str); 3] = [("mails", "text"), ("mails", "html"), ("mails", "unsubscribe")];

/// Whether a column holds what opens something.
pub fn is_secret(column: &str) -> bool {
    SECRET.iter().any(|word| {
        column
            .strip_suffix(word)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    })
}

/// The rows of an entry's table about this person, at most `most` of them. None for a table that names nobody.
///
/// Identifiers are written as UUIDs, text in bytes as text, other bytes in hexadecimal; times stay microseconds.
///
/// # Errors
/// The database is away, or a column has a type that no table of ours has.
pub async fn rows(
    db: &impl ConnectionTrait,
    entry: &Entry,
    person: &Person,
    most: u64,
) -> Result<Option<Rows>, DbErr> {
    let Some(select) = select(entry, person, most) else {
        return Ok(None);
    };
    let found = db.query_all(&select).await?;
    let all = found.first().map(QueryResult::column_names).unwrap_or_default();
    let withheld = |column: &String| is_secret(column) || HOLDS_SECRETS.contains(&(entry.table, column));
    let (left_out, columns): (Vec<_>, Vec<_>) = all.into_iter().partition(withheld);
    let row = |found: &QueryResult| {
        let pairs = columns
            .iter()
            .map(|column| Ok((column.clone(), value(found, column)?)));
        pairs.collect::<Result<Map<String, Value>, DbErr>>()
    };
    let rows = found.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Some(Rows {
        columns,
        left_out,
        rows,
    }))
}

fn select(entry: &Entry, person: &Person, most: u64) -> Option<SelectStatement> {
    let column = |name: &'static str| Expr::col(Alias::new(name));
    let about = match entry.subject {
        Subject::Nobody => return None,
        Subject::User(name) => column(name).eq(person.user.0),
        Subject::Email(name) => column(name).eq(person.email.as_str()),
    };
    let Owner::Tenant(owner) = entry.owner else {
        return None;
    };
    let mut select = Query::select();
    select
        .column(Asterisk)
        .from(Alias::new(entry.table))
        .and_where(column(owner).eq(person.tenant.0))
        .and_where(about)
        .limit(most);
    Some(select)
}

/// One cell. The databases tell types apart in their own ways, so each type that tables have is tried in turn.
fn value(row: &QueryResult, column: &str) -> Result<Value, DbErr> {
    if let Ok(number) = row.try_get::<Option<i64>>("", column) {
        return Ok(number.into());
    }
    if let Ok(number) = row.try_get::<Option<i32>>("", column) {
        return Ok(number.into());
    }
    if let Ok(number) = row.try_get::<Option<i16>>("", column) {
        return Ok(number.into());
    }
    if let Ok(truth) = row.try_get::<Option<bool>>("", column) {
        return Ok(truth.into());
    }
    if let Ok(text) = row.try_get::<Option<String>>("", column) {
        return Ok(text.into());
    }
    let names_id = column == "id" || column.ends_with("_id");
    if let (true, Ok(id)) = (names_id, row.try_get::<Option<Uuid>>("", column)) {
        return Ok(id.map(|id| id.to_string()).into());
    }
    let bytes = row.try_get::<Option<Vec<u8>>>("", column)?;
    Ok(bytes
        .map(|bytes| String::from_utf8(bytes).unwrap_or_else(|error| hex(error.as_bytes())))
        .into())
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_1_8_columns_that_open_something_are_known_by_their_names() {
        for column in [
            "hash",
            "code_hash",
            "salt",
            "confirm_token",
            "token",
            "sealed_key",
            "secret",
        ] {
            assert!(is_secret(column), "{column}");
        }
        for column in [
            "id",
            "token_id",
            "hashed_at",
            "package_digest",
            "prehash2",
            "rehash_x",
            "mytoken",
        ] {
            assert!(!is_secret(column), "{column}");
        }
    }
}
