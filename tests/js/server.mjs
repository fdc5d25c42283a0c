// Providers on a loopback port with unusual discovery, for tests that need a real network.
import { createTestProvider } from "../support/provider/index.js";
import { serveProviders } from "../support/provider/serve.mjs";

export const startServer = () =>
  serveProviders((origin) => {
    const location = `${origin}/good/.well-known/openid-configuration`;
    const redirecting = { answer: (_endpoint, reply) => Object.assign(reply, { status: 302, headers: { location } }) };
    const places = { good: {}, redirecting, silent: "discovery.slow", endless: "discovery.endless" };
    return Promise.all(
      Object.entries(places).map(async ([name, wrong]) => {
        const provider = await createTestProvider({ issuer: `${origin}/${name}`, algorithms: [] });
        if (typeof wrong === "string") provider.break(wrong);
        else provider.change(wrong);
        return provider;
      }),
    );
  });
