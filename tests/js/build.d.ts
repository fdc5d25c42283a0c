// What project.mjs writes into the installed project: which entry `oidc-wasm` is there.
export declare const isFull: boolean;
export declare const isLogin: boolean;
