"""Writes gradients and values of declared networks as JAX computes them, in double precision.

    python3 benches/peers/networks/fixtures.py > tests/data/networks.json

The networks use every layer and every loss of the language. Each function below is written from the definition of its layer. Weights and data are
fractions of small whole numbers, so that a test computes the very same ones. θ is the weights in the order in which the layers are declared, each
divided by its fixed factor.
"""

import json
import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.nn import gelu, log_sigmoid, sigmoid, silu, softplus
from jax.scipy.special import logsumexp

jax.config.update("jax_enable_x64", True)


def fractions(count, first):
    """`count` numbers between -1/2 and 1/2."""
    return jnp.array([((first + i) * 7919 + 13) % 1009 / 1009 - 0.5 for i in range(count)])


class Weights:
    """Takes tensors off the front of θ."""

    def __init__(self, theta, xavier=True):
        self.theta, self.at, self.xavier = theta, 0, xavier

    def take(self, shape, fans=None):
        size = math.prod(shape)
        tensor = self.theta[self.at : self.at + size].reshape(shape)
        self.at += size
        return tensor * math.sqrt(2 / sum(fans)) if fans and self.xavier else tensor


def conv(w, x, outputs, kernel, stride=1, pad=0, groups=1, bias=True):
    inputs = x.shape[0] // groups
    weight = w.take((outputs, inputs, kernel, kernel), (inputs * kernel * kernel, outputs))
    z = lax.conv_general_dilated(
        x[None], weight, (stride, stride), [(pad, pad)] * 2, feature_group_count=groups
    )[0]
    return z + w.take((outputs,), (1, outputs))[:, None, None] if bias else z


def dense(w, x, outputs, bias=True):
    if x.ndim == 3:
        x = x.reshape(-1)
    weight = w.take((outputs, x.shape[-1]), (x.shape[-1], outputs))
    z = x @ weight.T
    return z + w.take((outputs,), (1, outputs)) if bias else z


def avg_pool(x, size):
    if x.ndim == 3:
        c, h, width = x.shape
        return x.reshape(c, h // size, size, width // size, size).mean((2, 4))
    tokens, width = x.shape
    return x.reshape(tokens // size, size, width).mean(1)


def layer_norm(w, x, affine=True):
    axes = (1,) if x.ndim == 2 else tuple(range(x.ndim))
    centred = x - x.mean(axes, keepdims=True)
    normal = centred / jnp.sqrt((centred**2).mean(axes, keepdims=True) + 1e-5)
    if not affine:
        return normal
    shape = x.shape[1:] if x.ndim == 2 else x.shape
    factor = w.take(shape)
    return normal * factor + w.take(shape)


def scale(w, x):
    if x.ndim == 3:
        return x * w.take((x.shape[0],))[:, None, None]
    return x * w.take((x.shape[-1],))


def embedding(w, numbers, vocabulary, width):
    return w.take((vocabulary, width), (vocabulary, width))[numbers]


def attention(w, x, heads, causal=False):
    tokens, width = x.shape
    projection = w.take((3 * width, width), (width, width))
    projected = x @ projection.T + w.take((3 * width,), (1, width))
    q, k, v = (part.reshape(tokens, heads, -1) for part in jnp.split(projected, 3, axis=1))
    scores = jnp.einsum("ihd,jhd->hij", q, k) / math.sqrt(width // heads)
    if causal:
        scores = jnp.where(jnp.tril(jnp.ones((tokens, tokens), bool)), scores, -jnp.inf)
    weights = jnp.exp(scores - logsumexp(scores, axis=-1, keepdims=True))
    read = jnp.einsum("hij,jhd->ihd", weights, v).reshape(tokens, width)
    out = w.take((width, width), (width, width))
    return read @ out.T + w.take((width,), (1, width))


def cross_entropy(z, y):
    z = z.reshape(-1)
    return logsumexp(z) - z @ y


def binary_logistic(z, y):
    z = z.reshape(-1)
    return -(y[0] * log_sigmoid(z[0]) + (1 - y[0]) * log_sigmoid(-z[0]))


def mean_squared(z, y):
    return ((z.reshape(-1) - y) ** 2).mean()


def poisson(z, y):
    z = z.reshape(-1)
    return (jnp.exp(z) - y * z).mean()


# Each network: the declaration, the shape of the input, the layers as functions of weights and activations, the loss, and labels by sample.
def one_hot(classes):
    return lambda n: [float((5 * n + 1) % classes == c) for c in range(classes)]


NETWORKS = [
    (
        "input(1, 17, 17) -> conv(10, kernel: 5, stride: 2) -> tanh -> dense(3) -> cross_entropy",
        (1, 17, 17),
        lambda w, x: dense(w, jnp.tanh(conv(w, x, 10, 5, 2)), 3),
        cross_entropy,
        one_hot(3),
    ),
    (
        "input(2, 6, 6) -> conv(4, kernel: 3, stride: 2, pad: 1) -> gelu"
        " -> residual { conv(4, kernel: 3, pad: 1, groups: 2) -> tanh } -> avg_pool(3)"
        " -> dense(5, bias: false) -> softplus -> dense(3) -> cross_entropy + l2(0.125)",
        (2, 6, 6),
        lambda w, x: (
            a := gelu(conv(w, x, 4, 3, 2, 1), approximate=False),
            b := a + jnp.tanh(conv(w, a, 4, 3, 1, 1, 2)),
            dense(w, softplus(dense(w, avg_pool(b, 3), 5, bias=False)), 3),
        )[-1],
        cross_entropy,
        one_hot(3),
    ),
    (
        "input(7) -> dense(6) -> silu -> layer_norm -> scale -> dense(4) -> sine -> dense(1)"
        " -> binary_logistic",
        (7,),
        lambda w, x: (
            a := layer_norm(w, silu(dense(w, x, 6))),
            b := scale(w, a),
            dense(w, jnp.sin(dense(w, b, 4)), 1),
        )[-1],
        binary_logistic,
        lambda n: [float(n % 2)],
    ),
    (
        "input(5, parametrization: standard) -> first: dense(4) -> sigmoid -> dense(3)"
        " -> mean_squared + l2(0.5, first)",
        (5,),
        lambda w, x: dense(w, sigmoid(dense(w, x, 4)), 3),
        mean_squared,
        lambda n: [0.25 * n, -0.5, 1.0 / (n + 1)],
    ),
    (
        "input(4) -> layer_norm(affine: false) -> dense(8) -> tanh -> residual { dense(8) -> gelu }"
        " -> dense(2) -> poisson",
        (4,),
        lambda w, x: (
            a := jnp.tanh(dense(w, layer_norm(w, x, affine=False), 8)),
            dense(w, a + gelu(dense(w, a, 8), approximate=False), 2),
        )[-1],
        poisson,
        lambda n: [float(n), float(3 - n % 3)],
    ),
    (
        "input(tokens: 4, width: 6) -> residual { layer_norm -> attention(heads: 2) }"
        " -> residual { layer_norm -> dense(8) -> gelu -> dense(6) } -> avg_pool(4) -> dense(3)"
        " -> cross_entropy",
        (4, 6),
        lambda w, x: (
            a := x + attention(w, layer_norm(w, x), 2),
            b := a + dense(w, gelu(dense(w, layer_norm(w, a), 8), approximate=False), 6),
            dense(w, avg_pool(b, 4), 3),
        )[-1],
        cross_entropy,
        one_hot(3),
    ),
    (
        "input(tokens: 5) -> embedding(11, 4) -> attention(causal: true) -> scale -> flatten"
        " -> dense(2) -> cross_entropy",
        (5,),
        lambda w, x: (
            a := attention(w, embedding(w, x.astype(int), 11, 4), 1, causal=True),
            dense(w, scale(w, a).reshape(-1), 2),
        )[-1],
        cross_entropy,
        one_hot(2),
    ),
    (
        "input(3, 8, 8) -> layer_norm -> conv(6, kernel: 3, bias: false) -> silu -> scale"
        " -> residual { conv(6, kernel: 1) } -> avg_pool(2) -> dense(4) -> mean_squared",
        (3, 8, 8),
        lambda w, x: (
            a := silu(conv(w, layer_norm(w, x), 6, 3, bias=False)),
            b := scale(w, a),
            dense(w, avg_pool(b + conv(w, b, 6, 1), 2), 4),
        )[-1],
        mean_squared,
        lambda n: [0.5, -0.25, 0.125 * n, 1.0],
    ),
    # Two with 10^5 weights.
    (
        "input(784) -> dense(128) -> softplus -> dense(10) -> cross_entropy",
        (784,),
        lambda w, x: dense(w, softplus(dense(w, x, 128)), 10),
        cross_entropy,
        one_hot(10),
    ),
    (
        "input(3, 16, 16) -> conv(32, kernel: 3, pad: 1) -> gelu -> conv(48, kernel: 3, stride: 2, pad: 1)"
        " -> gelu -> conv(64, kernel: 3, stride: 2, pad: 1) -> gelu -> dense(64) -> tanh -> dense(10)"
        " -> cross_entropy",
        (3, 16, 16),
        lambda w, x: (
            a := gelu(conv(w, x, 32, 3, 1, 1), approximate=False),
            b := gelu(conv(w, a, 48, 3, 2, 1), approximate=False),
            c := gelu(conv(w, b, 64, 3, 2, 1), approximate=False),
            dense(w, jnp.tanh(dense(w, c, 64)), 10),
        )[-1],
        cross_entropy,
        one_hot(10),
    ),
]

# The weights of the penalties: over all of θ, or over the first layer.
PENALTIES = {1: lambda theta: 0.125 / 2 * theta @ theta, 3: lambda theta: 0.5 / 2 * theta[:24] @ theta[:24]}
SAMPLES = 3


def dimension(layers, shape):
    """Counts the weights by what the layers take."""
    weights = Weights(jnp.zeros(1 << 18))
    layers(weights, jnp.ones(shape))
    return weights.at


def datapoint(index, shape, tokens, n):
    size = math.prod(shape)
    if tokens:
        return jnp.array([float((3 * n + 7 * i) % tokens) for i in range(size)])
    return 2 * fractions(size, 1000 * (n + 1) + index).reshape(shape)


def fixture(index, declaration, shape, layers, loss, label):
    p = dimension(layers, shape)
    theta = 2 * fractions(p, index)
    tokens = 11 if "embedding" in declaration else 0
    xavier = "standard" not in declaration
    xs = jnp.stack([datapoint(index, shape, tokens, n) for n in range(SAMPLES)])
    ys = jnp.array([label(n) for n in range(SAMPLES)])

    def of(theta, x, y):
        value = loss(layers(Weights(theta, xavier), x), y)
        return value + PENALTIES[index](theta) if index in PENALTIES else value

    losses = jax.vmap(of, (None, 0, 0))(theta, xs, ys)
    gradients = jax.vmap(jax.grad(of), (None, 0, 0))(theta, xs, ys)
    mean = gradients.mean(0)

    def product(n, u):
        return jax.jvp(lambda t: jax.grad(of)(t, xs[n], ys[n]), (theta,), (u,))[1]

    samples = range(SAMPLES)
    along_mean = jnp.stack([product(n, mean) for n in samples])
    # [k, n]: the Hessian at n times the gradient at k.
    along_own = [[product(n, gradients[k]) for n in samples] for k in samples]
    values = {
        "loss": losses.mean(),
        "untied edge": mean @ mean,
        "tied edge": (gradients**2).sum(1).mean(),
        "untied chain": mean @ along_mean.mean(0),
        "tied ends": jnp.array([gradients[k] @ along_own[k][n] for k in samples for n in samples]).mean(),
        "tied edge of a chain": jnp.array([gradients[n] @ along_mean[n] for n in samples]).mean(),
        "tied chain": jnp.array([gradients[n] @ along_own[n][n] for n in samples]).mean(),
    }
    few = p <= 400
    return {
        "network": declaration,
        "weights": p,
        "losses": losses.tolist(),
        # All components of the first sample's gradient, or its products with fixed vectors where there are many.
        "gradient": gradients[0].tolist() if few else None,
        "gradient along": [float(gradients[0] @ fractions(p, 17 * k)) for k in range(4)],
        "values": {name: float(value) for name, value in values.items()},
    }


if __name__ == "__main__":
    fixtures = [fixture(index, *network) for index, network in enumerate(NETWORKS)]
    print(json.dumps({"jax": jax.__version__, "networks": fixtures}, indent=1))
