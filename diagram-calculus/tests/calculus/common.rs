//! Constructors that several tests use.

use diagram_calculus::Diagram;
use diagram_calculus::spacetime::Parameter;
use num_rational::BigRational;

/// A size that stays open.
pub(crate) fn symbol(name: &str) -> Parameter {
    Parameter::Symbol(name.into())
}

/// The diagram with this compact notation.
pub(crate) fn read(text: &str) -> Diagram {
    text.parse().unwrap()
}

/// A rational number.
pub(crate) fn ratio(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// All permutations of `0..size`.
pub(crate) fn permutations(size: usize) -> Vec<Vec<usize>> {
    if size == 0 {
        return vec![vec![]];
    }
    let mut all = vec![];
    for shorter in permutations(size - 1) {
        for place in 0..size {
            let mut longer = shorter.clone();
            longer.insert(place, size - 1);
            all.push(longer);
        }
    }
    all
}
