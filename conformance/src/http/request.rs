//! A request, down to the octet.

use super::Origin;

/// How the length of the content is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length` with the true length when there is content, nothing otherwise.
    Length,
    /// `Content-Length` with this text, true or not.
    Declared(String),
    /// `Transfer-Encoding: chunked`, in chunks of at most this many octets; without `last` the final chunk is not sent.
    Chunked {
        /// The largest chunk.
        size: usize,
        /// Whether the last, empty chunk is sent.
        last: bool,
    },
    /// No field says anything.
    Unframed,
}

/// A request to be written as it is described, whether or not that is a good idea.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    target: Vec<u8>,
    version: &'static str,
    host: bool,
    fields: Vec<(String, Vec<u8>)>,
    content: Option<Vec<u8>>,
    framing: Framing,
    trailers: Vec<(String, Vec<u8>)>,
}

impl Request {
    /// A request with any method token and any target, both written as given.
    pub fn new(method: impl Into<String>, target: impl AsRef<[u8]>) -> Self {
        Self {
            method: method.into(),
            target: target.as_ref().to_vec(),
            version: "HTTP/1.1",
            host: true,
            fields: Vec::new(),
            content: None,
            framing: Framing::Length,
            trailers: Vec::new(),
        }
    }

    /// A PUT of this target.
    pub fn put(target: impl AsRef<[u8]>) -> Self {
        Self::new("PUT", target)
    }

    /// A GET of this target.
    pub fn get(target: impl AsRef<[u8]>) -> Self {
        Self::new("GET", target)
    }

    /// A HEAD of this target.
    pub fn head(target: impl AsRef<[u8]>) -> Self {
        Self::new("HEAD", target)
    }

    /// An OPTIONS of this target.
    pub fn options(target: impl AsRef<[u8]>) -> Self {
        Self::new("OPTIONS", target)
    }

    /// A DELETE of this target.
    pub fn delete(target: impl AsRef<[u8]>) -> Self {
        Self::new("DELETE", target)
    }

    /// Adds one field line; several lines of one name stay several lines, in this order.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Content together with `Content-Type: application/json`.
    #[must_use]
    pub fn json(self, content: impl AsRef<[u8]>) -> Self {
        self.field("Content-Type", "application/json").content(content)
    }

    /// Content without a word about its type.
    #[must_use]
    pub fn content(mut self, content: impl AsRef<[u8]>) -> Self {
        self.content = Some(content.as_ref().to_vec());
        self
    }

    /// Sends the content in chunks of at most `size` octets.
    #[must_use]
    pub fn chunked(self, size: usize) -> Self {
        self.framing(Framing::Chunked { size, last: true })
    }

    /// Tells the length of the content in this way.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Adds a trailer field; it is sent only behind chunked content.
    #[must_use]
    pub fn trailer(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.trailers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Leaves the Host field out; one may still be given with [`Request::field`].
    #[must_use]
    pub fn without_host(mut self) -> Self {
        self.host = false;
        self
    }

    /// Speaks HTTP/1.0.
    #[must_use]
    pub fn version_1_0(mut self) -> Self {
        self.version = "HTTP/1.0";
        self
    }

    /// The method token.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The request target as it will be written.
    pub fn target(&self) -> &[u8] {
        &self.target
    }

    /// The content before any framing.
    pub fn sent_content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The values of all field lines with this name.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
    }

    /// The request line and the header section, with the empty line that ends it.
    pub fn head_octets(&self, origin: &Origin) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(self.method.as_bytes());
        out.push(b' ');
        out.extend_from_slice(&self.target);
        out.push(b' ');
        out.extend_from_slice(self.version.as_bytes());
        out.extend_from_slice(b"\r\n");
        if self.host {
            line(&mut out, "Host", origin.host().as_bytes());
        }
        for (name, value) in origin.fields() {
            line(&mut out, name, value);
        }
        for (name, value) in &self.fields {
            line(&mut out, name, value);
        }
        match &self.framing {
            Framing::Length => {
                if let Some(content) = &self.content {
                    line(&mut out, "Content-Length", content.len().to_string().as_bytes());
                }
            }
            Framing::Declared(text) => line(&mut out, "Content-Length", text.as_bytes()),
            Framing::Chunked { .. } => line(&mut out, "Transfer-Encoding", b"chunked"),
            Framing::Unframed => {}
        }
        out.extend_from_slice(b"\r\n");
        out
    }

    /// The content as it goes over the wire, chunk sizes and trailers included.
    pub fn content_octets(&self) -> Vec<u8> {
        let content = self.content.as_deref().unwrap_or_default();
        let Framing::Chunked { size, last } = self.framing else { return content.to_vec() };
        let mut out = Vec::with_capacity(content.len() + 64);
        for chunk in content.chunks(size.max(1)) {
            out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            out.extend_from_slice(chunk);
            out.extend_from_slice(b"\r\n");
        }
        if last {
            out.extend_from_slice(b"0\r\n");
            for (name, value) in &self.trailers {
                line(&mut out, name, value);
            }
            out.extend_from_slice(b"\r\n");
        }
        out
    }
}

fn line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}
