//! What SQLite says, sorted into the store's kinds.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::Error;

use crate::{DataError, StoreError};

/// Primary result codes, <https://www.sqlite.org/rescode.html>.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const TOOBIG: i32 = 18;
const CONSTRAINT: i32 = 19;
const MISMATCH: i32 = 20;

/// Busy asks for a retry, refused rows are data errors, rows that cannot be read are corrupt; all else (disk full,
/// I/O, a closed writer) is an unavailable database.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn store_error(error: Error) -> StoreError {
    kind(&error)
}

/// An error of the entities.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn orm_error(error: DbErr) -> StoreError {
    match &error {
        DbErr::Conn(RuntimeErr::SqlxError(sqlx))
        | DbErr::Exec(RuntimeErr::SqlxError(sqlx))
        | DbErr::Query(RuntimeErr::SqlxError(sqlx)) => kind(sqlx),
        DbErr::Type(_) | DbErr::TryIntoErr { .. } => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Unavailable(error.to_string()),
    }
}

fn kind(error: &Error) -> StoreError {
    match error {
        Error::ColumnDecode { .. } | Error::Decode(_) | Error::TypeNotFound { .. } => {
            StoreError::Corrupt(error.to_string())
        }
        Error::Database(database) => match primary_code(database.code().as_deref()) {
            Some(BUSY | LOCKED) => StoreError::Retry(error.to_string()),
            Some(TOOBIG | CONSTRAINT | MISMATCH) => StoreError::Data(DataError(error.to_string())),
            _ => StoreError::Unavailable(error.to_string()),
        },
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// The lower byte of an extended result code.
fn primary_code(code: Option<&str>) -> Option<i32> {
    code?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// The writer's thread is gone.
pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the embedded store is closed".to_owned())
}
