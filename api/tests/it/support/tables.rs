//! All rows of all tables, to see whether a request changed any.

use levqor_store::Db;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

/// Every row of every table of an embedded database, as text.
pub(crate) async fn rows(db: &Db) -> Vec<String> {
    let tables = texts(
        db,
        "SELECT 'SELECT ''' || t.name || ' '' || ' || group_concat('quote(\"' || c.name || '\")', ' || '','' || ') || ' FROM ' || t.name \
         FROM sqlite_schema t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name",
    )
    .await;
    assert!(tables.len() > 20, "{tables:?}");
    let mut rows = Vec::new();
    for select in tables {
        rows.extend(texts(db, &select).await);
    }
    rows.sort_unstable();
    rows
}

async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let rows = db.reader().query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
