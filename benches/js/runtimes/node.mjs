import { child } from "../child.mjs";

/** Every case in one process of the Node at this path. The first Node also measures how cost grows. */
export const nodeAt =
  (path, { isFirst }) =>
  ({ only, pace, progress }) =>
    child("node.mjs", { node: path, given: { only, pace, grows: isFirst }, progress });
