diagrams::diagrams! {
    network A = input(784) -> dens(32) -> tahn -> dense(10) -> cross_entrpy;
    network B = inptu(784) -> dense(10) -> cross_entropy;
    network C = input(784) -> Linear(32) -> Sigmoid -> dense(10) -> mse;
    network D = input(784) -> wavelet -> dense(10) -> cross_entropy;
    netwrk E = input(784) -> dense(10) -> cross_entropy;
}

// The types are there in spite of their errors: no further errors here.
fn main() {
    let _ = (A::network(), B::layout(), C, D::default(), E::network());
}
