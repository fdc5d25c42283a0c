// project.mjs writes this into the installed project: every code of the rule table.
declare const rules: string[];
export default rules;
