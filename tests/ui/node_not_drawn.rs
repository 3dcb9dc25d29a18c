diagrams::diagrams! {
    diagram misspelt  = root(alpha, beta) where alpha ~ bata;
    diagram tied_only = root(left, right) where left ~ middle ~ right;
    diagram elsewhere = root(left(right)) where right ~ alpha;
}

fn main() {}
