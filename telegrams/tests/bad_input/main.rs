//! Bytes that are not what they should be: each has its documented answer, or none, and nothing
//! panics. Institutions and banks are not judged here; that is the gateway's business.

mod fields;
mod frames;
mod support;
