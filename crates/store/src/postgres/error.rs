//! What Postgres says, sorted into the store's kinds by SQLSTATE
//! (<https://www.postgresql.org/docs/15/errcodes-appendix.html>).

use sea_orm::{DbErr, RuntimeErr};
use sqlx::Error;

use crate::{DataError, StoreError};

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(super) fn store_error(error: Error) -> StoreError {
    kind(&error)
}

/// An error of the entities or of the migrations.
#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
pub(super) fn orm_error(error: DbErr) -> StoreError {
    match &error {
        DbErr::Conn(RuntimeErr::SqlxError(sqlx))
        | DbErr::Exec(RuntimeErr::SqlxError(sqlx))
        | DbErr::Query(RuntimeErr::SqlxError(sqlx)) => kind(sqlx),
        DbErr::Type(_) | DbErr::TryIntoErr { .. } => StoreError::Corrupt(error.to_string()),
        DbErr::Migration(_) | DbErr::Custom(_) => StoreError::Setup(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn kind(error: &Error) -> StoreError {
    match error {
        Error::Database(database) => {
            by_code(database.code().as_deref().unwrap_or_default(), database.message())
        }
        Error::ColumnDecode { .. }
        | Error::Decode(_)
        | Error::ColumnNotFound(_)
        | Error::ColumnIndexOutOfBounds { .. }
        | Error::TypeNotFound { .. }
        | Error::RowNotFound => StoreError::Corrupt(error.to_string()),
        Error::Encode(_) => StoreError::Data(DataError(error.to_string())),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// Messages name columns and constraints, never values: those are in the detail, which is left out.
fn by_code(code: &str, message: &str) -> StoreError {
    let text = format!("{code}: {message}");
    match (code, code.get(..2).unwrap_or_default()) {
        // serialization_failure, deadlock_detected, lock_not_available
        ("40001" | "40P01" | "55P03", _) => StoreError::Retry(text),
        // Data exceptions, broken constraints, limits of the program (row or index entry too large).
        (_, "22" | "23" | "54") => StoreError::Data(DataError(text)),
        // data_corrupted, index_corrupted
        (_, "XX") => StoreError::Corrupt(text),
        // invalid_authorization, wrong schema or rights: nothing that a repeat would mend.
        (_, "28" | "42" | "3D") => StoreError::Setup(text),
        // 08 connection, 25P03 idle in transaction, 53 resources, 57 operator and timeouts, 58 system, and all else.
        _ => StoreError::Unavailable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_are_sorted_by_what_the_caller_may_do() {
        let name = |code| match by_code(code, "m") {
            StoreError::Retry(_) => "retry",
            StoreError::Data(_) => "data",
            StoreError::Unavailable(_) => "unavailable",
            StoreError::Corrupt(_) => "corrupt",
            StoreError::Setup(_) => "setup",
            _ => "other",
        };
        for (code, expected) in [
            ("40001", "retry"),
            ("40P01", "retry"),
            ("55P03", "retry"),
            ("22021", "data"),
            ("23505", "data"),
            ("23514", "data"),
            ("54000", "data"),
            ("08006", "unavailable"),
            ("57P01", "unavailable"),
            ("57014", "unavailable"),
            ("53100", "unavailable"),
            ("25P03", "unavailable"),
            ("XX001", "corrupt"),
            ("42P01", "setup"),
            ("", "unavailable"),
        ] {
            assert_eq!(name(code), expected, "{code}");
        }
    }
}
