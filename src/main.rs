//! The naru command line.
fn main() {}
