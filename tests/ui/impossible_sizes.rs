diagrams::diagrams! {
    spacetime Zero     = sgd(train: 0, batch: 1, epochs: 1);
    spacetime Factor   = gd(train: N, steps: 0 * N);
    spacetime Suffix   = gd(train: 1u8, steps: T);
    spacetime Large    = gd(train: N, steps: 99999999999999999999999);
    spacetime Overflow = gd(train: N, steps: 10000000000 * 10000000000);
    spacetime Factors  = gd(train: N, steps: A * B * C * D * E * F * G * H * I);
    spacetime Sum      = gd(train: N + 1, steps: T);
    spacetime Quotient = gd(train: N, steps: T / 2);
    spacetime Negative = gd(train: -1, steps: T);
    spacetime Fraction = gd(train: 1.5, steps: T);
}

fn main() {}
