diagrams::diagrams! {
    network Kinds = input(784) -> dense(N) -> dense(1.5) -> dense(-3) -> dense(10u8) -> dense(0) -> cross_entropy;
    network Large = input(784) -> dense(99999999999999999999) -> cross_entropy;
    network Flags = input(784) -> dense(10, bias: 1) -> layer_norm(affine: maybe) -> cross_entropy;
    network Coefficients = input(784) -> dense(10) -> cross_entropy + l2(0) + l2(-0.1) + l2(1/0) + l2(0.1f32) + l2(lambda);
}

fn main() {}
