//! Every check of this project, as a recipe.
fn main() {}
