//! The commands of `docs/operations.md`: tests type what people are told to.

use std::path::Path;

/// The lines of shell in each section, in the guide's order, under its heading.
///
/// # Panics
/// The guide is not there.
pub fn sections() -> Vec<(String, Vec<String>)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let text = std::fs::read_to_string(guide).unwrap();
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push((heading.to_owned(), Vec::new()));
        } else if line.starts_with("```") {
            in_block = line == "```sh";
        } else if in_block {
            sections.last_mut().unwrap().1.push(line.to_owned());
        }
    }
    sections
}

/// The lines of one section.
///
/// # Panics
/// There is no such section.
pub fn section(heading: &str) -> Vec<String> {
    let found = sections().into_iter().find(|(name, _)| name == heading);
    found.unwrap_or_else(|| panic!("the guide has no section {heading}")).1
}

/// The first block of a language in a section.
///
/// # Panics
/// There is none.
pub fn block(heading: &str, language: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    let text = std::fs::read_to_string(guide).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with(&format!("{heading}\n")));
    let block = section.and_then(|section| section.split_once(&format!("```{language}\n")));
    let block = block.and_then(|(_, rest)| rest.split_once("```"));
    block.unwrap_or_else(|| panic!("the guide has no {language} in {heading}")).0.to_owned()
}
