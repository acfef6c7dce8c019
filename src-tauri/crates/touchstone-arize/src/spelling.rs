//! The three spellings of the API's words, and which of them a caller reads.
//!
//! The API changed its words twice without a new path, and its clients read only their own. Source: the generated
//! clients `arize` 8.12, 8.18 and 8.40 from PyPI; see [`Caller`] for what else differs.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use touchstone_domain::json::Json;
use touchstone_domain::prompt::{Provider, Role};
use touchstone_domain::template::VariableFormat;

/// What another Touchstone calls itself in `sdk-package-name`.
pub(crate) const TOUCHSTONE: &str = "touchstone";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// `openAI`, `f_string`: Python clients up to 8.17.
    First,
    /// `open_ai`, `f_string`: up to 8.39.
    Second,
    /// `OPEN_AI`, `F_STRING`.
    #[default]
    Current,
}

/// A word as the first, the second and the current spelling have it.
type Words = [Option<&'static str>; 3];

const PROVIDERS: [(Provider, Words); 6] = [
    (Provider::OpenAi, [Some("openAI"), Some("open_ai"), Some("OPEN_AI")]),
    (Provider::AzureOpenAi, [Some("azureOpenAI"), Some("azure_open_ai"), Some("AZURE_OPEN_AI")]),
    (Provider::AwsBedrock, [Some("awsBedrock"), Some("aws_bedrock"), Some("AWS_BEDROCK")]),
    (Provider::VertexAi, [Some("vertexAI"), Some("vertex_ai"), Some("VERTEX_AI")]),
    (Provider::Anthropic, [None, Some("anthropic"), Some("ANTHROPIC")]),
    (Provider::Custom, [Some("custom"), Some("custom"), Some("CUSTOM")]),
];

const FORMATS: [(VariableFormat, Words); 3] = [
    (VariableFormat::FString, [Some("f_string"), Some("f_string"), Some("F_STRING")]),
    (VariableFormat::Mustache, [Some("mustache"), Some("mustache"), Some("MUSTACHE")]),
    (VariableFormat::Verbatim, [Some("none"), Some("none"), Some("NONE")]),
];

const ROLES: [(Role, Words); 4] = [
    (Role::User, [Some("user"), Some("user"), Some("USER")]),
    (Role::Assistant, [Some("assistant"), Some("assistant"), Some("ASSISTANT")]),
    (Role::System, [Some("system"), Some("system"), Some("SYSTEM")]),
    (Role::Tool, [Some("tool"), Some("tool"), Some("TOOL")]),
];

/// Words whose current spelling is also how they are kept: kinds of tool calls and of answers.
const OTHERS: [Words; 4] = [
    [Some("function"), Some("function"), Some("FUNCTION")],
    [Some("text"), Some("text"), Some("TEXT")],
    [Some("json_object"), Some("json_object"), Some("JSON_OBJECT")],
    [Some("json_schema"), Some("json_schema"), Some("JSON_SCHEMA")],
];

impl Spelling {
    fn place(self) -> usize {
        match self {
            Self::First => 0,
            Self::Second => 1,
            Self::Current => 2,
        }
    }

    /// Providers that the spelling does not know go out as custom.
    pub(crate) fn provider(self, provider: Provider) -> &'static str {
        let word = |provider| PROVIDERS.iter().find(|(known, _)| *known == provider)?.1[self.place()];
        word(provider).or_else(|| word(Provider::Custom)).unwrap_or("CUSTOM")
    }

    /// Since the second spelling the API reads `none` as f_string, and so does it say.
    pub(crate) fn format(self, format: VariableFormat) -> &'static str {
        let format = match (self, format) {
            (Self::Second | Self::Current, VariableFormat::Verbatim) => VariableFormat::FString,
            _ => format,
        };
        FORMATS.iter().find_map(|(known, words)| words[self.place()].filter(|_| *known == format)).unwrap_or("F_STRING")
    }

    pub(crate) fn role(self, role: Role) -> &'static str {
        ROLES.iter().find_map(|(known, words)| words[self.place()].filter(|_| *known == role)).unwrap_or("USER")
    }

    /// A kind of tool call or answer, given in any spelling; what is none of them stays as it is.
    pub(crate) fn other(self, word: &Json) -> Json {
        let text = word.as_str();
        match OTHERS.iter().find(|words| words.iter().any(|known| known.is_some() && *known == text)) {
            Some(words) => Json::String(words[self.place()].unwrap_or_default().to_owned()),
            None => word.clone(),
        }
    }
}

/// A word in any spelling, and which spelling it must be, if it tells.
fn read<T: Copy>(word: &str, table: &[(T, Words)]) -> Option<T> {
    table.iter().find(|(_, words)| words.contains(&Some(word))).map(|(value, _)| *value)
}

pub(crate) fn read_provider(word: &str) -> Option<Provider> {
    read(word, &PROVIDERS)
}

pub(crate) fn read_format(word: &str) -> Option<VariableFormat> {
    read(word, &FORMATS)
}

pub(crate) fn read_role(word: &str) -> Option<Role> {
    read(word, &ROLES)
}

/// Whether `word` is one of `wanted`, given by their current spelling, in any spelling.
pub(crate) fn is_one_of(word: &str, wanted: &[&str]) -> bool {
    OTHERS.iter().any(|words| words.contains(&Some(word)) && words[2].is_some_and(|current| wanted.contains(&current)))
}

/// The words of a table, in the current spelling, for whoever gave none of them.
pub(crate) fn providers() -> String {
    PROVIDERS.iter().filter_map(|(_, words)| words[2]).collect::<Vec<_>>().join(", ")
}

pub(crate) fn formats() -> String {
    FORMATS.iter().filter_map(|(_, words)| words[2]).collect::<Vec<_>>().join(", ")
}

pub(crate) fn roles() -> String {
    ROLES.iter().filter_map(|(_, words)| words[2]).collect::<Vec<_>>().join(", ")
}

/// The spelling that a provider is written in. Where the older two share the word, `unnamed` decides, as far as it is one
/// of them.
pub(crate) fn spelling_of(provider: &str, unnamed: Spelling) -> Option<Spelling> {
    let (_, words) = PROVIDERS.iter().find(|(_, words)| words.contains(&Some(provider)))?;
    let [first, second, current] = words.map(|word| word == Some(provider));
    match (first, second, current) {
        (true, true, false) if unnamed == Spelling::First => Some(Spelling::First),
        (_, true, false) => Some(Spelling::Second),
        (true, false, false) => Some(Spelling::First),
        (false, false, true) => Some(Spelling::Current),
        _ => None,
    }
}

/// Who calls: what it reads follows from its name and version, which clients send since 8.24.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) spelling: Spelling,
    program: Program,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    /// It did not say who it is.
    Unnamed,
    /// The Python client of this major and minor version.
    Python(u32, u32),
    TypeScript,
    /// Another of us, of any version.
    Touchstone,
}

impl Caller {
    /// Reads `sdk-package-name` and `sdk-version`; a caller without them gets `unnamed`.
    pub(crate) fn of(headers: &HeaderMap, unnamed: Spelling) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let version = text("sdk-version").and_then(|version| {
            let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
            Some((parts.next()??, parts.next()??))
        });
        let python = |(major, minor)| Program::Python(major, minor);
        let (spelling, program) = match (text("sdk-package-name"), version) {
            (Some(TOUCHSTONE), _) => (Spelling::Current, Program::Touchstone),
            (Some("arize"), Some(version)) if version < (8, 18) => (Spelling::First, python(version)),
            (Some("arize"), Some(version)) if version < (8, 40) => (Spelling::Second, python(version)),
            (Some("arize"), Some(version)) => (Spelling::Current, python(version)),
            (Some("@arizeai/ax-client"), Some(version)) if version < (1, 24) => (Spelling::Second, Program::TypeScript),
            (Some("@arizeai/ax-client"), Some(_)) => (Spelling::Current, Program::TypeScript),
            _ => (unnamed, Program::Unnamed),
        };
        Self { spelling, program }
    }

    /// A file that anybody may read: everything that the API has, in the current spelling.
    pub(crate) fn of_files() -> Self {
        Self { spelling: Spelling::Current, program: Program::Unnamed }
    }

    /// The same caller, who showed which spelling it reads.
    pub(crate) fn reading(self, spelling: Spelling) -> Self {
        Self { spelling, ..self }
    }

    /// It said who it is.
    pub(crate) fn is_named(self) -> bool {
        self.program != Program::Unnamed
    }

    /// It is another Touchstone: versions go to it and come from it with their exact content.
    pub(crate) fn is_touchstone(self) -> bool {
        self.program == Program::Touchstone
    }

    /// It reads parameters that the API did not have when it was made. Source: the generated clients, of which 8.24
    /// refuses them and 8.30 keeps them.
    pub(crate) fn reads_unknown_params(self) -> bool {
        match self.program {
            Program::Python(major, minor) => (major, minor) >= (8, 30),
            _ => self.spelling == Spelling::Current,
        }
    }

    /// It knows `custom_provider_params`, which went with 8.24.
    pub(crate) fn reads_custom_provider_params(self) -> bool {
        match self.program {
            Program::Python(major, minor) => (major, minor) < (8, 24),
            _ => self.spelling != Spelling::Current,
        }
    }

    /// It wants to be told of a space whether it is private; earlier ones refuse to be.
    pub(crate) fn reads_is_private(self) -> bool {
        matches!(self.program, Program::Python(major, minor) if (major, minor) >= (8, 43))
    }

    /// A call that sets labels is answered with the version, not with its labels alone.
    pub(crate) fn reads_labelled_version(self) -> bool {
        self.spelling == Spelling::Current
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(name: &'static str, version: &'static str) -> Caller {
        let mut headers = HeaderMap::new();
        headers.insert("sdk-package-name", name.parse().expect("a header"));
        headers.insert("sdk-version", version.parse().expect("a header"));
        Caller::of(&headers, Spelling::First)
    }

    #[test]
    fn a_caller_reads_the_words_of_its_time() {
        for (name, version, spelling) in [
            ("arize", "8.12.0", Spelling::First),
            ("arize", "8.17.3", Spelling::First),
            ("arize", "8.18.0", Spelling::Second),
            ("arize", "8.39.0", Spelling::Second),
            ("arize", "8.40.0", Spelling::Current),
            ("arize", "9.0.0", Spelling::Current),
            ("@arizeai/ax-client", "1.23.9", Spelling::Second),
            ("@arizeai/ax-client", "1.28.0", Spelling::Current),
            ("else", "8.12.0", Spelling::First),
            ("arize", "soon", Spelling::First),
            ("touchstone", "0.1.0", Spelling::Current),
            ("touchstone", "soon", Spelling::Current),
        ] {
            assert_eq!(caller(name, version).spelling, spelling, "{name} {version}");
            assert_eq!(caller(name, version).is_touchstone(), name == "touchstone", "{name} {version}");
        }
    }

    #[test]
    fn what_a_spelling_does_not_know_goes_out_as_custom() {
        assert_eq!(Spelling::First.provider(Provider::Anthropic), "custom");
        assert_eq!(Spelling::Current.provider(Provider::Gemini), "CUSTOM");
        assert_eq!(Spelling::Current.provider(Provider::Practice), "CUSTOM");
        assert_eq!(Spelling::Second.provider(Provider::AwsBedrock), "aws_bedrock");
    }

    #[test]
    fn every_spelling_is_read() {
        for word in ["openAI", "open_ai", "OPEN_AI"] {
            assert_eq!(read_provider(word), Some(Provider::OpenAi));
        }
        assert_eq!(read_provider("OpenAI"), None);
        assert_eq!(spelling_of("custom", Spelling::First), Some(Spelling::First), "both older spellings have it");
        assert_eq!(spelling_of("custom", Spelling::Current), Some(Spelling::Second));
        assert_eq!(spelling_of("vertexAI", Spelling::Current), Some(Spelling::First));
    }
}
