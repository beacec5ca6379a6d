//! What a terminal shows: which modes a program has set, what stands on the screen, what keys send.
//! Bytes in, facts out; no terminal is touched here.

pub mod keys;
pub mod modes;
pub mod picture;
