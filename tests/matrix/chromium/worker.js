const worker = new Worker("main.js", { type: "module" });
worker.onmessage = ({ data }) => {
  document.title = data;
};
