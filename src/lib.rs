//! Naru.
