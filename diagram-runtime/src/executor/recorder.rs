//! Steps that are written down, for who executes all of them together.

use diagram_calculus::plan::{Operand, PassOutput, QuantityId, Step};

use super::{Execute, ExecutorError};

/// Writes down the demanded steps with their demanded outputs, and executes nothing.
pub(crate) struct Recorder {
    demand: Vec<bool>,
    steps: Vec<Step>,
}

impl Recorder {
    /// A recorder of the quantities marked in `demand` (see [`diagram_calculus::plan::Plan::demand`]).
    pub(crate) fn new(demand: Vec<bool>) -> Self {
        Recorder {
            demand,
            steps: vec![],
        }
    }

    /// The steps so far.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn wants(&self, quantity: QuantityId) -> bool {
        self.demand.get(quantity).copied().unwrap_or(false)
    }

    fn record(&mut self, step: Step) {
        if step.writes().iter().any(|&quantity| self.wants(quantity)) {
            self.steps.push(step);
        }
    }
}

impl Execute for Recorder {
    fn losses(
        &mut self,
        keep: Option<QuantityId>,
        mean: Option<QuantityId>,
    ) -> Result<(), ExecutorError> {
        let [keep, mean] = [keep, mean].map(|quantity| quantity.filter(|&q| self.wants(q)));
        self.record(Step::Loss { keep, mean });
        Ok(())
    }

    fn pass(
        &mut self,
        axes: usize,
        sample: usize,
        directions: &[Operand],
        outputs: &[PassOutput],
    ) -> Result<(), ExecutorError> {
        let wanted = outputs.iter().filter(|output| self.wants(output.quantity));
        let outputs = wanted.cloned().collect();
        self.record(Step::Pass {
            axes,
            sample,
            directions: directions.to_vec(),
            outputs,
        });
        Ok(())
    }

    fn mean(
        &mut self,
        operand: QuantityId,
        _rank: usize,
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError> {
        self.record(Step::Mean {
            operand,
            kept: kept.to_vec(),
            quantity,
        });
        Ok(())
    }

    fn dot(
        &mut self,
        axes: usize,
        left: &Operand,
        right: &Operand,
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError> {
        self.record(Step::Dot {
            axes,
            left: left.clone(),
            right: right.clone(),
            kept: kept.to_vec(),
            quantity,
        });
        Ok(())
    }

    fn product(
        &mut self,
        axes: usize,
        factors: &[Operand],
        kept: &[usize],
        quantity: QuantityId,
    ) -> Result<(), ExecutorError> {
        self.record(Step::Product {
            axes,
            factors: factors.to_vec(),
            kept: kept.to_vec(),
            quantity,
        });
        Ok(())
    }
}
