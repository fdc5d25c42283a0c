//! Absolute URIs (RFC 3986 §4.3): taken apart, never normalised, because addresses are compared and sent to the letter.

use super::form::hex;

/// An absolute URI whose every character is allowed, taken apart. Borrowed: the text stays the truth.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uri<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: Option<&'a str>,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) fragment: Option<&'a str>,
}

impl<'a> Uri<'a> {
    /// `None` unless the text is an absolute URI. User information is refused: nothing sent or opened here may carry a password.
    pub(crate) fn parse(text: &'a str) -> Option<Uri<'a>> {
        if !well_formed(text.as_bytes()) {
            return None;
        }
        let (rest, fragment) = split(text, '#');
        if fragment.is_some_and(|fragment| fragment.contains('#')) {
            return None;
        }
        let (rest, query) = split(rest, '?');
        let (scheme, rest) = rest.split_once(':')?;
        let mut letters = scheme.bytes();
        if !letters.next()?.is_ascii_alphabetic()
            || !letters.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        {
            return None;
        }
        let (host, path) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(host(authority)?), path)
            }
        };
        Some(Uri { scheme, host, path, query, fragment })
    }

    /// `https`, or `http` on the loopback interface: where a secret may travel.
    pub(crate) fn is_secure(&self) -> bool {
        let Some(host) = self.host.filter(|host| !host.is_empty()) else {
            return false;
        };
        self.scheme.eq_ignore_ascii_case("https") || self.scheme.eq_ignore_ascii_case("http") && is_loopback(host)
    }
}

fn split(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// Every byte is one of RFC 3986 §2, and every `%` starts an escape. Brackets pass here and are judged in [`host`].
fn well_formed(mut rest: &[u8]) -> bool {
    loop {
        rest = match rest {
            [] => return true,
            [b'%', high, low, after @ ..] if hex(*high).is_some() && hex(*low).is_some() => after,
            [b'%', ..] => return false,
            [byte, after @ ..] if byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(byte) => after,
            _ => return false,
        };
    }
}

/// The host of an authority, its brackets included; `None` for user information or a port that is no number.
fn host(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at_checked(end)?;
    let port_is_fine = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => digits.is_empty() || digits.parse::<u16>().is_ok() && !digits.starts_with('+'),
    };
    let brackets_are_fine = host.starts_with('[') || !host.contains(['[', ']']);
    (port_is_fine && brackets_are_fine && !host.contains('@')).then_some(host)
}

/// RFC 8252 §7.3 and §8.3: the two loopback literals (all of 127/8), and `localhost`.
fn is_loopback(host: &str) -> bool {
    let is_127 = || {
        let mut octets = host.split('.');
        octets.next() == Some("127")
            && octets.clone().count() == 3
            && octets.all(|octet| octet.bytes().all(|byte| byte.is_ascii_digit()) && octet.parse::<u8>().is_ok())
    };
    host.eq_ignore_ascii_case("localhost") || host == "[::1]" || is_127()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_uri_apart_and_keeps_its_letters() {
        let uri = Uri::parse("HTTPS://Server.example.com:443/a%2fb?x=?y#z?").unwrap();
        assert_eq!((uri.scheme, uri.host), ("HTTPS", Some("Server.example.com")));
        assert_eq!((uri.path, uri.query, uri.fragment), ("/a%2fb", Some("x=?y"), Some("z?")));
        let uri = Uri::parse("com.example.app:/oauth2redirect/example-provider").unwrap();
        assert_eq!((uri.scheme, uri.host, uri.path), ("com.example.app", None, "/oauth2redirect/example-provider"));
    }

    #[test]
    fn refuses_what_is_not_absolute_or_not_a_uri() {
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
    fn secrets_travel_over_https_or_loopback_only() {
        for text in [
            "https://a",
            "HTTPS://a/",
            "http://localhost:1/",
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
}
