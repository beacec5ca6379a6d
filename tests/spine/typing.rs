//! Ordinary typing: the screen is the same with the integration and without.
