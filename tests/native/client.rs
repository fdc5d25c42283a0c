//! Rooms `client` and `relying_party`: what the constructor takes.

use crate::common::relying_party;
use crate::common::vectors::load;

#[test]
fn vectors() {
    load("client").run(|case| Ok(relying_party(&case.provider(), &case.client())?.map(|_| true.into())));
}
