diagrams::diagrams! {
    diagram children = root(a, a);
    diagram parent   = root(root);
    diagram trees    = first(a) * second(a);
}

fn main() {}
