//! Absolute URIs (RFC 3986 §4.3): split, never normalised, because addresses are compared and sent exactly.

#[cfg(feature = "dpop")]
use super::form::{hex, is_unreserved};
use super::form::{is_hex, is_of_uri};
use super::json::fixed_point;
use super::text::{before, holds, is_digits, parted, split, split_once};

/// A valid absolute URI and its parts. Comparisons use the original string.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uri<'a> {
    pub(crate) scheme: &'a str,
    /// Host and port.
    pub(crate) authority: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) fragment: Option<&'a str>,
}

impl<'a> Uri<'a> {
    /// `None` unless it is an absolute URI. User information is rejected, because an address must not contain a password.
    pub(crate) fn parse(text: &'a str) -> Option<Uri<'a>> {
        if !well_formed(text.as_bytes()) {
            return None;
        }
        let (rest, fragment) = parted(text, b'#');
        let (rest, query) = parted(rest, b'?');
        if fragment.is_some_and(|fragment| holds(fragment.as_bytes(), b'#')) {
            return None;
        }
        let (scheme, rest) = split_once(rest, b':')?;
        let mut letters = scheme.bytes();
        if !letters.next()?.is_ascii_alphabetic()
            || !letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            return None;
        }
        let (authority, path) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let (authority, path) = before(rest, b"/");
                (Some(authority), path)
            }
        };
        let host = match authority {
            Some(authority) => Some(host(authority)?),
            None => None,
        };
        Some(Uri { scheme, authority, host, path, query, fragment })
    }

    /// `https`, or `http` on the loopback interface: safe for secrets.
    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.way(), Some(Way::Tls | Way::Loopback))
    }

    /// The network between client and server. `None` unless it is a web address.
    pub(crate) fn way(&self) -> Option<Way> {
        let host = self.host.filter(|host| !host.is_empty())?;
        if self.scheme.eq_ignore_ascii_case("https") {
            return Some(Way::Tls);
        }
        let way = match host {
            _ if is_loopback(host) => Way::Loopback,
            _ if is_inner(host) => Way::Inner,
            _ => Way::Open,
        };
        self.scheme.eq_ignore_ascii_case("http").then_some(way)
    }
}

#[cfg(feature = "dpop")]
impl<'a> Uri<'a> {
    /// The address of a request, without query and fragment. Its origin must be valid; `fetch()` also sends paths with other
    /// characters, such as `|` or a `%` that starts no escape.
    pub(crate) fn target(text: &'a str) -> Option<Uri<'a>> {
        let (text, _) = before(text, b"?#");
        let (_, rest) = split_once(text, b':')?;
        let (_, path) = before(rest.strip_prefix("//")?, b"/");
        Some(Uri { path, ..Uri::parse(text.strip_suffix(path)?)? })
    }

    /// Whether both have the same target, apart from query and fragment. Compares after normalising case, escapes and port (RFC
    /// 3986 §6.2.2 and §6.2.3).
    pub(crate) fn is_same_target(&self, other: &Uri<'_>) -> bool {
        let port = |uri: &Uri<'_>| {
            let port = uri.authority.unwrap_or_default().strip_prefix(uri.host.unwrap_or_default());
            let digits = port.and_then(|port| port.strip_prefix(":")).unwrap_or_default();
            let usual = if uri.scheme.eq_ignore_ascii_case("https") { 443 } else { 80 };
            if digits.is_empty() { usual } else { fixed_point(digits, 0) }
        };
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.host.unwrap_or_default().eq_ignore_ascii_case(other.host.unwrap_or_default())
            && port(self) == port(other)
            && is_same_path(self.path, other.path)
    }
}

/// An escape of an unreserved character equals that character; all others differ (RFC 3986 §2.3). No path is the path `/`.
#[cfg(feature = "dpop")]
fn is_same_path<'a>(one: &'a str, other: &'a str) -> bool {
    let path = |path: &'a str| if path.is_empty() { "/" } else { path }.as_bytes();
    let (mut one, mut other) = (path(one), path(other));
    while !one.is_empty() {
        if character(&mut one) != character(&mut other) {
            return false;
        }
    }
    other.is_empty()
}

/// The next character of a path. An escape that must stay has a mark. At the end a number that is no character.
#[cfg(feature = "dpop")]
fn character(rest: &mut &[u8]) -> u16 {
    if let [b'%', high, low, after @ ..] = rest
        && is_hex(*high)
        && is_hex(*low)
    {
        *rest = after;
        let byte = hex(*high) << 4 | hex(*low);
        return if is_unreserved(byte) { byte.into() } else { u16::from(byte) | 0x100 };
    }
    let Some((byte, after)) = rest.split_first() else { return u16::MAX };
    *rest = after;
    (*byte).into()
}

/// The network between client and server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Any network, encrypted by `https`.
    Tls,
    /// `http` on this machine.
    Loopback,
    /// `http` to a host without a public network.
    Inner,
    /// `http` to any other host.
    Open,
}

/// RFC 3986 §2 allows every byte, and every `%` starts an escape. [`host`] checks brackets.
fn well_formed(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, after @ ..] if is_hex(*high) && is_hex(*low) => after,
            [b'%', ..] => return false,
            [byte, after @ ..] if is_of_uri(*byte) => after,
            _ => return false,
        };
    }
}

/// The host of an authority, with its brackets. `None` for user information or an invalid port.
fn host(authority: &str) -> Option<&str> {
    let (name, port) = match authority.strip_prefix("[") {
        Some(literal) => split_once(literal, b']')?,
        None => before(authority, b":"),
    };
    let port_is_fine = match port.strip_prefix(":") {
        None => port.is_empty(),
        Some(digits) => digits.is_empty() || is_decimal(digits, 65535),
    };
    // Only the two brackets of a literal remain.
    let host = authority.strip_suffix(port)?;
    let is_plain = !name.bytes().any(|byte| matches!(byte, b'@' | b'[' | b']'));
    (port_is_fine && is_plain).then_some(host)
}

/// Digits only, for a number up to `max`.
fn is_decimal(text: &str, max: i64) -> bool {
    is_digits(text) && fixed_point(text, 0) <= max
}

/// RFC 8252 §7.3 and §8.3: the two loopback literals (all of 127/8), and `localhost`.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "[::1]" || host.starts_with("127.") && is_ipv4(host)
}

/// Whether it has the form of an IPv4 address (RFC 3986 §3.2.2), perhaps with leading zeros.
fn is_ipv4(host: &str) -> bool {
    let mut count = 0;
    for octet in split(host, b'.') {
        if !is_decimal(octet, 255) {
            return false;
        }
        count += 1;
    }
    count == 4
}

/// A host of an inner network: a private address (RFC 1918 §3, RFC 4193 §3.1), a name of one label, or a name reserved for
/// such networks (RFC 6761 §6, RFC 6762 §3, RFC 8375 §3, ICANN's `internal`, Kubernetes' `svc`).
fn is_inner(host: &str) -> bool {
    const KEPT: &str = "internal local localhost svc test";
    if let [b'[', b'f' | b'F', b'c' | b'C' | b'd' | b'D', high, low, b':', ..] = *host.as_bytes() {
        return is_hex(high) && is_hex(low);
    }
    // Escapes and unusual characters may mean another host.
    if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')) {
        return false;
    }
    let Some((first, rest)) = split_once(host, b'.') else {
        // A number is an address, perhaps a public one.
        return host.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    };
    // An octet with a leading zero may be octal, so it is rejected.
    let (second, _) = before(rest, b".");
    let is_private = match first {
        "10" => true,
        "172" => second.len() == 2 && is_decimal(second, 31) && !is_decimal(second, 15),
        "192" => second == "168",
        _ => false,
    };
    let mut name = (first, first);
    for label in split(rest, b'.') {
        name = (name.1, label);
    }
    let (before_last, last) = name;
    last.eq_ignore_ascii_case("arpa") && before_last.eq_ignore_ascii_case("home")
        || split(KEPT, b' ').any(|kept| last.eq_ignore_ascii_case(kept))
        || is_private && is_ipv4(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn splits_a_uri_and_keeps_its_letter_case() {
        let uri = Uri::parse("HTTPS://Server.example.com:443/a%2fb?x=?y#z?").unwrap();
        assert_eq!((uri.scheme, uri.host), ("HTTPS", Some("Server.example.com")));
        assert_eq!((uri.path, uri.query, uri.fragment), ("/a%2fb", Some("x=?y"), Some("z?")));
        let uri = Uri::parse("com.example.app:/oauth2redirect/example-provider").unwrap();
        assert_eq!((uri.scheme, uri.host, uri.path), ("com.example.app", None, "/oauth2redirect/example-provider"));
    }

    #[test]
    fn rejects_relative_and_invalid_uris() {
        for text in [
            "",
            "/cb",
            "app.example.com/cb",
            "://x",
            "1a://x",
            "https://a b",
            "https://a/\u{e9}",
            "https://a/%4",
            "https://a/%zz",
            "https://user@a/",
            "https://user:p@a/",
            "https://a:port/",
            "https://a:70000/",
            "https://a:+1/",
            "https://[::1/",
            "https://a]b/",
            "https://a/#b#c",
            "https://a/\\",
            "https://a/<b>",
        ] {
            assert!(Uri::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn secrets_need_https_or_loopback() {
        for text in [
            "https://a",
            "HTTPS://a/",
            "https://a:/",
            "http://localhost:1/",
            "HTTP://LOCALHOST/",
            "http://127.0.0.1",
            "http://127.8.9.10:80/",
            "http://[::1]:5/",
        ] {
            assert!(Uri::parse(text).is_some_and(|uri| uri.is_secure()), "{text}");
        }
        for text in [
            "http://a",
            "https:///",
            "https:a",
            "http://127.0.0.1.example",
            "http://127.0.0",
            "http://127.0.0.256",
            "http://localhost.example",
            "http://[::2]/",
            "ftp://localhost/",
            "http://127.0.0.0.1/",
            "http://127.0.0.+1/",
        ] {
            assert!(!Uri::parse(text).is_some_and(|uri| uri.is_secure()), "{text}");
        }
    }

    #[cfg(feature = "dpop")]
    #[test]
    fn equal_targets_may_have_different_forms() {
        let is_same = |left, right| Uri::target(left).unwrap().is_same_target(&Uri::target(right).unwrap());
        for (left, right) in [
            ("https://api.example/a?x=1", "https://api.example/a"),
            ("https://api.example/a#x", "HTTPS://API.example:443/a"),
            ("https://api.example", "https://api.example/"),
            ("http://api.example:80/", "http://api.example/"),
            ("https://api.example/%7Ea%2fb", "https://api.example/~a%2Fb"),
            ("https://api.example/a?filter={x}|y", "https://api.example/a"),
            ("https://api.example/a|b", "https://api.example/a|b"),
            ("https://api.example/100%", "https://api.example/100%"),
        ] {
            assert!(is_same(left, right), "{left} {right}");
        }
        for (left, right) in [
            ("https://api.example/a", "http://api.example/a"),
            ("https://api.example/a", "https://api.example:8443/a"),
            ("https://api.example/a", "https://api.example/a/"),
            ("https://api.example/a", "https://api.example/A"),
            ("https://api.example/a%2Fb", "https://api.example/a/b"),
            ("https://api.example/a", "https://api.example.evil/a"),
            ("https://api.example/a|b", "https://api.example/a|c"),
            ("https://api.example/100%", "https://api.example/100%25"),
            ("https://api.example/100%zz", "https://api.example/100%yy"),
        ] {
            assert!(!is_same(left, right), "{left} {right}");
        }
        for text in ["https://user@api.example/a", "https://api|example/a", "api.example/a", "urn:a", "/a", ""] {
            assert!(Uri::target(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_inner_host_is_in_no_public_network() {
        let way = |text: &str| Uri::parse(text).and_then(|uri| uri.way());
        for host in [
            "keycloak:8080",
            "my-op_1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.20:9000",
            "[fd12:3456:789a::1]:80",
            "[FC00::1]",
            "host.docker.internal:8080",
            "op.localhost",
            "OP.Local",
            "op.test",
            "keycloak.auth.svc",
            "keycloak.auth.svc.cluster.local",
            "op.home.arpa",
        ] {
            assert_eq!(way(&format!("http://{host}/x")), Some(Way::Inner), "{host}");
            assert_eq!(way(&format!("https://{host}/x")), Some(Way::Tls), "{host}");
        }
        for host in [
            "op.example",
            "8.8.8.8",
            "134744072",
            "0x8080808",
            "10.0.0",
            "10.0.0.256",
            "010.0.0.1",
            "10.0.0.1.example",
            "172.15.0.1",
            "172.32.0.1",
            "172.016.0.1",
            "192.0168.0.1",
            "192.169.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "[fd::1]",
            "[fe80::1]",
            "[::ffff:10.0.0.1]",
            "keycloak.",
            "internal.example",
            "op%2Eexample",
            "evil.example%23.local",
            "evil!local",
            "op.arpa",
            "home.arpa.example",
        ] {
            assert_eq!(way(&format!("http://{host}/x")), Some(Way::Open), "{host}");
        }
        assert_eq!(way("http://127.0.0.1/"), Some(Way::Loopback));
        assert_eq!((way("http:///x"), way("ftp://keycloak/"), way("urn:x")), (None, None, None));
    }
}
