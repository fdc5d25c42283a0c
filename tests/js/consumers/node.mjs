import { smoke } from "./smoke.js";

console.log(await smoke());
