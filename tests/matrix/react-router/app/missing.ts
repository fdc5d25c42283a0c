/** The paths of the login have no page; middleware runs for what is routed only. */
export const loader = () => new Response("There is no such page.", { status: 404 });
