diagrams::diagrams! {
    network Empty = input(784) -> residual {} -> dense(10) -> cross_entropy;
    network Bare = input(784) -> residual -> dense(10) -> cross_entropy;
    network Round = input(784) -> residual(dense(784)) -> dense(10) -> cross_entropy;
    network Other = input(784) -> dense(10) { tanh } -> cross_entropy;
    network Changed = input(1, 8, 8) -> residual { conv(2, kernel: 3) -> tanh } -> dense(10) -> cross_entropy;
    network Deep = input(1, 8, 8) -> residual { residual { conv(1, kernel: 9) -> relu } } -> dense(10) -> cross_entropy;
}

fn main() {}
