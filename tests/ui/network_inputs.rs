diagrams::diagrams! {
    network Missing = dense(10) -> cross_entropy;
    network Sizeless = input -> dense(10) -> cross_entropy;
    network Twice = input(784) -> input(784) -> dense(10) -> cross_entropy;
    network Flat = input(28, 28) -> dense(10) -> cross_entropy;
    network Mixed = input(28, tokens: 28) -> dense(10) -> cross_entropy;
    network Untold = input(width: 28) -> dense(10) -> cross_entropy;
    network Misspelt = input(token: 28, width: 28, parametrization: xavir) -> dense(10) -> cross_entropy;
    network Unknown = input(channels: 1) -> dense(10) -> cross_entropy;
    network Named = first: input(784) -> dense(10) -> cross_entropy;
    network Zero = input(1, 0, 28) -> dense(10) -> cross_entropy;
    network Tokens = input(tokens: 28) -> dense(10) -> cross_entropy;
}

fn main() {}
