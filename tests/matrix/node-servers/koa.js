import Koa from "koa";
import { express } from "oidc-wasm/node";
import { login } from "./auth.js";

const app = new Koa();
const pass = express(login);
app.use(
  (ctx, next) =>
    new Promise((resolve, reject) => {
      ctx.respond = false;
      pass(ctx.req, ctx.res, (error) => {
        ctx.respond = true;
        error ? reject(error) : resolve(next());
      });
    }),
);
app.use((ctx) => {
  ctx.body = `Hello, ${ctx.req.oidc.claims.sub}`;
});
app.listen(process.env.PORT);
