//! Lines of the JAX programs' outputs.

/// A line.
pub(super) enum Line {
    Row(Row),
    Product(Product),
    /// Warnings and the like.
    Other,
}

/// The time of one way to do a work, as in
/// `f32 mean HVP, rows, block 100, devices 2   4.2e+04/s [4e+04 - 4.3e+04]   23.810 ms  compile 1.00 s  disturbed 0`.
pub(super) struct Row {
    pub(super) precision: String,
    pub(super) devices: usize,
    /// The work, of derivatives.
    pub(super) what: String,
    /// The way to do it.
    pub(super) way: String,
    /// Of training runs.
    pub(super) test_points: Option<usize>,
    /// Items a second: the median, the fastest and the slowest.
    pub(super) rate: f64,
    pub(super) fastest: f64,
    pub(super) slowest: f64,
    /// Seconds.
    pub(super) median: f64,
}

/// The speed of a matrix product, as in `threads 2 float32 n=1024: median 190 GFLOP/s [150 - 199] disturbed 0`.
pub(super) struct Product {
    pub(super) threads: usize,
    pub(super) precision: String,
    pub(super) gflops: f64,
}

/// What is wrong with a line.
#[derive(Debug)]
pub(super) struct RowError(pub(super) &'static str);

/// Works of derivatives, the longer names first where one starts like another.
const WORKS: [&str; 6] = [
    "per-sample gradient",
    "per-sample HVP, own v",
    "per-sample HVP, shared v",
    "grad d2l[u,v] own u,v",
    "mean HVP",
    "mean gradient",
];

pub(super) fn parse(line: &str) -> Result<Line, RowError> {
    if line.starts_with("threads ") {
        return product(line).map(Line::Product);
    }
    match line.split_once("/s [") {
        Some((left, right)) if line.starts_with("f32 ") || line.starts_with("f64 ") => {
            row(left, right).map(Line::Row)
        }
        _ => Ok(Line::Other),
    }
}

fn row(left: &str, right: &str) -> Result<Row, RowError> {
    let (name, rate) = left
        .trim_end()
        .rsplit_once(' ')
        .ok_or(RowError("a rate after the name"))?;
    let (slowest, right) = right
        .split_once(" - ")
        .ok_or(RowError("a range of rates"))?;
    let (fastest, right) = right.split_once(']').ok_or(RowError("a range of rates"))?;
    let (milliseconds, _) = right.split_once("ms").ok_or(RowError("milliseconds"))?;
    let (precision, name) = name
        .trim_end()
        .split_once(' ')
        .ok_or(RowError("a precision before the name"))?;

    let (mut devices, mut test_points, mut others) = (None, None, vec![]);
    for part in name.split(", ") {
        if let Some(count) = part.strip_prefix("devices ") {
            devices = Some(count.parse().map_err(|_| RowError("a number of devices"))?);
        } else if let Some(count) = part.strip_prefix("test ") {
            let count = count.parse();
            test_points = Some(count.map_err(|_| RowError("a number of test points"))?);
        } else {
            others.push(part);
        }
    }
    let name = others.join(", ");
    let work = WORKS.into_iter().find(|work| name.starts_with(work));
    let (what, way) = match work {
        Some(work) => (work, name[work.len()..].trim_start_matches(", ")),
        // "(a) " and "(b) " only name groups of ways.
        None => (
            "",
            name.trim_start_matches("(a) ").trim_start_matches("(b) "),
        ),
    };
    Ok(Row {
        precision: precision.to_owned(),
        devices: devices.ok_or(RowError("devices"))?,
        what: what.to_owned(),
        way: way.to_owned(),
        test_points,
        rate: positive(rate)?,
        fastest: positive(fastest)?,
        slowest: positive(slowest)?,
        median: positive(milliseconds)? / 1e3,
    })
}

fn product(line: &str) -> Result<Product, RowError> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [
        "threads",
        threads,
        precision,
        _,
        "median",
        gflops,
        "GFLOP/s",
        ..,
    ] = words[..]
    else {
        return Err(RowError("the speed of a matrix product"));
    };
    let precision = match precision {
        "float32" => "f32",
        "float64" => "f64",
        _ => return Err(RowError("float32 or float64")),
    };
    Ok(Product {
        threads: threads
            .parse()
            .map_err(|_| RowError("a number of threads"))?,
        precision: precision.to_owned(),
        gflops: positive(gflops)?,
    })
}

fn positive(text: &str) -> Result<f64, RowError> {
    match text.trim().parse() {
        Ok(number) if number > 0.0 && f64::is_finite(number) => Ok(number),
        _ => Err(RowError("a positive number")),
    }
}
