diagrams::diagrams! {
    network Kernel = input(1, 5, 5) -> conv(8, kernel: 9, pad: 1) -> dense(10) -> cross_entropy;
    network Groups = input(3, 8, 8) -> conv(8, kernel: 3, groups: 2) -> dense(10) -> cross_entropy;
    network Outputs = input(3, 8, 8) -> conv(8, kernel: 3, groups: 3) -> dense(10) -> cross_entropy;
    network Pool = input(1, 8, 8) -> avg_pool(3) -> dense(10) -> cross_entropy;
    network Heads = input(tokens: 4, width: 6) -> attention(heads: 4) -> dense(10) -> cross_entropy;
    network Flat = input(784) -> conv(8, kernel: 3) -> dense(10) -> cross_entropy;
    network Vector = input(784) -> attention -> dense(10) -> cross_entropy;
    network Pooled = input(784) -> avg_pool(2) -> dense(10) -> cross_entropy;
    network Late = input(784) -> dense(8) -> embedding(8, 8) -> dense(10) -> cross_entropy;
    // A mistake before one of another kind is found, too, and none that follows from it.
    network Both = input(1, 5, 5) -> conv(8, kernel: 9) -> dense(ten) -> avg_pool(3) -> binary_logistic;
    // All mistakes are found as long as shapes are known: a residual layer gives what it reads, whatever is inside.
    network All = input(3, 8, 8)
        -> conv(4, kernel: 3, pad: 1, groups: 2)
        -> residual { conv(4, kernel: 20) -> avg_pool(7) }
        -> residual { conv(2, kernel: 3) -> tanh }
        -> avg_pool(3) -> avg_pool(5) -> cross_entropy + l2(1, none);
}

fn main() {}
