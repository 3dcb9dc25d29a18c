diagrams::diagrams! {
    spacetime S = sgd(train: 8, batch: 4, epochs: 1, sam: 1/2, micro_batch: 3);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
