//! What a terminal shows: which modes a program has set, what stands on the screen, what is left of
//! lines that were drawn over, what keys send. Bytes in, facts out; no terminal is touched here.

pub mod canvas;
mod canvas_lines;
pub mod colour;
mod cursor;
mod cursor_moves;
mod drawing;
mod grid;
pub mod keys;
pub mod mode_settings;
pub mod picture;
pub mod row;
pub mod sequence;
pub mod svg;
