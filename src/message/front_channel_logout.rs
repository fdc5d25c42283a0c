//! Front-channel logout (OpenID Connect Front-Channel Logout 1.0 §2): the provider opens our logout address in the person's browser.

use crate::party::relying_party::RelyingParty;
use crate::secret::same;
use crate::wire::form::Form;
use crate::wire::text::query;

impl RelyingParty {
    /// Whether a request to the `frontchannel_logout_uri` ends the session with this `sid`. Any site can open that address in the
    /// person's browser, so a request without the session's `sid` ends none.
    pub fn is_front_channel_logout(&self, address: &str, sid: Option<&str>) -> bool {
        let form = Form::parse(query(address).unwrap_or_default());
        let single = |name| form.get(name).filter(|_| form.count(name) == 1);
        let is_issuer = |iss: &str| {
            let tenant = self.provider.tenant_of(iss);
            iss == self.provider.issuer() || tenant.is_some_and(|tenant| self.client.takes_tenant(tenant))
        };
        match (single("iss"), single("sid"), sid) {
            (Some(iss), Some(named), Some(sid)) => is_issuer(&iss) && !sid.is_empty() && same(&named, sid),
            _ => false,
        }
    }
}
