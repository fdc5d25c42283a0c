import { smoke } from "./smoke.js";

smoke().then(
  (result) => {
    document.title = result;
  },
  (error) => {
    document.title = `failed: ${error.stack}`;
  },
);
