//! Tables that are compiled in: the part of TOML that they are written in, read without a copy.
//! Their authors are the project's; what somebody else wrote is read by the `toml` crate, which
//! says where it is wrong.

use std::borrow::Cow;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor, value};
use serde::forward_to_deserialize_any;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum TableValue<'t> {
    /// `"text"`, `'text'`, or one of several lines.
    Text(Cow<'t, str>),
    /// `3`
    Whole(i64),
    /// `0.5`
    Part(f64),
    /// `true`
    Flag(bool),
    /// `[…]`
    List(Vec<TableValue<'t>>),
}

impl TableValue<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            TableValue::Text(text) => Some(text),
            TableValue::Whole(_) | TableValue::Part(_) | TableValue::Flag(_) | TableValue::List(_) => None,
        }
    }
}

/// The keys below a header.
#[derive(Clone, Debug)]
pub struct Section<'t> {
    /// `rule.examples` of `[[rule.examples]]`; empty of what stands before all headers.
    pub name: &'t str,
    entries: Vec<(&'t str, TableValue<'t>)>,
}

impl<'t> Section<'t> {
    /// The text that a key has, if it has one.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.text()
    }

    /// The same as it stands in the table, if no backslash is in it.
    pub fn borrowed(&self, key: &str) -> Option<&'t str> {
        match self.value(key)? {
            TableValue::Text(Cow::Borrowed(text)) => Some(text),
            TableValue::Text(_)
            | TableValue::Whole(_)
            | TableValue::Part(_)
            | TableValue::Flag(_)
            | TableValue::List(_) => None,
        }
    }

    /// The texts of its list.
    pub fn texts(&self, key: &str) -> impl Iterator<Item = &str> {
        let all = match self.value(key) {
            Some(TableValue::List(all)) => &all[..],
            Some(only) => std::slice::from_ref(only),
            None => &[],
        };
        all.iter().filter_map(TableValue::text)
    }

    fn value(&self, key: &str) -> Option<&TableValue<'t>> {
        self.entries.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The keys as a value of a type.
    pub fn into<T: DeserializeOwned>(self) -> Result<T, value::Error> {
        T::deserialize(MapDeserializer::new(self.entries.into_iter()))
    }
}

/// All sections, in order; `None` where a table has what this does not read.
pub fn sections(text: &str) -> Option<Vec<Section<'_>>> {
    let mut rest = TableText(text);
    let mut all = vec![Section { name: "", entries: Vec::new() }];
    loop {
        rest.skip_blank();
        if rest.0.is_empty() {
            return Some(all);
        }
        if rest.0.starts_with('[') {
            let (header, behind) = rest.0.split_once('\n').unwrap_or((rest.0, ""));
            all.push(Section { name: header.trim().trim_matches(['[', ']']), entries: Vec::with_capacity(8) });
            rest.0 = behind;
        } else {
            let key = rest.key()?;
            rest.0 = rest.0.trim_start_matches(' ').strip_prefix('=')?;
            let value = rest.value()?;
            all.last_mut()?.entries.push((key, value));
        }
    }
}

/// What was not read yet.
struct TableText<'t>(&'t str);

impl<'t> TableText<'t> {
    /// Passes over white space and comments.
    fn skip_blank(&mut self) {
        loop {
            self.0 = self.0.trim_ascii_start();
            if !self.0.starts_with('#') {
                return;
            }
            self.0 = self.0.split_once('\n').map_or("", |(_, behind)| behind);
        }
    }

    fn key(&mut self) -> Option<&'t str> {
        if let Some(quoted) = self.0.strip_prefix('"') {
            let (key, behind) = quoted.split_once('"')?;
            self.0 = behind;
            return Some(key);
        }
        let end = self.0.find(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c)))?;
        let (key, behind) = self.0.split_at(end);
        self.0 = behind;
        Some(key)
    }

    fn value(&mut self) -> Option<TableValue<'t>> {
        self.skip_blank();
        match self.0.as_bytes().first()? {
            b'[' => self.list(),
            b'"' | b'\'' => self.text().map(TableValue::Text),
            _ => self.word(),
        }
    }

    fn list(&mut self) -> Option<TableValue<'t>> {
        self.0 = self.0.strip_prefix('[')?;
        let mut all = Vec::new();
        loop {
            self.skip_blank();
            if let Some(behind) = self.0.strip_prefix(']') {
                self.0 = behind;
                return Some(TableValue::List(all));
            }
            all.push(self.value()?);
            self.skip_blank();
            self.0 = self.0.strip_prefix(',').unwrap_or(self.0);
        }
    }

    fn word(&mut self) -> Option<TableValue<'t>> {
        let end = self.0.find([',', ']', '\n', ' ', '#']).unwrap_or(self.0.len());
        let (word, behind) = self.0.split_at(end);
        self.0 = behind;
        match word {
            "true" => Some(TableValue::Flag(true)),
            "false" => Some(TableValue::Flag(false)),
            number if number.contains('.') => number.parse().ok().map(TableValue::Part),
            number => number.parse().ok().map(TableValue::Whole),
        }
    }

    fn text(&mut self) -> Option<Cow<'t, str>> {
        for (mark, is_raw) in [("'''", true), ("\"\"\"", false), ("'", true), ("\"", false)] {
            let Some(begun) = self.0.strip_prefix(mark) else { continue };
            let begun = if mark.len() > 1 { begun.strip_prefix('\n').unwrap_or(begun) } else { begun };
            let length = if is_raw { begun.find(mark)? } else { end_of(begun, mark)? };
            let (text, behind) = begun.split_at(length);
            self.0 = &behind[mark.len()..];
            return if is_raw { Some(text.into()) } else { unescaped(text) };
        }
        None
    }
}

/// Where a mark stands that no backslash takes the meaning of.
fn end_of(text: &str, mark: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', &text.as_bytes()[at..])?;
        if text.as_bytes()[at] == b'\\' {
            at += 2;
        } else if text[at..].starts_with(mark) {
            return Some(at);
        } else {
            at += 1;
        }
    }
}

fn unescaped(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('\\') {
        return Some(text.into());
    }
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('\\') {
        plain += before;
        let escaped = behind.chars().next()?;
        rest = &behind[escaped.len_utf8()..];
        let hexadecimal = match escaped {
            'x' => 2,
            'u' => 4,
            _ => 0,
        };
        plain.push(match escaped {
            '"' | '\\' => escaped,
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'e' => '\x1b',
            'x' | 'u' => char::from_u32(u32::from_str_radix(rest.get(..hexadecimal)?, 16).ok()?)?,
            _ => return None,
        });
        rest = &rest[hexadecimal..];
    }
    Some(Cow::Owned(plain + rest))
}

impl<'t> IntoDeserializer<'t, value::Error> for TableValue<'t> {
    type Deserializer = TableValue<'t>;

    fn into_deserializer(self) -> TableValue<'t> {
        self
    }
}

impl<'t> Deserializer<'t> for TableValue<'t> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, value::Error> {
        match self {
            TableValue::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            TableValue::Text(Cow::Owned(text)) => visitor.visit_string(text),
            TableValue::Whole(number) => visitor.visit_i64(number),
            TableValue::Part(number) => visitor.visit_f64(number),
            TableValue::Flag(flag) => visitor.visit_bool(flag),
            TableValue::List(all) => visitor.visit_seq(SeqDeserializer::new(all.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        match self {
            TableValue::Text(text) => visitor.visit_enum(text.into_deserializer()),
            _ => Err(de::Error::custom("a word is wanted")),
        }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'t>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::{TableValue, sections};

    #[test]
    fn texts_lists_and_numbers_are_read() {
        let text = concat!(
            "a = 'x\\d'  # why\n\n[[rule]]\nb = [\"q\\\"\\u0041\", # one\n  '2',\n]\nc = 3\n",
            "[names.x]\n\"k/y\" = 0.5\nd = \"\"\"\none\n\"two\"\\\\\n\"\"\"\ne = true\n"
        );
        let read = sections(text).expect("a table");
        let names: Vec<&str> = read.iter().map(|section| section.name).collect();
        assert_eq!(names, ["", "rule", "names.x"]);
        assert_eq!(read[0].entries, [("a", TableValue::Text("x\\d".into()))]);
        let list = TableValue::List(vec![TableValue::Text("q\"A".into()), TableValue::Text("2".into())]);
        assert_eq!(read[1].entries, [("b", list), ("c", TableValue::Whole(3))]);
        let several = TableValue::Text("one\n\"two\"\\\n".into());
        assert_eq!(read[2].entries, [("k/y", TableValue::Part(0.5)), ("d", several), ("e", TableValue::Flag(true))]);
        for bad in ["a = {b = 1}", "a = \"x", "a", "a = 1979-05-27"] {
            assert!(sections(bad).is_none(), "{bad}");
        }
    }
}
