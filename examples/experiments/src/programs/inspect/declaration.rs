//! Reads the declaration, from a file or from a text that is made of the options.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use diagrams::Declaration;

use super::arguments::Arguments;
use super::error::InspectError;

/// The largest length of a declaration in bytes, because a wrong file may be very large.
const LONGEST: u64 = 1 << 16;
/// The largest depth to which brackets and `!` may be nested. The parser recurses as deep, and its stack is limited.
const DEEPEST: usize = 128;

/// A declaration, and the name of its source for messages.
pub(crate) struct Source {
    pub(crate) place: String,
    pub(crate) declaration: Declaration,
}

/// Reads the declaration that the command line asks for.
pub(crate) fn read(arguments: &Arguments) -> Result<Source, InspectError> {
    let (place, text) = match &arguments.file {
        Some(file) => from_file(file)?,
        None => (
            "the declaration that the options make".into(),
            from_options(arguments),
        ),
    };
    if depth(&text) > DEEPEST {
        return Err(InspectError::TooDeep {
            place,
            most: DEEPEST,
        });
    }
    match diagrams::parse(&text) {
        Ok(declaration) if arguments.file.is_none() && !is_one(&declaration) => {
            Err(InspectError::MoreThanOptions)
        }
        Ok(declaration) => Ok(Source { place, declaration }),
        Err(mistakes) => Err(InspectError::Declaration { place, mistakes }),
    }
}

/// Whether the declaration has what the options stand for alone: a text with a semicolon may declare more.
fn is_one(declaration: &Declaration) -> bool {
    let model = declaration.model();
    model.spacetimes.len() == 1
        && model.predictors.len() + model.optimized.len() == 1
        && model.diagrams.is_empty()
        && model.resummed.is_empty()
        && model.networks.is_empty()
}

/// The text of a declaration with these options. Each is on lines of its own, so that a comment at its end ends with the line.
fn from_options(arguments: &Arguments) -> String {
    let condition = match &arguments.condition {
        Some(condition) => format!(" where\n{condition}"),
        None => String::new(),
    };
    format!(
        "spacetime S =\n{}\n;\npredictor Terms: {} in S = all(edges <= {}){condition}\n;\n",
        arguments.spacetime,
        arguments.measure.word(),
        arguments.order,
    )
}

/// The name of the source and the text of a file, or of standard input.
fn from_file(file: &Path) -> Result<(String, String), InspectError> {
    let piped = file == Path::new("-");
    let place = if piped {
        "standard input".to_string()
    } else {
        file.display().to_string()
    };
    let mut text = String::new();
    let read = if piped {
        io::stdin().take(LONGEST + 1).read_to_string(&mut text)
    } else {
        File::open(file).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
    };
    match read {
        Err(source) => Err(InspectError::Read { place, source }),
        Ok(bytes) if bytes as u64 > LONGEST => Err(InspectError::TooLong {
            place,
            most: LONGEST,
        }),
        Ok(_) => Ok((place, text)),
    }
}

/// The largest depth to which brackets and `!` are nested. Those in comments and strings count, too.
fn depth(text: &str) -> usize {
    let (mut brackets, mut nots, mut deepest) = (0_usize, 0, 0);
    for character in text.chars() {
        match character {
            '(' | '[' | '{' => brackets += 1,
            ')' | ']' | '}' => brackets = brackets.saturating_sub(1),
            '!' => nots += 1,
            _ => {}
        }
        // A word outside of brackets ends the operands of all `!` before it.
        if character.is_alphanumeric() && brackets == 0 {
            nots = 0;
        }
        deepest = deepest.max(brackets + nots);
    }
    deepest
}
