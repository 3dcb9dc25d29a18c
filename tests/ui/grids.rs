diagrams::diagrams! {
    spacetime NoRows    = grid [];
    spacetime NoColumns = grid ["", ""];
    spacetime Ragged    = grid ["#.", "."];
    spacetime Uneven    = grid ["##", "#."];
    spacetime NoCells   = grid ["#.", ".."];
    spacetime Character = grid ["#x"];
    spacetime NoComma   = grid ["#." ".#"];
    spacetime NoString  = grid [#];
}

fn main() {}
