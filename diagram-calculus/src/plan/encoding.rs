//! Plans as strings of bytes: what the macro writes down as constants.
//!
//! A constant of bytes costs the compiler a single token, however large the plan. Numbers are in base 128, the least significant digits first, each
//! digit but the last with its high bit set; signed numbers are numbered 0, -1, 1, -2, …; a list begins with its length.

use super::{
    Blueprint, ContractionPlan, Correction, Kind, Operand, PassOutput, Plan, Quantity, Step,
    TensorStep,
};
use crate::value_class::ValueClass;

/// Bytes that are no encoded plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a plan")]
pub struct EncodingError;

impl Blueprint {
    /// The bytes of the blueprint: see [`Blueprint::decode`].
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer(vec![]);
        self.write(&mut to);
        to.0
    }

    /// Reads what [`Blueprint::encode`] wrote.
    ///
    /// # Errors
    /// [`EncodingError`] if the bytes are not those of a blueprint.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        decode(bytes)
    }
}

impl ContractionPlan {
    /// The bytes of the plan: see [`ContractionPlan::decode`].
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer(vec![]);
        self.steps.write(&mut to);
        self.outputs.write(&mut to);
        to.0
    }

    /// Reads what [`ContractionPlan::encode`] wrote.
    ///
    /// # Errors
    /// [`EncodingError`] if the bytes are not those of such a plan.
    pub fn decode(bytes: &[u8]) -> Result<Self, EncodingError> {
        let (steps, outputs) = decode::<(Vec<TensorStep>, Vec<usize>)>(bytes)?;
        Self::from_steps(steps, outputs).ok_or(EncodingError)
    }
}

fn decode<C: Code>(bytes: &[u8]) -> Result<C, EncodingError> {
    let mut from = Reader(bytes);
    let value = C::read(&mut from)?;
    if from.0.is_empty() {
        Ok(value)
    } else {
        Err(EncodingError)
    }
}

struct Writer(Vec<u8>);

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, EncodingError> {
        let (first, rest) = self.0.split_first().ok_or(EncodingError)?;
        self.0 = rest;
        Ok(*first)
    }
}

/// What has an encoding.
trait Code: Sized {
    fn write(&self, to: &mut Writer);
    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError>;
}

impl Code for u64 {
    fn write(&self, to: &mut Writer) {
        let mut rest = *self;
        while rest >= 0x80 {
            to.0.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        to.0.push(rest as u8);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        let mut number = 0;
        for place in (0..u64::BITS).step_by(7) {
            let byte = from.byte()?;
            number |= u64::from(byte & 0x7f) << place;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(EncodingError)
    }
}

impl Code for usize {
    fn write(&self, to: &mut Writer) {
        (*self as u64).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        usize::try_from(u64::read(from)?).map_err(|_| EncodingError)
    }
}

impl Code for u8 {
    fn write(&self, to: &mut Writer) {
        to.0.push(*self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        from.byte()
    }
}

impl Code for bool {
    fn write(&self, to: &mut Writer) {
        to.0.push(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(EncodingError),
        }
    }
}

impl Code for i64 {
    fn write(&self, to: &mut Writer) {
        (((self << 1) ^ (self >> 63)) as u64).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        let number = u64::read(from)?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

fn write_list<C: Code>(items: &[C], to: &mut Writer) {
    items.len().write(to);
    for item in items {
        item.write(to);
    }
}

impl<C: Code> Code for Vec<C> {
    fn write(&self, to: &mut Writer) {
        write_list(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        let length = usize::read(from)?;
        // No memory is reserved for more items than there are bytes.
        (0..length).map(|_| C::read(from)).collect()
    }
}

impl<C: Code> Code for Option<C> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        if let Some(item) = self {
            item.write(to);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        bool::read(from)?.then(|| C::read(from)).transpose()
    }
}

impl<A: Code, B: Code> Code for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

/// A structure is its fields one after the other.
macro_rules! fields {
    ($type:ident { $($field:ident),* }) => {
        impl Code for $type {
            fn write(&self, to: &mut Writer) {
                $(self.$field.write(to);)*
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
                $(let $field = Code::read(from)?;)*
                Ok($type { $($field),* })
            }
        }
    };
}

/// An enumeration is the number of a variant, then its fields.
macro_rules! variants {
    ($type:ident { $($number:literal $variant:ident { $($field:ident),* })* }) => {
        impl Code for $type {
            fn write(&self, to: &mut Writer) {
                match self {
                    $($type::$variant { $($field),* } => {
                        to.0.push($number);
                        $($field.write(to);)*
                    })*
                }
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
                match from.byte()? {
                    $($number => {
                        $(let $field = Code::read(from)?;)*
                        Ok($type::$variant { $($field),* })
                    })*
                    _ => Err(EncodingError),
                }
            }
        }
    };
}

fields!(Blueprint {
    plan,
    requested,
    unbiased
});
fields!(Plan {
    classes,
    outputs,
    quantities,
    steps
});
fields!(Correction {
    class,
    parts,
    moebius
});
fields!(Quantity { kind, rank, step });
variants!(Kind { 0 Scalar {} 1 Vector {} });
variants!(Step {
    0 Loss { keep, mean }
    1 Pass { axes, sample, directions, outputs }
    2 Mean { operand, kept, quantity }
    3 Dot { axes, left, right, kept, quantity }
    4 Product { axes, factors, kept, quantity }
});
variants!(TensorStep {
    0 Derivative { order }
    1 Mean { tensor }
    2 Product { left, right, pairs, mean }
});

impl Code for Operand {
    fn write(&self, to: &mut Writer) {
        self.quantity.write(to);
        write_list(&self.axes, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Operand {
            quantity: Code::read(from)?,
            axes: Vec::read(from)?.into(),
        })
    }
}

impl Code for PassOutput {
    fn write(&self, to: &mut Writer) {
        write_list(&self.powers, to);
        self.mean.write(to);
        self.quantity.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(PassOutput {
            powers: Vec::read(from)?.into(),
            mean: Code::read(from)?,
            quantity: Code::read(from)?,
        })
    }
}

impl Code for ValueClass {
    fn write(&self, to: &mut Writer) {
        let (open, components, parents, parts) = self.canonical_form();
        open.write(to);
        components.write(to);
        write_list(parents, to);
        write_list(parts, to);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, EncodingError> {
        let (open, components) = (bool::read(from)?, usize::read(from)?);
        let (parents, parts) = (Vec::read(from)?, Vec::read(from)?);
        ValueClass::from_canonical_form(open, components, parents, parts).ok_or(EncodingError)
    }
}
