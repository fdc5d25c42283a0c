import "./page.js";
import "./documented/readme.js";
