diagrams::diagrams! {
    spacetime Empty     = grid [];
    spacetime Ragged    = grid ["#.", "."];
    spacetime Uneven    = grid ["##", "#."];
    spacetime NoCells   = grid ["#.", ".."];
    spacetime Character = grid ["#x"];
}

fn main() {}
