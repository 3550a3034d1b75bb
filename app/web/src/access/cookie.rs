//! Cookies as browsers send them.

/// The values of the cookies of a name in a `Cookie` header.
pub fn find<'a>(line: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    line.split(';')
        .filter_map(|pair| pair.split_once('='))
        .filter(move |(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "prismatron_session";

    #[test]
    fn finds_its_cookie_among_others() {
        let all = |line| find(line, NAME).collect::<Vec<_>>();
        assert_eq!(all("a=b; prismatron_session=x.y.z; c=d"), ["x.y.z"]);
        assert_eq!(all("prismatron_session=1;prismatron_session= 2"), ["1", "2"]);
        assert_eq!(all("prismatron_session="), [""]);
        assert_eq!(all("xprismatron_session=1;prismatron_session"), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_header_is_survived(line in ".*") {
            for value in find(&line, NAME) {
                prop_assert!(line.contains(value));
            }
        }
    }
}
