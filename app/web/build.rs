//! Has the page embedded anew when one of its files comes, goes or changes.

fn main() {
    println!("cargo::rerun-if-changed=ui");
}
