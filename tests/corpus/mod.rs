//! Where recordings of the real programs are. They lie outside the project: `CONJECTOR_CORPUS`, by default
//! `shared/corpus` beside it. Where the variable is set, missing recordings are a failure; elsewhere their tests say that
//! they are ignored.

use std::path::{Path, PathBuf};

/// The folder with recordings.
pub struct Corpus {
    pub root: PathBuf,
    demanded: bool,
}

impl Corpus {
    /// The folder that the environment names, else the one beside the project at `project`.
    pub fn find(project: &Path) -> Corpus {
        let named = std::env::var_os("CONJECTOR_CORPUS").filter(|v| !v.is_empty());
        let demanded = named.is_some();
        Corpus { root: named.map_or_else(|| project.join("../shared/corpus"), PathBuf::from), demanded }
    }

    /// True for recordings that need not be there, and are not.
    pub fn may_miss(&self, path: &Path) -> bool {
        !self.demanded && !path.exists()
    }
}
