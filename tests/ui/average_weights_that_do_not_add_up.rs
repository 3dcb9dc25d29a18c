diagrams::diagrams! {
    spacetime S = sgd(train: 2, batch: 1, epochs: 1, average: [1/2, 1/2, 1/2]);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
