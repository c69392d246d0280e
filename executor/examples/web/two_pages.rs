//! The two pages that the example's own server has; other servers are asked for the same.

/// Their paths.
pub(crate) const PATHS: [&str; 2] = ["/", "/index.html"];

/// The page at a path.
pub(crate) fn page(path: &str) -> Option<String> {
    let title = match path {
        "/" => "Futures",
        "/index.html" => "Index",
        _ => return None,
    };
    Some(format!(
        "<html><head><title>{title}</title></head></html>\n"
    ))
}

/// The first 25 characters of a page.
pub(crate) fn beginning(page: &str) -> String {
    page.chars().take(25).collect()
}
