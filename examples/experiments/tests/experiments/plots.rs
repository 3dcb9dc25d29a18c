//! Plots of bands and curves.

use diagram_experiments::plot::{BandPlot, SeriesLabelPosition};
use diagrams::runtime::warning::{KINKS, Warning};

/// Words are only added: everything else is drawn as without them, further down.
#[test]
fn plots_carry_warnings() {
    let draw = |warnings| {
        let plot = BandPlot {
            title: "a title".into(),
            label: "a label".into(),
            points: &[],
            curves: vec![("a curve".into(), Box::new(|eta_t| 1.0 + eta_t))],
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
