//! Prints every diagram of the test loss up to two edges as a drawing and in words, and draws embeddings of a diagram into a schedule.
//!
//! ```text
//! cargo run --release --example 08_pictures -- scene.svg
//! ```
//!
//! The argument is optional. It names a file to which the picture of the embeddings is written as SVG.

use diagrams::calculus::measure::diagrams_for;
use diagrams::calculus::picture::{self, Embedding, Scene, concrete, meaning};
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagrams::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for diagram in diagrams_for(Measure::TestLoss, 2) {
        println!("{diagram}");
        println!("{}", picture::unicode(&diagram));
        println!("{}\n", meaning::sentence(&diagram));
    }

    // Four training points in batches of one, for two epochs that are shuffled by the seed 1.
    let [train, batch, epochs] = [4, 1, 2].map(Parameter::Literal);
    let spacetime = Spacetime::sgd(train, batch, epochs, Shuffle::EachEpoch);
    let grid = concrete(&spacetime, 1)?;
    let diagram = "(01-12)(0-12)".parse()?;
    let legal = Embedding::legal(&grid, &diagram, &[])?;
    let illegal = Embedding::illegal(&grid, &diagram, legal.as_slice())?;
    if let Some((_, why)) = &illegal {
        println!("One of the two embeddings below is illegal: {why}.");
    }
    let embeddings = legal.into_iter().chain(illegal.map(|(it, _)| it));
    let scene = Scene::new(grid, embeddings)?;
    println!("{}", scene.unicode());
    if let Some(path) = std::env::args_os().nth(1) {
        std::fs::write(path, scene.svg())?;
    }
    Ok(())
}
