//! Wrong declarations are refused at the token that is wrong; right ones compile.

#[test]
fn declarations() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/ok/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
