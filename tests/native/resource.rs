//! Room `resource`: downscoping.

use oidc_wasm::downscope;
use serde_json::Value;

use crate::common::vectors::{Case, load};
use crate::common::{Outcome, arguments};

fn table(case: Case<'_>) -> Outcome<Value> {
    let request = arguments::downscope(case.get("scope"), case.get("resource"), case.get("registry").unwrap())?;
    let request = match request {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    let downscoping = downscope(&request.scope, &request.resource, &request.registry);
    Ok(downscoping.map(|downscoping| serde_json::to_value(&downscoping).unwrap()))
}

#[test]
fn vectors() {
    load("downscope").run(table);
}
