import { login } from "./login.js";

login().then(console.log);
