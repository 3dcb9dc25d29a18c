//! Warnings for declarations that are not used.

use syn::Ident;

use crate::model::DeclaredPredictor;
use crate::report::Report;

/// Warns of items that are not used, and of open sizes on which no coefficient depends.
pub(super) fn check(
    unused: &[Ident],
    any_predictors: bool,
    predictors: &[DeclaredPredictor],
    report: &mut Report,
) {
    // Without a predictor, or with one that has errors, it is not known what is used.
    if report.len() > 0 || !any_predictors {
        return;
    }
    for name in unused {
        report.unused(name);
    }
    for predictor in predictors {
        sizes_matter(predictor, report);
    }
}

/// Warns of open sizes on which no coefficient depends.
fn sizes_matter(predictor: &DeclaredPredictor, report: &mut Report) {
    let (Some(content), Some(sizes)) = (&predictor.content, &predictor.sizes) else {
        return;
    };
    for name in &sizes.open {
        let slots = sizes.slots.iter().enumerate().filter(|(_, size)| {
            size.as_ref()
                .is_some_and(|size| size.symbols.contains(name))
        });
        let slots: Vec<usize> = slots.map(|(slot, _)| slot).collect();
        let depends = content.combination.values().iter().any(|(_, coefficient)| {
            let falling = slots.contains(&0) && !coefficient.denominator().is_empty();
            falling
                || coefficient
                    .numerator()
                    .any(|(exponents, _)| slots.iter().any(|&slot| exponents[slot] != 0))
        });
        if !depends {
            let message = format!(
                "nothing in `{}` depends on the size `{name}`, which any number could be",
                predictor.head.name
            );
            report.warning(name, predictor.head.name.span(), message);
        }
    }
}
