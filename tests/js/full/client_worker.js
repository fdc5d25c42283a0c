import { scenario } from "./scenario.js";

export default {
  async fetch(request) {
    return Response.json(await scenario(await request.json()));
  },
};
