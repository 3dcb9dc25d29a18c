diagrams::diagrams! {
    spacetime S = sgd(train: 4, batch: 1, epochs: 1, average: tail(9));
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
