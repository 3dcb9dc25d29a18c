//! The whole numbers of a declaration.

use std::str::FromStr;

use syn::LitInt;

use crate::report::Report;

/// The value of a literal, or `None` and an error in the report. The message begins with `what`.
pub(super) fn whole<N: FromStr>(literal: &LitInt, what: &str, report: &mut Report) -> Option<N> {
    let help = "write a number such as 10, without sign or suffix";
    if literal.base10_digits().starts_with('-') {
        report.error(literal, format!("{what} must not be negative"), help);
        return None;
    }
    if !literal.suffix().is_empty() {
        let message = format!("{what} has the suffix `{}`", literal.suffix());
        report.error(literal, message, help);
        return None;
    }
    let number = literal.base10_digits().parse().ok();
    if number.is_none() {
        report.error(
            literal,
            format!("{what} is too large"),
            "write a smaller number",
        );
    }
    number
}
