//! Networks: a unit type, and the calls that put the network together.

mod docs;

use diagram_language::{DeclaredNetwork, Head};
use diagram_networks::{
    Attention, Convolution, Declaration, Dense, Layer, LayerKind, Network, Parametrization, Shape,
};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::unit_type;

/// The items of all networks, in order.
pub(crate) fn networks(networks: &[DeclaredNetwork]) -> TokenStream {
    networks
        .iter()
        .map(|declared| match &declared.network {
            Some(network) => {
                let calls = calls(network);
                let body = quote! {
                    static NETWORK: ::std::sync::LazyLock<::diagrams::networks::Network> =
                        ::std::sync::LazyLock::new(|| #calls);
                    &NETWORK
                };
                item(&declared.head, &docs::of_network(network), &body)
            }
            // Enough that uses of the type are no further errors.
            None => item(&declared.head, &[], &quote!(::core::unreachable!())),
        })
        .collect()
}

fn item(head: &Head, documentation: &[String], body: &TokenStream) -> TokenStream {
    let code = quote! {
        impl __Type {
            /// The network.
            pub fn network() -> &'static ::diagrams::networks::Network {
                #body
            }

            /// The table of the tensors that θ consists of.
            pub fn layout() -> ::diagrams::networks::Layout<'static> {
                Self::network().layout()
            }

            /// The loss landscape of the network.
            pub fn landscape() -> &'static __runtime::network::NetworkLandscape {
                static LANDSCAPE: ::std::sync::LazyLock<__runtime::network::NetworkLandscape> =
                    ::std::sync::LazyLock::new(|| {
                        __runtime::network::NetworkLandscape::new(__Type::network())
                    });
                &LANDSCAPE
            }
        }
    };
    unit_type(head, documentation, false, &code)
}

/// The calls that put a network together.
fn calls(network: &Network) -> TokenStream {
    let Declaration {
        input,
        parametrization,
        layers,
        penalties,
    } = network.declaration();
    let input = shape(*input);
    let parametrization = match parametrization {
        Parametrization::Xavier => quote!(),
        Parametrization::Standard => {
            quote!(.parametrization(::diagrams::networks::Parametrization::Standard))
        }
    };
    let layers = layers.iter().map(layer);
    let penalties = penalties.iter().map(|penalty| {
        let coefficient = penalty.coefficient;
        match &penalty.layers {
            None => quote!(.l2(#coefficient)),
            Some(names) => quote!(.l2_of(#coefficient, [#(#names),*])),
        }
    });
    let loss = network.loss();
    let loss = format_ident!("{loss:?}");
    // The layers are a list, since the compiler needs stack for each call of a chain.
    quote! {{
        let mut __declaration = ::diagrams::networks::Network::input(#input) #parametrization;
        __declaration.layers = ::std::vec![#(#layers),*];
        __declaration
            #(#penalties)*
            .loss(::diagrams::networks::Loss::#loss)
            .expect("the network was checked when it was compiled")
    }}
}

fn shape(shape: Shape) -> TokenStream {
    let call = match shape {
        Shape::Vector(length) => quote!(Vector(#length)),
        Shape::Image {
            channels,
            height,
            width,
        } => quote!(image(#channels, #height, #width)),
        Shape::Sequence { tokens, width } => quote!(sequence(#tokens, #width)),
        Shape::Tokens(tokens) => quote!(Tokens(#tokens)),
    };
    quote!(::diagrams::networks::Shape::#call)
}

fn layer(layer: &Layer) -> TokenStream {
    let kind = match &layer.kind {
        LayerKind::Convolution(convolution) => {
            let &Convolution {
                outputs,
                kernel,
                stride,
                padding,
                groups,
                bias,
            } = convolution;
            quote!(Convolution(::diagrams::networks::Convolution {
                outputs: #outputs,
                kernel: #kernel,
                stride: #stride,
                padding: #padding,
                groups: #groups,
                bias: #bias,
            }))
        }
        &LayerKind::Dense(Dense { outputs, bias }) => {
            quote!(Dense(::diagrams::networks::Dense { outputs: #outputs, bias: #bias }))
        }
        LayerKind::AveragePool { size } => quote!(AveragePool { size: #size }),
        LayerKind::Flatten => quote!(Flatten),
        LayerKind::Residual(inside) => {
            let inside = inside.iter().map(self::layer);
            quote!(Residual(::std::vec![#(#inside),*]))
        }
        LayerKind::LayerNorm { affine } => quote!(LayerNorm { affine: #affine }),
        LayerKind::Scale => quote!(Scale),
        LayerKind::Embedding { vocabulary, width } => {
            quote!(Embedding { vocabulary: #vocabulary, width: #width })
        }
        &LayerKind::Attention(Attention {
            heads,
            causal,
            bias,
        }) => quote!(Attention(::diagrams::networks::Attention {
            heads: #heads,
            causal: #causal,
            bias: #bias,
        })),
        LayerKind::Activation(function) => {
            let function = format_ident!("{function:?}");
            quote!(Activation(::diagrams::networks::Activation::#function))
        }
    };
    let name = match &layer.name {
        Some(name) => quote!(.named(#name)),
        None => quote!(),
    };
    quote!(::diagrams::networks::Layer::from(::diagrams::networks::LayerKind::#kind)#name)
}
