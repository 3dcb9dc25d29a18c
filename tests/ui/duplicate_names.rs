diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: 1);
    spacetime S = gd(train: N, steps: T);
    diagram d = root(a);
    diagram d = root(b(a));
    set chosen = { d };
    set chosen = all(edges <= 2);
    set d = all(edges <= 1);
    predictor P: test_loss in S = { d };
    predictor P: test_loss in S = chosen;
}

fn main() {}
