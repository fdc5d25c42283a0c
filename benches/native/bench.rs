//! One measurement for each peer: its time as a multiple of the engine's. Criterion would time one side after the other, so other
//! work on the machine could disturb only one. Here both run in turns within each sample.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, Throughput};

use crate::ratios::{Ratios, Row};

/// A library and its function for the task.
pub type Peer<'a, T> = (&'static str, &'a dyn Fn() -> T);

pub struct Bench {
    criterion: Criterion<Ratio>,
    directory: PathBuf,
    started: SystemTime,
    rows: Vec<Row>,
}

impl Bench {
    pub fn new() -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("criterion");
        let criterion = Criterion::default()
            .with_measurement(Ratio)
            .warm_up_time(Duration::from_secs(1))
            .measurement_time(Duration::from_secs(5))
            // Criterion counts less as better, but a larger ratio is better. This disables its verdict.
            .noise_threshold(f64::MAX)
            .output_directory(&directory)
            .without_plots()
            .configure_from_args();
        Self { criterion, directory, started: SystemTime::now(), rows: Vec::new() }
    }

    /// Measures the peers at one task, after the engine and the peers have shown the right result.
    pub fn compare<T>(
        &mut self,
        task: &'static str,
        is_done: impl Fn(&T) -> bool,
        ours: &dyn Fn() -> T,
        peers: &[Peer<'_, T>],
    ) {
        assert!(is_done(&ours()), "{task}: oidc-wasm has another result");
        let mut group = self.criterion.benchmark_group(task);
        for &(peer, theirs) in peers {
            assert!(is_done(&theirs()), "{task}: {peer} has another result");
            group.bench_function(peer, |bencher| bencher.iter_custom(|count| Ratio::of(theirs, ours, count)));
            self.rows.push(Row { task, peer });
        }
        group.finish();
    }

    /// Without measurements (`--test`, `--list`) there is no report.
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

struct Ratio;

impl Ratio {
    /// The number of turns in a sample.
    const TURNS: u64 = 10;

    /// Their time over ours for this many calls, multiplied by the number of calls, by which Criterion divides.
    #[expect(clippy::cast_precision_loss, reason = "no run has 2⁵³ calls")]
    fn of<T>(theirs: &dyn Fn() -> T, ours: &dyn Fn() -> T, count: u64) -> f64 {
        let (mut there, mut here) = (Duration::ZERO, Duration::ZERO);
        let turns = count.min(Self::TURNS);
        for turn in 0..turns {
            let calls = count / turns + u64::from(turn < count % turns);
            here += time(ours, calls);
            there += time(theirs, calls);
        }
        there.as_secs_f64() / here.as_secs_f64() * count as f64
    }
}

fn time<T>(run: &dyn Fn() -> T, calls: u64) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(run());
    }
    start.elapsed()
}

/// Criterion's own timing would need `start` and `end`.
impl Measurement for Ratio {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    fn end(&self, (): ()) -> f64 {
        self.zero()
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Ratio {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "×"
    }

    fn scale_throughputs(&self, _: f64, _: &Throughput, _: &mut [f64]) -> &'static str {
        "×"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "×"
    }
}
