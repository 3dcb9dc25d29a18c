diagrams::diagrams! {
    diagram twice    = root(a, a);
    diagram unknown  = root(alpha, beta) where alpha ~ bata;
    diagram itself   = root(a) where a ~ a;
    diagram already  = root(a, b, c) where a ~ b, b ~ c, a ~ c;
    diagram outlined = root(a, b) where a ~ b, a ~~ b;
    diagram untied   = root(a, b) where a;
    diagram large    = r(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, s, t, u, v);
}

fn main() {}
