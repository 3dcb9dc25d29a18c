//! The declaration, from a file or from the options: both are text, and there is one way to read text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use diagrams::Declaration;

use super::arguments::Arguments;
use super::error::InspectError;

/// A wrong file may be very large.
const LONGEST: u64 = 1 << 16;
/// Reading goes down as deep as brackets and `!` are nested, and the stack is not endless.
const DEEPEST: usize = 128;

/// What is declared, and where it stands for messages.
pub(crate) struct Source {
    pub(crate) place: String,
    pub(crate) declaration: Declaration,
}

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
        Ok(declaration) => Ok(Source { place, declaration }),
        Err(mistakes) => Err(InspectError::Declaration { place, mistakes }),
    }
}

/// Each option on a line of its own: a comment in it ends there.
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

/// How deep brackets and `!` are nested at most, comments and strings taken for code.
fn depth(text: &str) -> usize {
    let (mut brackets, mut nots, mut deepest) = (0_usize, 0, 0);
    for character in text.chars() {
        match character {
            '(' | '[' | '{' => brackets += 1,
            ')' | ']' | '}' => brackets = brackets.saturating_sub(1),
            '!' => nots += 1,
            _ => {}
        }
        // Brackets between keep a `!` open; a word ends it.
        if character.is_alphanumeric() && brackets == 0 {
            nots = 0;
        }
        deepest = deepest.max(brackets + nots);
    }
    deepest
}
