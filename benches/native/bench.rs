//! Criterion's measurement of both sides of each comparison, one right after the other.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use criterion::Criterion;

use crate::ratios::{Ratios, Row};

/// What the engine is called among its peers.
pub const OURS: &str = "oidc-wasm";

/// A library and what it does.
pub type Contender<'a, T> = (&'static str, &'a dyn Fn() -> T);

pub struct Bench {
    criterion: Criterion,
    directory: PathBuf,
    started: SystemTime,
    rows: Vec<Row>,
}

impl Bench {
    pub fn new() -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("criterion");
        let criterion = Criterion::default()
            .warm_up_time(Duration::from_secs(1))
            .measurement_time(Duration::from_secs(3))
            .output_directory(&directory)
            .without_plots()
            .configure_from_args();
        Self { criterion, directory, started: SystemTime::now(), rows: Vec::new() }
    }

    /// Times the engine and its peers at one task, after each has shown that it does it.
    pub fn compare<T>(
        &mut self,
        task: &'static str,
        is_done: impl Fn(&T) -> bool,
        ours: &dyn Fn() -> T,
        peers: &[Contender<'_, T>],
    ) {
        let mut group = self.criterion.benchmark_group(task);
        for (library, run) in [(OURS, ours)].iter().chain(peers) {
            assert!(is_done(&run()), "{task}: {library} came to another result");
            group.bench_function(*library, |bencher| bencher.iter(run));
        }
        group.finish();
        self.rows.extend(peers.iter().map(|&(peer, _)| Row { task, peer }));
    }

    /// Where nothing was timed (`--test`, `--list`), there is nothing to report.
    pub fn report(self) {
        self.criterion.final_summary();
        let ratios = Ratios::read(&self.directory, &self.rows, self.started);
        if ratios.is_empty() {
            return;
        }
        let path = self.directory.join("ratios.md");
        std::fs::write(&path, ratios.to_string()).expect("the report can be written beside Criterion's own");
        println!("\n{ratios}\nAlso in {}", path.display());
    }
}
