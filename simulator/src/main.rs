//! The simulated bank's command line.
fn main() {}
