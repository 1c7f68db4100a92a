//! The engine without a framework and without a socket.

mod content;
mod pipeline;
mod support;
mod typed;
