diagrams::diagrams! {
    network Layers = input(784) -> logits: dense(10) -> logits: tanh -> cross_entropy;
    network Inside = input(784) -> block: residual { inner: dense(784) -> inner: tanh } -> dense(10) -> cross_entropy;
    network Penalties = input(784) -> logits: dense(10) -> hidden: tanh -> cross_entropy + l2(0.1, logit) + l2(0.1, weights) + l2(0.1, hidden);
    network Texts = input(784) -> logits: dense(10) -> cross_entropy + l2(0.1, "logits") + l2 + l2(0.1, logits, logits) + l2(coefficient: 0.1) + l3(0.1);
    network Again = input(784) -> dense(10) -> cross_entropy;
    network Again = input(784) -> dense(10) -> mean_squared;
    spacetime One = sgd(train: N, batch: 1, epochs: 1);
    predictor Taken: test_loss in One = all(edges <= 1);
    network Taken = input(784) -> dense(10) -> cross_entropy;
}

fn main() {}
