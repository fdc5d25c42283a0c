// A library has files that Node can run; a page is built by the same rules.
export default { build: { lib: { entry: ["main.js", "slim_login.js"], formats: ["es"] } } };
