//! An HTTP/1.1 client that hides nothing.
//!
//! Ordinary clients join field lines, follow rules of their own about lengths, wait for nobody's 100 and lose the answer
//! when the server closes early. Here a request is written octet by octet as it was asked for, and the response is shown
//! as it came: interim responses, every field line in order, the content, and whether the connection is over.
//! Everything is bounded by a time limit, so no server can make a check hang.

mod connection;
mod origin;
mod request;
mod response;
mod transcript;

#[cfg(test)]
mod tests;

pub use connection::{Connection, Message, Trouble};
pub use origin::Origin;
pub use request::{Framing, Request};
pub use response::Response;
pub use transcript::Transcript;

/// A client of one server: it keeps one connection and opens another when that one is over.
#[derive(Debug)]
pub struct Client {
    origin: Origin,
    kept: Option<Connection>,
    transcript: Transcript,
}

impl Client {
    /// A client that will connect when the first request is sent.
    pub fn new(origin: impl Into<Origin>) -> Self {
        Self { origin: origin.into(), kept: None, transcript: Transcript::default() }
    }

    /// Sends a request and reads its final response, on the kept connection when there is one.
    ///
    /// A kept connection may have been closed by the server in the meantime; then, and only when no octet of an answer
    /// had arrived, the request is sent once more on a new connection.
    pub fn send(&mut self, request: &Request) -> Result<Response, Trouble> {
        if let Some(mut kept) = self.kept.take() {
            let answer = kept.exchange(request);
            self.transcript.append(kept.take_transcript());
            match answer {
                Err(Trouble::Closed) => {}
                Ok(response) => {
                    if !response.closed {
                        self.kept = Some(kept);
                    }
                    return Ok(response);
                }
                Err(trouble) => return Err(trouble),
            }
        }
        let mut fresh = Connection::open(&self.origin)?;
        let answer = fresh.exchange(request);
        self.transcript.append(fresh.take_transcript());
        let response = answer?;
        if !response.closed {
            self.kept = Some(fresh);
        }
        Ok(response)
    }

    /// What was sent and received so far, on all connections of this client.
    pub fn take_transcript(&mut self) -> Transcript {
        std::mem::take(&mut self.transcript)
    }
}
