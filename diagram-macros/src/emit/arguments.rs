//! What the open sizes are called as arguments of a function.

use diagram_language::SizeProduct;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// A name for each open size, in their order.
///
/// In small letters, as arguments are. Names of the user, such as a unit type `n`, would make patterns of them; none is known where the arguments are.
pub(super) struct Arguments<'s>(pub(super) Vec<Ident>, &'s [String]);

impl<'s> Arguments<'s> {
    pub(super) fn new(open: &'s [String]) -> Self {
        let mut names: Vec<Ident> = vec![];
        for symbol in open {
            let mut name = symbol.to_lowercase();
            // `IN` would be a word of Rust, `n` and `N` would be one name.
            while syn::parse_str::<Ident>(&name).is_err() || names.iter().any(|n| *n == name) {
                name.push('_');
            }
            names.push(format_ident!("{name}"));
        }
        Arguments(names, open)
    }

    /// A size.
    pub(super) fn number(&self, size: &SizeProduct) -> TokenStream {
        let find = |symbol: &String| self.1.iter().position(|open| open == symbol);
        let names = size.symbols.iter().filter_map(find).map(|at| &self.0[at]);
        let names: Vec<&Ident> = names.collect();
        let number = size.number;
        match (number, &names[..]) {
            (1, [first, others @ ..]) => quote!(#first #(.saturating_mul(#others))*),
            (_, names) => quote!(#number #(.saturating_mul(#names))*),
        }
    }
}
