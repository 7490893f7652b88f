//! Tables as sea-orm entities, newtype ids, and the data map (who owns each table, how long it is kept).

pub mod ids;
