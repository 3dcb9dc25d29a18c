//! Tables as text.

use diagram_runtime::data::{Description, Label, Problem, Standardize};

use super::{error, read, refused, rows};

fn all() -> Description {
    Description::default()
}

#[test]
fn headers_are_detected() {
    let two = [[1.0, 2.5], [-3e2, 0.5]];
    for text in [
        "1,2.5\n-3e2,.5\n",
        "a,b\n1,2.5\n-300,0.5",
        "a\tb\r\n1\t2.5\r\n\r\n-300\t0.5\r\n",
        "\u{feff}a,b\n1,2.5\n-300,0.5\n",
        "\n\"a, with a comma\",b\n\" 1\", 2.5 \n-300,0.5\n",
        // A column with a number as its name.
        "7,b\n1,2.5\n-300,0.5\n",
        "a,b\r1,2.5\r-300,0.5\r",
    ] {
        assert_eq!(rows(&read(text.as_bytes(), &all())), two, "{text:?}");
    }
    // Whether the first row is a flower or four names cannot be known.
    let flowers = b"5.1,3.5,setosa\n4.9,3.0,setosa\n7.0,3.2,versicolor\n";
    refused(
        flowers,
        &Description::classes(2),
        "row 0 (line 1): some fields are numbers and others are not, as in the second row: say whether this is a header (`header`)",
    );
    let with = |header| Description {
        header: Some(header),
        ..Description::classes(2)
    };
    assert_eq!(read(flowers, &with(false)).samples.len(), 3);
    assert_eq!(read(flowers, &with(true)).samples.len(), 2);
    let numbers = Description {
        header: Some(true),
        ..all()
    };
    assert_eq!(rows(&read(b"1,2\n3,4\n", &numbers)), [[3.0, 4.0]]);
    refused(b"a,b\n", &all(), "contents: there are no datapoints");
}

#[test]
fn columns_by_name_and_index() {
    let text = b"id,a,b,kind\n#1,1,2,0\n#2,3,4,1\n";
    let described = |features: &[&str], label| Description {
        features: features.iter().map(|&name| name.into()).collect(),
        label,
        ..all()
    };
    // Columns that are not chosen may be anything.
    let targets = Label::Targets(vec!["a".into()]);
    assert_eq!(
        rows(&read(text, &described(&["b"], targets))),
        [[2.0, 1.0], [4.0, 3.0]]
    );
    assert_eq!(
        rows(&read(text, &described(&["2", "1"], Label::None))),
        [[2.0, 1.0], [4.0, 3.0]]
    );
    refused(
        text,
        &Description::classes("kind"),
        "row 0 (line 2), `id`: \"#1\" is not a number",
    );
    refused(
        text,
        &Description::classes("class"),
        "contents: there is no `class`; there are `id`, `a`, `b`, `kind`",
    );
    refused(
        text,
        &Description::classes(4),
        "contents: there is no `4`; there are `id`, `a`, `b`, `kind`",
    );
    refused(
        b"a,b,a\n1,2,3\n",
        &Description::classes("a"),
        "contents: `a` is there more than once",
    );
    // A repeated name is no obstacle if it is not used; the label `y` is found without being named.
    let usual = described(&[], Label::Targets(vec![]));
    assert_eq!(rows(&read(b"a,y,a\n1,2,3\n", &usual)), [[1.0, 3.0, 2.0]]);
    refused(
        b"y\n1\n",
        &usual,
        "contents: no array or column is left for the features",
    );
    // A name that is an integer comes before an index.
    assert_eq!(
        rows(&read(
            b"1,zero\n5,6\n",
            &Description {
                header: Some(true),
                ..described(&["1"], Label::None)
            }
        )),
        [[5.0]]
    );
}

#[test]
fn what_is_refused() {
    let cases = [
        (
            "a,b\n1,2\n3\n",
            "row 1 (line 3): 1 fields, but the first row has 2",
        ),
        (
            "a,b\n1,2,3\n",
            "row 0 (line 2): 3 fields, but the first row has 2",
        ),
        (
            "a,b\n1,nan\n",
            "row 0 (line 2), `b`: \"nan\" is not a finite number",
        ),
        (
            "1,2\n\n-inf,3\n",
            "row 1 (line 3), `0`: \"-inf\" is not a finite number",
        ),
        (
            "1,2\n1e999,3\n",
            "row 1 (line 2), `0`: \"1e999\" is not a finite number",
        ),
        ("1,2\n3,\n", "row 1 (line 2), `1`: \"\" is not a number"),
        ("1,2\n3,x\n", "row 1 (line 2), `1`: \"x\" is not a number"),
        (
            "1;2\n3;4\n",
            "row 0 (line 2), `1;2`: \"3;4\" is not a number",
        ),
        (
            "a,b\n\"1\n\",2\n3,4,5\n",
            "row 1 (line 4): 3 fields, but the first row has 2",
        ),
        (
            "1,2\n3,\"4\n",
            "contents: the file has an odd number of quotation marks, so that quotes are not closed",
        ),
        ("1,2\0", "byte 3: a byte 0, which no text has"),
        ("\n\n", "contents: there are no datapoints"),
    ];
    for (text, expected) in cases {
        let expected = expected
            .replace("\"nan\" is", "nan is")
            .replace("\"-inf\" is", "-inf is");
        let expected = expected.replace("\"1e999\" is", "1e999 is");
        refused(text.as_bytes(), &all(), &expected);
    }
    refused(
        b"1,2\n3,\xff\n",
        &all(),
        "row 1 (line 2), `1`: the text is not UTF-8",
    );
    let long = format!("1\n{}\n", "x".repeat(1000));
    assert!(error(long.as_bytes(), &all()).1.len() < 150);
}

#[test]
fn a_limit_reads_and_checks_no_more() {
    let text = b"a\n1\n2\n\"x\n";
    let limit = |limit| Description {
        limit: Some(limit),
        ..all()
    };
    assert_eq!(rows(&read(text, &limit(1))), [[1.0]]);
    assert_eq!(rows(&read(text, &limit(2))), [[1.0], [2.0]]);
    refused(
        text,
        &limit(3),
        "row 2 (line 4), `a`: \"x\" is not a number",
    );
    assert_eq!(read(b"1\n2\n", &limit(9)).samples.len(), 2);
}

#[test]
fn long_rows_and_fields() {
    let names: Vec<String> = (0..1000).map(|i| format!("a long name {i}")).collect();
    let numbers: Vec<String> = (0..1000).map(|i| format!("{i}.25")).collect();
    let text = format!("{}\n{}\n", names.join(","), numbers.join(","));
    let row = &rows(&read(text.as_bytes(), &all()))[0];
    assert!(row.iter().enumerate().all(|(i, &x)| x == i as f64 + 0.25));
    assert_eq!(row.len(), 1000);
}

#[test]
fn standardized_features() {
    let text = b"a,b,c,y\n1,5,0.1,10\n2,5,0.1,20\n6,5,0.1,60\n";
    let description = Description {
        scale: 2.0,
        standardize: Standardize::ByOwnMoments,
        ..Description::targets(["y"])
    };
    let train = read(text, &description);
    let moments = train.standardization().unwrap();
    // 2, 4, 12: mean 6, variance (16 + 4 + 36) / 3. A constant column has exactly its number, although 0.1 is not one.
    let deviation = (56.0f64 / 3.0).sqrt();
    assert_eq!(moments.means, [6.0, 10.0, 0.2]);
    // Welford's recursion over three numbers: a few roundings.
    assert!((moments.deviations[0] - deviation).abs() < 1e-14);
    assert_eq!(moments.deviations[1..], [0.0, 0.0]);
    let expected = [-4.0, -2.0, 6.0].map(|x| x / deviation);
    for (row, (x, y)) in rows(&train)
        .iter()
        .zip(expected.iter().zip([10.0, 20.0, 60.0]))
    {
        assert!((row[0] - x).abs() < 1e-14);
        assert_eq!(row[1..], [0.0, 0.0, y]);
    }
    // The same moments on other data.
    let test = read(b"a,b,c,y\n3,6,0.1,1\n", &train.description);
    assert_eq!(rows(&test), [[0.0, 2.0, 0.0, 1.0]]);
    assert_eq!(test.standardization(), train.standardization());
    let json = serde_json::to_string(moments).unwrap();
    assert_eq!(
        &serde_json::from_str::<diagram_runtime::data::Standardization>(&json).unwrap(),
        moments
    );
    refused(
        b"a,b,y\n3,6,1\n",
        &train.description,
        "contents: 2 features, but the standardization is that of 3",
    );
    let large = b"a\n1e308\n-1e308\n";
    let standardized = Description {
        standardize: Standardize::ByOwnMoments,
        ..all()
    };
    refused(
        large,
        &standardized,
        "`a`: the mean or the standard deviation is not finite",
    );
    for scale in [0.0, f64::NAN, f64::INFINITY] {
        let (error, _) = error(b"1\n2\n", &Description { scale, ..all() });
        assert!(matches!(error.problem, Problem::Scale { .. }));
    }
}
