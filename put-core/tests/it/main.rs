//! The engine without a framework and without a socket.

mod content;
mod dry_run;
mod host_field;
mod hostile;
mod lost;
mod member;
mod members;
mod nested;
mod observed;
mod pattern;
mod pipeline;
mod properties;
mod rules;
mod scope;
mod slips;
mod stock;
mod store;
mod support;
mod typed;
mod values;
