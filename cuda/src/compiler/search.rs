//! Where NVRTC may be.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The newest major version of NVRTC that is asked for by its name.
const NEWEST: u32 = 13;

/// What is asked about the machine, so that tests can answer.
pub(super) struct Machine<'a> {
    /// The value of an environment variable.
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The folder that absolute paths are in: `/`.
    pub(super) root: &'a Path,
}

/// The major versions to look for, where the driver is for CUDA `driver`: its own and older ones first, because a driver may refuse newer code.
fn majors(driver: u32) -> impl Iterator<Item = u32> {
    let own = driver.min(NEWEST);
    (12..=own).rev().chain(own.max(11) + 1..=NEWEST)
}

fn names(driver: u32) -> Vec<String> {
    if cfg!(windows) {
        majors(driver)
            .map(|major| format!("nvrtc64_{major}0_0.dll"))
            .collect()
    } else {
        majors(driver)
            .map(|major| format!("libnvrtc.so.{major}"))
            .chain(["libnvrtc.so".into()])
            .collect()
    }
}

/// The names and files to try, in this order: names that the system looks for in its own folders, and files in toolkits and in wheels of Python.
pub(super) fn candidates(machine: &Machine<'_>, driver: u32) -> Vec<PathBuf> {
    let names = names(driver);
    let folders = folders(machine);
    let files = names.iter().flat_map(|name| {
        let files = folders.iter().map(|folder| folder.join(name));
        files.filter(|file| file.is_file()).collect::<Vec<_>>()
    });
    names.iter().map(PathBuf::from).chain(files).collect()
}

/// The folders of toolkits and of wheels.
fn folders(machine: &Machine<'_>) -> Vec<PathBuf> {
    let of = |name: &str| (machine.variable)(name).map(PathBuf::from);
    let mut folders = vec![];
    let toolkits = [
        "CUDA_HOME",
        "CUDA_PATH",
        "CUDA_ROOT",
        "CUDA_TOOLKIT_ROOT_DIR",
    ]
    .into_iter()
    .filter_map(of)
    .chain([
        machine.root.join("usr/local/cuda"),
        machine.root.join("opt/cuda"),
    ])
    .chain(matching(&machine.root.join("usr/local"), "cuda-"));
    for toolkit in toolkits {
        for inside in [
            "lib64",
            "lib",
            "targets/x86_64-linux/lib",
            "targets/sbsa-linux/lib",
            "bin",
            "bin/x64",
        ] {
            folders.push(toolkit.join(inside));
        }
    }
    let pythons = ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .into_iter()
        .filter_map(of)
        .chain(of("HOME").map(|home| home.join(".local")))
        .chain([machine.root.join("usr/local"), machine.root.join("usr")]);
    for python in pythons {
        let versions = matching(&python.join("lib"), "python3");
        let windows = [python.join("Lib")];
        for version in versions.into_iter().chain(windows) {
            for packages in ["site-packages", "dist-packages"] {
                let nvidia = version.join(packages).join("nvidia");
                for inside in ["cuda_nvrtc/lib", "cu13/lib", "cuda_nvrtc/bin", "cu13/bin"] {
                    folders.push(nvidia.join(inside));
                }
            }
        }
    }
    folders
}

/// The folders in a folder whose names have a beginning, the last name first: the newest version.
fn matching(folder: &Path, beginning: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning))
        .map(|entry| entry.path())
        .collect();
    found.sort_by_key(|path| std::cmp::Reverse(version(path)));
    found
}

/// The numbers in the last part of a path.
fn version(path: &Path) -> Vec<u64> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name.split(|digit: char| !digit.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsString;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::{Machine, candidates};

    fn put(root: &Path, file: &str) -> PathBuf {
        let file = root.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(&file, "").expect("written");
        file
    }

    fn found(root: &Path, variables: &[(&str, PathBuf)], driver: u32) -> Vec<PathBuf> {
        let variable = |name: &str| -> Option<OsString> {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| value.into())
        };
        let machine = Machine {
            variable: &variable,
            root,
        };
        candidates(&machine, driver)
    }

    #[test]
    fn a_driver_gets_its_own_version_or_an_older_one_if_there_is_any() {
        let nowhere = Path::new("/nowhere");
        let names = |driver| -> Vec<String> {
            let found = found(nowhere, &[], driver);
            found
                .iter()
                .map(|path| path.display().to_string())
                .collect()
        };
        let [twelve, thirteen, any] = ["libnvrtc.so.12", "libnvrtc.so.13", "libnvrtc.so"];
        assert_eq!(names(12), [twelve, thirteen, any]);
        assert_eq!(names(13), [thirteen, twelve, any]);
        assert_eq!(names(14), [thirteen, twelve, any]);
    }

    #[test]
    fn toolkits_and_wheels_are_found() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        let of_toolkit = put(root, "usr/local/cuda-12.10/lib64/libnvrtc.so.12");
        let of_older = put(
            root,
            "usr/local/cuda-12.9/targets/x86_64-linux/lib/libnvrtc.so.12",
        );
        let of_wheel = put(
            root,
            "venv/lib/python3.12/site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12",
        );
        let of_new_wheel = put(
            root,
            "home/.local/lib/python3.13/site-packages/nvidia/cu13/lib/libnvrtc.so.13",
        );
        let of_variable = put(root, "tools/lib64/libnvrtc.so");
        put(root, "usr/local/cuda-12.10/lib64/libnvrtc-builtins.so.12");
        let variables = [
            ("VIRTUAL_ENV", root.join("venv")),
            ("HOME", root.join("home")),
            ("CUDA_HOME", root.join("tools")),
        ];
        let files = &found(root, &variables, 12)[3..];
        assert_eq!(
            files,
            [of_toolkit, of_older, of_wheel, of_new_wheel, of_variable]
        );
    }
}
