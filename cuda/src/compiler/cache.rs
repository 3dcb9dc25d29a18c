//! Compiled code on disk.
//!
//! A file holds everything that its code depends on, so that it is read for exactly that and nothing else; its name is only where to look. What cannot be read, is
//! damaged, or is another program's is as if it were not there. What cannot be written is not kept: a cache that fails costs time and nothing else.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The first bytes of a file, with the version of the format.
const MAGIC: &[u8] = b"diagrams cubin 1\n";

/// A folder of compiled code, or none.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: Option<PathBuf>,
}

/// Everything that compiled code depends on.
pub(super) fn key(compiler: &str, options: &[String], source: &str) -> Vec<u8> {
    let mut key = vec![];
    for part in [compiler, &options.join("\n"), source] {
        key.extend((part.len() as u64).to_le_bytes());
        key.extend(part.as_bytes());
    }
    key
}

impl Cache {
    /// The folder that the variable `DIAGRAMS_CUBIN_CACHE` names, none if it is empty, and without it a folder among the user's cached files.
    pub(super) fn usual() -> Cache {
        let of = |variable: &str| std::env::var_os(variable).map(PathBuf::from);
        let folder = match of("DIAGRAMS_CUBIN_CACHE") {
            Some(folder) if folder.as_os_str().is_empty() => None,
            Some(folder) => Some(folder),
            None => of("XDG_CACHE_HOME")
                .filter(|folder| folder.is_absolute())
                .or_else(|| of("LOCALAPPDATA"))
                .or_else(|| of("HOME").map(|home| home.join(".cache")))
                .map(|folder| folder.join("diagrams").join("cubins")),
        };
        Cache { folder }
    }

    #[cfg(test)]
    pub(super) fn at(folder: &std::path::Path) -> Cache {
        Cache {
            folder: Some(folder.into()),
        }
    }

    fn file(&self, key: &[u8]) -> Option<PathBuf> {
        let name = format!("{:016x}{:016x}.cubin", hash(key, 0), hash(key, 1));
        Some(self.folder.as_ref()?.join(name))
    }

    /// The code for the key and what the compiler said, if they are there whole.
    pub(super) fn read(&self, key: &[u8]) -> Option<(Vec<u8>, String)> {
        let file = fs::read(self.file(key)?).ok()?;
        let rest = file.strip_prefix(MAGIC)?.strip_prefix(key)?;
        let (sum, kept) = rest.split_first_chunk()?;
        if u64::from_le_bytes(*sum) != hash(kept, 0) {
            return None;
        }
        let (length, kept) = kept.split_first_chunk()?;
        let (log, code) =
            kept.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        Some((code.to_vec(), String::from_utf8(log.to_vec()).ok()?))
    }

    /// Keeps the code for the key and what the compiler said, if it can.
    pub(super) fn write(&self, key: &[u8], code: &[u8], log: &str) {
        if let Some(file) = self.file(key) {
            let length = (log.len() as u64).to_le_bytes();
            let kept = [&length, log.as_bytes(), code].concat();
            // Why not does not matter: the code is compiled again the next time.
            let _ = write_whole(&file, &[MAGIC, key, &hash(&kept, 0).to_le_bytes(), &kept]);
        }
    }
}

/// Writes a file that is there whole or not at all, whoever writes it at the same time.
fn write_whole(file: &std::path::Path, parts: &[&[u8]]) -> io::Result<()> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = file.with_extension(format!("{}-{count}.part", std::process::id()));
    let write = || -> io::Result<()> {
        let mut to = fs::File::create(&temporary)?;
        for part in parts {
            to.write_all(part)?;
        }
        to.sync_all()?;
        fs::rename(&temporary, file)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// The hash of Fowler, Noll and Vo in 64 bits, which is the same everywhere. `seed` tells hashes of the same bytes apart.
pub(crate) fn hash(bytes: &[u8], seed: u8) -> u64 {
    let step = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(step(0xcbf2_9ce4_8422_2325, &seed), step)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Cache, key};

    #[test]
    fn what_is_kept_is_read_for_the_same_key_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(&folder.path().join("new"));
        let options = ["--gpu-architecture=sm_90".to_owned(), "-x".to_owned()];
        let mine = key("12.9 a", &options, "source");
        assert_eq!(cache.read(&mine), None);
        cache.write(&mine, b"code", "log");
        assert_eq!(cache.read(&mine), Some((b"code".to_vec(), "log".into())));
        for other in [
            key("12.8 a", &options, "source"),
            key("12.9 a", &options[..1], "source"),
            key("12.9 a", &options, "sourc"),
        ] {
            assert_eq!(cache.read(&other), None);
        }
        let files = fs::read_dir(folder.path().join("new")).expect("the folder");
        assert_eq!(files.count(), 1, "no temporary file is left");
    }

    #[test]
    fn damaged_and_foreign_files_are_as_none_and_are_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path());
        let mine = key("12.9", &[], "source");
        cache.write(&mine, b"code of a kernel", "a log");
        let file = cache.file(&mine).expect("a file");
        let whole = fs::read(&file).expect("the file");
        let other = key("12.9", &[], "ecruos");
        cache.write(&other, b"other code", "");
        let foreign = fs::read(cache.file(&other).expect("a file")).expect("the file");
        // Cut anywhere, with any bit of any byte the wrong way round, longer, empty, and the file of another program.
        let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            damaged.push(bytes);
        }
        damaged.push([&whole[..], b"x"].concat());
        damaged.push(foreign);
        damaged.push(b"something else".to_vec());
        for bytes in damaged {
            fs::write(&file, &bytes).expect("written");
            assert_eq!(cache.read(&mine), None);
            cache.write(&mine, b"code of a kernel", "a log");
            assert_eq!(fs::read(&file).expect("the file"), whole);
        }
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        fs::write(&file, "not a folder").expect("written");
        let cache = Cache::at(&file);
        let mine = key("12.9", &[], "source");
        cache.write(&mine, b"code", "log");
        assert_eq!(cache.read(&mine), None);
        // A folder where the file should be: it stays, and no temporary file does.
        let cache = Cache::at(folder.path());
        let at = cache.file(&mine).expect("a file");
        fs::create_dir(&at).expect("made");
        cache.write(&mine, b"code", "log");
        assert_eq!(cache.read(&mine), None);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 2);
    }
}
