//! Templates in Nunjucks, which promptfoo fills in, from ours and to ours.
//!
//! Both ways only texts and variables are the same, so anything else is refused and never guessed. A sign of Nunjucks that
//! is text is written in quotes, `{{ '{{' }}`, and not between raw tags: promptfoo looks through a whole config for
//! `{{ env.… }}` before any template is read, and fills it in between raw tags too. Read are both spellings.
//! Source: how Nunjucks 3.2 and promptfoo 0.120 behave.

use super::super::{Read, mustache};
use std::fmt::Write;
use touchstone_domain::template::{self, VariableFormat, flat};

/// Words that are no variable's name in an expression.
const KEYWORDS: [&str; 12] = ["true", "false", "none", "null", "not", "and", "or", "in", "is", "if", "else", "env"];

/// Longest piece of a template that a message quotes, in characters.
const QUOTED_CHARS: usize = 40;

/// How a sign in quotes begins; nothing else that is written here does.
pub(super) const QUOTED: &str = "{{ '";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable(Vec<Step>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    /// The place of an item in a list.
    Index(String),
}

/// One of our templates in Nunjucks. The error says what has no word there.
pub(super) fn written(template: &str, format: VariableFormat) -> Read<String> {
    let pieces = flat(template, format).map_err(|tag| format!("its templates have no word for “{tag}”"))?;
    let mut written = String::with_capacity(template.len());
    let mut text = String::new();
    for piece in pieces {
        match piece {
            template::Piece::Text(more) => text.push_str(more),
            template::Piece::Variable(variable) => {
                let name = expression(variable.path, format)
                    .ok_or_else(|| format!("a variable cannot be called “{}” there", variable.path))?;
                write_text(&mut written, &text, true);
                text.clear();
                written.push_str(&VariableFormat::Mustache.written(&name));
            }
        }
    }
    write_text(&mut written, &text, false);
    Ok(written)
}

/// Text that stands for itself.
pub(super) fn literal(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    write_text(&mut written, text, false);
    written
}

/// Quotes what would be a sign: `{{`, `{%`, `{#`, the end of a comment, and a brace that touches the next variable's.
fn write_text(written: &mut String, text: &str, variable_follows: bool) {
    let mut rest = text;
    while let Some(start) = rest.find(['{', '#']) {
        written.push_str(&rest[..start]);
        let here = &rest[start..];
        let braces = here.len() - here.trim_start_matches('{').len();
        let after = &here[braces.max(1)..];
        let (sign, is_quoted) = match braces {
            0 if after.starts_with('}') => ("#}", true),
            0 => ("#", false),
            1 => ("{", after.starts_with(['%', '#']) || (after.is_empty() && variable_follows)),
            _ => (&here[..braces], true),
        };
        // Writing to a text never fails.
        let _ = if is_quoted { write!(written, "{QUOTED}{sign}' }}}}") } else { written.write_str(sign) };
        rest = &here[sign.len()..];
    }
    written.push_str(rest);
}

/// A variable's path as an expression; `None` where it would mean something else.
fn expression(path: &str, format: VariableFormat) -> Option<String> {
    let mut steps = path.split(match format {
        VariableFormat::FString => &['.', '['][..],
        VariableFormat::Mustache | VariableFormat::Verbatim => &['.'],
    });
    let mut expression = steps.next().filter(|root| is_word(root))?.to_owned();
    for step in steps {
        let in_list = format == VariableFormat::FString;
        let step = if in_list { step.trim_end_matches(']') } else { step };
        let digits = step.strip_prefix('-').unwrap_or(step);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_word(step) {
            expression.push('.');
            expression.push_str(step);
        } else if in_list && is_number {
            // A list's items are counted from its end here alone, and `01` is 1 here alone.
            let _ = write!(expression, "[{}]", step.parse::<u32>().ok().filter(|index| index.to_string() == step)?);
        } else if is_key(step) {
            let _ = write!(expression, "['{step}']");
        } else {
            return None;
        }
    }
    Some(expression)
}

fn is_word(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | '$'))
        && chars.all(|char| char.is_alphanumeric() || matches!(char, '_' | '$'))
        && !KEYWORDS.contains(&name)
}

/// What can be a step in quotes there and a step here.
fn is_key(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '$'))
}

/// A template of Nunjucks, taken apart. The error quotes what is neither text nor a variable, and says where it stands.
pub(super) fn pieces(template: &str) -> Read<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut at = 0;
    while let Some(start) = sign_after(template, at) {
        text.push_str(&template[at..start]);
        let tag = &template[start..];
        let refuse = || Err(no_word(template, start));
        at = start
            + if let Some(raw) = raw_block(tag) {
                text.push_str(raw.text);
                raw.length
            } else if !tag.starts_with("{{") {
                return refuse();
            } else if let Some((quoted, length)) = quoted(tag) {
                text.push_str(&quoted);
                length
            } else if let Some((steps, length)) = variable(tag) {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Variable(steps));
                length
            } else {
                return refuse();
            };
    }
    text.push_str(&template[at..]);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

/// Where the next `{{`, `{%` or `{#` stands.
fn sign_after(template: &str, at: usize) -> Option<usize> {
    let bytes = template.as_bytes();
    let is_sign = |found: &usize| matches!(bytes.get(found + 1), Some(b'{' | b'%' | b'#'));
    template[at..].match_indices('{').map(|(found, _)| at + found).find(is_sign)
}

fn no_word(template: &str, start: usize) -> String {
    let line = template[..start].matches('\n').count() + 1;
    let tag = &template[start..];
    let close = match &tag[..2] {
        "{{" => "}}",
        "{%" => "%}",
        _ => "#}",
    };
    let whole = tag.find(close).map_or(tag, |end| &tag[..end + close.len()]);
    let mut quote: String = whole.chars().take(QUOTED_CHARS).collect();
    if quote.len() < whole.len() {
        quote.push('…');
    }
    format!("“{quote}” on line {line} is more than a variable, and a template here has no word for it")
}

struct RawBlock<'a> {
    text: &'a str,
    /// With its tags, in bytes.
    length: usize,
}

/// `{% raw %}…{% endraw %}` at the start of `template`. None is one in another, since it is not clear where the outer one
/// ends, and one that promptfoo would fill from the environment.
fn raw_block(template: &str) -> Option<RawBlock<'_>> {
    let start = statement(template, "raw")?;
    let mut at = start;
    loop {
        at += template[at..].find("{%")?;
        if statement(&template[at..], "raw").is_some() {
            return None;
        }
        if let Some(end) = statement(&template[at..], "endraw") {
            let text = &template[start..at];
            let asks = text.contains("{{") && ["env.", "env["].iter().any(|word| text.contains(word));
            return (!asks).then_some(RawBlock { text, length: at + end });
        }
        at += 2;
    }
}

/// Length of the tag `{% word %}` at the start of `template`.
fn statement(template: &str, word: &str) -> Option<usize> {
    let rest = template.strip_prefix("{%")?.trim_start().strip_prefix(word)?.trim_start().strip_prefix("%}")?;
    Some(template.len() - rest.len())
}

/// The text of `{{ 'text' }}` at the start of `template`, and the length of it all.
fn quoted(template: &str) -> Option<(String, usize)> {
    let (text, rest) = in_quotes(template.strip_prefix("{{")?.trim_start())?;
    let rest = rest.trim_start().strip_prefix("}}")?;
    Some((text, template.len() - rest.len()))
}

/// The text in the quotes at the start, and what follows them.
fn in_quotes(template: &str) -> Option<(String, &str)> {
    let quote = template.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    let mut text = String::new();
    let mut chars = template.char_indices().skip(1);
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => text.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            }),
            _ if char == quote => return Some((text, &template[at + char.len_utf8()..])),
            _ => text.push(char),
        }
    }
    None
}

/// The variable `{{ a.b['c'][0] }}` at the start of `template`, and its length. One that is broken over lines is none:
/// promptfoo takes such a text to have no variables at all.
fn variable(template: &str) -> Option<(Vec<Step>, usize)> {
    let blanks = [' ', '\t'];
    let mut rest = template.strip_prefix("{{")?.trim_start_matches(blanks);
    let mut steps = vec![Step::Name(word(&mut rest)?)];
    loop {
        rest = rest.trim_start_matches(blanks);
        if let Some(after) = rest.strip_prefix("}}") {
            return Some((steps, template.len() - after.len()));
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            steps.push(Step::Name(word(&mut rest)?));
        } else {
            let inside = rest.strip_prefix('[')?;
            let (step, after) = if let Some((key, after)) = in_quotes(inside) {
                (Step::Name(Some(key).filter(|key| is_key(key))?), after)
            } else {
                let after = inside.trim_start_matches(|char: char| char.is_ascii_digit());
                let digits = &inside[..inside.len() - after.len()];
                (Step::Index(Some(digits).filter(|digits| !digits.is_empty())?.to_owned()), after)
            };
            rest = after.strip_prefix(']')?;
            steps.push(step);
        }
    }
}

/// Takes a name off the start of `rest`.
fn word(rest: &mut &str) -> Option<String> {
    let after = rest.trim_start_matches(|char: char| char.is_alphanumeric() || matches!(char, '_' | '$'));
    let word = rest[..rest.len() - after.len()].to_owned();
    *rest = after;
    Some(word).filter(|word| is_word(word))
}

/// The texts of a prompt's messages in the one of our formats that says all of them exactly.
pub(super) fn said(messages: &[Vec<Piece>]) -> Read<(VariableFormat, Vec<String>)> {
    let mut variables = messages.iter().flatten().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Variable(steps) => Some(steps),
    });
    if variables.clone().flatten().any(|step| matches!(step, Step::Index(_))) {
        // Mustache cannot name an item of a list.
        let texts = messages.iter().map(|message| f_string(message)).collect::<Option<_>>();
        let texts = texts.ok_or("an item of a list beside such braces or names cannot be said in a template here")?;
        return Ok((VariableFormat::FString, texts));
    }
    if variables.next().is_none() && messages.iter().any(|message| mustache::has_tag(&plain(message))) {
        let texts = messages.iter().map(|message| spelled(message, str::to_owned, str::to_owned));
        return Ok((VariableFormat::Verbatim, texts.collect()));
    }
    Ok((VariableFormat::Mustache, messages.iter().map(|message| mustache::spelled(&plain(message))).collect()))
}

fn spelled(message: &[Piece], text: impl Fn(&str) -> String, variable: impl Fn(&str) -> String) -> String {
    let pieces = message.iter().map(|piece| match piece {
        Piece::Text(words) => text(words),
        Piece::Variable(steps) => variable(&path(steps)),
    });
    pieces.collect()
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for (place, step) in steps.iter().enumerate() {
        let separator = if place == 0 { "" } else { "." };
        let _ = match step {
            Step::Name(name) => write!(path, "{separator}{name}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
    }
    path
}

/// For mustache.
fn plain(message: &[Piece]) -> Vec<mustache::Piece> {
    let pieces = message.iter().map(|piece| match piece {
        Piece::Text(words) => mustache::Piece::Text(words.clone()),
        Piece::Variable(steps) => mustache::Piece::Variable(path(steps)),
    });
    pieces.collect()
}

/// `None` where its texts and names would mean something else.
fn f_string(message: &[Piece]) -> Option<String> {
    let doubled = |text: &str| text.replace('{', "{{").replace('}', "}}");
    let variable = |path: &str| VariableFormat::FString.written(path);
    let candidates = [spelled(message, str::to_owned, variable), spelled(message, doubled, variable)];
    let named = |path: &str| Piece::Variable(vec![Step::Name(path.to_owned())]);
    let meant: Vec<Piece> = message
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => Piece::Text(text.clone()),
            Piece::Variable(steps) => named(&path(steps)),
        })
        .collect();
    candidates.into_iter().find(|candidate| {
        let mut read: Vec<Piece> = Vec::new();
        for piece in flat(candidate, VariableFormat::FString).unwrap_or_default() {
            match (piece, read.last_mut()) {
                (template::Piece::Text(more), Some(Piece::Text(text))) => text.push_str(more),
                (template::Piece::Text(text), _) => read.push(Piece::Text(text.to_owned())),
                (template::Piece::Variable(variable), _) => read.push(named(variable.path)),
            }
        }
        read == meant
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};
    use touchstone_domain::template::{TemplateError, render};

    fn data() -> Map<String, Value> {
        let Value::Object(data) = json!({
            "a": { "b": "{{a}}", "c-d": "%>", "e": ["{", "}"] }, "b": "x", "items": [{ "n": 1 }, "two"], "é1": "é"
        }) else {
            unreachable!("an object")
        };
        data
    }

    fn back(template: &str) -> Read<(VariableFormat, String)> {
        let (format, mut texts) = said(&[pieces(template)?])?;
        Ok((format, texts.remove(0)))
    }

    #[test]
    fn templates_are_written_so_that_nunjucks_fills_in_the_same() {
        let f = VariableFormat::FString;
        let m = VariableFormat::Mustache;
        for (template, format, expected) in [
            ("Which tone? {text}", f, Ok("Which tone? {{text}}")),
            ("{{\"a\": { user.name }}} {}", f, Ok("{\"a\": {{user.name}}} {}")),
            ("{{{b}", f, Ok("{{ '{{' }}{{b}}")),
            ("{{{b}}}", f, Ok("{{ '{' }}{{b}}}")),
            ("{items[0]} {user[name]} {a.c-d} {a.7}", f, Ok("{{items[0]}} {{user.name}} {{a['c-d']}} {{a[7]}}")),
            (
                "{{ {% if %} {# # #} #}} }}",
                VariableFormat::Verbatim,
                Ok("{{ '{{' }} {{ '{' }}% if %} {{ '{' }}# # {{ '#}' }} {{ '#}' }}} }}"),
            ),
            ("{{=<% %>=}}<%a.b%> {{a}}", m, Ok("{{a.b}} {{ '{{' }}a}}")),
            ("{{! why }}{{{a}}} {{&b}}", m, Ok("{{a}} {{b}}")),
            ("{a-b}", f, Err("a variable cannot be called “a-b” there")),
            ("{items[-1]}", f, Err("a variable cannot be called “items[-1]” there")),
            ("{0} {first name}", f, Err("a variable cannot be called “first name” there")),
            ("{user.home town}", f, Err("a variable cannot be called “user.home town” there")),
            ("{env.HOME}", f, Err("a variable cannot be called “env.HOME” there")),
            ("{{two words}}", m, Err("a variable cannot be called “two words” there")),
            ("{{#a}}x{{/a}}", m, Err("its templates have no word for “{{#a}}”")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(written(template, format), expected, "{template:?}");
        }
    }

    #[test]
    fn what_nunjucks_says_is_said_in_the_format_that_says_it_exactly() {
        let said = |format, text: &str| Ok((format, text.to_owned()));
        for (template, expected) in [
            (
                "Hi {{ name }}, {{a.b}} {{ a['c-d'][\"e\"] }}",
                said(VariableFormat::Mustache, "Hi {{name}}, {{a.b}} {{a.c-d.e}}"),
            ),
            ("{\"a\": {\"b\": {{x}}}}", said(VariableFormat::Mustache, "{\"a\": {\"b\": {{x}}}}")),
            ("{% raw %}{{ x }} {% if %}{% endraw %}", said(VariableFormat::Verbatim, "{{ x }} {% if %}")),
            ("{{ '{{' }}x}} {{x}}", said(VariableFormat::Mustache, "{{=<% %>=}}\n{{x}} <%x%>")),
            ("{{ '{{<%' }} %> {{x}}", said(VariableFormat::Mustache, "{{=<%% %%>=}}\n{{<% %> <%%x%%>")),
            ("{{ '{' }}{{x}}", said(VariableFormat::Mustache, "{{=<% %>=}}\n{<%x%>")),
            ("{{ items[0].n }} of {all}", said(VariableFormat::FString, "{items[0].n} of {{all}}")),
            ("{{ \"it's \\\"so\\\"\\n\" }}", said(VariableFormat::Mustache, "it's \"so\"\n")),
            ("no {variable}", said(VariableFormat::Mustache, "no {variable}")),
        ] {
            assert_eq!(back(template), expected, "{template:?}");
        }
    }

    #[test]
    fn what_nunjucks_alone_knows_is_refused_with_its_place() {
        for tag in [
            "{% if x %}",
            "{# why #}",
            "{{ x | upper }}",
            "{{ a + b }}",
            "{{ f(x) }}",
            "{{ a-b }}",
            "{{ true }}",
            "{{- x }}",
            "{{ env.HOME }}",
            "{{ a[b] }}",
            "{{ a[-1] }}",
            "{{ 5 }}",
            "{{ x\n}}",
            "{%- raw -%}",
            "{{ 'a' ~ b }}",
            "{{}}",
            "{% raw %}{{ env.HOME }}{% endraw %}",
            "{% raw %}{% raw %}{% endraw %}",
            "{{ a['b c'] }}",
            "{{",
        ] {
            let why = back(&format!("one\n{tag} two")).expect_err(tag);
            assert!(why.contains("on line 2") && why.contains(&tag[..2]), "{tag:?}: {why}");
        }
        let why = back(&format!("{{{{ {} }}}}", "x + ".repeat(30))).expect_err("refused");
        assert!(why.contains("…”") && why.chars().count() < 150, "{why}");
    }

    proptest! {
        #[test]
        fn a_template_fills_in_the_same_when_it_comes_back(template in "([{}%#<>'=\\\\ \n]|\\{a\\.b\\}|\\{\\{b\\}\\}|\\{items\\[0\\]\\.n\\}|\\{first name\\}|\\{0\\}|a|é1){0,14}") {
            for format in [VariableFormat::FString, VariableFormat::Mustache, VariableFormat::Verbatim] {
                let Ok(nunjucks) = written(&template, format) else { continue };
                let (came, text) = match back(&nunjucks) {
                    Ok(came) => came,
                    // Not every text can stand beside an item of a list.
                    Err(why) => {
                        prop_assert!(why.contains("item of a list"), "{nunjucks:?}: {why}");
                        continue;
                    }
                };
                match render(&template, format, &data()) {
                    Ok(expected) => prop_assert_eq!(render(&text, came, &data()), Ok(expected), "{:?} {:?}", nunjucks, text),
                    Err(TemplateError::Missing(_)) => {}
                    Err(other) => prop_assert!(false, "{template:?}: {other}"),
                }
            }
        }

        #[test]
        fn any_text_is_read_or_refused(template in "(\\{\\{|\\}\\}|\\{%|%\\}|\\{#|raw|endraw|a|\\.|\\[|0|'|\\]| |\n|é){0,20}") {
            if let Ok((format, text)) = back(&template) {
                prop_assert!(flat(&text, format).is_ok());
            }
        }
    }
}
