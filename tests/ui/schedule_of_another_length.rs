diagrams::diagrams! {
    spacetime S = sgd(train: 4, batch: 1, epochs: 1, schedule: [1, 1/2, 1/4]);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
