// How cost grows with the size of what comes in, a file a kind of input. Beside what a case is, ours says how many bytes come in: `input`.
import { firstToken, nextToken } from "./keys.mjs";
import resources from "./resources.mjs";
import token from "./token.mjs";

export const growth = { token_size: token, keys_first: firstToken, keys_next: nextToken, resources };
