//! Plots of bands and curves.

use diagram_experiments::plot::{
    BandPlot, COLORS, Curve, LinePlot, MarkedLine, SeriesLabelPosition,
};
use diagrams::runtime::warning::{KINKS, Warning};

fn line(trustworthy_up_to: f64) -> Curve<'static> {
    Curve {
        name: "a curve".into(),
        at: Box::new(|eta_t| 1.0 + eta_t),
        trustworthy_up_to,
    }
}

/// What is not to be trusted is drawn, too, in a lighter colour.
#[test]
fn curves_fade_where_they_are_not_to_be_trusted() {
    let draw = |trustworthy_up_to| {
        let plot = BandPlot {
            title: String::new(),
            label: String::new(),
            points: &[],
            curves: vec![line(trustworthy_up_to)],
            legend: SeriesLabelPosition::LowerLeft,
            warnings: &[],
        };
        plot.svg().expect("it is drawn")
    };
    let faded = |svg: &str| svg.matches("opacity=\"0.3\"").count();
    assert_eq!(faded(&draw(f64::INFINITY)), 0);
    assert_eq!(faded(&draw(0.5)), 1);
    assert!(draw(0.5).contains("a curve"));
}

/// Words are only added: everything else is drawn as without them, further down.
#[test]
fn plots_carry_warnings() {
    let draw = |warnings| {
        let plot = BandPlot {
            title: "a title".into(),
            label: "a label".into(),
            points: &[],
            curves: vec![line(f64::INFINITY)],
            legend: SeriesLabelPosition::LowerLeft,
            warnings,
        };
        plot.svg().expect("it is drawn")
    };
    let (plain, warned) = (draw(&[]), draw(&[Warning::Kinks]));
    assert!(!plain.contains("warning") && plain.contains("a title"));
    assert_eq!(warned.matches(&format!("warning: {KINKS}")).count(), 1);
    assert!(warned.contains("a title") && warned.contains("a curve"));
}

/// A dashed line is many short ones in the colour that was chosen, and it has an entry in the legend.
#[test]
fn lines_may_be_dashed_in_a_color_that_was_chosen() {
    let draw = |dashed: bool| {
        let line = MarkedLine::new("a line", [(0.0, 0.0), (1.0, 1.0)]).in_color(2);
        let plot = LinePlot {
            lines: vec![if dashed { line.dashed() } else { line }],
            legend: Some(SeriesLabelPosition::LowerRight),
            ..LinePlot::default()
        };
        plot.svg().expect("it is drawn")
    };
    let color = COLORS[2];
    let color = format!("stroke=\"#{:02X}{:02X}{:02X}\"", color.0, color.1, color.2);
    let strokes = |svg: &str| svg.matches(&color).count();
    let (whole, dashed) = (draw(false), draw(true));
    assert!(
        strokes(&whole) == 2 && strokes(&dashed) > 20,
        "{} {}",
        strokes(&whole),
        strokes(&dashed)
    );
    assert!(whole.contains("a line") && dashed.contains("a line"));
}
