diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: 1);
    spacetime S = gd(train: N, steps: T);
    diagram d = root(a);
    diagram d = root(b(a));
    predictor P: test_loss in S = { d };
    predictor P: test_loss in S = all(edges <= 1);
}

fn main() {}
