// How cost grows with the input, one file for each kind of input. `input` is the number of its bytes.
import { firstToken, nextToken } from "./keys.mjs";
import resources from "./resources.mjs";
import token from "./token.mjs";

export const growth = { token_size: token, keys_first: firstToken, keys_next: nextToken, resources };
