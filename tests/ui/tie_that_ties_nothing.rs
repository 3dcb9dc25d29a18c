diagrams::diagrams! {
    diagram itself   = root(a) where a ~ a;
    diagram outlined = root(a) where a ~~ a;
    diagram already  = root(a, b, c) where a ~ b, b ~ c, a ~ c;
    diagram both     = root(a, b) where a ~ b, a ~~ b;
    diagram circle   = root(a, b, c) where a ~~ b ~~ c ~~ a;
}

fn main() {}
