//! What an entry may weigh beside what it stands on: bytes by brotli, at once. A budget stands here once it holds.

use anyhow::{Result, ensure};

use crate::progress::Step;
use crate::size::bundle;

struct Budget {
    entry: &'static str,
    file: &'static str,
    beside: Beside,
    most: usize,
}

enum Beside {
    /// What is bundled with it, and weighed by itself.
    File(&'static str),
    /// What the application has anyway.
    External(&'static str),
}

const BUDGETS: &[Budget] = &[
    Budget { entry: "oidc-wasm/hono", file: "pkg/dist/hono.js", beside: Beside::File("pkg/src/edge.ts"), most: 500 },
    Budget { entry: "oidc-wasm/react", file: "pkg/dist/react.js", beside: Beside::External("react"), most: 400 },
];

/// Each budget's entry with its bytes, and the bytes it may have. Fails where one has more.
pub fn verify() -> Result<Vec<String>> {
    let step = Step::start("Weighing entries beside what they stand on");
    let mut lines = Vec::new();
    for Budget { entry, file, beside, most } in BUDGETS {
        let weighed = |file: &str, external: &[&str]| {
            bundle::without(&step, &format!("{file} of a budget"), file, external).map(|bundle| bundle.now.brotli)
        };
        let (bytes, beside) = match beside {
            Beside::File(other) => (weighed(file, &[])?.saturating_sub(weighed(other, &[])?), *other),
            Beside::External(other) => (weighed(file, &[other])?, *other),
        };
        ensure!(bytes <= *most, "{entry} weighs {bytes} bytes beside {beside}: {most} are allowed");
        lines.push(format!("{bytes:>9} of {most}  {entry} beside {beside}"));
    }
    step.pass("");
    Ok(lines)
}
