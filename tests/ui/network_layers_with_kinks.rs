diagrams::diagrams! {
    network Rectified = input(784) -> dense(32) -> relu -> dense(32) -> leaky_relu -> dense(10) -> cross_entropy;
    network Exponential = input(784) -> dense(32) -> elu -> dense(32) -> selu -> dense(10) -> cross_entropy;
    network Pooled = input(1, 28, 28) -> max_pool(2) -> dense(10) -> cross_entropy;
    network Largest = input(784) -> dense(10) -> max -> abs -> cross_entropy;
    network Margin = input(784) -> dense(1) -> hinge;
    network Absolute = input(784) -> dense(10) -> cross_entropy + l1(1/1000);
}

fn main() {}
