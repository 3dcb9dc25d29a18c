//! Tables and numbers as text.

/// A table that is written if it has rows.
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        Table {
            header: header.into_iter().map(Into::into).collect(),
            rows: vec![],
        }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Below a heading, with an empty line before and after.
    pub(super) fn write(&self, heading: &str, page: &mut String) {
        if self.rows.is_empty() {
            return;
        }
        page.push_str(heading);
        page.push_str("\n\n");
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        page.push_str(&line(&self.header));
        page.push_str(&format!("|{}\n", " --- |".repeat(self.header.len())));
        for row in &self.rows {
            page.push_str(&line(row));
        }
        page.push('\n');
    }
}

/// Three digits, with commas between thousands.
pub(super) fn number(x: f64) -> String {
    if !x.is_finite() || x == 0.0 {
        return format!("{x}");
    }
    let digits = x.abs().log10().floor() as i32;
    let unit = 10_f64.powi(digits - 2);
    let rounded = (x / unit).round() * unit;
    if digits < 3 {
        let decimals = (2 - digits).clamp(0, 9) as usize;
        return format!("{rounded:.decimals$}");
    }
    let plain = format!("{rounded:.0}");
    let mut text = String::new();
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How many times.
pub(super) fn ratio(x: f64) -> String {
    if x < 10.0 {
        format!("{x:.1}x")
    } else {
        format!("{x:.0}x")
    }
}

/// A share.
pub(super) fn percent(x: f64) -> String {
    format!("{:.0}%", 100.0 * x)
}

/// Bytes in a unit that fits.
pub(super) fn bytes(count: u64) -> String {
    let mut size = count as f64;
    for unit in ["B", "KiB", "MiB"] {
        if size < 1024.0 {
            return format!("{} {unit}", number(size));
        }
        size /= 1024.0;
    }
    format!("{} GiB", number(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits() {
        for (x, expected) in [
            (454_950.0, "455,000"),
            (1_234_567.0, "1,230,000"),
            (999.6, "1000"),
            (42.0, "42.0"),
            (0.004_567, "0.00457"),
            (2.771, "2.77"),
        ] {
            assert_eq!(number(x), expected);
        }
        assert_eq!(bytes(3 << 29), "1.50 GiB");
    }
}
