//! Spacetimes from their constructors: checks the sizes of schedules and the rows of grids.

use diagram_calculus::combination::Product;
use diagram_calculus::optimizer::BatchChoice;
use diagram_calculus::spacetime::{Grid, GridError, Parameter, Shuffle, Spacetime};
use num_rational::BigRational;
use quote::ToTokens;
use syn::{Ident, LitStr};

use super::number::whole;
use super::optimizer::{self, OwnSampling};
use crate::model::{DeclaredSpacetime, DeclaredTraining, SizeProduct};
use crate::names::{fields, nearest, suggestion};
use crate::parse::{Argument, ArgumentValue, SizeExpression, SpacetimeForm, SpacetimeItem};
use crate::report::{Report, at};

/// The largest number of factors of a size. The degree of coefficients grows with it.
const MOST_FACTORS: usize = 8;

/// The declared spacetime, or `None` and errors in the report.
pub(super) fn lower(item: &SpacetimeItem, report: &mut Report) -> Option<DeclaredSpacetime> {
    let constructor = item.constructor.to_string();
    match (&constructor[..], &item.form) {
        ("sgd", SpacetimeForm::Call(arguments)) => sgd(&item.constructor, arguments, report),
        ("gd", SpacetimeForm::Call(arguments)) => gd(&item.constructor, arguments, report),
        ("grid", SpacetimeForm::Rows(rows)) => grid(&item.constructor, rows, report),
        ("grid", SpacetimeForm::Call(_)) => {
            let help = "write the rows in brackets: grid [\"#..#\", \".##.\"]";
            report.error(&item.constructor, "a grid is a list of rows", help);
            None
        }
        ("sgd" | "gd", SpacetimeForm::Rows(_)) => {
            let help = format!("write its sizes in parentheses: {constructor}(train: N, …)");
            let message = format!("`{constructor}` takes sizes, not rows");
            report.error(&item.constructor, message, help);
            None
        }
        _ => {
            let message = format!("unknown spacetime constructor `{constructor}`");
            let help = suggestion(&constructor, &["sgd", "gd", "grid"]);
            report.error(&item.constructor, message, help);
            None
        }
    }
}

/// What `sgd` may have beside its sizes.
const SGD_OPTIONS: [&str; 11] = [
    "shuffle",
    "momentum",
    "nesterov",
    "dampening",
    "schedule",
    "average",
    "sampling",
    "sam",
    "extragradient",
    "micro_batch",
    "hessian",
];
/// What `gd` may have beside its sizes: all but what is about batches.
const GD_OPTIONS: [&str; 8] = [
    "momentum",
    "nesterov",
    "dampening",
    "schedule",
    "average",
    "sam",
    "extragradient",
    "hessian",
];

fn sgd(
    constructor: &Ident,
    arguments: &[Argument],
    report: &mut Report,
) -> Option<DeclaredSpacetime> {
    let before = report.len();
    let sampling = optimizer::sampling(arguments, report);
    let required: &[&str] = match sampling {
        OwnSampling::Epochs => &["train", "batch", "epochs"],
        OwnSampling::WithReplacement => &["train", "batch", "steps"],
        OwnSampling::Fresh => &["batch", "steps"],
    };
    // Sizes that other ways to choose batches have are reported with the reason.
    let mut optional: Vec<&str> = ["train", "batch", "epochs", "steps"].into();
    optional.retain(|name| !required.contains(name));
    optional.extend(SGD_OPTIONS);
    let sizes = ConstructorArguments::new(constructor, arguments, required, &optional, report);
    sizes.check_sampling(sampling, report);
    let one = || SizeProduct {
        number: 1,
        symbols: vec![],
    };
    let train = match sampling {
        OwnSampling::Fresh => Some(one()),
        _ => sizes.size("train", report),
    };
    let batch = sizes.size("batch", report);
    let epochs = sizes.size(required[required.len() - 1], report);
    let shuffle = shuffle(&sizes, report);
    if let (OwnSampling::Epochs, Some(n), Some(b)) = (sampling, &train, &batch)
        && let (Some(n), Some(b)) = (n.literal(), b.literal())
        && !n.is_multiple_of(b)
        && let Some(size) = sizes.written("batch")
    {
        report.error(
            size,
            format!("batches of {b} do not divide {n} training points"),
            format!("choose a batch size that divides {n}, or a multiple of {b} for `train`"),
        );
    }
    let updates = match (sampling, &train, &batch, &epochs) {
        (OwnSampling::Epochs, Some(train), Some(batch), Some(epochs)) => train
            .literal()
            .zip(batch.literal())
            .zip(epochs.literal())
            .and_then(|((n, b), e)| e.checked_mul(n / b)),
        (_, _, _, Some(steps)) => steps.literal(),
        _ => None,
    };
    let run = optimizer::Run {
        updates,
        batch: batch.as_ref().and_then(SizeProduct::literal),
    };
    let rule = optimizer::rule(&sizes, run, report);
    if report.len() > before {
        return None;
    }
    let (train, batch, epochs, rule) = (train?, batch?, epochs?, rule?);
    let spacetime = Spacetime::sgd(
        parameter(&train),
        parameter(&batch),
        parameter(&epochs),
        shuffle,
    );
    let shuffled = shuffle == Shuffle::EachEpoch;
    let batches = match sampling {
        OwnSampling::Epochs => BatchChoice::Epochs { shuffled },
        OwnSampling::WithReplacement => BatchChoice::WithReplacement,
        OwnSampling::Fresh => BatchChoice::Fresh,
    };
    let plain = rule.is_sgd() && sampling == OwnSampling::Epochs;
    let mut declared = declared(spacetime, [train, batch, epochs]);
    declared.schedule = sampling == OwnSampling::Epochs;
    declared.training = (!plain).then_some(DeclaredTraining { batches, rule });
    Some(declared)
}

fn gd(
    constructor: &Ident,
    arguments: &[Argument],
    report: &mut Report,
) -> Option<DeclaredSpacetime> {
    let before = report.len();
    let sizes = ConstructorArguments::new(
        constructor,
        arguments,
        &["train", "steps"],
        &GD_OPTIONS,
        report,
    );
    let train = sizes.size("train", report);
    let steps = sizes.size("steps", report);
    let run = optimizer::Run {
        updates: steps.as_ref().and_then(SizeProduct::literal),
        batch: train.as_ref().and_then(SizeProduct::literal),
    };
    let rule = optimizer::rule(&sizes, run, report);
    if report.len() > before {
        return None;
    }
    let (train, steps, rule) = (train?, steps?, rule?);
    let spacetime = Spacetime::gd(parameter(&train), parameter(&steps));
    let mut declared = declared(spacetime, [train.clone(), train, steps]);
    let batches = BatchChoice::Full;
    declared.training = (!rule.is_sgd()).then_some(DeclaredTraining { batches, rule });
    Some(declared)
}

fn shuffle(sizes: &ConstructorArguments<'_>, report: &mut Report) -> Shuffle {
    const HELP: &str = "write `shuffle: each_epoch`, or `shuffle: never` (the default)";
    match sizes.value("shuffle") {
        None => Shuffle::Never,
        Some(Ok(SizeExpression::Name(name))) if name == "never" => Shuffle::Never,
        Some(Ok(SizeExpression::Name(name))) if name == "each_epoch" => Shuffle::EachEpoch,
        Some(Err(error)) => {
            let message = "expected `each_epoch` or `never`";
            report.error(at(error.span()), message, HELP);
            Shuffle::Never
        }
        Some(Ok(size)) => {
            let found = match size {
                SizeExpression::Name(name) => nearest(&name.to_string(), &["each_epoch", "never"]),
                _ => None,
            };
            let help = match found {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => HELP.into(),
            };
            let message = format!("unknown shuffle `{}`", size.to_token_stream());
            report.error(size, message, help);
            Shuffle::Never
        }
    }
}

/// The arguments of a constructor by name.
pub(super) struct ConstructorArguments<'a> {
    arguments: Vec<&'a Argument>,
}

impl<'a> ConstructorArguments<'a> {
    /// The known arguments. Reports those that are unknown, repeated or missing.
    fn new(
        constructor: &Ident,
        arguments: &'a [Argument],
        required: &[&'static str],
        optional: &[&'static str],
        report: &mut Report,
    ) -> Self {
        let names: Vec<&str> = required.iter().chain(optional).copied().collect();
        let mut known: Vec<&Argument> = vec![];
        let mut meant: Vec<&str> = vec![];
        for argument in arguments {
            let name = argument.name.to_string();
            if !names.contains(&&name[..]) {
                let message = format!("`{constructor}` has no argument `{name}`");
                meant.extend(nearest(&name, &names));
                report.error(&argument.name, message, fields(&name, &names));
            } else if let Some(first) = known.iter().find(|a| a.name == name) {
                let message = format!("`{name}` is given twice");
                report.error(&argument.name, message, "remove one of them");
                report.also(&first.name, "first given here");
            } else {
                known.push(argument);
            }
        }
        // An argument whose name is misspelt is not reported as missing.
        for name in required.iter().filter(|name| !meant.contains(name)) {
            if known.iter().all(|a| a.name != name) {
                let message = format!("`{constructor}` needs a size `{name}`");
                let help = format!(
                    "add `{name}: 10`, or `{name}: {}` to leave it open",
                    symbol(name)
                );
                report.error(constructor, message, help);
            }
        }
        ConstructorArguments { arguments: known }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Argument> {
        self.arguments.iter().find(|a| a.name == name).copied()
    }

    /// The size of this name as it is written, or why it could not be read.
    fn value(&self, name: &str) -> Option<&'a Result<SizeExpression, syn::Error>> {
        match &self.get(name)?.value {
            ArgumentValue::Size(size) => Some(size),
            _ => None,
        }
    }

    fn written(&self, name: &str) -> Option<&'a SizeExpression> {
        self.value(name)?.as_ref().ok()
    }

    /// Reports sizes that do not go with the way to choose batches.
    fn check_sampling(&self, sampling: OwnSampling, report: &mut Report) {
        let (wrong, why, help): (&[&str], _, _) = match sampling {
            OwnSampling::Epochs => (
                &["steps"],
                "`steps` is for batches that are drawn",
                "write `epochs`, or add `sampling: with_replacement`",
            ),
            OwnSampling::WithReplacement => (
                &["epochs", "shuffle"],
                "batches that are drawn with replacement make no epochs",
                "give the number of updates as `steps: T`, and leave `shuffle` out",
            ),
            OwnSampling::Fresh => (
                &["train", "epochs", "shuffle"],
                "every point is a new one, so that there is no training set and no epoch",
                "leave it out, and give the number of updates as `steps: T`",
            ),
        };
        for name in wrong {
            if let Some(argument) = self.get(name) {
                report.error(&argument.name, why, help);
            }
        }
    }

    /// The size of this name, or `None` and an error unless it is reported as missing already.
    fn size(&self, name: &str, report: &mut Report) -> Option<SizeProduct> {
        let size = match self.value(name)? {
            Ok(size) => size,
            Err(error) => {
                report.push(error.clone());
                return None;
            }
        };
        let mut all = SizeProduct {
            number: 1,
            symbols: vec![],
        };
        let factors = match size {
            SizeExpression::Product(factors) => &factors[..],
            size => std::slice::from_ref(size),
        };
        if factors.len() > MOST_FACTORS {
            let message = format!("`{name}` has more than {MOST_FACTORS} factors");
            report.error(
                &factors[MOST_FACTORS],
                message,
                "leave part of the product open as one name",
            );
            return None;
        }
        for factor in factors {
            match factor {
                SizeExpression::Name(symbol) => all.symbols.push(symbol.to_string()),
                SizeExpression::Literal(literal) => {
                    let number = number(name, literal, report)?;
                    let Some(product) = all.number.checked_mul(number) else {
                        report.error(size, format!("`{name}` is too large"), "lower a factor");
                        return None;
                    };
                    all.number = product;
                }
                SizeExpression::Product(_) => unreachable!("factors are no products"),
            }
        }
        Some(all)
    }
}

/// The value of a literal other than 0.
fn number(name: &str, literal: &syn::LitInt, report: &mut Report) -> Option<u64> {
    let number = whole::<u64>(literal, &format!("`{name}`"), report)?;
    if number == 0 {
        let message = format!("`{name}` must not be 0");
        report.error(literal, message, "sizes count from 1");
        return None;
    }
    Some(number)
}

/// The size as a parameter of a spacetime, in which a product is a single symbol.
fn parameter(size: &SizeProduct) -> Parameter {
    match size.literal() {
        Some(number) => Parameter::Literal(number),
        None => Parameter::Symbol(size.to_string()),
    }
}

fn declared(spacetime: Spacetime, sizes: [SizeProduct; 3]) -> DeclaredSpacetime {
    let mut products: Vec<(String, Product)> = vec![];
    for size in &sizes {
        let name = size.to_string();
        if size.is_product() && products.iter().all(|(known, _)| *known != name) {
            let powers: Vec<(&str, i8)> = size.symbols.iter().map(|s| (&s[..], 1)).collect();
            let number = BigRational::from_integer(size.number.into());
            products.push((name, Product::new(number, &powers)));
        }
    }
    DeclaredSpacetime {
        spacetime,
        products,
        sizes,
        schedule: true,
        training: None,
    }
}

/// The customary symbol of a size, for messages.
fn symbol(size: &str) -> &'static str {
    match size {
        "train" => "N",
        "batch" => "B",
        "epochs" => "E",
        _ => "T",
    }
}

fn grid(constructor: &Ident, rows: &[LitStr], report: &mut Report) -> Option<DeclaredSpacetime> {
    let drawn: Vec<String> = rows.iter().map(LitStr::value).collect();
    let error = match Grid::from_rows(&drawn) {
        Ok(grid) => {
            let sizes = [grid.rows(), grid.batch(), 1].map(|size| SizeProduct {
                number: size as u64,
                symbols: vec![],
            });
            return Some(DeclaredSpacetime {
                spacetime: Spacetime::Grid(grid),
                products: vec![],
                sizes,
                schedule: false,
                training: None,
            });
        }
        Err(error) => error,
    };
    let help = "rows are training points, columns are updates, `#` is a cell; all columns hold equally many cells";
    let row = match error {
        GridError::Ragged { row, .. } | GridError::Character { row, .. } => rows.get(row),
        _ => None,
    };
    match row {
        Some(row) => report.error(row, error, help),
        None => report.error(constructor, error, help),
    }
    None
}
