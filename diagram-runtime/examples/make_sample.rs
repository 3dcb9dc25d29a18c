//! Makes the sample of Fashion-MNIST that the library embeds: the first images of each class in the order of the training file, as an IDX
//! file of images and one of labels, joined and compressed.
//!
//! ```text
//! cargo run --release -p diagram-runtime --example make_sample -- --data DIR --out FILE [--per-class COUNT]
//! ```

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use diagram_runtime::data::{CLASSES, Dataset, Images, Split, load_images};
use flate2::{Compression, write::GzEncoder};

const USAGE: &str = "usage: make_sample --data DIR --out FILE [--per-class COUNT]";
const SIDE: u32 = 28;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse(std::env::args().skip(1))?;
    let images = load_images(&options.data, Dataset::Fashion, Split::Train, None)?;
    let chosen = first_of_each_class(&images, options.per_class)?;
    let mut encoder = GzEncoder::new(File::create(&options.out)?, Compression::best());
    encoder.write_all(&joined_idx(&images, &chosen)?)?;
    let length = encoder.finish()?.metadata()?.len();
    println!(
        "{}: {} images, {length} bytes",
        options.out.display(),
        chosen.len()
    );
    Ok(())
}

struct Options {
    data: PathBuf,
    out: PathBuf,
    per_class: usize,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut data, mut out, mut per_class) = (None, None, 200);
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or(USAGE)?;
            match name.as_str() {
                "--data" => data = Some(value.into()),
                "--out" => out = Some(value.into()),
                "--per-class" => per_class = value.parse()?,
                _ => return Err(USAGE.into()),
            }
        }
        Ok(Options {
            data: data.ok_or(USAGE)?,
            out: out.ok_or(USAGE)?,
            per_class,
        })
    }
}

fn first_of_each_class(images: &Images, per_class: usize) -> Result<Vec<usize>, Box<dyn Error>> {
    let mut left = [per_class; CLASSES];
    let mut chosen = vec![];
    for image in 0..images.len() {
        let left = &mut left[usize::from(images.label(image))];
        if *left > 0 {
            *left -= 1;
            chosen.push(image);
        }
    }
    if left != [0; CLASSES] {
        return Err(format!("fewer than {per_class} images of some class").into());
    }
    Ok(chosen)
}

fn joined_idx(images: &Images, chosen: &[usize]) -> Result<Vec<u8>, Box<dyn Error>> {
    let count = u32::try_from(chosen.len())?;
    let mut bytes = vec![];
    for number in [0x0803, count, SIDE, SIDE] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    for &image in chosen {
        bytes.extend_from_slice(images.pixels(image));
    }
    for number in [0x0801, count] {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend(chosen.iter().map(|&image| images.label(image)));
    Ok(bytes)
}
