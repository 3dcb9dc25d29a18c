diagrams::diagrams! {
    network Embedded = input(tokens: 4) -> embedding(1000000000, 1000000000) -> dense(2) -> cross_entropy;
    network Seen = input(1000000, 1000000, 3) -> dense(2) -> cross_entropy;
    network Wide = input(4000000000) -> dense(4000000000) -> cross_entropy;
    network Convolved = input(1, 100000, 100000) -> conv(100000, kernel: 1) -> dense(2) -> cross_entropy;
    network Pooled = input(tokens: 4294967291, width: 1) -> avg_pool(2) -> dense(2) -> cross_entropy;
}

fn main() {}
