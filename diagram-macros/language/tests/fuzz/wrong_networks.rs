//! Wrong networks, and the mistakes that are reported: line, column, message and help.

use diagram_language::{Mistake, Mistakes};

/// A text and its mistakes; a mistake without help is a second place of the one before it.
type Wrong = (
    &'static str,
    &'static [(usize, usize, &'static str, &'static str)],
);

/// Networks that are wrong as text and in a declaration.
#[rustfmt::skip]
const NETWORKS: &[Wrong] = &[
    (
        "input(3) -> relu -> dense(2) -> cross_entropy",
        &[
            (1, 13, "there is no `relu`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
        ],
    ),
    (
        "input(3) -> LeakyReLU -> dense(2) -> BatchNorm2d -> dropout(0.5) -> max_pool(2) -> abs -> max -> elu -> selu -> softmax -> hinge",
        &[
            (1, 13, "there is no `LeakyReLU`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 38, "there is no `BatchNorm2d`: what it makes of a datapoint depends on the others in the batch, so that there would be no loss of a datapoint", "take `layer_norm`, which reads one datapoint"),
            (1, 53, "there is no `dropout`: it is random, and so no function of θ and the datapoint", "leave it out; `+ l2(1/1000)` after the loss regularizes, too"),
            (1, 69, "there is no `max_pool`: a maximum has kinks, which a power series in η does not see", "take `avg_pool`, which is smooth"),
            (1, 84, "there is no `abs`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 91, "there is no `max`: a maximum has kinks, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 98, "there is no `elu`: its second derivative jumps, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 105, "there is no `selu`: its derivative jumps at 0, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 113, "there is no `softmax`: the loss `cross_entropy` contains it", "remove it, and end with `-> cross_entropy`"),
            (1, 124, "there is no `hinge`: it has a kink, which a power series in η does not see", "take `binary_logistic` or `cross_entropy`, which are smooth"),
        ],
    ),
    (
        "input(3) -> relu6 -> prelu -> hard_tanh -> dense(2) -> huber",
        &[
            (1, 13, "there is no `relu6`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 22, "there is no `prelu`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 31, "there is no `hard_tanh`: it has a kink, which a power series in η does not see", "take `tanh`, which is smooth"),
            (1, 56, "there is no `huber`: its second derivative jumps, which a power series in η does not see", "take `mean_squared`"),
        ],
    ),
    (
        "input(3) -> linear(2) -> Tanh -> mse",
        &[
            (1, 13, "unknown layer `linear`", "did you mean `dense`?"),
            (1, 26, "unknown layer `Tanh`", "did you mean `tanh`?"),
            (1, 34, "unknown loss `mse`", "did you mean `mean_squared`?"),
        ],
    ),
    (
        "input(3) -> dens(2) -> tahn -> cross_entrpy",
        &[
            (1, 13, "unknown layer `dens`", "did you mean `dense`?"),
            (1, 24, "unknown layer `tahn`", "did you mean `tanh`?"),
            (1, 32, "unknown loss `cross_entrpy`", "did you mean `cross_entropy`?"),
        ],
    ),
    (
        "input(3) -> wavelet -> dense(2) -> cross_entropy",
        &[
            (1, 13, "unknown layer `wavelet`", "layers are `conv`, `dense`, `avg_pool`, `flatten`, `residual`, `layer_norm`, `scale`, `embedding`, `attention`, `tanh`, `sigmoid`, `softplus`, `gelu`, `silu`, `sine`; losses are `cross_entropy`, `binary_logistic`, `mean_squared`, `poisson`"),
        ],
    ),
    (
        "input(3) -> dense(2) -> wavelet",
        &[
            (1, 25, "unknown layer `wavelet`", "layers are `conv`, `dense`, `avg_pool`, `flatten`, `residual`, `layer_norm`, `scale`, `embedding`, `attention`, `tanh`, `sigmoid`, `softplus`, `gelu`, `silu`, `sine`; losses are `cross_entropy`, `binary_logistic`, `mean_squared`, `poisson`"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv(8) -> dense(2) -> cross_entropy",
        &[
            (1, 19, "`conv` needs a `kernel`", "write `conv(8, kernel: 3)`"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv -> dense() -> avg_pool -> embedding(3) -> cross_entropy",
        &[
            (1, 19, "`conv` needs arguments", "write `conv(8, kernel: 3)`"),
            (1, 27, "`dense` needs arguments", "write `dense(10)`"),
            (1, 38, "`avg_pool` needs arguments", "write `avg_pool(2)`"),
            (1, 50, "`embedding` needs the width", "write `embedding(65, 16)`"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv(8, 3) -> attention(2) -> dense(2, 3) -> cross_entropy",
        &[
            (1, 27, "`conv` takes `kernel` by its name", "write `kernel: 3`"),
            (1, 43, "the arguments of `attention` have names", "write `attention(heads: 2)`; with names it takes `heads`, `causal`, `bias`"),
            (1, 58, "`dense` takes the number of outputs and no more without a name", "write `dense(10)`; with names it takes `bias`"),
        ],
    ),
    (
        "input(3) -> dense(outputs: 2) -> cross_entropy",
        &[
            (1, 19, "`dense` takes the number of outputs without a name", "write `dense(10)`"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv(8, kernal: 3, padding: 2, axis: 1) -> dense(2) -> cross_entropy",
        &[
            (1, 27, "`conv` has no argument `kernal`", "did you mean `kernel`? There are `kernel`, `stride`, `pad`, `groups`, `bias`"),
            (1, 38, "`conv` has no argument `padding`", "did you mean `pad`? There are `kernel`, `stride`, `pad`, `groups`, `bias`"),
            (1, 50, "`conv` has no argument `axis`", "there are `kernel`, `stride`, `pad`, `groups`, `bias`"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv(8, kernel: 3, kernel: 4, pad:, bias: maybe) -> dense(2) -> cross_entropy",
        &[
            (1, 38, "`kernel` is given twice", "remove one of them"),
            (1, 27, "first given here", ""),
            (1, 49, "`pad` has no value", "write the value after the colon, as in `pad: 1`"),
            (1, 61, "`bias` is `true` or `false`, not `maybe`", "write `bias: true` or `bias: false`"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv(8 kernel = 3, stride: 0, groups: 1.5) -> dense(N) -> cross_entropy",
        &[
            (1, 26, "expected `,`, found `kernel`", "arguments are separated by commas: `conv(8, kernel: 3)`"),
            (1, 33, "expected `:`, found `=`", "names of arguments are followed by `:`, as in `kernel: 1`"),
            (1, 46, "`stride` must not be 0", "sizes count from 1"),
            (1, 57, "`groups` is a whole number, not `1.5`", "networks have no open sizes: write a number such as 10"),
            (1, 71, "the number of outputs is a whole number, not `N`", "networks have no open sizes: write a number such as 10"),
        ],
    ),
    (
        "input(1, 8, 8) -> conv(99999999999999999999, kernel: -3) -> dense(2u8, bias: 1) -> cross_entropy",
        &[
            (1, 24, "the number of outputs is too large", "write a smaller number"),
            (1, 54, "`kernel` must not be negative", "write a number such as 10, without sign or suffix"),
            (1, 67, "the number of outputs has the suffix `u8`", "write a number such as 10, without sign or suffix"),
            (1, 78, "`bias` is `true` or `false`, not `1`", "write `bias: true` or `bias: false`"),
        ],
    ),
    (
        "input(3) -> dense(2,, bias: false) -> dense[10] -> cross_entropy",
        &[
            (1, 21, "expected an argument, found `,`", "remove this comma"),
            (1, 44, "expected `(`, found `[`", "arguments stand in round brackets: `dense(10, bias: false)`"),
        ],
    ),
    (
        "input(3) -> tanh(3) -> gelu(approximate: true) -> flatten(1) -> dense(2) -> cross_entropy(2)",
        &[
            (1, 13, "`tanh` takes no arguments", "write `tanh`"),
            (1, 24, "`gelu` takes no arguments", "write `gelu`"),
            (1, 51, "`flatten` takes no arguments", "write `flatten`"),
            (1, 77, "`cross_entropy` takes no arguments", "write `cross_entropy`"),
        ],
    ),
    (
        "input(1, 8, 8) -> dense(10)",
        &[
            (1, 19, "the network has no loss", "end it with one of `-> cross_entropy`, `-> binary_logistic`, `-> mean_squared`, `-> poisson`"),
        ],
    ),
    (
        "input(1, 8, 8)",
        &[
            (1, 1, "the network has no loss", "end it with one of `-> cross_entropy`, `-> binary_logistic`, `-> mean_squared`, `-> poisson`"),
        ],
    ),
    (
        "input(3) -> dense(2) -> cross_entropy -> mean_squared",
        &[
            (1, 42, "there is a second loss", "remove one of them"),
            (1, 25, "first given here", ""),
        ],
    ),
    (
        "input(3) -> dense(2) -> cross_entropy -> dense(2) -> tanh",
        &[
            (1, 42, "`dense` comes after the loss", "move `cross_entropy` to the end"),
        ],
    ),
    (
        "input(3) -> cross_entropy",
        &[
            (1, 13, "there is no layer", "write a layer, such as `dense(10)`"),
        ],
    ),
    (
        "input(3) -> tanh -> cross_entropy",
        &[
            (1, 21, "no layer has weights", "take a layer that has weights, such as `dense(10)`"),
        ],
    ),
    (
        "input(3) -> residual { } -> dense(2) -> cross_entropy",
        &[
            (1, 13, "there is no layer in this `residual`", "write `residual { conv(8, kernel: 3, pad: 1) -> tanh }`"),
        ],
    ),
    (
        "input(3) -> residual -> residual(dense(3)) -> dense(2) { tanh } -> cross_entropy",
        &[
            (1, 13, "`residual` needs layers in braces", "write `residual { conv(8, kernel: 3, pad: 1) -> tanh }`"),
            (1, 25, "the layers of `residual` stand in braces, and it takes no arguments", "write `residual { conv(8, kernel: 3, pad: 1) -> tanh }`"),
            (1, 47, "`dense` has no layers inside", "layers stand inside `residual { … }` alone"),
        ],
    ),
    (
        "input(3) -> residual { dense(3) -> cross_entropy } -> dense(2) -> cross_entropy",
        &[
            (1, 36, "`cross_entropy` stands inside `residual`, and a loss is the end of a network", "move it behind the last layer"),
        ],
    ),
    (
        "input(3) -> dense(2) ->",
        &[
            (1, 22, "nothing follows this `->`", "write a layer or a loss after it, or remove it"),
        ],
    ),
    (
        "input(3) -> dense(2) -> -> cross_entropy",
        &[
            (1, 25, "expected a layer, found `->`", "write a layer before it, or remove it"),
        ],
    ),
    (
        "input(3) -> dense(2) tanh => dense(2), tanh | cross_entropy",
        &[
            (1, 22, "expected `->`, found `tanh`", "layers are joined by `->`, and penalties are added to the loss by `+`"),
            (1, 27, "expected `->`, found `=>`", "layers are joined by `->`, and penalties are added to the loss by `+`"),
            (1, 38, "expected `->`, found `,`", "layers are joined by `->`, and penalties are added to the loss by `+`"),
            (1, 45, "expected `->`, found `|`", "layers are joined by `->`, and penalties are added to the loss by `+`"),
        ],
    ),
    (
        "input(3) -> \"dense\" -> (dense(2)) -> 5 -> cross_entropy",
        &[
            (1, 13, "expected the input, a layer or a loss, found `\"dense\"`", "a network is `input(…) -> LAYER -> … -> LOSS`, as in `input(784) -> dense(32) -> tanh -> dense(10) -> cross_entropy`"),
            (1, 24, "expected the input, a layer or a loss, found `(`", "a network is `input(…) -> LAYER -> … -> LOSS`, as in `input(784) -> dense(32) -> tanh -> dense(10) -> cross_entropy`"),
            (1, 38, "expected the input, a layer or a loss, found `5`", "a network is `input(…) -> LAYER -> … -> LOSS`, as in `input(784) -> dense(32) -> tanh -> dense(10) -> cross_entropy`"),
        ],
    ),
    (
        "input(3) -> logits: dense(2) -> logits: tanh -> cross_entropy",
        &[
            (1, 33, "another layer has the name \"logits\"", "give one of them another name"),
            (1, 13, "first given here", ""),
        ],
    ),
    (
        "input(3) -> r: residual { a: tanh -> a: sine } -> dense(2) -> cross_entropy",
        &[
            (1, 38, "another layer has the name \"r.a\"", "give one of them another name"),
            (1, 27, "first given here", ""),
        ],
    ),
    (
        "input(3) -> logits: -> cross_entropy",
        &[
            (1, 13, "no layer follows the name `logits`", "write the layer after its name: `logits: dense(10)`"),
        ],
    ),
    (
        "input(3) -> dense(2) -> logits:",
        &[
            (1, 25, "no layer follows the name `logits`", "write the layer after its name: `logits: dense(10)`"),
        ],
    ),
    (
        "x: input(3) -> dense(2) -> loss: cross_entropy",
        &[
            (1, 1, "the input has no name", "names are for layers; remove this one"),
            (1, 28, "a loss has no name", "names are for layers; remove this one"),
        ],
    ),
    (
        "dense(2) -> cross_entropy",
        &[
            (1, 1, "a network begins with its input", "write `input(784)` for a vector, `input(1, 28, 28)` for an image, or `input(tokens: 16, width: 8)` for a sequence"),
        ],
    ),
    (
        "inptu(3) -> dense(2) -> cross_entropy",
        &[
            (1, 1, "unknown word `inptu`", "did you mean `input`?"),
        ],
    ),
    (
        "input -> dense(2) -> cross_entropy",
        &[
            (1, 1, "the input has no size", "`input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers"),
        ],
    ),
    (
        "input(3, 3) -> dense(2) -> cross_entropy",
        &[
            (1, 10, "`input` takes 1 or 3 sizes, not 2", "`input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers"),
        ],
    ),
    (
        "input(1, 2, 3, 4) -> dense(2) -> cross_entropy",
        &[
            (1, 16, "`input` takes 1 or 3 sizes, not 4", "`input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers"),
        ],
    ),
    (
        "input(3, tokens: 2) -> dense(2) -> cross_entropy",
        &[
            (1, 7, "`input` takes sizes with names or without, not both", "`input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers"),
        ],
    ),
    (
        "input(width: 2) -> dense(2) -> cross_entropy",
        &[
            (1, 1, "`input` has a `width` and no `tokens`", "`input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers"),
        ],
    ),
    (
        "input(token: 2, width: 3, parametrization: xavir) -> dense(2) -> cross_entropy",
        &[
            (1, 7, "`input` has no argument `token`", "did you mean `tokens`? There are `tokens`, `width`, `parametrization`"),
            (1, 44, "unknown parametrization `xavir`", "did you mean `xavier`?"),
        ],
    ),
    (
        "input(channels: 2) -> dense(2) -> cross_entropy",
        &[
            (1, 7, "`input` has no argument `channels`", "there are `tokens`, `width`, `parametrization`, and sizes of images have no names: `input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers"),
        ],
    ),
    (
        "input(0, 3, 3) -> dense(0) -> cross_entropy",
        &[
            (1, 7, "a size must not be 0", "sizes count from 1"),
            (1, 25, "the number of outputs must not be 0", "sizes count from 1"),
        ],
    ),
    (
        "input(3) -> input(4) -> dense(2) -> cross_entropy",
        &[
            (1, 13, "`input` stands at the beginning of a network alone", "remove it"),
        ],
    ),
    (
        "input(1, 5, 5) -> conv(2, kernel: 9, pad: 1) -> dense(2) -> cross_entropy",
        &[
            (1, 35, "a kernel of 9 × 9 is larger than the image 1 × 5 × 5 with padding 1", "take a smaller kernel or a padding of 2 at least"),
        ],
    ),
    (
        "input(3, 5, 5) -> conv(2, kernel: 3, groups: 2) -> dense(2) -> cross_entropy",
        &[
            (1, 46, "2 groups do not divide 3 input channels", "take a divisor of 3"),
        ],
    ),
    (
        "input(3, 5, 5) -> conv(2, kernel: 3, groups: 3) -> dense(2) -> cross_entropy",
        &[
            (1, 46, "3 groups do not divide 2 output channels", "take a divisor of 2"),
        ],
    ),
    (
        "input(1, 5, 5) -> avg_pool(2) -> dense(2) -> cross_entropy",
        &[
            (1, 28, "a pool of 2 does not divide 1 × 5 × 5", "5 would divide it"),
        ],
    ),
    (
        "input(1, 8, 8) -> avg_pool(3) -> dense(2) -> cross_entropy",
        &[
            (1, 28, "a pool of 3 does not divide 1 × 8 × 8", "2 or 4 would divide it"),
        ],
    ),
    (
        "input(5) -> avg_pool(3) -> dense(2) -> cross_entropy",
        &[
            (1, 13, "`avg_pool` reads an image or a sequence, but here there is a vector of 5", "declare the input as an image or a sequence, and pool it before it is flattened"),
        ],
    ),
    (
        "input(5) -> conv(2, kernel: 3) -> dense(2) -> cross_entropy",
        &[
            (1, 13, "`conv` reads an image, but here there is a vector of 5", "declare the input as an image, and convolve it before it is flattened"),
        ],
    ),
    (
        "input(5) -> attention(heads: 2) -> dense(2) -> cross_entropy",
        &[
            (1, 13, "`attention` reads a sequence, but here there is a vector of 5", "declare the input as tokens with a width, or embed token numbers"),
        ],
    ),
    (
        "input(tokens: 4, width: 6) -> attention(heads: 4) -> dense(2) -> cross_entropy",
        &[
            (1, 48, "4 heads do not divide the width 6 of a token", "take a divisor of 6"),
        ],
    ),
    (
        "input(tokens: 4) -> dense(2) -> cross_entropy",
        &[
            (1, 21, "token numbers have no derivatives; the first layer must be an embedding", "write `embedding(VOCABULARY, WIDTH)` first"),
        ],
    ),
    (
        "input(tokens: 4, width: 6) -> embedding(4, 4) -> dense(2) -> cross_entropy",
        &[
            (1, 31, "an embedding reads token numbers of the data, but here there is 4 tokens × 6", "declare the input as `input(tokens: T)` and embed it first"),
        ],
    ),
    (
        "input(1, 8, 8) -> residual { conv(2, kernel: 3) } -> dense(2) -> cross_entropy",
        &[
            (1, 19, "the layers inside make 2 × 6 × 6 of 1 × 8 × 8, which cannot be added", "end the inner layers with one that gives 1 × 8 × 8, such as a convolution with padding or a dense layer"),
        ],
    ),
    (
        "input(3, 8, 8) -> conv(4, kernel: 3, pad: 1, groups: 2) -> residual { avg_pool(2) } -> avg_pool(3) -> avg_pool(5) -> cross_entropy + l2(1, none)",
        &[
            (1, 54, "2 groups do not divide 3 input channels", "take a divisor of 3"),
            (1, 60, "the layers inside make 4 × 4 × 4 of 4 × 8 × 8, which cannot be added", "end the inner layers with one that gives 4 × 8 × 8, such as a convolution with padding or a dense layer"),
            (1, 97, "a pool of 3 does not divide 4 × 8 × 8", "2 or 4 would divide it"),
            (1, 140, "no layer with weights has the name \"none\"", "layers with weights: 0"),
        ],
    ),
    (
        "input(1, 8, 8) -> residual { residual { conv(1, kernel: 9) -> relu } } -> dense(2) -> avg_pool(2) -> binary_logistic",
        &[
            (1, 57, "a kernel of 9 × 9 is larger than the image 1 × 8 × 8 with padding 0", "take a smaller kernel or a padding of 1 at least"),
            (1, 63, "there is no `relu`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
            (1, 87, "`avg_pool` reads an image or a sequence, but here there is a vector of 2", "declare the input as an image or a sequence, and pool it before it is flattened"),
        ],
    ),
    (
        "input(8) -> dense(1) -> cross_entropy",
        &[
            (1, 25, "`cross_entropy` takes an output for each of at least two classes, but the last layer gives a vector of 1", "for two classes take `binary_logistic`, or `dense(2)`"),
        ],
    ),
    (
        "input(8) -> dense(2) -> binary_logistic",
        &[
            (1, 25, "`binary_logistic` takes one output, but the last layer gives a vector of 2", "end the layers with `dense(1)`"),
        ],
    ),
    (
        "input(tokens: 4) -> embedding(1000000000, 1000000000) -> dense(2) -> cross_entropy",
        &[
            (1, 43, "the sizes multiply to more numbers than can be stored", "take smaller sizes"),
        ],
    ),
    (
        "input(100000, 100000, 10) -> dense(2) -> cross_entropy",
        &[
            (1, 15, "the sizes multiply to more numbers than can be stored", "take smaller sizes"),
        ],
    ),
    (
        "input(tokens: 4294967291, width: 1) -> avg_pool(2) -> dense(2) -> cross_entropy",
        &[
            (1, 49, "a pool of 2 does not divide 4294967291 tokens × 1", "take a divisor of 4294967291"),
        ],
    ),
    (
        "input(3) -> l: dense(2) -> cross_entropy + l2(0) + l2(-0.1, l) + l2(1/0) + l2(0.1f32) + l2(l) + l2() + l2 + l1(0.1) + l3(0.1)",
        &[
            (1, 47, "the coefficient of a penalty must be a positive number, and 0 is not", "take a number such as 0.001"),
            (1, 55, "the coefficient of a penalty must be a positive number, and -0.1 is not", "take a number such as 0.001"),
            (1, 69, "the coefficient of a penalty must be a positive number, and inf is not", "take a number such as 0.001"),
            (1, 79, "the coefficient of a penalty is a number, not `0.1f32`", "write a positive number such as 1/1000, 0.001 or 1e-3, without suffix"),
            (1, 92, "the coefficient of a penalty is a number, not `l`", "write a positive number such as 1/1000, 0.001 or 1e-3, without suffix"),
            (1, 97, "`l2` needs a coefficient", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
            (1, 104, "`l2` needs a coefficient", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
            (1, 109, "there is no `l1`: it has a kink, which a power series in η does not see", "take `l2`"),
            (1, 119, "unknown penalty `l3`", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
        ],
    ),
    (
        "input(3) -> logits: dense(2) -> hidden: tanh -> cross_entropy + l2(0.1, logit) + l2(0.1, weights, hidden)",
        &[
            (1, 73, "no layer with weights has the name \"logit\"", "did you mean `logits`?"),
            (1, 90, "no layer with weights has the name \"weights\"", "layers with weights: logits"),
            (1, 99, "no layer with weights has the name \"hidden\"", "layers with weights: logits"),
        ],
    ),
    (
        "input(3) -> logits: dense(2) -> cross_entropy + l2(0.1, \"logits\") + l2(0.1, logits, logits) + l2(c: 0.1)",
        &[
            (1, 57, "a penalty is on layers, and `\"logits\"` is the name of none", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
            (1, 85, "the layer \"logits\" is given twice", "remove one of them"),
            (1, 98, "`l2` has no argument `c`", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
        ],
    ),
    (
        "input(3) -> dense(2) + l2(0.1) -> cross_entropy + 0.1 + l2(0.2) -> tanh",
        &[
            (1, 24, "penalties are added to the loss", "write it behind the loss: `-> cross_entropy + l2(1/1000)`"),
            (1, 51, "expected a penalty, found `0.1`", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
            (1, 68, "`tanh` comes after the loss", "move `cross_entropy` to the end"),
        ],
    ),
    (
        "input(3) -> dense(2) -> cross_entropy - l2(0.1) -> l2(0.1) +",
        &[
            (1, 39, "expected `+`, found `-`", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
            (1, 49, "expected `+`, found `->`", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
            (1, 60, "nothing follows this `+`", "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer"),
        ],
    ),
    (
        "input(3)\n  -> dense(N)\n  -> relu -> cross_entropy",
        &[
            (2, 12, "the number of outputs is a whole number, not `N`", "networks have no open sizes: write a number such as 10"),
            (3, 6, "there is no `relu`: it has a kink, which a power series in η does not see", "take `softplus` or `gelu`, which are smooth"),
        ],
    ),
];

/// Texts that are not a network alone.
#[rustfmt::skip]
const TEXTS: &[Wrong] = &[
    (
        "",
        &[
            (1, 1, "expected the input, a layer or a loss", "a network is `input(…) -> LAYER -> … -> LOSS`, as in `input(784) -> dense(32) -> tanh -> dense(10) -> cross_entropy`"),
        ],
    ),
    (
        "network X = input(3) -> dense(2) -> cross_entropy",
        &[
            (1, 1, "expected `input(…)`, found `network`", "the text of a network begins with its input: leave `network NAME =` out"),
        ],
    ),
    (
        "input(3) -> dense(2) -> cross_entropy; input(3)",
        &[
            (1, 40, "expected the end of the text, found `input`", "give one network"),
        ],
    ),
    (
        "input(3) -> dense(2 -> cross_entropy",
        &[
            (1, 18, "this cannot be split into words", "close every bracket and every string"),
        ],
    ),
];

fn check<T>(answer: Result<T, Mistakes>, text: &str, wrong: &[(usize, usize, &str, &str)]) {
    let Err(mistakes) = answer else {
        panic!("nothing is wrong in {text}");
    };
    let found = |mistake: &Mistake| {
        let Mistake {
            line,
            column,
            message,
            help,
            ..
        } = mistake.clone();
        (line, column, message, help)
    };
    let found: Vec<_> = mistakes.0.iter().map(found).collect();
    let expected = |&(line, column, message, help): &(usize, usize, &str, &str)| {
        (line, column, message.to_string(), help.to_string())
    };
    let expected: Vec<_> = wrong.iter().map(expected).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn wrong_networks_as_text() {
    for (text, wrong) in NETWORKS.iter().chain(TEXTS) {
        check(crate::read_network(text), text, wrong);
    }
}

#[test]
fn wrong_networks_in_declarations() {
    let beginning = "network A = ";
    for (text, wrong) in NETWORKS {
        let moved =
            |&(line, column, message, help): &(usize, usize, &'static str, &'static str)| {
                let column = if line == 1 {
                    column + beginning.len()
                } else {
                    column
                };
                (line, column, message, help)
            };
        let wrong: Vec<_> = wrong.iter().map(moved).collect();
        check(crate::read(&format!("{beginning}{text};")), text, &wrong);
    }
}
