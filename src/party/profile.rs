//! The profiles of FAPI 2.0: what they forbid is refused before anything is sent.

use crate::jose::algorithm::Algorithm;
use crate::party::client::{AssertionAudience, Client, ClientAuth};
use crate::party::provider::Provider;
use crate::party::relaxation::Relaxations;
use crate::party::response_type::{ResponseMode, ResponseType};
use crate::rule::Rule;

/// A profile of FAPI 2.0. Sections are those of its Security Profile, unless a comment names Message Signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// FAPI 2.0 Security Profile.
    Fapi2,
    /// The same with signed requests and responses: FAPI 2.0 Message Signing.
    Fapi2MessageSigning,
}

/// The bits of the permitted algorithms (§5.4.1).
const ALGORITHMS: u32 =
    Algorithm::Ps256.bit() | Algorithm::Es256.bit() | Algorithm::EdDsa.bit() | Algorithm::Ed25519.bit();

/// A pushed request must expire in fewer seconds (§5.3.2.2).
pub(crate) const MAX_PUSHED_LIFE: i64 = 600;

impl Profile {
    /// Its name in the npm package.
    pub fn from_name(name: &str) -> Option<Profile> {
        match name {
            "fapi2" => Some(Profile::Fapi2),
            "fapi2-message-signing" => Some(Profile::Fapi2MessageSigning),
            _ => None,
        }
    }

    /// Whether it permits this algorithm (§5.4.1).
    pub(crate) fn permits(algorithm: Algorithm) -> bool {
        ALGORITHMS & algorithm.bit() != 0
    }

    /// The first rule that the client breaks.
    pub(crate) fn judge(self, client: &Client) -> Result<(), Rule> {
        let own = match &client.auth {
            ClientAuth::PrivateKeyJwt { algorithm, .. } => Some(*algorithm),
            ClientAuth::TlsClientAuth | ClientAuth::SelfSignedTlsClientAuth => None,
            _ => return Err(Rule::ProfileClientAuth),
        };
        if client.assertion_audience != AssertionAudience::Issuer {
            return Err(Rule::ProfileAudience);
        }
        let signed = client.request_object.as_ref().map(|object| object.0);
        let algorithms = [
            own,
            signed,
            client.dpop_algorithm,
            client.id_token_signed_response_alg,
            client.userinfo_signed_response_alg,
            client.authorization_signed_response_alg,
            client.introspection_signed_response_alg,
        ];
        for algorithm in &algorithms {
            if algorithm.is_some_and(|algorithm| !Profile::permits(algorithm)) {
                return Err(Rule::ProfileAlgorithm);
            }
        }
        if !client.has_dpop_key && !client.expects_certificate_bound_tokens {
            return Err(Rule::ProfileSenderConstraint);
        }
        if client.pushes == Some(false) {
            return Err(Rule::ProfilePar);
        }
        if self == Profile::Fapi2MessageSigning && signed.is_none() {
            return Err(Rule::ProfileRequestObject);
        }
        // Each of them weakens a rule (§5.1.2).
        if client.relaxations != Relaxations::default() {
            return Err(Rule::ProfileRelaxation);
        }
        Ok(())
    }

    /// Whether the provider can sign ID tokens by a permitted algorithm.
    pub(crate) fn judge_id_tokens(client: &Client, provider: &Provider) -> Result<(), Rule> {
        let is_named = client.id_token_signed_response_alg.is_some();
        if is_named || provider.lists_one_of(ALGORITHMS) {
            return Ok(());
        }
        Err(Rule::ProfileAlgorithm)
    }

    /// The response mode of an authorization request, if client and provider keep the profile.
    pub(crate) fn response_mode(
        self,
        client: &Client,
        provider: &Provider,
        asked: (ResponseType, Option<ResponseMode>),
        is_openid: bool,
    ) -> Result<Option<ResponseMode>, Rule> {
        let (response_type, mode) = asked;
        if response_type != ResponseType::Code {
            return Err(Rule::ProfileResponseType);
        }
        if provider.lacks_s256 {
            return Err(Rule::ProfilePkce);
        }
        if is_openid {
            Profile::judge_id_tokens(client, provider)?;
        }
        match (self, mode) {
            // Message Signing §5.4.2. The signed response has its issuer.
            (Profile::Fapi2MessageSigning, None | Some(ResponseMode::Jwt)) => Ok(Some(ResponseMode::Jwt)),
            (Profile::Fapi2MessageSigning, Some(_)) => Err(Rule::ProfileResponseMode),
            (Profile::Fapi2, Some(mode)) if mode.is_signed() => Ok(Some(mode)),
            (Profile::Fapi2, _) if !provider.announces_iss() => Err(Rule::ProfileIss),
            (Profile::Fapi2, mode) => Ok(mode),
        }
    }
}
