//! The simulator against a gateway of the simplest kind, honest or with one fault.

mod fake;
mod load;
mod noticing;
