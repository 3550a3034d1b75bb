//! Cookies as browsers send them.

/// The value of a cookie in a `Cookie` header.
pub fn find<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split(';')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key.trim() == name).then(|| value.trim()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "prismatron_session";

    #[test]
    fn finds_its_cookie_among_others() {
        assert_eq!(find("a=b; prismatron_session=x.y.z; c=d", NAME), Some("x.y.z"));
        assert_eq!(find("prismatron_session=", NAME), Some(""));
        assert_eq!(find("xprismatron_session=1;prismatron_session", NAME), None);
    }

    proptest! {
        #[test]
        fn any_header_is_survived(line in ".*") {
            if let Some(value) = find(&line, NAME) {
                prop_assert!(line.contains(value));
            }
        }
    }
}
