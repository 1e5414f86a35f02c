//! The real process: `naru serve` on a real file, played by the simulated bank and killed.

mod canaries;
mod clients;
mod demo;
mod full_disk;
mod gateway;
mod guides;
mod kill;
mod scenarios;
mod shop;
mod story;
