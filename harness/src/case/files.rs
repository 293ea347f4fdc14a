use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const MAX_FILE: u64 = 16 << 20;

/// The folders of a suite.
const FOLDERS: [&str; 2] = ["cases", "golden"];

/// The files of a suite by path: `cases/…` and `golden/…`.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Texts by path with `/`; a file that could not be read is an error text.
    texts: BTreeMap<String, Result<Cow<'static, str>, String>>,
    /// Where they were read from; none for embedded ones.
    root: Option<PathBuf>,
}

impl Files {
    /// Files that are part of a program.
    pub fn embedded(files: &[(&'static str, &'static str)]) -> Files {
        Files {
            texts: files.iter().map(|(path, text)| ((*path).to_owned(), Ok(Cow::Borrowed(*text)))).collect(),
            root: None,
        }
    }

    /// Reads a folder with `cases/` and perhaps `golden/`.
    ///
    /// Errors: a folder that cannot be listed. Files that cannot be read become errors in their place.
    pub fn read(root: &Path) -> io::Result<Files> {
        let mut texts = BTreeMap::new();
        for folder in FOLDERS {
            let path = root.join(folder);
            if folder == "cases" || path.is_dir() {
                walk(&path, folder, &mut texts)?;
            }
        }
        Ok(Files { texts, root: Some(root.to_owned()) })
    }

    /// A single scenario file with what its folder has beside it: the suite's root is where `cases/` is, else the file's
    /// own folder.
    ///
    /// Errors: a file that cannot be read.
    pub fn around(file: &Path) -> io::Result<(Files, String)> {
        let absolute = file.canonicalize()?;
        let suite = absolute.ancestors().find(|a| a.file_name().is_some_and(|n| n == "cases")).and_then(Path::parent);
        if let Some(root) = suite {
            let inside = absolute.strip_prefix(root).map(slashes).unwrap_or_default();
            return Ok((Files::read(root)?, inside));
        }
        let folder = absolute.parent().unwrap_or(Path::new("."));
        let mut texts = BTreeMap::new();
        let name = absolute.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        texts.insert(format!("cases/{name}"), text(&absolute));
        Ok((Files { texts, root: Some(folder.to_owned()) }, format!("cases/{name}")))
    }

    /// A folder of scenario files: as [`Files::around`] for all of them.
    ///
    /// Errors: a folder that cannot be read.
    pub fn folder(folder: &Path) -> io::Result<(Files, String)> {
        let absolute = folder.canonicalize()?;
        let suite = absolute.ancestors().find(|a| a.file_name().is_some_and(|n| n == "cases")).and_then(Path::parent);
        match suite {
            Some(root) => {
                let inside = absolute.strip_prefix(root).map(slashes).unwrap_or_default();
                Ok((Files::read(root)?, inside))
            }
            None => {
                let mut texts = BTreeMap::new();
                walk(&absolute, "cases", &mut texts)?;
                Ok((Files { texts, root: Some(absolute) }, "cases".to_owned()))
            }
        }
    }

    /// The paths below a folder such as `cases/`.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a str> {
        self.texts.range(folder.to_owned()..).map(|(path, _)| path.as_str()).take_while(move |p| p.starts_with(folder))
    }

    /// The text of a file; `None` when there is none.
    pub fn get(&self, path: &str) -> Option<Result<&str, &str>> {
        self.texts.get(path).map(|text| text.as_deref().map_err(String::as_str))
    }

    /// Where the files are, when they are on disk.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }
}

fn slashes(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn walk(folder: &Path, name: &str, texts: &mut BTreeMap<String, Result<Cow<'static, str>, String>>) -> io::Result<()> {
    let list = std::fs::read_dir(folder).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", folder.display())))?;
    for entry in list {
        let entry = entry?;
        let path = entry.path();
        let inside = format!("{name}/{}", entry.file_name().to_string_lossy());
        if path.is_dir() {
            walk(&path, &inside, texts)?;
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            texts.insert(inside, text(&path));
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<Cow<'static, str>, String> {
    let size = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > MAX_FILE {
        return Err(format!("the file has {size} bytes, more than the {MAX_FILE} that are read"));
    }
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map(Cow::Owned).map_err(|e| format!("the file is no UTF-8: {e}"))
}
