diagrams::diagrams! {
    spacetime Unknown   = sdg(train: N, batch: 1, epochs: 1);
    spacetime Missing   = sgd(train: N);
    spacetime Misspelt  = sgd(train: N, batchs: 1, epochs: 1);
    spacetime Twice     = gd(train: N, train: 3, steps: T);
    spacetime Zero      = sgd(train: 0, batch: 1, epochs: 1);
    spacetime Remainder = sgd(train: 10, batch: 3, epochs: 1);
    spacetime Shared    = sgd(train: N, batch: N, epochs: E);
    spacetime Shuffled  = sgd(train: N, batch: 1, epochs: 1, shuffle: always);
    spacetime Number    = gd(train: 1u8, steps: 99999999999999999999999);
    spacetime NoRows    = grid(rows: 3);
    spacetime NoSizes   = sgd ["#"];
}

fn main() {}
