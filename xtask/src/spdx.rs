//! Whether a licence expression can be met with the licences one accepts (SPDX specification, annex D).

/// `AND` binds more tightly than `OR`; `X WITH Y` is a licence of its own. A slash is an old way to write `OR`.
pub fn is_met(expression: &str, accepted: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest, accepted) && rest.is_empty()
}

fn any(words: &mut &[&str], accepted: &[String]) -> bool {
    let mut met = all(words, accepted);
    while let ["OR", rest @ ..] = *words {
        *words = rest;
        met |= all(words, accepted);
    }
    met
}

fn all(words: &mut &[&str], accepted: &[String]) -> bool {
    let mut met = one(words, accepted);
    while let ["AND", rest @ ..] = *words {
        *words = rest;
        met &= one(words, accepted);
    }
    met
}

fn one(words: &mut &[&str], accepted: &[String]) -> bool {
    let (licence, rest) = match *words {
        ["(", rest @ ..] => {
            *words = rest;
            let met = any(words, accepted);
            let closed = words.split_first().is_some_and(|(word, _)| *word == ")");
            *words = words.get(1..).unwrap_or_default();
            return met && closed;
        }
        [licence, "WITH", exception, rest @ ..] => (format!("{licence} WITH {exception}"), rest),
        [licence, rest @ ..] => ((*licence).to_owned(), rest),
        [] => return false,
    };
    *words = rest;
    accepted.contains(&licence)
}

#[cfg(test)]
mod tests {
    use super::is_met;

    #[test]
    fn expressions() {
        let accepted = ["MIT", "Apache-2.0", "Unicode-3.0"].map(String::from);
        for met in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
            "GPL-3.0 AND GPL-2.0 OR MIT",
        ] {
            assert!(is_met(met, &accepted), "{met}");
        }
        for unmet in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "MIT AND (GPL-3.0 OR LGPL-2.1)",
            "(MIT",
            "MIT MIT",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(!is_met(unmet, &accepted), "{unmet}");
        }
    }
}
