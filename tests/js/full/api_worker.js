import { createApi } from "./api.js";

let api;

export default {
  fetch(request, settings) {
    api ??= createApi(settings);
    return api.fetch(request);
  },
};
