//! The real process: `naru serve` on a real file, played by the simulated bank and killed.

mod canaries;
mod demo;
mod gateway;
mod kill;
mod scenarios;
