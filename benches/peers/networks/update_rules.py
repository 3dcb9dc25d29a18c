"""Writes where `torch.optim.SGD` ends in double precision, with momentum, weight decay, a schedule and averages, on a fixed sequence of batches.

    python3 -m pip install torch numpy
    python3 benches/peers/networks/update_rules.py diagram-runtime/tests/fixtures

The loss of a datapoint is a polynomial in two weights. The training set is the one that trial 0 of a simulation with this seed draws, which the test that reads the fixture checks.
"""

import json
import math
import pathlib
import sys
from fractions import Fraction

import torch
from torch.optim.swa_utils import AveragedModel

ETA = 0.05
BATCH = 3
EPOCHS = 2
THETA0 = [0.5, -0.3]
EXPONENTS = [[1, 0], [2, 0], [1, 1], [0, 2], [4, 0], [2, 2]]
SEED = 1
TRAIN = [6, 5, 6, 0, 1, 3, 3, 0, 5, 6, 6, 2, 4, 6, 0, 4, 6, 5, 2, 1, 3, 2, 1, 6]
STEPS = EPOCHS * len(TRAIN) // BATCH

# The coefficients of seven datapoints: bowls with different minima.
POINTS = [
    [
        math.sin(1 + i),
        1 + 0.5 * math.cos(2 * i),
        0.5 * math.sin(3 * i),
        1 + 0.5 * math.sin(5 * i),
        0.1,
        0.05 * i,
    ]
    for i in range(7)
]

CASES = [
    {"name": "sgd"},
    {"name": "momentum", "momentum": "9/10"},
    {"name": "dampened momentum", "momentum": "4/5", "dampening": "1/4"},
    {"name": "nesterov", "momentum": "9/10", "nesterov": True},
    {"name": "weight decay", "weight_decay": "1/8"},
    {"name": "cosine", "cosine": True},
    {
        "name": "dampened momentum with weight decay and cosine",
        "momentum": "3/4",
        "dampening": "1/8",
        "weight_decay": "1/8",
        "cosine": True,
    },
    {
        "name": "nesterov with weight decay and cosine",
        "momentum": "9/10",
        "nesterov": True,
        "weight_decay": "1/16",
        "cosine": True,
    },
    {"name": "nesterov with a mean of iterates", "momentum": "9/10", "nesterov": True, "tail": 5},
    {"name": "momentum with a moving average", "momentum": "1/2", "cosine": True, "ema": "3/4"},
]


class Weights(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.theta = torch.nn.Parameter(torch.tensor(THETA0, dtype=torch.float64))


def loss(theta, rows):
    """The mean loss of a batch."""
    total = 0
    for row in rows:
        for coefficient, powers in zip(POINTS[row], EXPONENTS):
            total = total + coefficient * theta[0] ** powers[0] * theta[1] ** powers[1]
    return total / len(rows)


def run(case):
    """The weights at the end, or their average."""

    def number(name):
        return float(Fraction(case.get(name, "0")))

    model = Weights()
    optimizer = torch.optim.SGD(
        model.parameters(),
        lr=ETA,
        momentum=number("momentum"),
        dampening=number("dampening"),
        nesterov=case.get("nesterov", False),
        weight_decay=number("weight_decay"),
    )
    schedule = None
    if case.get("cosine"):
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=STEPS)
    averaged = None
    if case.get("ema"):
        gamma = number("ema")
        averaged = AveragedModel(model, avg_fn=lambda e, new, _: gamma * e + (1 - gamma) * new)
        averaged.update_parameters(model)
    elif case.get("tail"):
        averaged = AveragedModel(model)
    for update in range(STEPS):
        first = update * BATCH % len(TRAIN)
        optimizer.zero_grad()
        loss(model.theta, TRAIN[first : first + BATCH]).backward()
        optimizer.step()
        if schedule:
            schedule.step()
        if case.get("ema") or STEPS - update <= case.get("tail", 0):
            averaged.update_parameters(model)
    result = averaged.module if averaged else model
    return result.theta.detach().tolist()


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = []
    for case in CASES:
        known = {key: None for key in ("momentum", "dampening", "weight_decay", "tail", "ema")}
        cases.append({**known, "nesterov": False, "cosine": False, **case, "weights": run(case)})
    fixture = {
        "torch": torch.__version__,
        "eta": ETA,
        "batch": BATCH,
        "epochs": EPOCHS,
        "theta0": THETA0,
        "exponents": EXPONENTS,
        "points": POINTS,
        "seed": SEED,
        "train": TRAIN,
        "cases": cases,
    }
    text = json.dumps(fixture, indent=1)
    (folder / "update_rules_torch.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
