//! What a terminal shows: which modes a program has set, what stands on the screen, what is left of lines that were
//! drawn over, what keys send. Bytes in, facts out; no terminal is touched here.

pub mod canvas;
mod colour;
mod cursor;
mod drawing;
mod grid;
pub mod keys;
mod canvas_lines;
mod cursor_moves;
pub mod picture;
pub mod row;
pub mod sequence;
pub mod mode_settings;
