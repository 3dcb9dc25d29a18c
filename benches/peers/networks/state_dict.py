"""Writes weights of two networks as PyTorch saves them, with the outputs that PyTorch computes.

    python3 -m pip install torch safetensors numpy
    python3 benches/peers/networks/state_dict.py diagram-runtime/tests/fixtures

Each network gives a file of weights and a JSON with inputs and with the outputs of the last layer, once computed in single and once in double precision.
The weights are the same numbers in both. Weights and inputs are determined by a seed.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn

SAMPLES = 3


class Residual(nn.Sequential):
    """The input plus what the layers make of it."""

    def forward(self, x):
        return x + super().forward(x)


class CausalAttention(nn.MultiheadAttention):
    """Attention of each token to itself and to those before it."""

    def __init__(self, width, heads):
        super().__init__(width, heads, batch_first=True)

    def forward(self, x):
        tokens = x.shape[1]
        later = torch.triu(torch.ones(tokens, tokens, dtype=torch.bool), diagonal=1)
        return super().forward(x, x, x, attn_mask=later, need_weights=False)[0]


def lenet():
    """Small images: 13 x 13 pixels become 5 x 5 and then 1 x 1."""
    layers = nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=2),
        nn.Tanh(),
        nn.Conv2d(4, 6, 5, stride=2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(6, 8),
        nn.Tanh(),
        nn.Linear(8, 3),
    )
    return layers, 2 * torch.rand(SAMPLES, 1, 13, 13, dtype=torch.float32) - 1


def transformer():
    """One block on five tokens, with the prefix that `torch.compile` adds to the names."""
    layers = nn.Sequential(
        nn.Embedding(7, 4),
        Residual(nn.LayerNorm(4), CausalAttention(4, 2)),
        Residual(nn.LayerNorm(4), nn.Linear(4, 8), nn.GELU(), nn.Linear(8, 4)),
        nn.LayerNorm(4),
        nn.Flatten(),
        nn.Linear(20, 3),
    )
    return layers, torch.randint(0, 7, (SAMPLES, 5))


def write(folder, name, network, make, dtype, prefix):
    torch.manual_seed(20151)
    layers, inputs = make()
    with torch.no_grad():
        # All weights differ from 0 and from 1, where PyTorch begins with some of them.
        for parameter in layers.parameters():
            parameter.uniform_(-0.5, 0.5)
    layers.eval()
    state = {prefix + key: value.to(dtype).contiguous() for key, value in layers.state_dict().items()}
    save_file(state, folder / f"{name}.safetensors", metadata={"format": "pt"})
    outputs = {}
    with torch.no_grad():
        for precision in (torch.float32, torch.float64):
            x = inputs.to(precision) if inputs.is_floating_point() else inputs
            z = layers.to(precision)(x)
            outputs[str(precision).removeprefix("torch.")] = z.double().tolist()
    fixture = {
        "torch": torch.__version__,
        "network": network,
        "prefix": prefix,
        "inputs": inputs.double().flatten(1).tolist(),
        "outputs": outputs,
    }
    (folder / f"{name}.json").write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    write(
        folder,
        "state_dict_lenet",
        "input(1, 13, 13, parametrization: standard) -> conv(4, kernel: 5, stride: 2) -> tanh -> conv(6, kernel: 5, stride: 2) -> tanh"
        " -> flatten -> dense(8) -> tanh -> dense(3) -> cross_entropy",
        lenet,
        torch.float32,
        "",
    )
    write(
        folder,
        "state_dict_transformer",
        "input(tokens: 5, parametrization: standard) -> embedding(7, 4) -> residual { layer_norm -> attention(heads: 2, causal: true) }"
        " -> residual { layer_norm -> dense(8) -> gelu -> dense(4) } -> layer_norm -> flatten -> dense(3) -> cross_entropy",
        transformer,
        torch.float64,
        "_orig_mod.",
    )
