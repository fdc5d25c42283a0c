//! Downloaded bytes: as they are, and as servers compress them.

use std::io::{Read, Write};

use anyhow::Result;
use flate2::Compression;
use flate2::bufread::GzEncoder;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    pub raw: usize,
    pub gzip: usize,
    pub brotli: usize,
}

impl Bytes {
    pub fn of(content: &[u8]) -> Result<Self> {
        let mut gzip = Vec::new();
        GzEncoder::new(content, Compression::best()).read_to_end(&mut gzip)?;
        let mut brotli = Vec::new();
        brotli::CompressorWriter::new(&mut brotli, 1 << 16, 11, 22).write_all(content)?;
        Ok(Self { raw: content.len(), gzip: gzip.len(), brotli: brotli.len() })
    }

    /// Two files are two downloads.
    pub fn plus(self, other: Self) -> Self {
        Self { raw: self.raw + other.raw, gzip: self.gzip + other.gzip, brotli: self.brotli + other.brotli }
    }

    pub fn record(self) -> Value {
        json!({ "raw": self.raw, "gzip": self.gzip, "brotli": self.brotli })
    }

    pub fn recorded(value: &Value) -> Option<Self> {
        let bytes = |name: &str| value[name].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
        Some(Self { raw: bytes("raw")?, gzip: bytes("gzip")?, brotli: bytes("brotli")? })
    }
}
