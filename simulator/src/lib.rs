//! A simulated bank.
