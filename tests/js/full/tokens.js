// The worker of that app. It imports the engine that makes proofs.
import "oidc-wasm/full";
import { serveAuth } from "oidc-wasm/worker";

serveAuth(JSON.parse(self.name));
