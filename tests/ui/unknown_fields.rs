use diagrams::prelude::*;

diagrams! {
    spacetime Replaced = sgd(train: N, batch: 1, replacement: true);
    spacetime Heavy    = gd(train: N, steps: T, momentum: 0.9);
    spacetime Shuffled = sgd(train: N, batch: "1", epochs: 1, shufle: true);
    spacetime Mixed    = sgd(train: N, batch: 1, epochs: 1, shuffle: true);

    predictor A: test_loss in Replaced = all(edges <= 1, order: 1);
    network M = input(3, channels: 1) -> conv(2, kernel: 1, activation: "tanh") -> flatten(axis: 0) -> dense(4, init: zero) -> cross_entropy;
}

fn main() {}
