// A library has one file that Node can run; a page is built by the same rules.
export default { build: { lib: { entry: "main.js", formats: ["es"], fileName: "main" } } };
