//! Devices by name, as they are given on the command line.

use std::fmt;
use std::str::FromStr;

/// The name of a device: `cpu`, `cuda` for the first device, `cuda:N` for the one with the number N, `cuda-all` or `auto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceWord {
    /// The processor.
    #[default]
    Cpu,
    /// The CUDA device with the given number, counted from 0.
    Cuda(usize),
    /// All CUDA devices together.
    CudaAll,
    /// All CUDA devices if they can be used, and the processor if not.
    Auto,
}

/// A word that names no device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceWordError {
    word: String,
}

impl fmt::Display for DeviceWordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = &self.word;
        write!(
            f,
            "there is no device {word:?}; devices are cpu, cuda, cuda:N with a number N, cuda-all and auto"
        )
    }
}

impl std::error::Error for DeviceWordError {}

impl FromStr for DeviceWord {
    type Err = DeviceWordError;

    fn from_str(word: &str) -> Result<Self, DeviceWordError> {
        match word {
            "cpu" => Ok(DeviceWord::Cpu),
            "cuda" => Ok(DeviceWord::Cuda(0)),
            "cuda-all" => Ok(DeviceWord::CudaAll),
            "auto" => Ok(DeviceWord::Auto),
            _ => {
                let number = word.strip_prefix("cuda:").filter(|number| {
                    // What `usize` reads and is no number of a device, such as a sign.
                    number.bytes().all(|digit| digit.is_ascii_digit())
                });
                let number = number.and_then(|number| number.parse().ok());
                number
                    .map(DeviceWord::Cuda)
                    .ok_or_else(|| DeviceWordError { word: word.into() })
            }
        }
    }
}

impl fmt::Display for DeviceWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeviceWord::Cpu => f.pad("cpu"),
            DeviceWord::Cuda(number) => f.pad(&format!("cuda:{number}")),
            DeviceWord::CudaAll => f.pad("cuda-all"),
            DeviceWord::Auto => f.pad("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceWord;

    #[test]
    fn words_are_read_and_written_alike() {
        let words = [
            ("cpu", DeviceWord::Cpu),
            ("cuda:0", DeviceWord::Cuda(0)),
            ("cuda:12", DeviceWord::Cuda(12)),
            ("cuda-all", DeviceWord::CudaAll),
            ("auto", DeviceWord::Auto),
        ];
        for (word, device) in words {
            assert_eq!(word.parse(), Ok(device));
            assert_eq!(device.to_string(), word);
        }
        assert_eq!("cuda".parse(), Ok(DeviceWord::Cuda(0)));
    }

    #[test]
    fn words_that_name_no_device_are_errors_with_those_that_do() {
        for word in [
            "",
            "gpu",
            "CUDA",
            "cuda:",
            "cuda:+1",
            "cuda:-1",
            "cuda:x",
            "cuda:99999999999999999999",
        ] {
            let error = word.parse::<DeviceWord>().unwrap_err().to_string();
            assert!(error.contains(&format!("{word:?}")), "{error}");
            assert!(error.contains("cuda-all"), "{error}");
        }
    }
}
