diagrams::diagrams! {
    diagram cycle    = (01-12-02)(0-1-2);
    diagram missing  = (01-12)(0-1);
    diagram repeated = (01-12)(0-1-2-1);
    diagram no_parts = (01);
    diagram letters  = (01-xz)(0-1);
    diagram skipped  = (01-13)(0-1-3);
    diagram twice    = (01-01)(0-1);
    diagram empty    = ()();
    diagram commas   = (01, 12)(0-1-2);
    diagram inner    = (01-(12))(0-1-2);
}

fn main() {}
