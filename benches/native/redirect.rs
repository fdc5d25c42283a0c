//! The authorization response (RFC 6749 §4.1.2). The peers leave it to their users, so their part follows oauth2's examples with
//! `url`: it finds code and state, and compares the state. The engine also checks the address, duplicates and the issuer.

use oauth2::{AuthorizationCode, CsrfToken};
use oidc_wasm::Redirect;
use url::Url;

use crate::bench::Bench;
use crate::login::{CODE, Login};
use crate::provider::REDIRECT_URI;

pub fn compare(bench: &mut Bench) {
    let login = Login::start("openid");
    let address = format!("{REDIRECT_URI}?code={CODE}&state={}&iss=https%3A%2F%2Fop.example", login.state);
    bench.compare(
        "redirect",
        |code: &String| code == CODE,
        &|| {
            let response = login.rp.authorization_response(Redirect::Text(&address), &login.transaction).unwrap();
            response.code().unwrap().to_owned()
        },
        &[("oauth2 with url", &|| {
            let url = Url::parse(&address).unwrap();
            let code = url.query_pairs().find(|(name, _)| name == "code");
            let state = url.query_pairs().find(|(name, _)| name == "state");
            let code = AuthorizationCode::new(code.unwrap().1.into_owned());
            let state = CsrfToken::new(state.unwrap().1.into_owned());
            assert_eq!(state.secret(), &login.state);
            code.into_secret()
        })],
    );
}
