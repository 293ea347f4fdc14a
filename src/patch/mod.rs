//! Patches: JSON Patch (apply, diff) and strategic merge patch.
