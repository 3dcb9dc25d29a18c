//! What holds on every machine, with a driver and without.
#![cfg(feature = "cuda-unversioned")]

use diagram_cuda::{Device, DeviceError};

#[test]
fn what_is_missing_is_an_error_that_says_what_to_do() {
    // No machine has so many devices.
    let error = Device::cuda(1_000_000).expect_err("no device");
    let help = match error {
        DeviceError::NoDriver { .. } => "install the driver",
        DeviceError::DriverTooOld { .. } => "update the driver",
        DeviceError::NoDevice { ordinal, .. } => {
            assert_eq!(ordinal, 1_000_000);
            "CUDA_VISIBLE_DEVICES"
        }
        _ => panic!("{error}"),
    };
    let message = error.to_string();
    assert!(message.contains(help), "{message}");
    assert!(message.contains("the device cpu"), "{message}");
}

#[test]
fn auto_is_the_processor_for_the_reason_that_the_device_gives() {
    let auto = Device::auto();
    match Device::cuda_all() {
        Ok(device) => assert_eq!(auto.to_string(), device.to_string()),
        Err(reason) => {
            assert_eq!(auto.reason(), Some(&reason));
            assert_eq!(auto.to_string(), "cpu");
        }
    }
}
