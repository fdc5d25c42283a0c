import { introspection } from "./introspection.js";

export default {
  async fetch(request) {
    return Response.json(await introspection(await request.json()));
  },
};
