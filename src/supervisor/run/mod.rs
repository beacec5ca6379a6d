//! One run: the loop, the pure machine that decides, the effects it asks for, and the record of the
//! end.

pub mod adopted_run;
pub mod effects;
pub mod event;
pub mod event_loop;
pub mod health;
pub mod limits;
pub mod live_scan;
pub mod machine;
pub mod memory_sampling;
pub mod output_anchors;
pub mod output_source;
pub mod ready;
pub mod record;
pub mod scan_state;
pub mod unusual;
