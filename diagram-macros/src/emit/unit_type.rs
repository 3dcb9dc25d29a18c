//! What every declared type has: a module of its own, a unit type, and the traits that types are expected to have.

use diagram_language::Head;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// A unit type with its code, in which `__Type` is the type, `__calculus` the combinatorics and `__runtime` the numerics.
///
/// The code is in a module of its own, in which no name of the user is known: so types may be called `u64` or `Vec`. Of the module around it only the type
/// is taken: so a type that is declared twice is one error, at its name, and not another for each trait.
pub(super) fn unit_type(
    head: &Head,
    documentation: &[String],
    is_used: bool,
    code: &TokenStream,
) -> TokenStream {
    let Head {
        attributes,
        visibility,
        name,
        rust_name,
    } = head;
    let module = module(name);
    let import = import(rust_name, &module);
    let label = name.to_string();
    // The compiler warns of a type that is never used if its every word is at a place of the user.
    let item = quote_spanned!(name.span()=> pub struct #rust_name;);
    let unused = is_used.then(|| quote!(#[allow(dead_code)]));
    quote! {
        #[allow(non_snake_case, unreachable_pub, clippy::upper_case_acronyms)]
        mod #module {
            // For the attributes.
            #[allow(unused_imports)]
            use super::*;

            #attributes
            #(#[doc = #documentation])*
            #unused
            #item

            pub mod __code {
                pub use super::#rust_name as __Type;
                #[allow(unused_imports)]
                use ::diagrams::calculus as __calculus;
                #[allow(unused_imports)]
                use ::diagrams::runtime as __runtime;

                #[automatically_derived]
                impl ::core::clone::Clone for __Type {
                    fn clone(&self) -> Self {
                        *self
                    }
                }

                #[automatically_derived]
                impl ::core::marker::Copy for __Type {}

                #[automatically_derived]
                impl ::core::fmt::Debug for __Type {
                    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        formatter.write_str(#label)
                    }
                }

                #[automatically_derived]
                impl ::core::default::Default for __Type {
                    fn default() -> Self {
                        Self
                    }
                }

                #[automatically_derived]
                impl ::core::cmp::PartialEq for __Type {
                    fn eq(&self, _: &Self) -> bool {
                        true
                    }
                }

                #[automatically_derived]
                impl ::core::cmp::Eq for __Type {}

                #[automatically_derived]
                impl ::core::hash::Hash for __Type {
                    fn hash<H: ::core::hash::Hasher>(&self, _: &mut H) {}
                }

                #code
            }
        }

        #[allow(unused_imports)]
        #visibility use #import;
    }
}

/// The path of the type in its module, all of it at the name, which is where an error about a second type of the name is.
fn import(name: &Ident, module: &Ident) -> TokenStream {
    let mut module = module.clone();
    module.set_span(name.span());
    // A type elsewhere, which keeps the compiler from a help with text that does not fit.
    let source = quote!(__code::__Type);
    quote_spanned!(name.span()=> #module::#source as #name)
}

/// The name of the module: from the place in the file, so that two declarations of one name have modules of their own.
fn module(name: &Ident) -> Ident {
    let place = name.span().start();
    format_ident!(
        "__{name}_{}_{}",
        place.line,
        place.column,
        span = Span::call_site()
    )
}
