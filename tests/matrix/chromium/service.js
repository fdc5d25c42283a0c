await navigator.serviceWorker.register("service_worker.js");
await navigator.serviceWorker.ready;
if (!navigator.serviceWorker.controller)
  await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
document.title = await (await fetch("/who")).text();
