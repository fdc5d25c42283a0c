//! Room `initiated_login`.

use serde_json::{Map, Value};

use crate::common::relying_party_of;
use crate::common::vectors::load;

#[test]
fn vectors() {
    load("initiated_login").run(|case| {
        let login = relying_party_of(&case).initiated_login(case.text("request"));
        Ok(login.map(|login| {
            let members = [("loginHint", login.login_hint()), ("targetLinkUri", login.target_link_uri())];
            let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
            members.collect::<Map<_, _>>().into()
        }))
    });
}
