// A library build, so that Node can run the files. A page's build has the same rules.
export default { build: { lib: { entry: ["main.js", "slim_login.js"], formats: ["es"] } } };
