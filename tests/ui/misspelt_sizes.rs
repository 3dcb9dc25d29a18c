diagrams::diagrams! {
    spacetime Train    = sgd(tranining: N, batch: 1, epochs: 1);
    spacetime Batch    = sgd(train: N, batchs: 1, epochs: 1);
    spacetime Epochs   = sgd(train: N, batch: 1, epoch: 1);
    spacetime Steps    = gd(train: N, epochs: T);
    spacetime Shuffle  = sgd(train: N, batch: 1, epochs: 1, shufle: each_epoch);
    spacetime Epok     = sgd(train: N, batch: 1, epochs: 1, shuffle: each_epok);
    spacetime Always   = sgd(train: N, batch: 1, epochs: 1, shuffle: always);
    spacetime Missing  = sgd(train: N);
    spacetime Twice    = gd(train: N, train: 3, steps: T);
    spacetime Equals   = gd(train = N, steps = T);
    spacetime Unnamed  = gd(N, T);
    spacetime NoRows   = grid(rows: 3);
    spacetime NoSizes  = sgd ["#"];
    predictor P: test_loss in Epok = all(edges <= 1);
}

fn main() {}
