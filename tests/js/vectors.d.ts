// project.mjs writes this into the installed project: every vector file by name.
declare const vectors;
export default vectors;
