//! The arguments of a layer, looked up by what the layer takes.

use proc_macro2::TokenStream;
use syn::{Ident, LitFloat, LitInt};

use crate::lower::number::whole;
use crate::names::{fields, nearest};
use crate::parse::{Call, NetworkArgument as Argument};
use crate::report::Report;

/// What a layer, the input or a penalty takes.
pub(super) struct Signature {
    /// The arguments without names, in their order, in words. All of them are needed.
    pub(super) unnamed: &'static [&'static str],
    /// The arguments with names.
    pub(super) named: &'static [&'static str],
    /// Those of them that are needed.
    pub(super) needed: &'static [&'static str],
    /// How it is written, for helps.
    pub(super) example: &'static str,
}

/// The arguments of a call, each at most once.
pub(super) struct Arguments<'c> {
    unnamed: Vec<&'c Argument>,
    named: Vec<&'c Argument>,
    /// The names that unknown names likely stand for.
    misspelt: Vec<&'static str>,
    signature: &'static Signature,
}

impl<'c> Arguments<'c> {
    /// Looks the arguments up. Reports those that are unknown, repeated, too many or missing.
    pub(super) fn new(call: &'c Call, signature: &'static Signature, report: &mut Report) -> Self {
        let mut arguments = Arguments {
            unnamed: vec![],
            named: vec![],
            misspelt: vec![],
            signature,
        };
        let word = &call.word;
        let example = match signature.example {
            "" => format!("write `{word}`"),
            example => format!("write `{example}`"),
        };
        let needs_none = signature.unnamed.is_empty() && signature.needed.is_empty();
        match call.arguments.as_deref().unwrap_or_default() {
            [] if needs_none => {}
            [] => report.error(word, format!("`{word}` needs arguments"), example),
            [..] if needs_none && signature.named.is_empty() => {
                report.error(word, format!("`{word}` takes no arguments"), example);
            }
            given => {
                let unknown = arguments.named(given, report);
                let surplus = arguments.unnamed(given);
                arguments.report_unknown(word, unknown, &example, report);
                arguments.report_surplus(word, surplus, &example, report);
            }
        }
        arguments
    }

    /// Looks up the arguments that have names, and returns those that are unknown.
    fn named(&mut self, given: &'c [Argument], report: &mut Report) -> Vec<&'c Ident> {
        let mut unknown = vec![];
        for argument in given {
            let Some(name) = &argument.name else { continue };
            if let Some(Argument { name: first, .. }) = self.get(&name.to_string()) {
                report.error(
                    name,
                    format!("`{name}` is given twice"),
                    "remove one of them",
                );
                report.also(first, "first given here");
            } else if self.signature.named.iter().any(|known| name == known) {
                self.named.push(argument);
            } else {
                unknown.push(name);
            }
        }
        unknown
    }

    /// Looks up the arguments without names, and returns those that are too many.
    fn unnamed(&mut self, given: &'c [Argument]) -> Vec<&'c Argument> {
        let all = given.iter().filter(|argument| argument.name.is_none());
        self.unnamed = all.collect();
        let taken = self.signature.unnamed.len().min(self.unnamed.len());
        self.unnamed.split_off(taken)
    }

    /// Reports unknown names, and arguments without names that are missing.
    fn report_unknown(
        &mut self,
        word: &Ident,
        unknown: Vec<&Ident>,
        example: &str,
        report: &mut Report,
    ) {
        let mut missing = self.signature.unnamed.get(self.unnamed.len());
        for name in unknown {
            let text = name.to_string();
            let meant = nearest(&text, self.signature.named);
            self.misspelt.extend(meant);
            if let (None, Some(what)) = (meant, missing) {
                // `dense(outputs: 10)`
                report.error(
                    name,
                    format!("`{word}` takes {what} without a name"),
                    example,
                );
                missing = None;
                continue;
            }
            let message = format!("`{word}` has no argument `{name}`");
            match self.signature.named {
                [] => report.error(name, message, example),
                named => report.error(name, message, fields(&text, named)),
            }
        }
        if let Some(what) = missing {
            report.error(word, format!("`{word}` needs {what}"), example);
        }
    }

    /// Reports arguments without names that are too many, and names that are missing.
    fn report_surplus(
        &self,
        word: &Ident,
        surplus: Vec<&Argument>,
        example: &str,
        report: &mut Report,
    ) {
        let Signature { unnamed, named, .. } = self.signature;
        let is_given = |name: &&&str| self.get(name).is_some();
        let mut missing = self.signature.needed.iter().filter(|name| !is_given(name));
        for argument in surplus {
            let value = &argument.value;
            if let Some(name) = missing.next() {
                // `conv(8, 3)`
                let help = format!("write `{name}: {value}`");
                report.error(value, format!("`{word}` takes `{name}` by its name"), help);
                continue;
            }
            let message = match unnamed {
                [] => format!("the arguments of `{word}` have names"),
                _ => format!(
                    "`{word}` takes {} and no more without a name",
                    unnamed.join(" and ")
                ),
            };
            let help = match named {
                [] => example.into(),
                _ => format!("{example}; with names it takes {}", list(named)),
            };
            report.error(value, message, help);
        }
        for name in missing {
            if !self.misspelt.contains(name) {
                report.error(word, format!("`{word}` needs a `{name}`"), example);
            }
        }
    }

    /// The argument of this name.
    pub(super) fn get(&self, name: &str) -> Option<&'c Argument> {
        let has_name = |argument: &&&Argument| argument.name.as_ref().is_some_and(|n| n == name);
        self.named.iter().find(has_name).copied()
    }

    /// The size without a name, by its index, or `None` if it is reported.
    pub(super) fn size(&self, index: usize, report: &mut Report) -> Option<usize> {
        let what = self.signature.unnamed.get(index)?;
        size(&self.unnamed.get(index)?.value, what, report)
    }

    /// The size of this name, or 1 if it is not given, or `None` if it is reported.
    pub(super) fn size_or_1(&self, name: &str, report: &mut Report) -> Option<usize> {
        match self.get(name) {
            Some(argument) => size(&argument.value, &format!("`{name}`"), report),
            None => Some(1),
        }
    }

    /// The whole number of this name, or 0 if it is not given, or `None` if it is reported.
    pub(super) fn number_or_0(&self, name: &str, report: &mut Report) -> Option<usize> {
        match self.get(name) {
            Some(argument) => number(&argument.value, &format!("`{name}`"), report),
            None => Some(0),
        }
    }

    /// The truth value of this name, or `usual` if it is not given, or `None` if it is reported.
    pub(super) fn flag_or(&self, name: &str, usual: bool, report: &mut Report) -> Option<bool> {
        let Some(argument) = self.get(name) else {
            return Some(usual);
        };
        let value = &argument.value;
        match &value.to_string()[..] {
            "true" => Some(true),
            "false" => Some(false),
            "" => None,
            other => {
                let help = format!("write `{name}: true` or `{name}: false`");
                let message = format!("`{name}` is `true` or `false`, not `{other}`");
                report.error(value, message, help);
                None
            }
        }
    }
}

/// Names in words.
fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The value of a whole number other than 0, or `None` if it is reported or empty, which was reported before.
pub(super) fn size(value: &TokenStream, what: &str, report: &mut Report) -> Option<usize> {
    let size = number(value, what, report)?;
    if size == 0 {
        report.error(value, format!("{what} must not be 0"), "sizes count from 1");
        return None;
    }
    Some(size)
}

/// The value of a whole number, or `None` if it is reported or empty, which was reported before.
fn number(value: &TokenStream, what: &str, report: &mut Report) -> Option<usize> {
    if value.is_empty() {
        return None;
    }
    let Ok(literal) = syn::parse2::<LitInt>(value.clone()) else {
        let message = format!("{what} is a whole number, not `{value}`");
        report.error(
            value,
            message,
            "networks have no open sizes: write a number such as 10",
        );
        return None;
    };
    whole(&literal, what, report)
}

/// The value of a number such as `1/1000`, `0.001` or `1e-3`, or `None` if it is reported.
pub(super) fn real(value: &TokenStream, what: &str, report: &mut Report) -> Option<f64> {
    let help = "write a positive number such as 1/1000, 0.001 or 1e-3, without suffix";
    let numbers: Option<Vec<f64>> = match split_at_slash(value) {
        Some([numerator, denominator]) => [numerator, denominator]
            .into_iter()
            .map(|part| {
                let literal = syn::parse2::<LitInt>(part).ok()?;
                plain(literal.base10_digits(), literal.suffix())
            })
            .collect(),
        None => decimal(value.clone()).map(|number| vec![number]),
    };
    match numbers.as_deref() {
        Some(&[number]) => Some(number),
        Some(&[numerator, denominator]) => Some(numerator / denominator),
        _ => {
            report.error(value, format!("{what} is a number, not `{value}`"), help);
            None
        }
    }
}

fn decimal(value: TokenStream) -> Option<f64> {
    if let Ok(literal) = syn::parse2::<LitInt>(value.clone()) {
        return plain(literal.base10_digits(), literal.suffix());
    }
    let literal = syn::parse2::<LitFloat>(value).ok()?;
    plain(literal.base10_digits(), literal.suffix())
}

/// The value of digits without suffix.
fn plain(digits: &str, suffix: &str) -> Option<f64> {
    if suffix.is_empty() {
        digits.parse().ok()
    } else {
        None
    }
}

/// The tokens before and after a `/`.
fn split_at_slash(value: &TokenStream) -> Option<[TokenStream; 2]> {
    let is_slash = |token: &proc_macro2::TokenTree| matches!(token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == '/');
    let mut tokens = value.clone().into_iter();
    let before: TokenStream = tokens
        .by_ref()
        .take_while(|token| !is_slash(token))
        .collect();
    let after: TokenStream = tokens.collect();
    (!after.is_empty()).then_some([before, after])
}
