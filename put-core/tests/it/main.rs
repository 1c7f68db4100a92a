//! The engine without a framework and without a socket.

mod content;
mod hostile;
mod pipeline;
mod properties;
mod store;
mod support;
mod typed;
