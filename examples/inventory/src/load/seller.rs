//! One client: it reads, sells one, and is told when somebody was faster.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use crate::Failure;
use crate::items::Item;

/// What clients have done and seen.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) sold: i64,
    /// 412, and then another GET.
    read_again: u64,
    /// 412, which showed the current state.
    shown: u64,
    /// States in which a piece was lost, or there twice, or fewer than none were left.
    pub(super) impossible: u64,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.sold += other.sold;
        self.read_again += other.read_again;
        self.shown += other.shown;
        self.impossible += other.impossible;
    }

    pub(super) fn overtaken(&self) -> String {
        let (shown, again) = (self.shown, self.read_again);
        format!("{} times somebody was faster (412): {again} read again, {shown} were shown the state", shown + again)
    }
}

pub(super) struct Seller {
    http: Client<HttpConnector, Body>,
    base: String,
    /// What there was of each item.
    stock: i64,
    /// Whether it asks to be shown the current state when it is too late, and takes it from every answer.
    spares_reads: bool,
    tally: Tally,
}

/// An item as an answer showed it, with its entity tag.
struct Seen {
    item: Item,
    tag: HeaderValue,
}

/// The members of a problem that matter here.
#[derive(Deserialize)]
struct Problem {
    current: Option<Item>,
}

impl Seller {
    pub(super) fn new(base: &str, stock: i64, spares_reads: bool) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { http, base: base.to_owned(), stock, spares_reads, tally: Tally::default() }
    }

    /// Sells one piece after the other, until nothing is left of any item.
    pub(super) async fn sell_all(mut self, paths: Vec<String>) -> Result<Tally, Failure> {
        for path in paths {
            let mut seen = self.read(&path).await?;
            while seen.item.quantity > 0 {
                let shown = self.sell_one(&path, &seen).await?;
                seen = match shown {
                    Some(shown) => shown,
                    None => self.read(&path).await?,
                };
            }
        }
        Ok(self.tally)
    }

    async fn read(&mut self, path: &str) -> Result<Seen, Failure> {
        let (status, fields, content) = self.exchange(Request::get(self.url(path)), Body::empty()).await?;
        match status {
            StatusCode::OK => self.saw(serde_json::from_slice(&content)?, &fields),
            _ => Err(unexpected("GET", status, &content)),
        }
    }

    /// Sells one of what was seen, and only of that. What the answer shows is given back, if it is to be used.
    async fn sell_one(&mut self, path: &str, seen: &Seen) -> Result<Option<Seen>, Failure> {
        let mut item = seen.item.clone();
        item.quantity -= 1;
        item.sold += 1;
        let mut request = Request::put(self.url(path))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, &seen.tag);
        if self.spares_reads {
            request = request.header("prefer", "return=representation");
        }
        let (status, fields, content) = self.exchange(request, serde_json::to_vec(&item)?.into()).await?;
        let shown = match status {
            StatusCode::OK => {
                self.tally.sold += 1;
                Some(serde_json::from_slice(&content)?)
            }
            StatusCode::PRECONDITION_FAILED => {
                let shown = serde_json::from_slice::<Problem>(&content)?.current;
                if self.spares_reads && shown.is_none() {
                    return Err(unexpected("PUT that asks for the state", status, &content));
                }
                *if self.spares_reads { &mut self.tally.shown } else { &mut self.tally.read_again } += 1;
                shown
            }
            _ => return Err(unexpected("PUT", status, &content)),
        };
        let shown = shown.map(|item| self.saw(item, &fields)).transpose()?;
        Ok(shown.filter(|_| self.spares_reads))
    }

    fn saw(&mut self, item: Item, fields: &HeaderMap) -> Result<Seen, Failure> {
        if item.quantity < 0 || item.quantity + item.sold != self.stock {
            self.tally.impossible += 1;
        }
        let tag = fields.get(header::ETAG).ok_or("a state was shown without its entity tag")?.clone();
        Ok(Seen { item, tag })
    }

    async fn exchange(
        &self,
        request: axum::http::request::Builder,
        content: Body,
    ) -> Result<(StatusCode, HeaderMap, Bytes), Failure> {
        let request = request.header(header::AUTHORIZATION, "Bearer acme-clerk").body(content)?;
        let (parts, content) = self.http.request(request).await?.into_parts();
        Ok((parts.status, parts.headers, content.collect().await?.to_bytes()))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn unexpected(what: &str, status: StatusCode, content: &[u8]) -> Failure {
    format!("a {what} was answered {status}: {}", String::from_utf8_lossy(content)).into()
}
