//! A parser for the page, strict where a browser forgives: every element closed, every attribute quoted.

const VOID: [&str; 4] = ["meta", "br", "link", "input"];

/// An element with its attributes and content; texts are elements without a name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Parses a document whose only content is one element after the doctype.
    ///
    /// Panics, saying where, if it is not well formed.
    pub(crate) fn parse(html: &str) -> Self {
        let rest = html
            .strip_prefix("<!DOCTYPE html>")
            .expect("a doctype first");
        let mut open = vec![Self::default()];
        let mut rest = rest;
        while !rest.is_empty() {
            let (text, tag) = rest.split_once('<').unwrap_or((rest, ""));
            if !text.is_empty() {
                let text = unescape(text);
                open.last_mut().unwrap().children.push(Self {
                    text,
                    ..Self::default()
                });
            }
            if tag.is_empty() {
                break;
            }
            let (tag, after) = tag.split_once('>').expect("a tag ends");
            rest = after;
            match tag.strip_prefix('/') {
                Some(name) => {
                    let element = open.pop().unwrap();
                    assert_eq!(element.name, name, "closed in order, before {:.80}", rest);
                    open.last_mut()
                        .expect("something is open")
                        .children
                        .push(element);
                }
                None => {
                    let element = Self::tag(tag);
                    if VOID.contains(&element.name.as_str()) {
                        open.last_mut().unwrap().children.push(element);
                    } else {
                        open.push(element);
                    }
                }
            }
        }
        assert_eq!(open.len(), 1, "never closed: {}", open.last().unwrap().name);
        open.pop().unwrap().children.pop().unwrap()
    }

    fn tag(tag: &str) -> Self {
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes: Vec<(String, String)> = Vec::new();
        while !rest.is_empty() {
            let (key, value) = rest.split_once("=\"").expect("attributes are quoted");
            let (value, after) = value.split_once('"').expect("a value ends");
            assert!(
                attributes.iter().all(|(other, _)| other != key),
                "{key} twice in <{tag}>"
            );
            attributes.push((key.to_owned(), unescape(value)));
            rest = after.trim_start();
        }
        Self {
            name: name.to_owned(),
            attributes,
            ..Self::default()
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Names and values of all attributes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// This element and all below it, in the document's order.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(Self::all);
        std::iter::once(self).chain(below).collect()
    }

    pub(crate) fn named(&self, name: &str) -> Vec<&Self> {
        self.all()
            .into_iter()
            .filter(|element| element.name == name)
            .collect()
    }

    /// The text of the cell under a head, in the one row of a table that begins with these labels; the table is the one
    /// whose caption has this id, and a badge is no part of a label.
    pub(crate) fn cell(&self, caption: &str, labels: &[&str], head: &str) -> String {
        let is_meant = |it: &&Self| it.named("caption")[0].attribute("id") == Some(caption);
        let mut tables = self.named("table").into_iter();
        let table = tables.find(is_meant).expect(caption);
        let rows = table.named("tr");
        let heads = rows[0].children.iter();
        let column = heads.map(Self::text).position(|text| text == head);
        let begins = |row: &&&Self| {
            let cells = labels.iter().zip(&row.children);
            cells
                .into_iter()
                .all(|(label, cell)| cell.label() == *label)
        };
        let rows: Vec<_> = rows[1..].iter().filter(begins).collect();
        assert_eq!(rows.len(), 1, "{labels:?} in {caption}");
        rows[0].children[column.expect(head)].text()
    }

    /// What stands first in a cell, without what follows it in elements of their own.
    fn label(&self) -> &str {
        let first = self.children.first();
        first.map_or("", |text| text.text.trim_end())
    }

    /// All text below, with spaces as they are.
    pub(crate) fn text(&self) -> String {
        let below: String = self.children.iter().map(Self::text).collect();
        format!("{}{below}", self.text)
    }
}

fn unescape(text: &str) -> String {
    assert!(
        !text.contains('>') || text.contains('{'),
        "a bare > in {text:?}"
    );
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}
