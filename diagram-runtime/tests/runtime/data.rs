//! Data files, right and wrong: every kind of damage is named with its place.

use std::fs;
use std::io::Write;
use std::path::Path;

use diagram_runtime::data::cifar::{self, Version};
use diagram_runtime::data::{
    self, CLASSES, Cifar100Labels, DataError, Dataset, Description, Images, Split,
    embedded_fashion, idx, load_file, load_labels, normal_quantiles,
};
use diagram_runtime::samples::Samples;
use flate2::{Compression, write::GzEncoder};
use statrs::distribution::{ContinuousCDF, Normal};
use tempfile::TempDir;

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

/// Three images of 2 × 3 pixels, numbered through.
fn image_file() -> Vec<u8> {
    let mut bytes = header(&[0x0803, 3, 2, 3]);
    bytes.extend((0..18).map(|pixel| pixel * 14));
    bytes
}

fn label_file() -> Vec<u8> {
    let mut bytes = header(&[0x0801, 3]);
    bytes.extend([9, 0, 4]);
    bytes
}

/// Reads images as the library does, but with IDX images of any size.
fn load_images(
    dir: &Path,
    dataset: Dataset,
    split: Split,
    limit: Option<usize>,
) -> Result<Images, DataError> {
    if dataset == Dataset::Fashion {
        let (images, labels) = idx::find(dir, split)?;
        return idx::read(&images, &labels, None, limit);
    }
    data::load_images(dir, dataset, split, limit)
}

fn header(numbers: &[u32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

/// What reading these as Fashion-MNIST says is wrong, and the message, the folder's name taken out.
fn fashion_error(files: &[(&str, &[u8])]) -> (DataError, String) {
    error(files, Dataset::Fashion, None)
}

fn error(files: &[(&str, &[u8])], dataset: Dataset, limit: Option<usize>) -> (DataError, String) {
    let dir = folder(files);
    let error = load_images(dir.path(), dataset, Split::Train, limit).unwrap_err();
    let message = error
        .to_string()
        .replace(&format!("{}/", dir.path().display()), "");
    (
        error,
        message.replace(&dir.path().display().to_string(), "DIR"),
    )
}

/// Images that are right but for the labels, and the other way round.
fn error_in_images(images: &[u8]) -> (DataError, String) {
    fashion_error(&[(IMAGES, images), (LABELS, &label_file())])
}

fn error_in_labels(labels: &[u8]) -> (DataError, String) {
    fashion_error(&[(IMAGES, &image_file()), (LABELS, labels)])
}

macro_rules! assert_error {
    ($result:expr, $pattern:pat, $message:expr) => {
        let (error, message) = $result;
        assert!(matches!(error, $pattern), "{error:?}");
        assert_eq!(message, $message);
    };
}

#[test]
fn idx_plain_or_compressed_gives_pixels_over_255_and_the_label() {
    let (images, labels) = (image_file(), label_file());
    let (images_gz, labels_gz) = (gzip(&images), gzip(&labels));
    let (images_name_gz, labels_name_gz) = (format!("{IMAGES}.gz"), format!("{LABELS}.gz"));
    let folders = [
        folder(&[(IMAGES, &images), (LABELS, &labels)]),
        folder(&[(&images_name_gz, &images_gz), (&labels_name_gz, &labels_gz)]),
        // Names that lie about the compression.
        folder(&[(IMAGES, &images_gz), (&labels_name_gz, &labels)]),
    ];
    for dir in folders {
        let samples: Samples<f64> = load_images(dir.path(), Dataset::Fashion, Split::Train, None)
            .unwrap()
            .samples();
        assert_eq!((samples.len(), samples.width()), (3, 6 + CLASSES));
        for (image, label) in [9, 0, 4].into_iter().enumerate() {
            for pixel in 0..6 {
                assert_eq!(
                    samples.row(image)[pixel],
                    ((image * 6 + pixel) * 14) as f64 / 255.0
                );
            }
            for class in 0..CLASSES {
                assert_eq!(
                    samples.row(image)[6 + class],
                    if class == label { 1.0 } else { 0.0 }
                );
            }
        }
    }
}

#[test]
fn single_precision_is_the_rounded_quotient() {
    let dir = folder(&[(IMAGES, &image_file()), (LABELS, &label_file())]);
    let samples: Samples<f32> = load_images(dir.path(), Dataset::Fashion, Split::Train, None)
        .unwrap()
        .samples();
    assert_eq!(samples.row(1)[0], (84.0_f64 / 255.0) as f32);
    assert_eq!(
        samples.row(2)[6..],
        [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    );
}

#[test]
fn a_limit_takes_the_first_images() {
    let dir = folder(&[(IMAGES, &gzip(&image_file())), (LABELS, &label_file())]);
    let read = |limit| load_images(dir.path(), Dataset::Fashion, Split::Train, limit).unwrap();
    let two = read(Some(2));
    assert_eq!((two.len(), two.label(0), two.label(1)), (2, 9, 0));
    assert_eq!(two.pixels(1), [84, 98, 112, 126, 140, 154]);
    assert_eq!(read(Some(3)), read(None));
    assert_eq!(read(Some(1000)), read(None));
}

#[test]
fn the_test_images_have_other_names() {
    let dir = folder(&[
        ("t10k-images-idx3-ubyte", &image_file()),
        ("t10k-labels-idx1-ubyte", &label_file()),
    ]);
    assert_eq!(
        load_images(dir.path(), Dataset::Fashion, Split::Test, None)
            .unwrap()
            .len(),
        3
    );
    assert!(load_images(dir.path(), Dataset::Fashion, Split::Train, None).is_err());
}

#[test]
fn no_images_by_request_is_an_error() {
    let files: [(&str, &[u8]); 3] = [
        (IMAGES, &image_file()),
        (LABELS, &label_file()),
        ("data_batch_1.bin", &cifar_file(0..1)),
    ];
    for dataset in [Dataset::Fashion, Dataset::Cifar] {
        assert_error!(
            error(&files, dataset, Some(0)),
            DataError::ZeroLimit,
            "a limit of 0 datapoints leaves no data"
        );
    }
}

#[test]
fn missing_files_are_named_with_what_was_looked_for() {
    assert_error!(
        fashion_error(&[(IMAGES, &image_file())]),
        DataError::Missing { .. },
        "DIR: no IDX labels; looked for train-labels-idx1-ubyte, train-labels-idx1-ubyte.gz, train-labels.idx1-ubyte, train-labels.idx1-ubyte.gz"
    );
    assert_error!(
        error(&[], Dataset::Cifar, None),
        DataError::Missing { .. },
        "DIR: no CIFAR-10 batch; looked for data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, \
         data_batch_5.bin"
    );
}

#[test]
fn a_folder_in_place_of_a_file_cannot_be_read() {
    let dir = folder(&[(LABELS, &label_file())]);
    fs::create_dir(dir.path().join(IMAGES)).unwrap();
    let error = load_images(dir.path(), Dataset::Fashion, Split::Train, None).unwrap_err();
    assert!(
        matches!(&error, DataError::Io { path, offset: 0, .. } if path.ends_with(IMAGES)),
        "{error:?}"
    );
}

#[test]
fn wrong_magic_numbers() {
    assert_error!(
        error_in_images(&label_file()),
        DataError::Magic { .. },
        "train-images-idx3-ubyte: byte 0: magic number 0x00000801 where 0x00000803 (IDX images) was expected"
    );
    assert_error!(
        error_in_labels(&image_file()),
        DataError::Magic { .. },
        "train-labels-idx1-ubyte: byte 0: magic number 0x00000803 where 0x00000801 (IDX labels) was expected"
    );
}

#[test]
fn headers_cut_short_at_every_byte() {
    for length in 0..16 {
        let (error, _) = error_in_images(&image_file()[..length]);
        let expected_end = (length as u64 / 4 + 1) * 4;
        assert!(
            matches!(error, DataError::Truncated { offset, expected, what: "the header", .. }
                if offset == length as u64 && expected == expected_end),
            "{length}: {error:?}"
        );
    }
    assert_error!(
        error_in_labels(&label_file()[..7]),
        DataError::Truncated { .. },
        "train-labels-idx1-ubyte: ends at byte 7, in the header; 8 bytes were expected"
    );
}

#[test]
fn bodies_cut_short() {
    assert_error!(
        error_in_images(&image_file()[..33]),
        DataError::Truncated { .. },
        "train-images-idx3-ubyte: ends at byte 33, in the images; 34 bytes were expected"
    );
    assert_error!(
        error_in_labels(&label_file()[..10]),
        DataError::Truncated { .. },
        "train-labels-idx1-ubyte: ends at byte 10, in the labels; 11 bytes were expected"
    );
    // Complete as compressed data, but of an incomplete file.
    assert_error!(
        error_in_images(&gzip(&image_file()[..33])),
        DataError::Truncated { .. },
        "train-images-idx3-ubyte: ends at byte 33, in the images; 34 bytes were expected"
    );
}

#[test]
fn bytes_after_the_end() {
    let longer = |mut bytes: Vec<u8>| {
        bytes.push(0);
        bytes
    };
    for images in [longer(image_file()), gzip(&longer(image_file()))] {
        assert_error!(
            error_in_images(&images),
            DataError::Trailing { .. },
            "train-images-idx3-ubyte: byte 34: the file should end here"
        );
    }
    assert_error!(
        error_in_labels(&longer(label_file())),
        DataError::Trailing { .. },
        "train-labels-idx1-ubyte: byte 11: the file should end here"
    );
}

#[test]
fn compressed_data_cut_short_at_every_byte() {
    let whole = gzip(&image_file());
    for length in 2..whole.len() {
        let (error, message) = error_in_images(&whole[..length]);
        assert!(
            matches!(error, DataError::Gzip { offset: 0..=34, .. }),
            "{length}: {error:?}"
        );
        assert!(
            message.contains("the gzip data are corrupt or cut short"),
            "{message}"
        );
    }
}

#[test]
fn corrupt_compressed_data() {
    let mut wrong_checksum = gzip(&image_file());
    let checksum = wrong_checksum.len() - 8;
    wrong_checksum[checksum] ^= 1;
    let (error, _) = error_in_images(&wrong_checksum);
    assert!(
        matches!(error, DataError::Gzip { offset: 34, .. }),
        "{error:?}"
    );

    let mut wrong_method = gzip(&image_file());
    wrong_method[2] = 7;
    let (error, _) = error_in_images(&wrong_method);
    assert!(
        matches!(error, DataError::Gzip { offset: 0, .. }),
        "{error:?}"
    );
}

/// Whatever is damaged in a compressed file is found, even if it is behind all images that are wanted.
#[test]
fn compressed_files_are_verified_to_the_end() {
    let pixels: Vec<u8> = (0..1000 * 784_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let whole = gzip(&[header(&[0x0803, 1000, 28, 28]), pixels].concat());
    let labels = [header(&[0x0801, 1000]), vec![3; 1000]].concat();
    let read = |images: &[u8], labels: &[u8]| {
        let dir = folder(&[(IMAGES, images), (LABELS, labels)]);
        data::load_images(dir.path(), Dataset::Fashion, Split::Train, Some(4))
    };
    assert_eq!(read(&whole, &labels).unwrap().len(), 4);
    for at in [
        whole.len() / 2,
        whole.len() - 9,
        whole.len() - 8,
        whole.len() - 1,
    ] {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        let error = read(&damaged, &labels).unwrap_err();
        // Damage in the middle may make the contents longer or shorter before the checksum is reached.
        let (DataError::Gzip { path, .. }
        | DataError::Trailing { path, .. }
        | DataError::Truncated { path, .. }) = &error
        else {
            panic!("{at}: {error:?}");
        };
        assert!(path.ends_with(IMAGES), "{at}: {error:?}");
    }
    let longer = [&whole[..], b"more"].concat();
    assert!(matches!(
        read(&longer, &labels),
        Err(DataError::Gzip { .. })
    ));
    let mut damaged = gzip(&labels);
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    assert!(matches!(
        read(&whole, &damaged),
        Err(DataError::Gzip { .. })
    ));
    // A label behind those that are wanted.
    let mut wrong = labels.clone();
    wrong[900] = 77;
    assert!(matches!(
        read(&whole, &wrong),
        Err(DataError::Label { offset: 900, .. })
    ));
}

#[test]
fn images_of_another_size_are_not_those_of_the_data_set() {
    for [rows, columns] in [[14, 56], [784, 1], [1, 784], [56, 14], [3, 3]] {
        let pixels = vec![0; (rows * columns) as usize];
        let images = [header(&[0x0803, 1, rows, columns]), pixels].concat();
        let labels = [header(&[0x0801, 1]), vec![3]].concat();
        let dir = folder(&[(IMAGES, &images), (LABELS, &labels)]);
        let error =
            data::load_images(dir.path(), Dataset::Fashion, Split::Train, None).unwrap_err();
        let message = error.to_string();
        let expected = format!("images of {rows} x {columns} pixels, where 28 x 28 were expected");
        assert!(message.ends_with(&expected), "{message}");
    }
}

/// Labels need no pixels: a damaged file of images with a right header does not matter.
#[test]
fn labels_are_read_without_images() {
    let images = [header(&[0x0803, 3, 28, 28]), vec![0; 3 * 784]].concat();
    let mut damaged = gzip(&images);
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    let dir = folder(&[
        (LABELS, &gzip(&label_file())),
        (IMAGES, &damaged),
        ("data_batch_1.bin", &cifar_file(0..3)),
        ("data_batch_2.bin", &cifar_file(5..7)),
        ("train.bin", &cifar100_file(4)),
    ]);
    let read = |dataset| load_labels(dir.path(), dataset, Split::Train).unwrap();
    assert_eq!(read(Dataset::Fashion), [9, 0, 4]);
    assert_eq!(read(Dataset::Cifar), [0, 1, 2, 5, 6]);
    for labels in [Cifar100Labels::Coarse, Cifar100Labels::Fine] {
        let dataset = Dataset::Cifar100(labels);
        let images = load_images(dir.path(), dataset, Split::Train, None).unwrap();
        let expected: Vec<u8> = (0..images.len()).map(|at| images.label(at)).collect();
        assert_eq!(read(dataset), expected);
    }
}

/// Ten megabytes of zeros are ten kilobytes; a file of ten megabytes would be ten gigabytes.
#[test]
fn compressed_tables_that_expand_beyond_reason_are_refused() {
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    for _ in 0..70 {
        encoder.write_all(&vec![b'0'; 1 << 20]).unwrap();
    }
    let dir = folder(&[("table.csv", &encoder.finish().unwrap())]);
    let error =
        load_file::<f64>(&dir.path().join("table.csv"), &Description::default()).unwrap_err();
    assert!(
        matches!(
            error,
            DataError::Implausible {
                at_most: 0x400_0000,
                ..
            }
        ),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn pipes_are_refused_and_not_waited_for() {
    let dir = folder(&[(LABELS, &label_file())]);
    let pipe = dir.path().join(IMAGES);
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let error = data::load_images(dir.path(), Dataset::Fashion, Split::Train, None).unwrap_err();
    assert!(matches!(error, DataError::NotAFile { .. }), "{error}");
    let error = load_file::<f64>(&pipe, &Description::default()).unwrap_err();
    assert!(matches!(error, DataError::NotAFile { .. }), "{error}");
    let error = cifar::recognize(&pipe).unwrap_err();
    assert!(matches!(error, DataError::NotAFile { .. }), "{error}");
}

#[test]
fn files_are_found_under_the_names_that_are_about() {
    let find = |images: &str, labels: &str| {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [(images, image_file()), (labels, label_file())] {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        load_images(dir.path(), Dataset::Fashion, Split::Train, None).map_err(|error| {
            let message = error.to_string();
            message.replace(&dir.path().display().to_string(), "DIR")
        })
    };
    for (images, labels) in [
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("train-images.idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        (
            "FashionMNIST/raw/train-images-idx3-ubyte",
            "FashionMNIST/raw/train-labels-idx1-ubyte.gz",
        ),
        ("raw/train-images-idx3-ubyte", "raw/train-labels-idx1-ubyte"),
    ] {
        assert_eq!(find(images, labels).unwrap().len(), 3);
    }
    // Other images under the same names are not taken for Fashion-MNIST.
    let message = find(
        "MNIST/raw/train-images-idx3-ubyte",
        "MNIST/raw/train-labels-idx1-ubyte",
    )
    .unwrap_err();
    assert!(
        message.ends_with("; name the folder itself, of DIR/MNIST/raw"),
        "{message}"
    );
    for (folder, dataset, name, bytes) in [
        (
            "cifar-10-batches-bin",
            Dataset::Cifar,
            "data_batch_1.bin",
            cifar_file(0..3),
        ),
        (
            "cifar-100-binary",
            Dataset::Cifar100(Cifar100Labels::Fine),
            "train.bin",
            cifar100_file(3),
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(folder)).unwrap();
        fs::write(dir.path().join(folder).join(name), bytes).unwrap();
        let images = load_images(dir.path(), dataset, Split::Train, None).unwrap();
        assert_eq!(images.len(), 3);
    }
}

#[test]
fn headers_that_promise_more_memory_than_there_is() {
    let lying = header(&[0x0803, u32::MAX, u32::MAX, u32::MAX]);
    let (error, _) = error_in_images(&lying);
    assert!(
        matches!(
            error,
            DataError::Truncated {
                offset: 16,
                expected: u64::MAX,
                ..
            }
        ),
        "{error:?}"
    );
    let (error, _) = error_in_images(&gzip(&lying));
    assert!(
        matches!(
            error,
            DataError::Oversized {
                claimed: u64::MAX,
                ..
            }
        ),
        "{error:?}"
    );
    let (error, _) = error_in_labels(&header(&[0x0801, u32::MAX]));
    assert!(
        matches!(
            error,
            DataError::Truncated {
                offset: 8,
                expected: 0x1_0000_0007,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn labels_out_of_range() {
    let mut labels = label_file();
    labels[9] = 10;
    assert_error!(
        error_in_labels(&labels),
        DataError::Label { .. },
        "train-labels-idx1-ubyte: byte 9: label 10; labels are less than 10"
    );
}

#[test]
fn counts_that_do_not_match() {
    let mut labels = label_file();
    labels[7] = 2;
    labels.pop();
    assert_error!(
        error_in_labels(&labels),
        DataError::Count {
            images: 3,
            labels: 2,
            ..
        },
        "train-labels-idx1-ubyte: byte 4: 2 labels for the 3 images of train-images-idx3-ubyte"
    );
}

#[test]
fn no_images_or_no_pixels() {
    assert_error!(
        fashion_error(&[
            (IMAGES, &header(&[0x0803, 0, 28, 28])),
            (LABELS, &header(&[0x0801, 0]))
        ]),
        DataError::Empty { offset: 4, .. },
        "train-images-idx3-ubyte: byte 4: no images"
    );
    assert_error!(
        error_in_images(&header(&[0x0803, 3, 0, 28])),
        DataError::Empty { offset: 8, .. },
        "train-images-idx3-ubyte: byte 8: no images"
    );
}

/// CIFAR-10 records with the given labels; pixel j of a record with label l is (7 l + j) mod 251.
fn cifar_file(labels: std::ops::Range<u8>) -> Vec<u8> {
    labels
        .flat_map(|label| {
            let pixels = (0..3072_usize).map(move |j| ((7 * usize::from(label) + j) % 251) as u8);
            std::iter::once(label).chain(pixels)
        })
        .collect()
}

fn cifar_error(batch: &[u8]) -> (DataError, String) {
    error(&[("data_batch_1.bin", batch)], Dataset::Cifar, None)
}

#[test]
fn cifar_batches_follow_one_another() {
    let dir = folder(&[
        ("data_batch_4.bin", &cifar_file(5..9)),
        ("data_batch_2.bin", &cifar_file(1..3)),
        ("test_batch.bin", &cifar_file(9..10)),
    ]);
    let labels = |split, limit| {
        let images = load_images(dir.path(), Dataset::Cifar, split, limit).unwrap();
        (0..images.len())
            .map(|image| images.label(image))
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(Split::Train, None), [1, 2, 5, 6, 7, 8]);
    assert_eq!(labels(Split::Train, Some(3)), [1, 2, 5]);
    assert_eq!(labels(Split::Train, Some(2)), [1, 2]);
    assert_eq!(labels(Split::Test, Some(100)), [9]);

    let samples: Samples<f64> = data::load(dir.path(), Dataset::Cifar, Split::Train, None).unwrap();
    assert_eq!((samples.len(), samples.width()), (6, 3082));
    assert_eq!(samples.row(2)[1000], ((35 + 1000) % 251) as f64 / 255.0);
    assert_eq!(
        samples.row(2)[3072..],
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    );
}

#[test]
fn cifar_files_of_a_wrong_length() {
    let bytes = cifar_file(0..3);
    assert_error!(
        cifar_error(&bytes[..2 * 3073 + 5]),
        DataError::Length { .. },
        "data_batch_1.bin: byte 6146: a record of 3073 bytes is cut short at byte 6151"
    );
    assert_error!(
        cifar_error(&[]),
        DataError::Empty { .. },
        "data_batch_1.bin: byte 0: no images"
    );
}

#[test]
fn cifar_labels_out_of_range() {
    assert_error!(
        cifar_error(&cifar_file(8..11)),
        DataError::Label { .. },
        "data_batch_1.bin: byte 6146: label 10; labels are less than 10"
    );
    assert_error!(
        cifar_error(&gzip(&cifar_file(0..1))),
        DataError::Label { .. },
        "data_batch_1.bin: byte 0: label 31; labels are less than 10"
    );
}

/// CIFAR-100 records with coarse labels i mod 20 and fine labels 3 i mod 100; pixel j of record i is (5 i + j) mod 251.
fn cifar100_file(count: u8) -> Vec<u8> {
    let records = (0..count).map(|i| {
        let pixels = (0..3072_usize).map(move |j| ((5 * usize::from(i) + j) % 251) as u8);
        [i % 20, 3 * i % 100].into_iter().chain(pixels)
    });
    records.flatten().collect()
}

#[test]
fn the_contents_tell_which_cifar_a_file_has() {
    let recognized = |bytes: &[u8]| {
        let dir = folder(&[("some file", bytes)]);
        cifar::recognize(&dir.path().join("some file")).unwrap()
    };
    assert_eq!(recognized(&cifar_file(0..10)), Some(Version::Ten));
    assert_eq!(recognized(&cifar100_file(25)), Some(Version::Hundred));
    // Empty, cut short, and with a label that is none.
    assert_eq!(recognized(&[]), None);
    assert_eq!(recognized(&cifar_file(0..3)[1..]), None);
    assert_eq!(recognized(&cifar_file(8..11)), None);
    let mut coarse = cifar100_file(3);
    coarse[2 * 3074] = 20;
    assert_eq!(recognized(&coarse), None);
    let mut fine = cifar100_file(3);
    fine[2 * 3074 + 1] = 100;
    assert_eq!(recognized(&fine), None);
    // Of 3,074 records of one and 3,073 of the other, which are as long, the labels tell.
    let ten: Vec<u8> = cifar_file(0..1).repeat(3074);
    assert_eq!(recognized(&ten), Some(Version::Ten));
    let hundred: Vec<u8> = cifar100_file(7)[6 * 3074..].repeat(3073);
    assert_eq!(recognized(&hundred), Some(Version::Hundred));
    // Where all is dark, nothing does.
    assert_eq!(recognized(&vec![0; 3073 * 3074]), None);
    let missing = cifar::recognize(std::path::Path::new("/nowhere"));
    assert!(matches!(missing, Err(DataError::Io { .. })));
}

#[test]
fn cifar_100_has_coarse_and_fine_labels() {
    let (coarse, fine) = (
        Dataset::Cifar100(Cifar100Labels::Coarse),
        Dataset::Cifar100(Cifar100Labels::Fine),
    );
    let dir = folder(&[
        ("train.bin", &cifar100_file(25)),
        ("test.bin", &cifar100_file(3)),
    ]);
    for (dataset, classes, label) in [(coarse, 20, 4), (fine, 100, 72)] {
        let images = load_images(dir.path(), dataset, Split::Train, None).unwrap();
        assert_eq!((images.len(), images.classes()), (25, classes));
        assert_eq!((dataset.classes(), images.label(24)), (classes, label));
        let samples: Samples<f64> = data::load(dir.path(), dataset, Split::Test, None).unwrap();
        assert_eq!((samples.len(), samples.width()), (3, 3072 + classes));
        assert_eq!(
            samples.row(2)[1000],
            f64::from((10 + 1000) % 251_u16) / 255.0
        );
        let hot = samples.row(2)[3072..].iter().position(|&x| x == 1.0);
        assert_eq!(hot, Some(if classes == 20 { 2 } else { 6 }));
    }
    let mut wrong = cifar100_file(3);
    (wrong[2 * 3074], wrong[3074 + 1]) = (20, 100);
    assert_error!(
        error(&[("train.bin", &wrong)], coarse, None),
        DataError::Label { .. },
        "train.bin: byte 6148: label 20; labels are less than 20"
    );
    assert_error!(
        error(&[("train.bin", &wrong)], fine, None),
        DataError::Label { .. },
        "train.bin: byte 3075: label 100; labels are less than 100"
    );
    assert_error!(
        error(&[("train.bin", &wrong[..3073])], fine, None),
        DataError::Length { .. },
        "train.bin: byte 0: a record of 3074 bytes is cut short at byte 3073"
    );
    assert_error!(
        error(&[("test.bin", &wrong)], fine, None),
        DataError::Missing { .. },
        "DIR: no CIFAR-100 file; looked for train.bin"
    );
}

/// Figures taken from the full data set with another program.
#[test]
fn the_embedded_sample_is_balanced_and_unaltered() {
    let samples: Samples<f64> = embedded_fashion();
    assert_eq!((samples.len(), samples.width()), (2000, 794));
    let label = |i: usize| {
        samples.row(i)[784..]
            .iter()
            .position(|&hot| hot == 1.0)
            .unwrap()
    };
    let (mut counts, mut shades, mut weighted) = ([0; CLASSES], [0_u64; CLASSES], 0_u64);
    for i in 0..samples.len() {
        let label = label(i);
        assert_eq!(samples.row(i)[784..].iter().sum::<f64>(), 1.0);
        counts[label] += 1;
        for (j, pixel) in samples.row(i)[..784].iter().enumerate() {
            let shade = (pixel * 255.0).round() as u64;
            shades[label] += shade;
            weighted += shade * (j as u64 + 1) * (i as u64 + 1);
        }
    }
    assert_eq!(counts, [200; CLASSES]);
    assert_eq!(
        shades,
        [
            12_693_819, 8_967_076, 15_030_228, 10_584_909, 15_818_723, 5_266_974, 13_629_698,
            6_789_949, 13_821_815, 11_930_448
        ]
    );
    assert_eq!(weighted, 47_666_120_632_935);
    assert_eq!(
        (0..12).map(label).collect::<Vec<_>>(),
        [9, 0, 0, 3, 0, 2, 7, 2, 5, 5, 0, 9]
    );
}

#[test]
fn single_and_double_precision_samples_agree() {
    let (single, double): (Samples<f32>, Samples<f64>) = (embedded_fashion(), embedded_fashion());
    for i in [0, 777, 1999] {
        assert!(
            single
                .row(i)
                .iter()
                .zip(double.row(i))
                .all(|(&a, &b)| a == b as f32)
        );
    }
}

#[test]
fn errors_name_the_whole_path() {
    let error = load_images(
        Path::new("/no/such/folder"),
        Dataset::Fashion,
        Split::Test,
        None,
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("/no/such/folder: no IDX images; looked for t10k-"),
        "{error}"
    );
}

/// Symmetric to the bit, of variance 1, and spaced as the normal distribution is: what lies below the i-th quantile, unscaled, is (i + ½) / n.
#[test]
fn normal_quantiles_stand_for_the_normal_distribution() {
    let normal = Normal::standard();
    for count in [0, 1, 2, 3, 10, 101, 1_000] {
        let samples = normal_quantiles::<f64>(count);
        let numbers = samples.rows(0..samples.len());
        assert_eq!((samples.len(), samples.width()), (count, 1));
        let mirrored = numbers.iter().rev().map(|x| -x);
        assert!(numbers.iter().copied().eq(mirrored));
        assert!(numbers.is_sorted());
        if count < 2 {
            assert!(numbers.iter().all(|&x| x == 0.0));
            continue;
        }
        let moment = |k: i32| numbers.iter().map(|x| x.powi(k)).sum::<f64>() / count as f64;
        // Two sums of n roundings of numbers below 16.
        assert!((moment(2) - 1.0).abs() < 1e-14 * count as f64, "{count}");
        let last = normal.inverse_cdf(1.0 - 0.5 / count as f64);
        let scale = numbers[count - 1] / last;
        for (i, x) in numbers.iter().enumerate() {
            let below = normal.cdf(x / scale);
            let expected = (i as f64 + 0.5) / count as f64;
            // The library's error function and its inverse are good to about 1e-11.
            assert!((below - expected).abs() < 1e-10, "{count}: {i}");
        }
        let said = match count {
            10 => [2.25, 6.2],
            1_000 => [2.97, 14.3],
            _ => continue,
        };
        assert!((moment(4) - said[0]).abs() < 0.005, "{}", moment(4));
        assert!((moment(6) - said[1]).abs() < 0.05, "{}", moment(6));
    }
    let single = normal_quantiles::<f32>(5);
    assert_eq!(single.row(0)[0], -single.row(4)[0]);
}
