//! What limits the speed of works and of other frameworks, in words: figures stand in the tables.

/// By the start of a work's name.
pub(super) const WORKS: &[(&str, &str)] = &[
    (
        "losses",
        "multiply-adds run from registers; hyperbolic tangents, which the share does not count, take much of the time, and bringing images into lanes some of the rest.",
    ),
    (
        "per-sample gradients",
        "writing a row of the dimension of the weights for each sample: tables that fit the caches are clearly faster.",
    ),
    (
        "mean Hessian-vector product",
        "the way back through the second convolution, whose short sums are started and stored often.",
    ),
    (
        "per-sample Hessian-vector products",
        "in addition, each sample reads its own direction and writes its own row: memory traffic that no other sample shares.",
    ),
    (
        "gradient of d2l[u,v]",
        "four coefficients for each activation, and reading two rows and writing one for each sample.",
    ),
    (
        "gradient of d2l[v,v]",
        "three coefficients for each activation, and reading one row and writing one for each sample.",
    ),
    (
        "trial-steps, no test points",
        "weights differ between trials, so that no weight is read twice in a step; a trial's weights, gradients and activations must pass through the caches at each step.",
    ),
    (
        "trial-steps, ",
        "test points are forward passes with a trial's own weights; the more there are, the more the time is that of losses. Points that do not fill the lanes leave some of them idle.",
    ),
    (
        "order 3",
        "passes over pairs of samples; dot products between tables and the averages come on top and are not counted in the share.",
    ),
];

/// By the start of a source's name.
pub(super) const SOURCES: &[(&str, &str)] = &[
    (
        "JAX",
        "matrix products that are ten rows high, copies of patches into columns and their transposes; test passes of many trials side by side leave the caches.",
    ),
    (
        "burn",
        "an array in memory for each operation, the bookkeeping of its graph, and hyperbolic tangents one at a time; products ten rows high.",
    ),
    (
        "candle",
        "an array in memory for each operation and another for each sum of gradients, hyperbolic tangents one at a time, and one call for each matrix product; products ten rows high.",
    ),
];
