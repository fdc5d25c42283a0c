// What project.mjs writes into the installed project: every vector file by name.
declare const vectors;
export default vectors;
