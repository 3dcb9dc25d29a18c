//! What a computation runs on.

use std::fmt;
#[cfg(feature = "cuda-unversioned")]
use std::sync::Arc;

use crate::DeviceError;
use crate::word::DeviceWord;
#[cfg(feature = "cuda-unversioned")]
use crate::{driver, gpu::Gpu};

/// The processor, or one or several CUDA devices, on which computations run.
///
/// A clone is the same device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Why it is the processor, where a device was preferred.
    reason: Option<DeviceError>,
    /// None for the processor.
    #[cfg(feature = "cuda-unversioned")]
    pub(crate) gpus: Vec<Arc<Gpu>>,
    #[cfg_attr(
        not(feature = "cuda-unversioned"),
        expect(dead_code, reason = "the processor has no limit")
    )]
    memory_limit: Option<u64>,
}

impl Device {
    /// The processor.
    pub fn cpu() -> Device {
        Device {
            reason: None,
            #[cfg(feature = "cuda-unversioned")]
            gpus: vec![],
            memory_limit: None,
        }
    }

    /// The CUDA device with the given number, counted from 0.
    ///
    /// # Errors
    /// [`DeviceError`]: what is missing, and what to do.
    #[cfg_attr(
        not(feature = "cuda-unversioned"),
        expect(unused_variables, reason = "there are no devices without the feature")
    )]
    pub fn cuda(number: usize) -> Result<Device, DeviceError> {
        #[cfg(feature = "cuda-unversioned")]
        return Ok(Device {
            gpus: vec![Arc::new(Gpu::open(number)?)],
            ..Device::cpu()
        });
        #[cfg(not(feature = "cuda-unversioned"))]
        Err(DeviceError::NotCompiledIn)
    }

    /// All CUDA devices together. Results do not depend on how many there are.
    ///
    /// # Errors
    /// [`DeviceError`], if there is no device or one of them cannot be used.
    pub fn cuda_all() -> Result<Device, DeviceError> {
        #[cfg(feature = "cuda-unversioned")]
        {
            let count = driver::driver()?.devices;
            // If there is none, the error is that there is no first one.
            let gpus = (0..count.max(1)).map(|number| Gpu::open(number).map(Arc::new));
            Ok(Device {
                gpus: gpus.collect::<Result<_, _>>()?,
                ..Device::cpu()
            })
        }
        #[cfg(not(feature = "cuda-unversioned"))]
        Err(DeviceError::NotCompiledIn)
    }

    /// All CUDA devices if they can be used, and the processor if not, for a [reason](Device::reason).
    pub fn auto() -> Device {
        Device::cuda_all().unwrap_or_else(|error| Device {
            reason: Some(error),
            ..Device::cpu()
        })
    }

    /// The device with the given name; see [`DeviceWord`].
    ///
    /// # Errors
    /// [`DeviceError`]: of [`Device::cuda`] and [`Device::cuda_all`], and [`DeviceError::Unsupported`] if the word names no device.
    pub fn parse(word: &str) -> Result<Device, DeviceError> {
        let word: DeviceWord = word.parse().map_err(|error| DeviceError::Unsupported {
            what: format!("{error}"),
        })?;
        Device::open(word)
    }

    /// The device with the given name.
    ///
    /// # Errors
    /// As [`Device::cuda`] and [`Device::cuda_all`].
    pub fn open(word: DeviceWord) -> Result<Device, DeviceError> {
        match word {
            DeviceWord::Cpu => Ok(Device::cpu()),
            DeviceWord::Cuda(number) => Device::cuda(number),
            DeviceWord::CudaAll => Device::cuda_all(),
            DeviceWord::Auto => Ok(Device::auto()),
        }
    }

    /// The same device, of whose memory a computation takes no more than the given number of bytes; of each, if there are several. Without a limit it is 80%
    /// of what is free when the device is opened. Results do not depend on it.
    pub fn with_memory_limit(self, bytes: u64) -> Device {
        Device {
            memory_limit: Some(bytes),
            ..self
        }
    }

    /// Waits until the device has done all that it was asked to do. The processor never has anything left to do.
    ///
    /// # Errors
    /// [`DeviceError::Lost`] and [`DeviceError::Launch`], if something of it failed.
    pub fn synchronize(&self) -> Result<(), DeviceError> {
        #[cfg(feature = "cuda-unversioned")]
        for gpu in &self.gpus {
            gpu.finish("waiting for the device")?;
        }
        Ok(())
    }

    /// The memory that a computation takes at most of one of the devices, in bytes.
    #[cfg(feature = "cuda-unversioned")]
    pub(crate) fn limit(&self, gpu: &Gpu) -> u64 {
        self.memory_limit.unwrap_or(gpu.usual_limit)
    }

    /// Whether this is the processor.
    pub fn is_cpu(&self) -> bool {
        #[cfg(feature = "cuda-unversioned")]
        return self.gpus.is_empty();
        #[cfg(not(feature = "cuda-unversioned"))]
        true
    }

    /// The reason why [`Device::auto`] is the processor; `None` if it is not, and for other devices.
    pub fn reason(&self) -> Option<&DeviceError> {
        self.reason.as_ref()
    }

    /// The memory limit for each device in bytes; `None` for the processor.
    pub fn memory_limit(&self) -> Option<u64> {
        #[cfg(feature = "cuda-unversioned")]
        if let Some(least) = self.gpus.iter().map(|gpu| gpu.usual_limit).min() {
            return Some(self.memory_limit.unwrap_or(least));
        }
        None
    }
}

/// The name of the device, such as `cpu` or `cuda:0 (NVIDIA H100 80GB HBM3, sm_90)`.
impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "cuda-unversioned")]
        if !self.gpus.is_empty() {
            for (at, gpu) in self.gpus.iter().enumerate() {
                write!(f, "{}{gpu}", if at == 0 { "" } else { " + " })?;
            }
            return Ok(());
        }
        f.write_str("cpu")
    }
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn the_processor_is_always_there() {
        let device = Device::parse("cpu").expect("the processor");
        assert!(device.is_cpu());
        assert_eq!(device.to_string(), "cpu");
        assert_eq!((device.reason(), device.memory_limit()), (None, None));
    }

    #[test]
    fn a_word_that_names_no_device_is_an_error_with_those_that_do() {
        let error = Device::parse("gpu").unwrap_err().to_string();
        assert!(error.contains("cuda-all"), "{error}");
    }

    #[test]
    #[cfg(not(feature = "cuda-unversioned"))]
    fn without_the_feature_every_device_says_how_to_get_it() {
        use crate::DeviceError;
        for device in [Device::cuda(0), Device::cuda_all(), Device::parse("cuda:3")] {
            let error = device.unwrap_err();
            assert_eq!(error, DeviceError::NotCompiledIn);
            assert!(error.to_string().contains("--features cuda"));
        }
        let auto = Device::auto();
        assert!(auto.is_cpu());
        assert_eq!(auto.reason(), Some(&DeviceError::NotCompiledIn));
    }
}
