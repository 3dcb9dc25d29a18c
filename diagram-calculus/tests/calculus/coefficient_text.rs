//! Printed coefficients: the text and the LaTeX are evaluated by a small parser and compared with the value of the coefficient.

use diagram_calculus::coefficient::{Coefficient, Parameters, Symbols};
use diagram_calculus::enumerate::diagrams;
use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use num_bigint::BigInt;
use num_rational::BigRational;

/// An evaluator of formulas with sums, products by juxtaposition, `/`, integer powers, parentheses, and LaTeX's `\frac` and braces.
struct Reader<'a> {
    rest: &'a str,
    sizes: [(&'a str, BigRational); 3],
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, token: &str) -> bool {
        self.peek();
        let Some(rest) = self.rest.strip_prefix(token) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn word(&mut self, part: impl Fn(char) -> bool) -> &str {
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn sum(&mut self) -> BigRational {
        let negative = self.take("-");
        let mut sum = self.quotient();
        if negative {
            sum = -sum;
        }
        loop {
            if self.take("+") {
                sum += self.quotient();
            } else if self.take("-") {
                sum -= self.quotient();
            } else {
                return sum;
            }
        }
    }

    fn quotient(&mut self) -> BigRational {
        let mut product = self.power();
        while self
            .peek()
            .is_some_and(|c| c.is_alphanumeric() || c == '(' || c == '\\')
        {
            product *= self.power();
        }
        if self.take("/") {
            product /= self.power();
        }
        product
    }

    fn power(&mut self) -> BigRational {
        let base = self.atom();
        if !self.take("^") {
            return base;
        }
        let braces = self.take("{");
        let exponent = self
            .word(|c| c.is_ascii_digit())
            .parse()
            .expect("an exponent");
        assert!(!braces || self.take("}"));
        num_traits::pow(base, exponent)
    }

    fn group(&mut self, open: &str, close: &str) -> BigRational {
        assert!(self.take(open), "{open} before {}", self.rest);
        let sum = self.sum();
        assert!(self.take(close), "{close} before {}", self.rest);
        sum
    }

    fn atom(&mut self) -> BigRational {
        if self.take("\\frac") {
            return self.group("{", "}") / self.group("{", "}");
        }
        match self.peek().expect("an atom") {
            '(' => self.group("(", ")"),
            c if c.is_ascii_digit() => {
                let digits = self.word(|c| c.is_ascii_digit());
                BigRational::from_integer(digits.parse::<BigInt>().unwrap())
            }
            _ => {
                let name = self.word(char::is_alphanumeric).to_string();
                let found = self.sizes.iter().find(|(other, _)| *other == name);
                found
                    .unwrap_or_else(|| panic!("{name:?} before {}", self.rest))
                    .1
                    .clone()
            }
        }
    }
}

fn evaluate(text: &str, symbols: &Symbols, at: &Parameters) -> BigRational {
    let number = |size: u64| BigRational::from_integer(size.into());
    let mut reader = Reader {
        rest: text,
        sizes: [
            (&symbols.train, number(at.train)),
            (&symbols.batch, number(at.batch)),
            (&symbols.epochs, number(at.epochs)),
        ],
    };
    let value = reader.sum();
    assert_eq!(reader.peek(), None, "all of {text}");
    value
}

/// Asserts that the text and the LaTeX of a coefficient have its values.
fn reads_back(coefficient: &Coefficient, symbols: &Symbols) {
    let written = [coefficient.text(symbols), coefficient.latex(symbols)];
    for (train, batch, epochs) in [(12, 3, 2), (21, 7, 5), (11, 11, 1), (30, 1, 4)] {
        let at = Parameters {
            train,
            batch,
            epochs,
        };
        let expected = coefficient.evaluate(&at).unwrap();
        for written in &written {
            assert_eq!(
                evaluate(written, symbols, &at),
                expected,
                "{written} at {at:?}"
            );
        }
    }
}

fn spacetimes() -> Vec<Spacetime> {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let number = Parameter::Literal;
    let mut all = vec![
        Spacetime::gd(symbol("N"), symbol("T")),
        Spacetime::gd(number(6), symbol("T")),
        Spacetime::gd(symbol("n"), number(3)),
    ];
    for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
        all.extend([
            Spacetime::sgd(symbol("train"), symbol("batch"), symbol("epochs"), shuffle),
            Spacetime::sgd(symbol("N"), number(1), symbol("M"), shuffle),
            Spacetime::sgd(symbol("N"), number(1), number(1), shuffle),
            Spacetime::sgd(number(12), symbol("B"), symbol("E"), shuffle),
            Spacetime::sgd(symbol("N"), symbol("B"), number(2), shuffle),
        ]);
    }
    all
}

#[test]
fn every_coefficient_of_order_four_reads_back() {
    for spacetime in spacetimes() {
        let symbols = spacetime.symbols();
        let all = expand(Measure::TestLoss, &spacetime, (0..=4).flat_map(diagrams)).unwrap();
        let weights = all.terms.iter().map(|term| &term.coefficient);
        for coefficient in weights.chain(all.values.iter().map(|(_, sum)| sum)) {
            reads_back(coefficient, &symbols);
        }
    }
}

#[test]
fn gathered_coefficients_of_all_measures_read_back() {
    for measure in [
        Measure::TrainLoss,
        Measure::GeneralizationGap,
        Measure::Displacement,
        Measure::SecondMoment,
    ] {
        for spacetime in spacetimes() {
            let all = expand(measure, &spacetime, diagrams_for(measure, 3)).unwrap();
            for (_, sum) in &all.values {
                reads_back(sum, &spacetime.symbols());
            }
        }
    }
}

#[test]
fn as_one_writes_them() {
    let [n, b, e] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map(Coefficient::power);
    let one = Coefficient::one();
    let per_batch = n.mul(&b.recip().unwrap());
    let ratio = |a, b| Coefficient::from_ratio(a, b);
    for (coefficient, text, latex) in [
        (Coefficient::zero(), "0", "0"),
        (one.neg(), "-1", "-1"),
        (ratio(-2, 3), "-2/3", "-\\frac{2}{3}"),
        (n.neg(), "-N", "-N"),
        (n.sub(&one), "N - 1", "N - 1"),
        (one.sub(&n.mul(&e)), "-N E + 1", "-N E + 1"),
        (n.binomial(2), "N (N - 1)/2", "\\frac{N (N - 1)}{2}"),
        (
            n.sub(&one).mul(&ratio(-1, 2)),
            "-(N - 1)/2",
            "-\\frac{N - 1}{2}",
        ),
        (
            n.mul(&n)
                .sub(&n.scale(&BigRational::new(1.into(), 3.into()))),
            "N (3 N - 1)/3",
            "\\frac{N (3 N - 1)}{3}",
        ),
        (
            per_batch.binomial(2),
            "N (N - B)/(2 B^2)",
            "\\frac{N (N - B)}{2 B^{2}}",
        ),
        (b.recip().unwrap(), "1/B", "\\frac{1}{B}"),
        (
            Coefficient::over_falling_train(2),
            "1/(N (N - 1))",
            "\\frac{1}{N (N - 1)}",
        ),
        (
            e.add(&one).mul(&e.add(&one)).mul(&ratio(2, 1)),
            "2 (E + 1)^2",
            "2 (E + 1)^{2}",
        ),
    ] {
        let symbols = Symbols::default();
        assert_eq!(coefficient.to_string(), text);
        assert_eq!(coefficient.latex(&symbols), latex);
        reads_back(&coefficient, &symbols);
    }
}
