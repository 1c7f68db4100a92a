//! The engine without a framework and without a socket.

mod content;
mod pipeline;
mod properties;
mod support;
mod typed;
