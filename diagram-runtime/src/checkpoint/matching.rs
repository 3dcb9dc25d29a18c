//! The tensors of a network beside those of a file.

use std::collections::BTreeMap;
use std::fmt;

use crate::networks::Network;

/// The largest number of rows of the table in an error. Where there are more, those that fit are left out first.
const MOST_ROWS: usize = 100;

/// The largest number of dots of a prefix.
const MOST_DOTS: usize = 8;

/// The tensors of a network beside those of a file, at least one of which is missing, surplus or misshapen. It is displayed as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What all names of the file begin with that the network's names do not have.
    pub prefix: String,
    /// The tensors of the network in its order, and then those that only the file has, by name.
    pub tensors: Vec<TensorMatch>,
}

/// A tensor of a network, of a file, or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorMatch {
    /// The name of the network's tensor, or that in the file if only the file has it.
    pub name: String,
    /// The shape that the network has.
    pub network: Option<Vec<usize>>,
    /// The shape that the file has.
    pub file: Option<Vec<usize>>,
}

/// Whether a tensor of a file is what the network has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fit {
    /// It has the name and the shape.
    Fits,
    /// The file does not have it.
    Missing,
    /// The network does not have it.
    Surplus,
    /// The shapes differ.
    Misshapen,
}

impl Fit {
    /// The word that marks the tensor in a table.
    const fn mark(self) -> &'static str {
        match self {
            Fit::Fits => "",
            Fit::Missing => "missing",
            Fit::Surplus => "surplus",
            Fit::Misshapen => "misshapen",
        }
    }
}

impl TensorMatch {
    /// Returns whether the tensor of the file is what the network has.
    pub fn fit(&self) -> Fit {
        match (&self.network, &self.file) {
            (Some(network), Some(file)) if network == file => Fit::Fits,
            (Some(_), Some(_)) => Fit::Misshapen,
            (_, None) => Fit::Missing,
            (None, _) => Fit::Surplus,
        }
    }
}

/// Returns the prefix of the names in the file with which most of the network's tensors are found: the shortest such, and at most eight words.
pub(super) fn prefix<'f, T>(network: &Network, file: &BTreeMap<&'f str, T>) -> &'f str {
    // What the first and the last name in alphabetical order begin with, all names begin with.
    let ends = (file.keys().next(), file.keys().next_back());
    let (Some(first), Some(last)) = ends else {
        return "";
    };
    let common = first
        .bytes()
        .zip(last.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let dots = first.as_bytes()[..common]
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'.');
    let candidates = std::iter::once(0).chain(dots.map(|(at, _)| at + 1).take(MOST_DOTS));
    let found = |prefix: &str| {
        let tensors = network.tensors().iter();
        tensors
            .filter(|tensor| file.contains_key(format!("{prefix}{}", tensor.name).as_str()))
            .count()
    };
    candidates
        .map(|end| &first[..end])
        .max_by_key(|prefix| (found(prefix), std::cmp::Reverse(prefix.len())))
        .unwrap_or_default()
}

/// Compares the tensors of a network with those of a file, whose names have the prefix. The file's shapes are given by name.
///
/// # Errors
/// [`Mismatch`] if one is missing, surplus or misshapen.
pub(super) fn compare(
    network: &Network,
    file: &BTreeMap<&str, &[usize]>,
    prefix: &str,
) -> Result<(), Mismatch> {
    let mut rest = file.clone();
    let mut tensors: Vec<TensorMatch> = network
        .tensors()
        .iter()
        .map(|tensor| TensorMatch {
            name: tensor.name.clone(),
            network: Some(tensor.shape.clone()),
            file: rest
                .remove(format!("{prefix}{}", tensor.name).as_str())
                .map(<[usize]>::to_vec),
        })
        .collect();
    tensors.extend(rest.into_iter().map(|(name, shape)| TensorMatch {
        name: name.to_owned(),
        network: None,
        file: Some(shape.to_vec()),
    }));
    if tensors.iter().all(|tensor| tensor.fit() == Fit::Fits) {
        return Ok(());
    }
    Err(Mismatch {
        prefix: prefix.to_owned(),
        tensors,
    })
}

/// How many tensors do not fit, in words, and the table.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |fit: Fit| self.tensors.iter().filter(|t| t.fit() == fit).count();
        let counts: Vec<String> = [Fit::Missing, Fit::Surplus, Fit::Misshapen]
            .into_iter()
            .filter(|&fit| count(fit) > 0)
            .map(|fit| format!("{} {}", count(fit), fit.mark()))
            .collect();
        f.write_str(&counts.join(", "))?;
        let all_shown = self.tensors.len() <= MOST_ROWS;
        let shown: Vec<&TensorMatch> = self
            .tensors
            .iter()
            .filter(|tensor| all_shown || tensor.fit() != Fit::Fits)
            .take(MOST_ROWS)
            .collect();
        let header = ["network", "shape", "file", "shape", ""].map(String::from);
        let rows: Vec<[String; 5]> = std::iter::once(header)
            .chain(shown.iter().map(|tensor| self.row(tensor)))
            .collect();
        let width = |column: usize| {
            let lengths = rows.iter().map(|row| row[column].chars().count());
            lengths.max().unwrap_or(0)
        };
        let [first, second, third, fourth] = [0, 1, 2, 3].map(width);
        for [name, shape, file_name, file_shape, mark] in &rows {
            let row = format!(
                "{name:first$}  {shape:second$}  |  {file_name:third$}  {file_shape:fourth$}  {mark}"
            );
            write!(f, "\n  {}", row.trim_end())?;
        }
        let others = self.tensors.len() - shown.len();
        if others > 0 {
            let fits = count(Fit::Fits);
            let wrong = others - fits;
            match wrong {
                0 => write!(f, "\n  and {fits} that fit")?,
                _ => write!(
                    f,
                    "\n  and {wrong} more that do not fit, and {fits} that fit"
                )?,
            }
        }
        Ok(())
    }
}

impl Mismatch {
    fn row(&self, tensor: &TensorMatch) -> [String; 5] {
        let name = printable(&tensor.name);
        let shape = |shape: &Option<Vec<usize>>| shape.as_deref().map_or("-".into(), sizes);
        let absent = || "-".to_owned();
        let (network, file) = match tensor.fit() {
            Fit::Surplus => (absent(), name),
            Fit::Missing => (name, absent()),
            Fit::Fits | Fit::Misshapen => {
                let file = format!("{}{name}", printable(&self.prefix));
                (name, file)
            }
        };
        let mark = tensor.fit().mark().to_owned();
        [
            network,
            shape(&tensor.network),
            file,
            shape(&tensor.file),
            mark,
        ]
    }
}

/// A name from a file with which no message is torn apart.
fn printable(name: &str) -> String {
    const MOST: usize = 100;
    let mut shown: String = name
        .chars()
        .take(MOST)
        .flat_map(char::escape_debug)
        .collect();
    if name.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

/// A shape in words.
fn sizes(shape: &[usize]) -> String {
    const MOST: usize = 8;
    if shape.is_empty() {
        return "one number".into();
    }
    let shown: Vec<String> = shape.iter().take(MOST).map(usize::to_string).collect();
    let more = if shape.len() > MOST { " × …" } else { "" };
    format!("{}{more}", shown.join(" × "))
}
