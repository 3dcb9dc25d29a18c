//! Runs `inspect` as a user does: what it prints and writes agrees with the calculus, and what is wrong is said without leaving anything behind.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use diagrams::calculus::coefficient::Parameters;
use diagrams::calculus::measure::{Expansion, Measure, diagrams_for, expand};
use diagrams::calculus::picture;
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde_json::Value;
use tempfile::TempDir;

/// What a run did, in a folder of its own.
struct Ran {
    place: TempDir,
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn succeeded(self) -> Self {
        assert_eq!(self.status, Some(0), "{}", self.stderr);
        self
    }

    fn left(&self) -> Vec<String> {
        names(self.place.path())
    }
}

/// Runs the program, the text on its standard input.
fn run_on(text: &str, arguments: &[&str]) -> Ran {
    let place = tempfile::tempdir().expect("a folder");
    run_in(place, text, arguments)
}

fn run(arguments: &[&str]) -> Ran {
    run_on("", arguments)
}

fn run_in(place: TempDir, text: &str, arguments: &[&str]) -> Ran {
    let mut child = crate::program("inspect")
        .current_dir(place.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    // A program that refuses its arguments need not read.
    let _ = stdin.write_all(text.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("the program ends");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!stderr.contains("panicked"), "{stderr}");
    Ran {
        place,
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr,
    }
}

/// Exit code 2, all of `mentions` in the message, nothing printed, nothing left.
fn refuses_on(text: &str, arguments: &[&str], mentions: &[&str]) {
    let ran = run_on(text, arguments);
    let all = format!("{text}\n{arguments:?}\n{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.status, Some(2), "{all}");
    assert!(ran.stderr.starts_with("error: "), "{all}");
    for mention in mentions {
        assert!(ran.stderr.contains(mention), "{mention:?} is not in {all}");
    }
    assert_eq!(ran.stdout, "", "{all}");
    assert!(ran.left().is_empty(), "{:?} after {all}", ran.left());
}

fn refuses(arguments: &[&str], mentions: &[&str]) {
    refuses_on("", arguments, mentions);
}

/// What is in a folder, sorted; hidden files, too.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("an array")
}

fn symbol(name: &str) -> Parameter {
    Parameter::Symbol(name.into())
}

/// One epoch, one point in a batch.
fn vanilla() -> Spacetime {
    let one = || Parameter::Literal(1);
    Spacetime::sgd(symbol("N"), one(), one(), Shuffle::Never)
}

fn expansion(measure: Measure, spacetime: &Spacetime, order: usize) -> Expansion {
    expand(measure, spacetime, diagrams_for(measure, order)).expect("an expansion")
}

/// Exact numbers and nearest floats of terms or values, by compact notation.
fn numbers(entries: &Value) -> BTreeMap<String, (String, f64)> {
    let entries = list(entries).iter();
    entries
        .map(|entry| {
            let at = &entry["at"];
            let float = at["float"].as_f64().expect("a number");
            (
                text(&entry["diagram"]).to_string(),
                (text(&at["exact"]).to_string(), float),
            )
        })
        .collect()
}

#[test]
fn the_table_has_the_diagrams_coefficients_and_meanings_of_the_calculus() {
    let ran = run(&["--order", "2"]).succeeded();
    let expansion = expansion(Measure::TestLoss, &vanilla(), 2);
    let symbols = vanilla().symbols();
    assert_eq!(expansion.terms.len(), 6);
    for term in &expansion.terms {
        let coefficient = format!("coefficient  {}\n", term.coefficient.text(&symbols));
        assert!(
            ran.stdout.contains(&coefficient),
            "{coefficient}{}",
            ran.stdout
        );
        let diagram = term.diagram.to_string();
        assert!(ran.stdout.contains(&diagram), "{diagram}\n{}", ran.stdout);
        let meaning = picture::meaning::sentence(&term.diagram);
        assert!(ran.stdout.contains(&meaning), "{meaning}\n{}", ran.stdout);
        for line in picture::unicode(&term.diagram).lines() {
            assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
        }
    }
    for (class, coefficient) in &expansion.values {
        let class = picture::meaning::expression(class, picture::meaning::Notation::Text);
        let line = ran.stdout.lines().find(|line| {
            line.contains(&format!("  {class}  ")) && line.ends_with(&coefficient.text(&symbols))
        });
        assert!(line.is_some(), "{class}\n{}", ran.stdout);
    }
}

#[test]
fn json_gives_the_exact_values_of_the_coefficients() {
    let spacetime = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::EachEpoch);
    let parameters = Parameters::new(12, 3, 2).expect("sizes");
    for (word, measure) in [
        ("test-loss", Measure::TestLoss),
        ("train-loss", Measure::TrainLoss),
        ("generalization-gap", Measure::GeneralizationGap),
        ("displacement", Measure::Displacement),
        ("second-moment", Measure::SecondMoment),
    ] {
        let ran = run(&[
            "--measure",
            word,
            "--order",
            "2",
            "--spacetime",
            "sgd(train: N, batch: B, epochs: E, shuffle: each_epoch)",
            "--at",
            "N=12,B=3,E=2",
            "--format",
            "json",
        ])
        .succeeded();
        let report = json(&ran);
        let predicted = &report["predictors"][0];
        let expansion = expansion(measure, &spacetime, 2);
        let number = |value: BigRational| {
            let float = value.to_f64().expect("a float");
            (value.to_string(), float)
        };
        let terms: BTreeMap<_, _> = expansion
            .terms
            .iter()
            .map(|term| {
                let value = term.coefficient.evaluate(&parameters).expect("a value");
                (term.diagram.to_string(), number(value))
            })
            .collect();
        assert_eq!(numbers(&predicted["terms"]), terms, "{word}");
        let values: BTreeMap<_, _> = expansion
            .values
            .iter()
            .map(|(class, coefficient)| {
                let value = coefficient.evaluate(&parameters).expect("a value");
                (class.to_string(), number(value))
            })
            .collect();
        assert_eq!(numbers(&predicted["values"]), values, "{word}");
    }
}

/// Terms of one value add up to that value's coefficient, in open sizes that are products, too.
#[test]
fn terms_add_up_to_values_where_sizes_are_products() {
    let declaration = "
        spacetime Gd = gd(train: N, steps: N * M);
        spacetime Doubled = sgd(train: 2 * N, batch: 2, epochs: M, shuffle: each_epoch);
        predictor A: test_loss in Gd = all(edges <= 3);
        predictor B: test_loss in Doubled = all(edges <= 3);";
    let ran = run_on(
        declaration,
        &["--file", "-", "--at", "N=5,M=3", "--format", "json"],
    )
    .succeeded();
    let report = json(&ran);
    let literal = Parameter::Literal;
    let spacetimes = [
        Spacetime::gd(literal(5), literal(15)),
        Spacetime::sgd(literal(10), literal(2), literal(3), Shuffle::EachEpoch),
    ];
    for (predicted, spacetime) in list(&report["predictors"]).iter().zip(spacetimes) {
        let mut sums: BTreeMap<String, BigRational> = BTreeMap::new();
        for term in list(&predicted["terms"]) {
            let exact: BigRational = text(&term["at"]["exact"]).parse().expect("a number");
            let sum = sums
                .entry(text(&term["class"]).into())
                .or_insert_with(BigRational::zero);
            *sum += exact;
        }
        sums.retain(|_, sum| !sum.is_zero());
        let values = numbers(&predicted["values"]);
        let values: BTreeMap<String, BigRational> = values
            .into_iter()
            .map(|(class, (exact, _))| (class, exact.parse().expect("a number")))
            .filter(|(_, exact): &(String, BigRational)| !exact.is_zero())
            .collect();
        assert_eq!(sums, values);
        let at = Parameters {
            train: 1,
            batch: 1,
            epochs: 1,
        };
        let expected: BTreeMap<String, BigRational> = expansion(Measure::TestLoss, &spacetime, 3)
            .values
            .iter()
            .map(|(class, c)| (class.to_string(), c.evaluate(&at).expect("a value")))
            .collect();
        assert_eq!(values, expected);
    }
}

const CORRECT: &str = "
    spacetime One = sgd(train: N, batch: 1, epochs: M);
    spacetime Gd = gd(train: N, steps: N * M);
    diagram noise = root(a, b) where a ~~ b;
    diagram chain = root(a(b)) where a ~ b;
    set listed = { noise, chain };
    predictor Listed: test_loss in One = listed;
    predictor Gap: generalization_gap in One = all(edges <= 2);
    predictor Moves: displacement in One = all(edges <= 2) where !trees;
    predictor Sgd: test_loss in One = all(edges <= 2);
    predictor Descent: test_loss in Gd = all(edges <= 2);
    predictor Difference = Descent - Sgd;
";

/// How many pictures a report of [`CORRECT`] has.
fn pictures(report: &Value) -> usize {
    let predictors = list(&report["predictors"]).iter();
    predictors
        .map(|predicted| match list(&predicted["terms"]).len() {
            0 => list(&predicted["values"]).len(),
            terms => terms,
        })
        .sum()
}

#[test]
fn a_file_may_hold_sets_outlines_and_sums_of_predictors() {
    let ran = run_on(
        CORRECT,
        &["--file", "-", "--format", "json", "--at", "N=10,M=2"],
    )
    .succeeded();
    let report = json(&ran);
    let predictors = list(&report["predictors"]);
    assert_eq!(predictors.len(), 6);
    let listed = list(&predictors[0]["terms"]);
    assert_eq!(text(&listed[0]["name"]), "noise");
    assert_eq!(
        text(&listed[0]["value"]["text"]),
        "η² (E[g_n H g_n] - G H G)"
    );
    // -Σ over parts p of (joined - not joined) / N, with one part besides the root's.
    let gap = list(&predictors[1]["terms"]);
    assert_eq!(text(&gap[0]["diagram"]), "(01)(0-1)");
    let value = text(&gap[0]["value"]["text"]);
    assert!(value.contains("(1/N) η E[g_n g_n]"), "{value}");
    // A vector has no factor for the root.
    let moves = list(&predictors[2]["terms"]);
    assert_eq!(text(&moves[0]["value"]["text"]), "η² E[h_n g_n]");
    assert!(text(&moves[0]["meaning"]).ends_with(" moves the weights."));
    // Corollary 4.
    let difference = &predictors[5];
    assert!(list(&difference["terms"]).is_empty());
    let coefficients: Vec<&str> = list(&difference["values"])
        .iter()
        .map(|value| text(&value["coefficient"]["text"]))
        .collect();
    assert_eq!(coefficients, ["-M (N - 1)/2", "M (N - 1)/2"]);
}

#[test]
fn resummed_predictors_have_terms_and_no_values() {
    let declaration = "spacetime One = sgd(train: N, batch: 1, epochs: 1);
        diagram force = root(c(a, b)) where a ~~ b;
        predictor Near: test_loss in One = resummed all(edges <= 2);
        predictor Drift: displacement in One = resummed { force };";
    let ran = run_on(declaration, &["--file", "-", "--format", "json"]).succeeded();
    let report = json(&ran);
    let predictors = list(&report["predictors"]);
    assert_eq!(predictors.len(), 2);
    let near = list(&predictors[0]["terms"]);
    let diagrams: Vec<&str> = near.iter().map(|term| text(&term["diagram"])).collect();
    assert_eq!(
        diagrams,
        ["()(0)", "(01)(0-1)", "(01-02)(0-12)", "(01-02)(0-1-2)"]
    );
    let force = &list(&predictors[1]["terms"])[0];
    assert_eq!(text(&force["name"]), "force");
    assert_eq!(text(&force["value"]["text"]), "E[K J[K δg_n, K δg_n]]");
    assert_eq!(text(&force["coefficient"]["text"]), "-1/2");
    assert_eq!(
        text(&force["meaning"]),
        "An update by the mean (changed by two earlier updates by the noise of datapoint n) moves the weights."
    );
    for format in ["text", "latex", "csv"] {
        let ran = run_on(
            declaration,
            &["--file", "-", "--format", format, "--at", "N=10"],
        );
        let printed = ran.succeeded().stdout;
        assert!(printed.contains("(01-12-13)(0-1-23)"), "{printed}");
        assert!(!printed.to_lowercase().contains("by value"), "{printed}");
    }
}

#[test]
fn csv_has_a_line_for_every_coefficient() {
    let ran = run_on(CORRECT, &["--file", "-", "--format", "csv"]).succeeded();
    let report = json(&run_on(CORRECT, &["--file", "-", "--format", "json"]).succeeded());
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    let records: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().expect("records");
    let mut expected = vec![];
    for predicted in list(&report["predictors"]) {
        for kind in ["terms", "values"] {
            for entry in list(&predicted[kind]) {
                expected.push(
                    [
                        &predicted["name"],
                        &entry["diagram"],
                        &entry["coefficient"]["text"],
                    ]
                    .map(text),
                );
            }
        }
    }
    let found: Vec<[&str; 3]> = records.iter().map(|r| [&r[0], &r[3], &r[6]]).collect();
    assert_eq!(found, expected);
}

/// Braces and environments close in the order in which they were opened, dollars come in pairs.
fn assert_balanced(latex: &str) {
    let mut open: Vec<String> = vec![];
    let mut rest = latex;
    let mut dollars = 0;
    while let Some(at) = rest.find(['\\', '{', '}', '$']) {
        let (token, after) = rest[at..].split_at(1);
        rest = after;
        match token {
            "{" => open.push("{".into()),
            "}" => assert_eq!(open.pop().as_deref(), Some("{"), "before {rest}"),
            "$" => dollars += 1,
            _ => {
                let named = |word: &str| rest.strip_prefix(word)?.split_once('}');
                if let Some((name, after)) = named("begin{") {
                    open.push(name.into());
                    rest = after;
                } else if let Some((name, after)) = named("end{") {
                    assert_eq!(open.pop().as_deref(), Some(name), "before {rest}");
                    rest = after;
                } else if let Some(after) = rest.strip_prefix(['{', '}', '$', '\\']) {
                    // A character that begins nothing: `\{`, `\$`, `\\`.
                    rest = after;
                }
            }
        }
    }
    assert!(open.is_empty(), "{open:?} are left open");
    assert_eq!(dollars % 2, 0);
}

#[test]
fn the_folder_has_a_page_a_table_a_document_and_pictures() {
    let place = tempfile::tempdir().expect("a folder");
    std::fs::write(place.path().join("decl.txt"), CORRECT).expect("written");
    let ran = run_in(
        place,
        "",
        &["--file", "decl.txt", "--format", "json", "--out", "out"],
    )
    .succeeded();
    assert_eq!(ran.left(), ["decl.txt", "out"]);
    let out = ran.place.path().join("out");
    let pictures = pictures(&json(&ran));
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect(name);
    let html = read("index.html");
    assert_eq!(html.matches("<svg").count(), pictures);
    assert_eq!(html.matches("</svg>").count(), pictures);
    assert!(html.ends_with("</html>\n"));
    let latex = read("terms.tex");
    assert_balanced(&latex);
    assert!(latex.ends_with("\\end{document}\n"));
    let files = names(&out);
    for (ending, begins, ends) in [
        (".svg", "<svg", "</svg>\n"),
        (".tikz.tex", "\\begin{tikzpicture}", "\\end{tikzpicture}\n"),
        (".dot", "digraph {", "}\n"),
    ] {
        let of_kind = files.iter().filter(|name| name.ends_with(ending));
        let contents: Vec<String> = of_kind.map(|name| read(name)).collect();
        assert_eq!(contents.len(), pictures, "{ending}");
        for content in contents {
            assert!(
                content.starts_with(begins) && content.ends_with(ends),
                "{content}"
            );
        }
    }
    let csv = run_on(CORRECT, &["--file", "-", "--format", "csv"]).succeeded();
    assert_eq!(read("coefficients.csv"), csv.stdout);
    assert_eq!(files.len(), 3 * pictures + 3);
}

#[test]
fn latex_balances_for_every_measure() {
    for measure in [
        "train-loss",
        "generalization-gap",
        "displacement",
        "second-moment",
    ] {
        let spacetime = "sgd(train: n_train, batch: B, epochs: 2)";
        let arguments = [
            "--measure",
            measure,
            "--order",
            "2",
            "--spacetime",
            spacetime,
        ];
        let ran = run(&[&arguments[..], &["--format", "latex"]].concat()).succeeded();
        assert_balanced(&ran.stdout);
        assert!(ran.stdout.contains("\\mathit{n\\_train}"), "{}", ran.stdout);
    }
}

#[test]
fn a_folder_that_exists_is_left_alone() {
    for content in [None, Some("precious")] {
        let place = tempfile::tempdir().expect("a folder");
        let out = place.path().join("out");
        std::fs::create_dir(&out).expect("made");
        if let Some(content) = content {
            std::fs::write(out.join("index.html"), content).expect("written");
        }
        let before = names(&out);
        let ran = run_in(place, "", &["--order", "1", "--out", "out"]);
        assert_eq!(ran.status, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("exists already"), "{}", ran.stderr);
        assert_eq!(ran.left(), ["out"]);
        assert_eq!(names(&out), before);
    }
}

#[test]
fn factors_are_numbers_where_the_number_of_points_is() {
    let grid = "grid [\"#..#\", \".##.\"]";
    let measure = ["--measure", "generalization-gap", "--order", "2"];
    let ran = run(&[&measure[..], &["--spacetime", grid, "--format", "csv"]].concat()).succeeded();
    let line = "(01-02)(0-1-2),2,η² G H G - η² E[g_n h_n] G,4,4,4";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}

/// The disk is full halfway.
#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_finished_does_not_appear() {
    // Files of at most 4 or 8 blocks, of 512 or 1024 bytes: the page does not fit.
    for blocks in ["4", "8"] {
        let place = tempfile::tempdir().expect("a folder");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" inspect --out out");
        let output = std::process::Command::new("sh")
            .current_dir(place.path())
            .args(["-c", &script])
            .arg(crate::program("inspect").get_program())
            .output()
            .expect("a shell");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.starts_with("error: --out out: index.html: "),
            "{stderr}"
        );
        assert!(output.stdout.is_empty());
        assert_eq!(names(place.path()), <[&str; 0]>::default());
    }
}

#[test]
fn what_fails_leaves_no_files() {
    let out = ["--out", "out"];
    let asked: [(&[&str], &[&str]); 5] = [
        (&["--spacetime", "sdg(train: N)"], &["did you mean `sgd`?"]),
        (&["--at", "Q=3"], &["no open size Q", "open are N"]),
        (&["--order", "40"], &["more than the limit"]),
        (
            &["--grid", "--diagram", "(01", "--at", "N=3"],
            &["--diagram (01:"],
        ),
        (&["--grid", "--diagram", "(01)(0-1)"], &["--at N=8"]),
    ];
    for (arguments, mentions) in asked {
        refuses(&[arguments, &out].concat(), mentions);
    }
    refuses(
        &["--out", "no/such/folder"],
        &["no/such/folder", "cannot be made"],
    );
    refuses(&["--out", ".."], &["exists already"]);
}

#[test]
fn all_mistakes_of_a_declaration_are_reported() {
    let wrong = "spacetime One = sgd(train: N, batch: 1, epochs: 0);
predictor A: test_los in One = all(edges <= 2);
predictor B: test_loss in One = { nothing };
diagram cut = (01-12)(0-1);
";
    refuses_on(
        wrong,
        &["--file", "-"],
        &[
            "standard input:\n",
            "1:49: `epochs` must not be 0",
            "2:14: unknown measure `test_los`",
            "2 | predictor A: test_los in One = all(edges <= 2);",
            "help: did you mean `test_loss`?",
            "3:35: ",
            "4:19: node 2 stands in no part",
        ],
    );
    refuses_on(
        "spacetime One = sgd((",
        &["--file", "-"],
        &["cannot be split into words"],
    );
    refuses_on("", &["--file", "-"], &["standard input", "no predictor"]);
    refuses(&["--file", "missing.txt"], &["missing.txt: "]);
    refuses_on(
        &" ".repeat(1 << 17),
        &["--file", "-"],
        &["at most 65536 bytes"],
    );
    // Deeper than any reader follows.
    for deep in ["!".repeat(60_000), "(".repeat(60_000)] {
        let text = format!("predictor P: test_loss in S = all(edges <= 1) where {deep}trees;");
        refuses_on(&text, &["--file", "-"], &["nested more than"]);
    }
    // Far more diagrams than could be listed.
    refuses(
        &["--order", "12345678901234567890"],
        &["12345678901234567890"],
    );
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let place = tempfile::tempdir().expect("a folder");
    std::fs::write(place.path().join("decl.txt"), [0xff, 0xfe, 0x00]).expect("written");
    let ran = run_in(place, "", &["--file", "decl.txt"]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.stderr.contains("decl.txt: "), "{}", ran.stderr);
}

#[test]
fn sizes_are_checked() {
    refuses(&["--at", "N"], &["--at N:", "N=10"]);
    refuses(&["--at", "N=ten"], &["--at N=ten", "whole number"]);
    refuses(&["--at", "N=0"], &["from 1"]);
    refuses(&["--at", "N=3,N=4"], &["twice"]);
    refuses(&["--at", "N=99999999999999999999999"], &["whole number"]);
    let spacetime = "sgd(train: N, batch: B, epochs: 1)";
    refuses(
        &["--spacetime", spacetime, "--at", "N=4"],
        &["B", "no value"],
    );
    refuses(&["--spacetime", spacetime, "--at", "N=4,B=3"], &["divide"]);
    refuses(
        &["--spacetime", "gd(train: 3, steps: 2)", "--at", "N=4"],
        &["all sizes are numbers"],
    );
}

const TWO_EPOCHS: &str = "sgd(train: N, batch: 1, epochs: 2, shuffle: each_epoch)";

#[test]
fn grids_show_a_legal_and_an_illegal_embedding() {
    let arguments = |seed| {
        let fixed = [
            "--spacetime",
            TWO_EPOCHS,
            "--at",
            "N=4",
            "--order",
            "1",
            "--grid",
        ];
        let diagrams = ["--diagram", "(01-12)(0-1-2)", "--diagram", "(01-12)(0-12)"];
        [&fixed[..], &diagrams, &["--format", "json", "--seed", seed]].concat()
    };
    let ran = run(&arguments("7")).succeeded();
    let report = json(&ran);
    let grids = list(&report["grids"]);
    assert_eq!(grids.len(), 2);
    for grid in grids {
        assert_eq!(grid["seed"], 7);
        assert_eq!(grid["embeds"], true);
        let reason = text(&grid["reason"]);
        let drawing = text(&grid["drawing"]);
        // The legend gives the reason, too.
        assert!(drawing.contains(reason), "{reason}\n{drawing}");
        assert!(
            drawing.contains("A = ") && drawing.contains("B = "),
            "{drawing}"
        );
        assert_balanced(text(&grid["tikz"]));
    }
    assert_eq!(run(&arguments("7")).stdout, ran.stdout);
    assert_ne!(json(&run(&arguments("8")))["grids"], report["grids"]);
}

/// Example 3 of the paper: with a single visit of every point a tied edge fits nowhere.
#[test]
fn a_diagram_that_never_embeds_is_said_to() {
    let ran = run(&[
        "--order",
        "1",
        "--at",
        "N=3",
        "--grid",
        "--diagram",
        "(01-12)(0-12)",
    ])
    .succeeded();
    assert!(
        ran.stdout.contains("no embedding is legal"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("    illegal: "), "{}", ran.stdout);
}

#[test]
fn grids_are_checked() {
    let diagram = ["--grid", "--diagram", "(01)(0-1)"];
    refuses(
        &[&diagram[..], &["--at", "N=65"]].concat(),
        &["65 rows", "at most 64"],
    );
    refuses(
        &[&diagram[..], &["--at", "N=18446744073709551615"]].concat(),
        &["at most 64"],
    );
    refuses(
        &["--grid", "--diagram", "skew", "--at", "N=3"],
        &["--diagram skew"],
    );
    refuses(
        &[
            "--grid",
            "--diagram",
            "(01)(0-1-2-3-4-5-6-7-8-9",
            "--at",
            "N=3",
        ],
        &["--diagram (01)"],
    );
    refuses(&["--grid", "--at", "N=3"], &["no diagram is declared"]);
    refuses_on(
        "spacetime G = grid [\"#.\", \".#\"]; diagram skew = (01)(0-1); predictor P: test_loss in G = { skew };",
        &["--file", "-", "--grid", "--diagram", "skwe"],
        &["skwe", "declared are skew"],
    );
}

#[test]
fn grids_are_written_to_the_folder() {
    let declaration = "spacetime G = grid [\"##.\", \"..#\"]; diagram skew = (01-12)(0-12); predictor P: test_loss in G = { skew };";
    let ran = run_on(declaration, &["--file", "-", "--grid", "--out", "out"]).succeeded();
    let out = ran.place.path().join("out");
    let expected: Vec<PathBuf> = ["svg", "tikz.tex", "txt"]
        .map(|ending| out.join(format!("grid_001.{ending}")))
        .into();
    assert!(
        expected.iter().all(|path| path.is_file()),
        "{:?}",
        names(&out)
    );
    let html = std::fs::read_to_string(out.join("index.html")).expect("a page");
    assert_eq!(html.matches("<svg").count(), 2);
}

/// An option is what it says and nothing more: a condition that declares something is a mistake of quoting.
#[test]
fn options_declare_what_they_say_alone() {
    for arguments in [
        [
            "--where",
            "trees; predictor More: test_loss in S = all(edges <= 1)",
        ],
        ["--where", "trees; diagram d = (a)"],
        [
            "--spacetime",
            "sgd(train: 4, batch: 1, epochs: 1); spacetime R = gd(train: 2, steps: 2)",
        ],
        ["--spacetime", "grid [\"#..#\"train, \".##.\"]"],
    ] {
        let output = crate::program("inspect")
            .args(["--order", "1"])
            .args(arguments)
            .output();
        let output = output.expect("it starts");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
    }
}
