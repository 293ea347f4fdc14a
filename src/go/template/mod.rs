//! Go's `text/template`, with sprig.
