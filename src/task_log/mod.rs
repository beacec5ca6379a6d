pub mod feedback;
pub mod line_stream;
pub mod log_range;
