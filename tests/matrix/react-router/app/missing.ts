/** The login's paths have no page. This route exists because middleware runs only for routes. */
export const loader = () => new Response("There is no such page.", { status: 404 });
