//! Spacetimes with embeddings of diagrams, as in Figure 1 of Tenka, *A Space-Time Approach to Analyzing SGD*.

use diagrams::Declaration;
use diagrams::calculus::Diagram;
use diagrams::calculus::picture::{Embedding, Scene, concrete};
use diagrams::calculus::spacetime::{Grid, Shuffle, Spacetime};
use serde::Serialize;

use super::arguments::Arguments;
use super::error::InspectError;
use super::sizes::Sizes;

/// A spacetime with a legal embedding of a diagram, if there is one, and with an illegal embedding.
#[derive(Serialize)]
pub(crate) struct Drawn {
    /// The name of the spacetime.
    pub(crate) spacetime: String,
    /// The seed of the shuffles, if there are any.
    pub(crate) seed: Option<u64>,
    /// The name of the diagram, or its compact notation.
    pub(crate) diagram: String,
    /// Whether the diagram has a legal embedding.
    pub(crate) embeds: bool,
    /// The rule that the illegal embedding breaks; `None` if there is no illegal embedding.
    pub(crate) reason: Option<String>,
    /// The drawing as Unicode text.
    pub(crate) drawing: String,
    #[serde(skip)]
    pub(crate) svg: String,
    pub(crate) tikz: String,
}

impl Drawn {
    /// The diagram, the spacetime and the seed in words.
    fn title(&self) -> String {
        let seed = match self.seed {
            Some(seed) => format!(", shuffled by seed {seed}"),
            None => String::new(),
        };
        format!("{} in {}{seed}", self.diagram, self.spacetime)
    }

    /// The drawing as text, in which embeddings have letters, with a title and a legend.
    pub(crate) fn in_letters(&self) -> String {
        let legal = match (self.embeds, &self.reason) {
            (true, Some(_)) => "A is legal, B is not",
            (true, None) => "A is legal",
            (false, _) => "no embedding is legal",
        };
        format!("{}\n{legal}\n{}", self.title(), self.drawing)
    }

    /// A caption for the drawings with lines and colours, in which embeddings have no letters.
    pub(crate) fn caption(&self) -> String {
        let legal = match (self.embeds, &self.reason) {
            (true, Some(_)) => ": one embedding is legal, one is not",
            (true, None) => ": a legal embedding",
            (false, _) => ": no embedding is legal",
        };
        let reason = match &self.reason {
            Some(reason) => format!(" (red: {reason})"),
            None => String::new(),
        };
        format!("{}{legal}{reason}", self.title())
    }
}

/// Draws every diagram that was asked for on every declared spacetime.
pub(crate) fn draw(
    arguments: &Arguments,
    declaration: &Declaration,
    sizes: &Sizes,
) -> Result<Vec<Drawn>, InspectError> {
    if !arguments.grid {
        return Ok(vec![]);
    }
    let diagrams = asked_for(&arguments.diagram, declaration)?;
    if diagrams.is_empty() {
        return Err(InspectError::NothingToDraw);
    }
    let mut drawn = vec![];
    for (name, declared) in &declaration.model().spacetimes {
        let closed = sizes.closed(name, declared)?;
        let grid = concrete(&closed, arguments.seed).map_err(|source| InspectError::Concrete {
            spacetime: name.clone(),
            source,
        })?;
        let shuffled = matches!(&closed, Spacetime::Schedule(s) if s.shuffle == Shuffle::EachEpoch);
        let seed = shuffled.then_some(arguments.seed);
        for (diagram_name, diagram) in &diagrams {
            drawn.push(one((name, &grid, seed), diagram_name, diagram)?);
        }
    }
    Ok(drawn)
}

/// The diagrams to draw, with the names by which they were asked for.
fn asked_for(
    texts: &[String],
    declaration: &Declaration,
) -> Result<Vec<(String, Diagram)>, InspectError> {
    let declared = &declaration.model().diagrams;
    if texts.is_empty() {
        let all = declared.iter();
        return Ok(all
            .map(|drawn| (drawn.name.clone(), drawn.diagram.tied().clone()))
            .collect());
    }
    let one = |text: &String| {
        if let Some(known) = declared.iter().find(|drawn| drawn.name == *text) {
            return Ok((text.clone(), known.diagram.tied().clone()));
        }
        if !text.trim_start().starts_with('(') {
            return Err(InspectError::UnknownDiagram {
                name: text.clone(),
                declared: declared.iter().map(|drawn| drawn.name.clone()).collect(),
            });
        }
        match text.parse::<Diagram>() {
            Ok(diagram) => Ok((diagram.to_string(), diagram)),
            Err(source) => Err(InspectError::Notation {
                text: text.clone(),
                source,
            }),
        }
    };
    texts.iter().map(one).collect()
}

/// Draws one diagram on one spacetime, which is given by its name, its cells and the seed of its shuffles.
fn one(
    (spacetime, grid, seed): (&str, &Grid, Option<u64>),
    name: &str,
    diagram: &Diagram,
) -> Result<Drawn, InspectError> {
    let too_long = |source| InspectError::Search {
        diagram: name.into(),
        spacetime: spacetime.into(),
        source,
    };
    let mut embeddings: Vec<Embedding> = vec![];
    embeddings.extend(Embedding::legal(grid, diagram, &[]).map_err(too_long)?);
    let embeds = !embeddings.is_empty();
    let illegal = Embedding::illegal(grid, diagram, &embeddings).map_err(too_long)?;
    let reason = illegal.as_ref().map(|(_, reason)| reason.to_string());
    embeddings.extend(illegal.map(|(embedding, _)| embedding));
    let scene = Scene::new(grid.clone(), embeddings).map_err(|source| InspectError::Scene {
        diagram: name.into(),
        spacetime: spacetime.into(),
        source,
    })?;
    Ok(Drawn {
        spacetime: spacetime.into(),
        seed,
        diagram: name.into(),
        embeds,
        reason,
        drawing: scene.unicode(),
        svg: scene.svg(),
        tikz: scene.tikz(),
    })
}
