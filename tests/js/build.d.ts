// project.mjs writes this into the installed project: which entry `oidc-wasm` stands for.
export declare const isFull: boolean;
export declare const isLogin: boolean;
