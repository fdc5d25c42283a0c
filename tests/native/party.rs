//! Tests for src/party.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wasm::run::{self, Host};
use oidc_wasm::{
    Client, ClientAuth, IdTokenExpected, NumericDate, Pkce, Provider, Relaxation, RelyingParty, Resource, Rule, Scope,
    Secret, code_challenge, downscope,
};
use serde_json::{Value, json};

use crate::common::Login;
use crate::common::engine::{Asked, Engine, ask};
use crate::common::vectors::{Case, load, merged};

#[test]
fn client_vectors() {
    load("client").run(|case| Engine::of(&case).map(|_| true.into()));
}

#[test]
fn a_provider_tells_only_the_addresses_that_a_request_may_use() {
    let provider = |issuer: &str| {
        let metadata = json!({
            "issuer": issuer,
            "token_endpoint": "https://op.example/token?x=1",
            "userinfo_endpoint": "http://localhost/userinfo",
            "revocation_endpoint": "http://op.example/revoke",
            "introspection_endpoint": "https://op.example/introspect#x",
        });
        Provider::parse(metadata.to_string().as_bytes()).unwrap()
    };
    for (issuer, member, expected) in [
        ("https://op.example", "token_endpoint", Some("https://op.example/token?x=1")),
        ("https://op.example", "userinfo_endpoint", None),
        ("http://localhost", "userinfo_endpoint", Some("http://localhost/userinfo")),
        ("https://op.example", "revocation_endpoint", None),
        ("https://op.example", "introspection_endpoint", None),
        ("https://op.example", "jwks_uri", None),
        ("https://op.example", "issuer", None),
        ("https://op.example", "", None),
    ] {
        assert_eq!(provider(issuer).address(member), expected, "{member} of {issuer}");
    }
}

/// In JavaScript, the boundary refuses it.
#[test]
fn an_empty_secret_is_refused() {
    type Auth = fn(Secret) -> ClientAuth;
    let auths: [Auth; 3] = [ClientAuth::ClientSecretBasic, ClientAuth::ClientSecretPost, ClientAuth::ClientSecretJwt];
    for auth in auths {
        let client = || Client::new("app").unwrap().relax(Relaxation::ShortSecret);
        assert_eq!(client().auth(auth("".into())).unwrap_err().code(), "argument.secret");
        assert!(client().auth(auth("s".into())).is_ok());
    }
}

#[test]
fn pkce_vectors() {
    load("pkce").run(|case| {
        let asked = Asked::default().string("verifier", case.get("verifier").unwrap())?;
        Ok(ask(Call::CodeChallenge, &asked)?.text().into())
    });
}

#[test]
fn a_fresh_pair_depends_on_every_bit_of_the_entropy_and_is_accepted() {
    let pair = Pkce::new(&[0; 32]);
    assert_eq!(code_challenge(pair.verifier().expose()).unwrap(), pair.challenge());
    for bit in 0..256 {
        let mut entropy = [0; 32];
        entropy[bit / 8] = 1 << (bit % 8);
        assert_ne!(Pkce::new(&entropy).verifier(), pair.verifier());
    }
    let mut said = ask(Call::CreatePkce, &Asked::default()).unwrap();
    let (verifier, challenge) = (said.text(), said.text());
    assert_eq!(code_challenge(&verifier).unwrap(), challenge);
}

#[test]
fn a_pair_needs_a_source_of_entropy() {
    let asked = Asked::default();
    let host = |entropy| Host { now: NumericDate::from_seconds(0), entropy, www_authenticate: None, retry_after: None };
    let made = |entropy| run::alone(Call::CreatePkce, asked.frame(), host(entropy));
    assert!(made(|_| true).is_ok());
    assert_eq!(made(|_| false).err().map(|error| error.rule()), Some(Rule::EntropyUnavailable));
}

#[test]
fn downscope_vectors() {
    load("downscope").run(|case| {
        let request = ["scope", "resource", "registry"].map(|name| (name, case.get(name)));
        let request = request.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
        let asked = Asked::default().object("DownscopeMembers", "request", &Value::Object(request.collect()))?;
        Ok(run::downscoping(asked.frame(), |table| Ok(serde_json::to_value(table).unwrap()))?)
    });
}

#[test]
fn an_empty_scope_drops_nothing() {
    let api = [Resource::parse("https://api.example.com").unwrap()];
    let registry = [("https://api.example.com", vec!["read"])];
    let one = Scope::parse("write").unwrap();
    for (scope, dropped) in [(Scope::none(), &[][..]), (one, &["write"][..])] {
        let downscoping = downscope(&scope, &api, &registry).unwrap();
        assert_eq!((downscoping.table[0].scopes.len(), &*downscoping.dropped), (0, dropped));
    }
}

// ── Transactions ──

fn first_case(work: impl FnOnce(Case<'_>)) {
    work(load("redirect").cases().next().unwrap());
}

/// A relying party, and the transaction of its login with these parameters.
fn started(case: &Case<'_>, params: &Value) -> (RelyingParty, String) {
    let engine = Engine::of(case).unwrap();
    let text = Login::start(&engine, params).unwrap().transaction;
    (engine.party.rp, text)
}

fn verdict(rp: &RelyingParty, text: &str) -> String {
    rp.transaction(text).map_or_else(|error| error.code().into_owned(), |_| "ok".into())
}

const MALFORMED: &str = "transaction.malformed";

// The positions of fields in a plain transaction: version, response type, response mode, flags,
// then these.
const STATE: usize = 4;
const NONCE: usize = STATE + 32;
const VERIFIER: usize = NONCE + 32;
const ISSUER: usize = VERIFIER + 43;

#[test]
fn a_truncated_transaction_is_malformed() {
    first_case(|case| {
        // A plain transaction, one with another redirect URI, and one with optional members.
        let own = json!({ "redirectUri": "https://www.rp.com/other" });
        let more = json!({
            "maxAge": 600,
            "claims": { "id_token": { "acr": { "essential": true, "value": "gold" } } },
            "keep": "/x",
            "resource": "urn:api"
        });
        let members = ["a4;gold", "k2;/x", "m3;600", "r7;urn:api"];
        for (params, members) in [(json!({}), &members[..0]), (own, &members[..0]), (more, &members)] {
            let (rp, text) = started(&case, &params);
            assert!(text.ends_with(&members.concat()));
            assert_eq!(verdict(&rp, &text), "ok");
            for end in 1..text.len() {
                // Whole optional members may be absent.
                let is_whole = (0..members.len()).any(|at| members[at..].concat().len() == text.len() - end);
                let expected = if is_whole { "ok" } else { MALFORMED };
                assert_eq!(verdict(&rp, &text[..end]), expected, "{params}: the first {end} of {}", text.len());
            }
            for at in 0..text.len() {
                let without = format!("{}{}", &text[..at], &text[at + 1..]);
                assert_eq!(verdict(&rp, &without), MALFORMED, "{params}: without character {at} of {}", text.len());
            }
        }
    });
}

#[test]
fn a_transaction_with_an_invalid_field_is_malformed() {
    first_case(|case| {
        let (rp, text) = started(&case, &json!({}));
        let with = |at: usize, part: &str| format!("{}{part}{}", &text[..at], &text[at + part.len()..]);
        assert_eq!(&text[..4], "1003", "version, code, query, nonce and verifier");
        for other in ["0", "2", " ", "{"] {
            assert_eq!(verdict(&rp, &with(0, other)), MALFORMED, "version {other}");
        }
        let zeros = text.replacen("18;https://op.example", "018;https://op.example", 1);
        assert_ne!(zeros, text);
        assert_eq!(verdict(&rp, &zeros), MALFORMED, "a length with a zero in front");
        assert_eq!(verdict(&rp, ""), "transaction.missing");
        // A code needs a verifier. Other types, modes or flags do not exist.
        for (at, good, bad) in [(1, "0345", "126/:p"), (2, "0123456", "/7p"), (3, "37;?", "012/4568:<=>@CGKOScp")] {
            for (digits, expected) in [(good, "ok"), (bad, MALFORMED)] {
                for digit in digits.chars() {
                    assert_eq!(verdict(&rp, &with(at, &digit.to_string())), expected, "{digit} at {at}");
                }
            }
        }
        // Half a character is invalid.
        for end in [STATE, NONCE, VERIFIER, ISSUER] {
            assert_eq!(verdict(&rp, &with(end - 1, "\u{e9}")), MALFORMED, "up to {end}");
        }
        // RFC 7636 §4.1
        for (character, expected) in [("~", "ok"), ("+", MALFORMED), (" ", MALFORMED), ("%", MALFORMED)] {
            assert_eq!(verdict(&rp, &with(VERIFIER, character)), expected, "{character:?} in the verifier");
        }
    });
}

#[test]
fn a_transaction_with_an_invalid_member_is_malformed() {
    first_case(|case| {
        let (rp, text) = started(&case, &json!({}));
        let read = |more: &str| verdict(&rp, &format!("{text}{more}"));
        let keep = |length: usize| format!("k{length};{}", "x".repeat(length));
        for good in [
            "",
            "m2;60",
            "m1;0",
            "m10;4294967295",
            "a4;gold",
            "a0;",
            "a4;golda6;silver",
            "a4;goldm2;60",
            "k0;",
            "k3;a;b",
            "r7;urn:api",
            "a4;goldk1;xm2;60r7;urn:api",
            &keep(1024),
        ] {
            assert_eq!(read(good), "ok", "{good}");
        }
        for (what, bad) in [
            ("an unknown tag", "x2;60"),
            ("a tag that is no ASCII", "\u{e9}2;60"),
            ("a tag alone", "m"),
            ("no length", "m;60"),
            ("no length of nothing", "k;"),
            ("a length alone", "m2"),
            ("a length that is no number", "mx;60"),
            ("a negative length", "m-2;60"),
            ("a length that is too long", "m3;60"),
            ("a length that is too short", "m1;60"),
            ("a length beyond the string", "a99999999999999999999;gold"),
            ("a length that cuts a character", "a1;\u{e9}"),
            ("trailing data", "m2;60 "),
            ("a line end behind it", "\n"),
            ("a NUL behind it", "\0"),
            ("no number", "m2;6x"),
            ("an empty number", "m0;"),
            ("a negative number", "m2;-1"),
            ("a fraction", "m3;6.5"),
            ("a number that is too large", "m10;4294967296"),
            ("a number with a zero in front", "m2;07"),
            ("nothing but zeros", "m2;00"),
            ("a length with a zero in front", "m02;60"),
            ("a length of nothing, twice a zero", "a00;"),
            ("a member twice", "m2;60m2;60"),
            ("a member twice, otherwise", "m2;60m2;61"),
            ("kept data, twice", "k1;xk1;x"),
            ("a resource twice", "r7;urn:apir7;urn:api"),
            ("members in another order", "m2;60a4;gold"),
            ("a member between two of one kind", "a4;goldk1;xa4;gold"),
            ("more than is kept", &keep(1025)),
            ("no resource", "r0;"),
            ("a resource that is no URI", "r3;api"),
            ("a resource with a fragment", "r9;urn:api#x"),
            ("a resource that needs a relaxation", "r36;00000002-0000-0000-c000-000000000000"),
        ] {
            assert_eq!(read(bad), MALFORMED, "{what}: {bad:?}");
        }
        let text = format!("{text}a4;golda6;silverm2;60");
        let transaction = rp.transaction(&text).unwrap();
        let expected = IdTokenExpected::of(&transaction);
        assert_eq!((expected.max_age, &*expected.acr_values), (Some(60), &["gold", "silver"][..]));
    });
}

#[test]
fn a_transaction_of_another_client_is_rejected() {
    first_case(|case| {
        const OTHER: &str = "https://www.rp.com/other";
        let (rp, text) = started(&case, &json!({}));
        assert_eq!(verdict(&rp, &text), "ok");
        for (provider, client) in [
            (json!({ "issuer": "https://other.example" }), json!({})),
            (json!({ "issuer": format!("{}/", rp.provider().issuer()) }), json!({})),
            (json!({}), json!({ "clientId": "other" })),
            (json!({}), json!({ "redirectUri": OTHER })),
            (json!({}), json!({ "redirectUri": null })),
        ] {
            let (provider, client) = (merged(&case.provider(), Some(&provider)), merged(&case.client(), Some(&client)));
            let other = Engine::new(&provider, &client, NumericDate::from_seconds(0)).unwrap().party.rp;
            assert_eq!(verdict(&other, &text), "transaction.mismatch", "{provider} {client}");
        }
        // A redirect URI in the request belongs to this login, and must still be valid.
        let (_, own) = started(&case, &json!({ "redirectUri": OTHER }));
        assert_eq!((&own[3..4], verdict(&rp, &own)), ("7", "ok".into()));
        assert_eq!(verdict(&rp, &own.replacen("1007", "1003", 1)), "transaction.mismatch", "without its flag");
        let at = |uri: &str| own.replace(&format!("{};{OTHER}", OTHER.len()), &format!("{};{uri}", uri.len()));
        assert_eq!(verdict(&rp, &at("https://www.rp.com/another")), "ok");
        for uri in ["http://www.rp.com/other", "https://www.rp.com/other#", "javascript:alert(1)", ""] {
            assert_eq!(verdict(&rp, &at(uri)), MALFORMED, "{uri:?}");
        }
    });
}

/// The build writes the page, and a checkout contains it too.
#[test]
fn the_page_lists_every_relaxation() {
    let page = include_str!("../../docs/relaxations.md");
    let names: Vec<_> = page.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next()).collect();
    let known: Vec<_> = Relaxation::ALL.iter().map(|relaxation| relaxation.name()).collect();
    assert_eq!(names, known, "run: cargo xtask build");
    for relaxation in Relaxation::ALL {
        assert_eq!(serde_json::to_value(relaxation).unwrap(), relaxation.name());
        for text in [relaxation.permits(), relaxation.needed_by(), relaxation.gives_up()] {
            assert!(page.contains(&format!(" {text} |")), "run: cargo xtask build");
        }
    }
}
