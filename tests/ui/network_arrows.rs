diagrams::diagrams! {
    network Last = input(784) -> dense(10) ->;
    network Doubled = input(784) -> -> dense(10) -> cross_entropy;
    network Unjoined = input(784) dense(10) -> cross_entropy;
    network Signs = input(784) => dense(32) | tanh, dense(10) -> cross_entropy;
    network Nothing = ;
    network Unnamed = input(784) -> logits: -> cross_entropy;
    network Text = input(784) -> "dense" -> 10 -> cross_entropy;
    network Penalized = input(784) -> dense(10) + l2(0.1) -> cross_entropy + + l2(0.1) - l2(0.1) +;
    network = input(784) -> dense(10) -> cross_entropy;
    network Unended = input(784) -> dense(10) -> cross_entropy
    network Next = input(784) -> dense(10) -> mean_squared;
}

fn main() {}
