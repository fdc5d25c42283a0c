// The worker of that app: it imports the engine that can make proofs.
import "oidc-wasm/full";
import { serveAuth } from "oidc-wasm/worker";

serveAuth(JSON.parse(self.name));
