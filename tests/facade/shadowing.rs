//! Items may have names that the expansion could trip over.

/// Names of the standard library, of the crate, and of what the expansion has inside.
#[allow(non_camel_case_types, dead_code)]
mod taken {
    diagrams::diagrams! {
        spacetime Machine = sgd(train: N, batch: 1, epochs: 1);
        diagram step = root(a);
        pub predictor Machine: test_loss in Machine = { step };
        pub predictor Option: test_loss in Machine = { step };
        pub predictor Result: test_loss in Machine = { step };
        pub predictor Some: test_loss in Machine = { step };
        pub predictor Ok: test_loss in Machine = { step };
        pub predictor Vec: test_loss in Machine = { step };
        pub predictor String: test_loss in Machine = { step };
        pub predictor Box: test_loss in Machine = { step };
        pub predictor Default: test_loss in Machine = { step };
        pub predictor Clone: test_loss in Machine = { step };
        pub predictor Debug: test_loss in Machine = { step };
        pub predictor Element: displacement in Machine = { step };
        pub predictor Predictor: test_loss in Machine = all(edges <= 1);
        pub predictor core: test_loss in Machine = { step };
        pub predictor std: test_loss in Machine = resummed all(edges <= 1);
        pub predictor step: test_loss in Machine = { step };
        pub predictor executor: test_loss in Machine = { step };
        pub predictor TABLE: test_loss in Machine = { step };
        pub predictor PLAN: test_loss in Machine = { step };
        pub predictor DIAGRAMS: test_loss in Machine = resummed all(edges <= 1);
        pub network NETWORK = input(2) -> dense(1) -> binary_logistic;
    }
}

/// Names of primitive types.
#[allow(non_camel_case_types, dead_code)]
mod primitive {
    diagrams::diagrams! {
        spacetime u32 = sgd(train: usize, batch: 1, epochs: u64);
        diagram bool = root(str(char));
        set f32 = { bool };
        pub predictor usize: test_loss in u32 = f32;
        pub predictor u64: test_loss in u32 = { bool };
        pub predictor i32: displacement in u32 = { bool };
        pub predictor i128: generalization_gap in u32 = all(edges <= 2);
        pub predictor f64: test_loss in u32 = resummed all(edges <= 2);
        pub predictor str: test_loss in u32 = resummed all(edges <= 2);
        pub network u8 = input(2) -> dense(1) -> binary_logistic;
        pub network r#bool = input(2) -> u8: dense(1) -> binary_logistic;
        pub predictor sum = u64 - 1/2 * usize;
    }
}

#[test]
fn names_of_types_are_free() {
    use diagrams::runtime::predictor::Predictor;

    let _ = (
        taken::Machine,
        taken::Option,
        taken::Vec,
        taken::step,
        taken::NETWORK::network(),
    );
    assert_eq!(primitive::usize::NAME, "usize");
    assert_eq!(primitive::sum::PARAMETERS, ["usize", "u64"]);
    assert!(primitive::u64::parameters(10, 2).is_ok());
    assert_eq!(primitive::r#bool::network().dimension(), 3);
    assert_eq!(format!("{:?}", primitive::str), "str");
}

/// Unit types match themselves, where a pattern would have their name.
#[allow(non_camel_case_types, dead_code)]
mod patterns {
    struct n;
    const M: u64 = 3;

    diagrams::diagrams! {
        spacetime One = sgd(train: N, batch: 1, epochs: M);
        pub predictor m: test_loss in One = all(edges <= 1);
    }

    #[test]
    fn arguments_are_no_patterns() {
        let _ = n;
        assert!(m::parameters(10, M).is_ok());
    }
}

/// Words of Rust are names with `r#`, which is not printed.
#[allow(non_camel_case_types, dead_code)]
mod raw {
    use diagrams::runtime::predictor::Predictor;
    use diagrams::runtime::resummed::ResummedPredictor;

    const TEXT: &str = "
        spacetime r#loop = sgd(train: r#fn, batch: 1, epochs: r#match);
        diagram r#move = r#box(r#in(r#as)) where r#in ~ r#as;
        diagram r#ref = r#struct(r#impl);
        set r#enum = { r#move, r#ref };
        pub predictor r#type: test_loss in r#loop = r#enum where !contains(r#move) && edges <= 2;
        pub predictor r#trait: test_loss in r#loop = { r#move };
        pub predictor r#dyn = r#type - 1/2 * r#trait;
        pub predictor r#async: displacement in r#loop = resummed all(edges <= 2);
        pub network r#static = input(2) -> r#mod: dense(1) -> binary_logistic + l2(1/2, r#mod);";

    diagrams::diagrams! {
        spacetime r#loop = sgd(train: r#fn, batch: 1, epochs: r#match);
        diagram r#move = r#box(r#in(r#as)) where r#in ~ r#as;
        diagram r#ref = r#struct(r#impl);
        set r#enum = { r#move, r#ref };
        pub predictor r#type: test_loss in r#loop = r#enum where !contains(r#move) && edges <= 2;
        pub predictor r#trait: test_loss in r#loop = { r#move };
        pub predictor r#dyn = r#type - 1/2 * r#trait;
        pub predictor r#async: displacement in r#loop = resummed all(edges <= 2);
        pub network r#static = input(2) -> r#mod: dense(1) -> binary_logistic + l2(1/2, r#mod);
    }

    #[test]
    fn words_of_rust_are_names() {
        assert_eq!(r#type::NAME, "type");
        let unit = r#type;
        assert_eq!(format!("{unit:?}"), "type");
        assert_eq!(r#type::PARAMETERS, ["fn", "match"]);
        assert_eq!(r#async::NAME, "async");
        assert!(r#dyn::parameters(10, 2).is_ok());
        assert!(r#static::layout().to_string().contains("mod.weight"));
    }

    #[test]
    fn words_of_rust_are_names_in_text() {
        let declaration = diagrams::parse(TEXT).expect("it is right");
        let names: Vec<String> = declaration.predictors().map(|p| p.name).collect();
        assert_eq!(names, ["type", "trait", "dyn"]);
        let of_type = declaration.predictor("type").expect("it is declared");
        assert_eq!(of_type.open(), ["fn", "match"]);
        assert!(!of_type.content.source.contains('#'));
    }
}
