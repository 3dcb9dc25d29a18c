diagrams::diagrams! {
    spacetime Remainder = sgd(train: 10, batch: 3, epochs: 1);
    spacetime Larger    = sgd(train: 10, batch: 20, epochs: E);
    spacetime Product   = sgd(train: 2 * 5, batch: 2 * 2, epochs: 1);
}

fn main() {}
