//! Wrong declarations are refused at the token that is wrong. (Right ones are tests of their own: they need no second build.)

#[test]
fn wrong_declarations() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
