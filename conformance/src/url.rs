//! A URL of somebody's server, as far as one is spoken to: plain `http`, an authority, a path.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Authority and path of an `http` URL.
pub(crate) fn split(url: &str) -> Result<(String, String), String> {
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(match url.split_once("://") {
            Some(("https", _)) => {
                format!(
                    "{url}: only http is spoken here; ask the server behind the TLS termination, or a plain local one"
                )
            }
            _ => format!("{url} is no URL that begins with http://"),
        });
    };
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let bracketed = authority.starts_with('[') == authority.contains(']');
    if authority.is_empty() || !bracketed || authority.contains(['@', ' ']) {
        return Err(format!("{url} names no server"));
    }
    if path.contains(['#', ' ', '?']) || path.bytes().any(|octet| !(33..127).contains(&octet)) {
        return Err(format!("{url}: give a plain path, percent-coded, without query and fragment"));
    }
    if path.is_empty() {
        return Err(format!("{url} names no resource: give the URL of one, as in {url}/things/42"));
    }
    Ok((authority.to_owned(), path.to_owned()))
}

/// The address of an authority.
pub(crate) fn resolve(authority: &str) -> Result<SocketAddr, String> {
    let port = authority.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|octet| octet.is_ascii_digit()));
    let named = if port && !authority.ends_with(']') { authority.to_owned() } else { format!("{authority}:80") };
    let found: Vec<SocketAddr> =
        named.to_socket_addrs().map_err(|why| format!("{authority} cannot be resolved: {why}"))?.collect();
    // `localhost` is often both; most servers listen on the older one only, so the one that answers is taken.
    let open = |addr: &&SocketAddr| TcpStream::connect_timeout(addr, Duration::from_secs(3)).is_ok();
    let chosen = if found.len() > 1 { found.iter().find(open) } else { None };
    chosen.or(found.first()).copied().ok_or_else(|| format!("{authority} has no address"))
}
