//! Real servers for tests, on free loopback ports and in temporary folders: no mocks of Postgres, Redis or HTTP.
//!
//! Everything stops and is removed on drop, also when the test panics. When the test process itself dies
//! (or leaves a shared server in a static), a small watchdog shell does the same: see `watchdog`.

mod child;
mod eventually;
mod folder;
mod http;
mod notion;
mod pooler;
mod port;
mod postgres;
mod preload;
mod process;
mod prometheus;
mod proxy;
mod redis;
mod smtp;
mod watchdog;

pub use eventually::eventually;
pub use folder::TempFolder;
pub use http::{Answer, LocalServer, Recorded};
pub use notion::{LocalNotion, Mood};
pub use pooler::{Figures, Pooler};
pub use port::free_port;
pub use postgres::Postgres;
pub use preload::Preload;
pub use process::{Process, levqor_binary};
pub use prometheus::Prometheus;
pub use proxy::{Fault, Proxy};
pub use redis::Redis;
pub use smtp::{LocalSmtp, Taken};
