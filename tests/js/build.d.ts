// What project.mjs writes into the installed project: whether `oidc-wasm` there is `oidc-wasm/full`.
export declare const isFull: boolean;
