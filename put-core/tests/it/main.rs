//! The engine without a framework and without a socket.

mod content;
mod host_field;
mod hostile;
mod member;
mod members;
mod nested;
mod pattern;
mod pipeline;
mod properties;
mod store;
mod support;
mod typed;
mod values;
