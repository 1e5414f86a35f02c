//! Bytes to telegrams and back.
