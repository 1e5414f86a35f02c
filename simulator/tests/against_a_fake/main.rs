//! The simulator against a gateway of the simplest kind, honest or with one fault.

mod faces;
mod fake;
mod load;
mod noticing;
mod shop_load;
mod trading;
