//! Correct declarations in which a few tokens are changed.

use diagram_language::parse_text;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::soups::WORDS;

const CORPUS: &[&str] = &[
    "spacetime S = sgd ( train : N , batch : 1 , epochs : 1 ) ; predictor P : test_loss in S = all ( edges <= 2 ) ;",
    "spacetime S = sgd ( train : N , batch : B , epochs : 2 , shuffle : each_epoch ) ; diagram chain = root ( b ( a ) ) where a ~ b ; \
     predictor P : generalization_gap in S = { chain } ;",
    "spacetime S = grid [ \"#..#\" , \".##.\" ] ; diagram d = root ( a , b ) where a ~~ b ; diagram e = ( 01 - 12 ) ( 0 - 1 - 2 ) ; \
     predictor P : train_loss in S = { d , e } ;",
    "spacetime S = gd ( train : N , steps : N * M ) ; diagram d = root ( c ( a , b ) ) where a ~ b ; set A = all ( edges <= 2 ) where trees || ties >= 1 ; \
     set B = ( A | { d } ) - all ( edges == 1 , limit : 10 ) ; predictor P : displacement in S = B where ! contains ( d ) && edges <= 3 ;",
    "spacetime S = sgd ( train : N , batch : 1 , epochs : E ) ; spacetime T = gd ( train : N , steps : T ) ; \
     pub predictor A : test_loss in S = all ( edges <= 1 ) ; predictor B : test_loss in T = all ( edges <= 2 ) where irreducible ; \
     predictor D = A - 1 / 2 * B + 3 * A ;",
    "spacetime S = sgd ( train : 4 , batch : 2 , epochs : 3 ) ; diagram pair = first ( a ) * second ( b ( c ) ) where a ~ b , c ~~ b ; \
     predictor P : second_moment in S = { pair , } | ( all ( edges == 1 ) & all ( edges <= 2 ) ) ;",
    "spacetime S = sgd ( train : N , batch : 1 , epochs : 1 ) ; diagram d = root ( c ( a , b ) ) where a ~~ b ; set A = all ( edges <= 2 ) ; \
     predictor P : displacement in S = resummed { d } ; pub predictor Q : test_loss in S = resummed ( A | all ( edges == 3 , limit : 100 ) ) where ! trees ; \
     predictor R : generalization_gap in S = A ; predictor T : generalization_gap in S = resummed A ; predictor U = R - 2 * R ;",
    "network A = input ( 1 , 8 , 8 ) -> conv ( 4 , kernel : 3 , stride : 2 , pad : 1 , groups : 1 , bias : false ) -> gelu -> block : residual { conv ( 4 , \
     kernel : 3 , pad : 1 ) -> tanh } -> avg_pool ( 2 ) -> layer_norm ( affine : false ) -> logits : dense ( 3 ) -> cross_entropy + l2 ( 1 / 1000 ) + l2 ( 0.5 , \
     logits , block . 0 ) ;",
    "pub network A = input ( tokens : 6 , parametrization : standard ) -> embedding ( 5 , 4 ) -> attention ( heads : 2 , causal : true ) -> layer_norm -> scale -> \
     flatten -> dense ( 1 ) -> binary_logistic ; network B = input ( tokens : 4 , width : 2 ) -> dense ( 1 ) -> poisson + l2 ( 1e-3 , 0 ) ;",
];

/// A change of a token.
#[derive(Clone, Copy, Debug)]
enum Change {
    Delete,
    Duplicate,
    Swap(Index),
    Replace(&'static str),
    /// It is replaced by another token of the declaration.
    Copy(Index),
    /// One of its letters is removed.
    Misspell(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Delete),
        Just(Change::Duplicate),
        any::<Index>().prop_map(Change::Swap),
        select(WORDS).prop_map(Change::Replace),
        any::<Index>().prop_map(Change::Copy),
        any::<Index>().prop_map(Change::Misspell),
    ]
}

fn apply(tokens: &mut Vec<String>, at: Index, change: Change) {
    if tokens.is_empty() {
        return;
    }
    let length = tokens.len();
    let at = at.index(length);
    match change {
        Change::Delete => {
            tokens.remove(at);
        }
        Change::Duplicate => tokens.insert(at, tokens[at].clone()),
        Change::Swap(other) => tokens.swap(at, other.index(length)),
        Change::Replace(word) => tokens[at] = word.into(),
        Change::Copy(other) => tokens[at] = tokens[other.index(length)].clone(),
        Change::Misspell(lost) => {
            let mut letters: Vec<char> = tokens[at].chars().collect();
            if !letters.is_empty() {
                letters.remove(lost.index(letters.len()));
            }
            tokens[at] = letters.into_iter().collect();
        }
    }
}

#[test]
fn the_corpus_is_right() {
    for text in CORPUS {
        if let Err(mistakes) = parse_text(text) {
            panic!("{mistakes}");
        }
    }
}

proptest! {
    #![proptest_config(crate::config(2_000))]

    #[test]
    fn declarations_with_wrong_tokens(
        text in select(CORPUS),
        changes in vec((any::<Index>(), change()), 1..5),
    ) {
        let mut tokens: Vec<String> = text.split_whitespace().map(String::from).collect();
        for (at, change) in changes {
            apply(&mut tokens, at, change);
        }
        let _ = crate::read(&tokens.join(" "));
    }
}
