//! The program as its users run it: the arguments, servers that cannot be judged, and what the report looks like.

mod arguments;
mod bad_servers;
mod program;
mod servers;
