import express from "express";
import { express as oidc } from "oidc-wasm/node";
import { login } from "./auth.js";

const app = express();
app.use(oidc(login));
app.get("/", (request, response) => response.send(`Hello, ${request.oidc.claims.sub}`));
app.listen(process.env.PORT);
