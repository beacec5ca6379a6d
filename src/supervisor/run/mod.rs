pub mod adopted_run;
pub mod effects;
pub mod event_loop;
pub mod machine;
pub mod output_source;
pub mod ready;
pub mod record;
