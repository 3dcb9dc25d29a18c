//! Labels: classes by number and by name.

use diagram_runtime::data::{Classes, Column, Description, Label, Problem};

use super::{doubles, error, npy, npz, read, refused, rows};

/// The label is in the column `k`, with these classes.
fn classes(classes: Classes) -> Description {
    Description {
        label: Label::Classes {
            column: Some("k".into()),
            classes,
        },
        ..Description::default()
    }
}

fn names(names: &[&str]) -> Classes {
    Classes::Names(names.iter().map(|&name| name.into()).collect())
}

#[test]
fn integers_are_one_hot() {
    let text = b"a,k\n0.5,2\n1.5,0.0\n";
    let found = read(text, &classes(Classes::Found));
    assert_eq!(rows(&found), [[0.5, 0.0, 0.0, 1.0], [1.5, 1.0, 0.0, 0.0]]);
    assert_eq!((found.features, found.labels), (1, 3));
    assert!(found.class_names().is_empty());
    assert_eq!(
        found.description.label,
        Label::Classes {
            column: Some(Column::Name("k".into())),
            classes: Classes::Count(3)
        }
    );
    let four = read(text, &classes(Classes::Count(4)));
    assert_eq!(four.samples.row(0), [0.5, 0.0, 0.0, 1.0, 0.0]);
    // A test set with fewer classes has the same width.
    assert_eq!(
        rows(&read(b"a,k\n2,1\n", &found.description)),
        [[2.0, 0.0, 1.0, 0.0]]
    );
    refused(
        text,
        &classes(Classes::Count(2)),
        "row 0 (line 2), `k`: 2 is not less than the number of classes, 2",
    );
}

#[test]
fn texts_are_sorted_and_numbered() {
    let text = b"a,k\n1,cat\n2, ant \n3,cat\n4,bee\n";
    let train = read(text, &classes(Classes::Found));
    assert_eq!(train.class_names(), ["ant", "bee", "cat"]);
    assert_eq!(
        rows(&train),
        [
            [1.0, 0.0, 0.0, 1.0],
            [2.0, 1.0, 0.0, 0.0],
            [3.0, 0.0, 0.0, 1.0],
            [4.0, 0.0, 1.0, 0.0]
        ]
    );
    // A test set without the first class.
    let test = read(b"a,k\n5,cat\n6,bee\n", &train.description);
    assert_eq!(rows(&test), [[5.0, 0.0, 0.0, 1.0], [6.0, 0.0, 1.0, 0.0]]);
    refused(
        b"a,k\n5,dog\n",
        &train.description,
        "row 0 (line 2), `k`: \"dog\" is none of the classes ant, bee, cat",
    );
    let five = read(text, &classes(Classes::Count(5)));
    assert_eq!(five.class_names(), ["ant", "bee", "cat", "", ""]);
    assert_eq!((five.labels, five.samples.width()), (5, 6));
    let (error, _) = error(text, &classes(Classes::Count(2)));
    assert!(matches!(
        error.problem,
        Problem::LabelRange { classes: 2, .. }
    ));
    // Names that are numbers, and indices of names.
    let digits = read(b"a,k\n1,7\n2,3\n", &classes(names(&["3", "7"])));
    assert_eq!(rows(&digits), [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]);
    let indices = read(b"a,k\n1,1\n2,0\n", &classes(names(&["ant", "bee"])));
    assert_eq!(rows(&indices), [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]);
}

#[test]
fn what_is_refused() {
    let found = classes(Classes::Found);
    for (label, expected) in [
        (
            "0.5",
            "0.5 is not an integer, as the label of a class must be",
        ),
        ("-1", "-1 is negative; labels of classes start at 0"),
        ("nan", "NaN is not a finite number"),
        (
            "1000",
            "there would be 1001 classes; more than 1000 must be asked for by number",
        ),
        (
            "cat",
            "\"cat\", but other labels of this column are numbers",
        ),
        ("", "the value is missing (null)"),
    ] {
        let text = format!("a,k\n1,3\n2,{label}\n");
        refused(
            text.as_bytes(),
            &found,
            &format!("row 1 (line 3), `k`: {expected}"),
        );
    }
    refused(
        b"a,k\n1,cat\n2,3\n",
        &found,
        "row 1 (line 3), `k`: \"3\", but other labels of this column are not numbers",
    );
    let many: Vec<String> = (0..1001).map(|i| format!("1,name {i}")).collect();
    refused(
        format!("a,k\n{}\n", many.join("\n")).as_bytes(),
        &found,
        "`k`: there would be 1001 classes; more than 1000 must be asked for by number",
    );
    let one_hot = npz(
        true,
        &[
            ("x", npy("<f8", false, "(2,)", &doubles(&[1.0, 2.0]))),
            ("k", npy("|u1", false, "(2, 2)", &[0, 1, 1, 0])),
        ],
    );
    refused(
        &one_hot,
        &found,
        "`k`: 2 numbers for each datapoint, but the label of a class is one; several are read as targets",
    );
    assert_eq!(
        rows(&read(&one_hot, &Description::targets(["k"]))),
        [[1.0, 0.0, 1.0], [2.0, 1.0, 0.0]]
    );
}
