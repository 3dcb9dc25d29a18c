//! Plans: the order of steps, the quantities that values share, and the costs.

use diagram_calculus::enumerate;
use diagram_calculus::plan::{
    Blueprint, ContractionPlan, CostParameters, Kind, Operand, PassOutput, Plan, Step, Work,
};
use diagram_calculus::value_class::ValueClass;

/// Arbitrary parameters of an executor.
const PARAMETERS: CostParameters = CostParameters {
    directions_per_call: 16,
    highest_shared_power: 2,
    contraction_start: 32.0,
};

fn classes(max_edges: usize) -> Vec<ValueClass> {
    let mut classes: Vec<ValueClass> = (0..=max_edges)
        .flat_map(enumerate::diagrams)
        .map(|d| d.value_class())
        .collect();
    classes.sort_by_key(|c| (c.order(), c.clone()));
    classes.dedup();
    classes
}

fn pair_passes(plan: &Plan, demand: &[bool]) -> usize {
    plan.steps
        .iter()
        .filter(|s| {
            matches!(s, Step::Pass { axes: 2.., .. }) && s.writes().iter().any(|&q| demand[q])
        })
        .count()
}

#[test]
fn steps_come_after_what_they_read() {
    for max_edges in 0..=4 {
        let blueprint = Blueprint::new(&classes(max_edges));
        let plan = &blueprint.plan;
        let mut written = vec![false; plan.quantities.len()];
        for (at, step) in plan.steps.iter().enumerate() {
            assert!(
                step.reads().iter().all(|&q| written[q]),
                "step {at} reads what is not there yet"
            );
            for q in step.writes() {
                assert!(!written[q], "quantity {q} is written twice");
                assert_eq!(plan.quantities[q].step, at);
                written[q] = true;
            }
        }
        assert!(written.iter().all(|&w| w));
        for (&output, class) in plan.outputs.iter().zip(&plan.classes) {
            let quantity = &plan.quantities[output];
            let kind = if class.open().is_some() {
                Kind::Vector
            } else {
                Kind::Scalar
            };
            assert_eq!(
                (quantity.rank, quantity.kind),
                (0, kind),
                "the value of {class} is one number or vector"
            );
        }
    }
}

#[test]
fn order_three_needs_one_pass_over_pairs() {
    // Chains of G and H and tied paths factor into passes over single samples. The other values, such as E g_n H[g_n] and E J[g_n, g_n], share one pass
    // along the gradients g_n of all samples.
    let blueprint = Blueprint::new(&classes(3));
    let requested = blueprint.plan.demand(0..blueprint.requested);
    assert_eq!(blueprint.requested, 1 + 1 + 3 + 12);
    assert_eq!(pair_passes(&blueprint.plan, &requested), 1);
    // The values with tied roots, which the sample reading and the gap need, are further outputs of the same pass.
    assert_eq!(blueprint.plan.classes.len(), 1 + 2 + 4 + 18);
    let all = vec![true; blueprint.plan.quantities.len()];
    assert_eq!(pair_passes(&blueprint.plan, &all), 1);
}

#[test]
fn order_two_of_the_test_loss_is_linear_but_for_one_value() {
    let blueprint = Blueprint::new(&classes(2));
    let degrees: Vec<(String, usize)> = (0..blueprint.requested)
        .map(|c| {
            (
                blueprint.plan.classes[c].to_string(),
                blueprint.plan.degree(c),
            )
        })
        .collect();
    let pairs: Vec<_> = degrees
        .iter()
        .filter(|(_, degree)| *degree > 1)
        .map(|(class, _)| &class[..])
        .collect();
    // In E g_n H g_n the Hessian is not tied, and its two neighbours are tied to each other.
    assert_eq!(pairs, ["(01-02)(0-12)"]);
}

#[test]
fn plans_do_not_depend_on_what_is_appended() {
    let small = Plan::new(&classes(2));
    let large = Plan::new(&classes(3));
    for (class, &output) in small.classes.iter().zip(&small.outputs) {
        let at = large
            .classes
            .iter()
            .position(|c| c == class)
            .expect("order 2 is part of order 3");
        assert_eq!(
            small.expression(output),
            large.expression(large.outputs[at])
        );
    }
}

#[test]
fn costs_grow_with_the_loops() {
    let blueprint = Blueprint::new(&classes(3));
    let demand = blueprint.plan.demand(0..blueprint.requested);
    let (small, large) = (
        blueprint.plan.cost(&demand, 1_000, 10, &PARAMETERS),
        blueprint.plan.cost(&demand, 10_000, 10, &PARAMETERS),
    );
    let exponent = (large.sample_evaluations / small.sample_evaluations).log10();
    assert!(
        (1.9..=2.0).contains(&exponent),
        "one pass over pairs beside linear ones: {exponent}"
    );
    // The gradient of a second derivative along a direction costs more than a gradient, but not six times as much.
    let gradient = Work::pass(&[&[][..]]).evaluations();
    let third = Work::pass(&[&[2][..]]).evaluations();
    assert!(gradient < third && third < 6.0 * gradient);
}

#[test]
fn the_work_of_known_derivatives() {
    // These are counted by hand for a first layer F and a hidden layer H, as multiples of their forward work. A gradient takes F + H forward, H backward,
    // and F + H for the weights. Along a direction, both the weights and the activations of H are series, so that every further coefficient takes two
    // products.
    let alone = |powers: &[u8]| {
        let work = Work::pass(&[powers]);
        (work.first, work.hidden)
    };
    assert_eq!(alone(&[]), (2.0, 3.0));
    assert_eq!(alone(&[1]), (3.0, 8.0));
    assert_eq!(alone(&[2]), (3.0, 13.0));
    assert_eq!(alone(&[1, 1]), (4.0, 20.0));
    let beside = Work::pass_beside(&[&[1][..]]);
    assert_eq!((beside.first, beside.hidden), (2.0, 6.0));
}

#[test]
fn pairs_share_what_depends_on_one_sample_only() {
    let along = |axes: Vec<usize>, power: u8| {
        let step = Step::Pass {
            axes: 2,
            sample: 1,
            directions: vec![Operand {
                quantity: 0,
                axes: axes.into(),
            }],
            outputs: vec![PassOutput {
                powers: vec![power].into(),
                mean: true,
                quantity: 1,
            }],
        };
        Work::of_step(&step, &[true; 2], &PARAMETERS)
    };
    let (alone, beside) = (Work::pass(&[&[2][..]]), Work::pass_beside(&[&[2][..]]));
    assert_eq!(along(vec![], 2), alone);
    assert_eq!(along(vec![1], 2), alone);
    let shared = along(vec![0], 2);
    let expected = (alone.hidden + 15.0 * beside.hidden) / 16.0;
    assert!((shared.hidden - expected).abs() <= 4.0 * f64::EPSILON * expected);
    // Third powers are not shared.
    assert_eq!(along(vec![0], 3), Work::pass(&[&[3][..]]));
}

#[test]
fn tensors_are_filled_by_a_pass_for_each_monomial() {
    let plan = Plan::new(&classes(3));
    let all = vec![true; plan.quantities.len()];
    assert_eq!(plan.highest_derivative(&all), 3);
    let (samples, p) = (10, 4);
    let cost = plan.tensors_cost(&all, samples, p);
    assert_eq!(cost.numbers, 10.0 * f64::from(1 + 4 + 16 + 64));
    let evaluations = |powers: &[u8]| Work::pass(&[powers]).evaluations();
    // The third derivatives need passes along each weight twice and along each pair of weights.
    let each = 1.0
        + evaluations(&[])
        + 4.0 * evaluations(&[1])
        + 4.0 * evaluations(&[2])
        + 6.0 * evaluations(&[1, 1]);
    assert!((cost.sample_evaluations - 10.0 * each).abs() <= 1e-12 * 10.0 * each);
    let flops = |samples| plan.dense_contraction_flops(&all, samples, p, &PARAMETERS);
    assert!(flops(200) > 3.9 * flops(100) && flops(200) <= 4.0 * flops(100));
}

#[test]
fn the_printed_plan_names_every_value() {
    let plan = Plan::new(&classes(3));
    let text = plan.to_string();
    for class in &plan.classes {
        assert!(
            text.contains(&format!("{class}  =  ")),
            "{class} is not in the plan"
        );
    }
    assert!(
        text.contains("(01-02-13)(0-1-23)  =  E H[g_n] · H[g_n]"),
        "{text}"
    );
    assert!(
        text.contains("(01-02-13)(0-1-2-3)  =  H[G] · H[G]"),
        "{text}"
    );
}

/// Scalars and displacements of at most so many edges.
fn all_classes(edges: usize) -> Vec<ValueClass> {
    let scalars = (0..=edges).flat_map(enumerate::diagrams_with_root_ties);
    let mut classes: Vec<ValueClass> = scalars.map(|d| d.value_class()).collect();
    let vectors = (0..=edges).flat_map(enumerate::diagrams);
    classes.extend(vectors.filter_map(|d| d.displacement_class()));
    let pairs = (0..edges).flat_map(enumerate::diagram_pairs);
    classes.extend(pairs.map(|d| d.value_class()));
    classes.sort();
    classes.dedup();
    classes
}

#[test]
fn plans_survive_their_encoding() {
    for edges in 0..=4 {
        let blueprint = Blueprint::new(&all_classes(edges));
        assert_eq!(
            Blueprint::decode(&blueprint.encode()),
            Ok(blueprint.clone())
        );
        let contraction = ContractionPlan::new(&blueprint.plan.classes);
        assert_eq!(
            ContractionPlan::decode(&contraction.encode()),
            Ok(contraction)
        );
    }
}

#[test]
fn bytes_that_are_no_plan_are_refused() {
    let blueprint = Blueprint::new(&all_classes(2));
    let contraction = ContractionPlan::new(&blueprint.plan.classes);
    let (steps, tensors) = (blueprint.encode(), contraction.encode());
    assert!(Blueprint::decode(&[]).is_err() && ContractionPlan::decode(&[]).is_err());
    for length in 0..steps.len() {
        assert!(Blueprint::decode(&steps[..length]).is_err());
    }
    for length in 0..tensors.len() {
        assert!(ContractionPlan::decode(&tensors[..length]).is_err());
    }
    assert!(Blueprint::decode(&[steps, vec![0]].concat()).is_err());
    // A length that no memory holds; a number of more than 64 bits.
    assert!(ContractionPlan::decode(&[0xff, 0xff, 0xff, 0xff, 0x7f]).is_err());
    assert!(ContractionPlan::decode(&[0xff; 12]).is_err());
    // A product with a tensor that does not come before it.
    assert!(ContractionPlan::decode(&[1, 2, 0, 0, 0, 0, 0]).is_err());
}

/// No moment has more indices than edges leave its part, and equal moments are one.
#[test]
fn contractions_take_one_loop_over_the_samples() {
    let classes = all_classes(3);
    let plan = ContractionPlan::new(&classes);
    for (class, &output) in classes.iter().zip(&plan.outputs) {
        let shape = plan.shape(output);
        assert_eq!(
            (shape.rank, shape.of_each_sample),
            (usize::from(class.open().is_some()), false)
        );
    }
    let all = vec![true; plan.steps.len()];
    let (few, many) = (plan.flops(&all, 100, 3), plan.flops(&all, 200, 3));
    assert!(many < 2.0 * few);
    assert_eq!(plan.highest_derivative(&all), 3);
    let mut steps = plan.steps.clone();
    steps.sort();
    steps.dedup();
    assert_eq!(steps.len(), plan.steps.len());
}

#[test]
fn contractions_read_like_formulas() {
    // Three gradients of one sample into the third derivative of another.
    let skew = ValueClass::from_edges(4, &[(0, 3), (1, 3), (2, 3)], &[0, 0, 0, 1], None).unwrap();
    let text = ContractionPlan::new(&[skew]).to_string();
    let expected =
        "j_ijk\nt1_ijk = E j_ijk\ng_i\nt3_ij = g_i g_j\nt4_ijk = E t3_ij g_k\nt5 = t1_ijk t4_ijk\n";
    assert_eq!(text, expected);
}
