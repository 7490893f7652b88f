//! A client from its start to its end.

use std::sync::Arc;

use anyhow::Result;
use tokio::net::TcpStream;

use super::{
    Pools,
    batch::{Batch, Names},
    line::{Line, Message},
    pool::{Lease, Pool},
    startup,
};

/// A client that has started.
struct Client {
    line: Line,
    pools: Arc<Pools>,
    pool: Arc<Pool>,
    names: Names,
    /// The session of its open transaction.
    lease: Option<Lease>,
    /// The session of its last transaction.
    last: Option<u64>,
}

/// Serves a connection to its end. A client that breaks the rules is told so and cut; so is one whose server is.
pub(super) async fn serve(stream: TcpStream, pools: Arc<Pools>) {
    let Ok(mut line) = Line::new(stream) else { return };
    let Ok(Some(parameters)) = startup::read(&mut line).await else {
        return;
    };
    let pool = pools.of(&parameters);
    let mut client = Client {
        line,
        pools,
        pool,
        names: Names::new(),
        lease: None,
        last: None,
    };
    if let Err(error) = client.all().await {
        let farewell = Message::error("FATAL", "08P01", &format!("{error:#}"));
        // It may be gone, which is why we are here.
        let _gone = client.line.send(&[farewell]).await;
    }
}

impl Client {
    async fn all(&mut self) -> Result<()> {
        self.welcome().await?;
        self.pools.figures.lock().clients += 1;
        while let Some(messages) = self.messages().await? {
            self.run(messages).await?;
        }
        Ok(())
    }

    /// Trusted, the server's settings, a key that cancels nothing, ready.
    async fn welcome(&mut self) -> Result<()> {
        let mut lease = self.pool.take(None).await?;
        let mut welcome = vec![Message::new(b'R', &[&[0; 4]])];
        welcome.extend(lease.server()?.settings.iter().cloned());
        lease.give_back();
        welcome.extend([Message::new(b'K', &[&[0; 8]]), Message::new(b'Z', &[b"I"])]);
        Ok(self.line.send(&welcome).await?)
    }

    /// Up to a Sync or Query; None when the client leaves.
    async fn messages(&mut self) -> Result<Option<Vec<Message>>> {
        let mut messages = Vec::new();
        loop {
            let message = self.line.reader.message().await?;
            let tag = message.tag;
            messages.push(message);
            match tag {
                b'S' | b'Q' => return Ok(Some(messages)),
                b'X' => return Ok(None),
                _ => {}
            }
        }
    }

    async fn run(&mut self, messages: Vec<Message>) -> Result<()> {
        let mut lease = match self.lease.take() {
            Some(lease) => lease,
            None => self.begin().await?,
        };
        let server = lease.server()?;
        let batch = Batch::plan(
            &messages,
            &mut self.names,
            &self.pools.statements,
            &server.prepared,
        )?;
        let outcome = server.run(batch, &mut self.line.writer).await?;
        self.pools.figures.lock().prepared_again += outcome.prepared_again;
        if outcome.idle {
            lease.give_back();
        } else {
            self.lease = Some(lease);
        }
        Ok(())
    }

    /// A session for the next transaction.
    async fn begin(&mut self) -> Result<Lease> {
        let mut lease = self.pool.take(self.last).await?;
        let number = lease.server()?.number;
        let before = self.last.replace(number);
        let mut figures = self.pools.figures.lock();
        figures.transactions += 1;
        figures.switched += u64::from(before.is_some_and(|before| before != number));
        drop(figures);
        Ok(lease)
    }
}
