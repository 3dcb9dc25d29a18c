"""Trains a network to tell penguins apart, and saves its weights for the example `11_from_pytorch`.

    python3 benches/peers/networks/penguins.py examples/data/penguins.csv examples/data/penguins.safetensors
"""

import csv
import sys

import torch
from safetensors.torch import save_file

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
rows = list(csv.DictReader(open(sys.argv[1])))
species = sorted({row["species"] for row in rows})
features = torch.tensor([[float(x) for name, x in row.items() if name != "species"] for row in rows])
features = (features - features.mean(0)) / features.std(0, correction=0)
labels = torch.tensor([species.index(row["species"]) for row in rows])

model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Softplus(), torch.nn.Linear(8, 3))
loss = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for epoch in range(2):
    for n in torch.randperm(len(rows))[:100]:
        optimizer.zero_grad()
        loss(model(features[n : n + 1]), labels[n : n + 1]).backward()
        optimizer.step()
    print(epoch, loss(model(features), labels).item())
save_file(model.state_dict(), sys.argv[2])
