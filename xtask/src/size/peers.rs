//! JavaScript libraries of the same job, bundled as the package itself is.

use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::progress::Step;
use crate::repo;
use crate::size::bundle;
use crate::size::bytes::Bytes;
use crate::stamp;

/// A library, and how much of it.
struct Peer {
    package: &'static str,
    /// Everything that it exports, or the part that a file of `benches/size` uses.
    part: Option<(&'static str, &'static str)>,
    /// Whether an ID token's signature is verified when a code is traded in.
    signature: &'static str,
}

const ON_REQUEST: &str = "on request";
const NEVER: &str = "never";
const NO_LOGIN: &str = "always; has no login";

/// What the package has to stand beside.
const PEERS: &[Peer] = &[
    Peer { package: "oauth4webapi", part: None, signature: ON_REQUEST },
    Peer {
        package: "oauth4webapi",
        part: Some(("a login in a page, and no more", "benches/size/oauth4webapi.js")),
        signature: "on request, as here",
    },
    Peer { package: "openid-client", part: None, signature: ON_REQUEST },
    Peer { package: "jose", part: None, signature: NO_LOGIN },
    Peer {
        package: "jose",
        part: Some(("jwtVerify and createRemoteJWKSet", "benches/size/jose.js")),
        signature: NO_LOGIN,
    },
    Peer { package: "oidc-client-ts", part: None, signature: NEVER },
    Peer { package: "@auth0/auth0-spa-js", part: None, signature: NEVER },
];

pub struct Measured {
    /// Package, version and part.
    pub name: String,
    pub bytes: Bytes,
    pub signature: &'static str,
}

/// All of them.
pub fn measure() -> Result<Vec<Measured>> {
    let step = Step::start("Bundling other libraries");
    let measured = PEERS.iter().map(|peer| peer.measure(&step)).collect::<Result<Vec<_>>>()?;
    step.pass("");
    Ok(measured)
}

impl Peer {
    fn measure(&self, step: &Step) -> Result<Measured> {
        let manifest = repo::path("node_modules").join(self.package).join("package.json");
        let manifest: Value = serde_json::from_slice(&fs::read(manifest)?)?;
        let version = manifest["version"].as_str().context("a package without a version")?;
        let (part, file) = match self.part {
            Some((part, file)) => (format!(", {part}"), file.to_owned()),
            None => (String::new(), self.everything()?),
        };
        let name = format!("{} {version}{part}", self.package);
        let bundle = bundle::bundle(step, &name, &file)?;
        Ok(Measured { name, bytes: bundle.now.plus(bundle.later), signature: self.signature })
    }

    /// A file that imports all there is.
    fn everything(&self) -> Result<String> {
        let file = format!("target/size/{}.js", bundle::folder(self.package));
        stamp::write(&repo::path(&file), format!("export * from \"{}\";\n", self.package).as_bytes())?;
        Ok(file)
    }
}
