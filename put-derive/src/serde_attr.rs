//! Reads `#[serde(..)]` as far as PUT depends on it. What serde does not know or refuses is left for serde to report.
//!
//! One file, because the names of a member come from the struct's attributes and the field's together.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, ExprPath, LitStr, Meta, Token};

use crate::attr;

/// The items of all `#[serde(..)]` on one struct or field.
#[derive(Default)]
pub(crate) struct Serde(Vec<Meta>);

type Items = Punctuated<Meta, Token![,]>;

impl Serde {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let lists = attrs.iter().filter(|attr| attr.path().is_ident("serde"));
        Self(lists.filter_map(|attr| attr.parse_args_with(Items::parse_terminated).ok()).flatten().collect())
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.item(word).is_some()
    }

    pub(crate) fn item(&self, word: &str) -> Option<&Meta> {
        self.items(word).next()
    }

    fn items(&self, word: &str) -> impl Iterator<Item = &Meta> {
        self.0.iter().filter(move |item| item.path().is_ident(word))
    }

    /// The value of `word = "text"`.
    pub(crate) fn text(&self, word: &str) -> Option<LitStr> {
        self.item(word).and_then(text)
    }

    /// The texts of `word = "both"` and `word(serialize = "one", deserialize = "other")`, by direction.
    fn by_direction(&self, word: &str) -> Directions {
        let mut all = Directions::default();
        for item in self.items(word) {
            match item {
                Meta::List(list) => {
                    let Ok(inner) = list.parse_args_with(Items::parse_terminated) else { continue };
                    for item in &inner {
                        let direction = match item.path() {
                            path if path.is_ident("serialize") => &mut all.serialize,
                            path if path.is_ident("deserialize") => &mut all.deserialize,
                            _ => continue,
                        };
                        direction.extend(text(item).map(|text| text.value()));
                    }
                }
                item => {
                    if let Some(text) = text(item) {
                        all.serialize.push(text.value());
                        all.deserialize.push(text.value());
                    }
                }
            }
        }
        all
    }

    /// The container's `rename_all`.
    pub(crate) fn rules(&self) -> Rules {
        let all = self.by_direction("rename_all");
        Rules::of(&all)
    }

    /// An enum's `rename_all_fields`.
    pub(crate) fn rules_of_fields(&self) -> Rules {
        Rules::of(&self.by_direction("rename_all_fields"))
    }

    /// An enum's `rename_all`, which is for its variants.
    pub(crate) fn rule_of_variants(&self) -> Option<String> {
        self.by_direction("rename_all").deserialize.into_iter().next()
    }

    /// The name of a variant, and the others under which it is read.
    pub(crate) fn variant_names(&self, variant: &Ident, rule: Option<&str>) -> (String, Vec<String>) {
        let mut read = self.by_direction("rename").deserialize.into_iter();
        let name = read.next().unwrap_or_else(|| variant_name(&variant.unraw().to_string(), rule));
        (name, self.items("alias").filter_map(text).map(|text| text.value()).collect())
    }

    /// The names of a field.
    pub(crate) fn names(&self, field: &Ident, rules: Rules) -> Names {
        let field = field.unraw().to_string();
        let all = self.by_direction("rename");
        let mut read = all.deserialize.into_iter();
        let serialize = all.serialize.into_iter().next().unwrap_or_else(|| rules.serialize.apply(&field));
        let deserialize = read.next().unwrap_or_else(|| rules.deserialize.apply(&field));
        let mut aliases: Vec<String> = Vec::new();
        let more = self.items("alias").filter_map(text).map(|text| text.value());
        for alias in read.chain(more) {
            if alias != deserialize && !aliases.contains(&alias) {
                aliases.push(alias);
            }
        }
        Names { serialize, deserialize, aliases }
    }

    /// The function that reads the field, of `deserialize_with` or `with`.
    pub(crate) fn reader(&self) -> Option<ExprPath> {
        self.function("deserialize_with", "deserialize")
    }

    /// The function that writes the field, of `serialize_with` or `with`.
    pub(crate) fn writer(&self) -> Option<ExprPath> {
        self.function("serialize_with", "serialize")
    }

    fn function(&self, word: &str, in_module: &str) -> Option<ExprPath> {
        if let Some(path) = self.text(word) {
            return path.parse().ok();
        }
        let module = self.text("with")?;
        let mut path: ExprPath = module.parse().ok()?;
        path.path.segments.push(Ident::new(in_module, module.span()).into());
        Some(path)
    }
}

fn text(item: &Meta) -> Option<LitStr> {
    attr::text(&item.require_name_value().ok()?.value)
}

#[derive(Default)]
struct Directions {
    serialize: Vec<String>,
    deserialize: Vec<String>,
}

/// The names of one member.
pub(crate) struct Names {
    pub(crate) serialize: String,
    pub(crate) deserialize: String,
    pub(crate) aliases: Vec<String>,
}

/// `rename_all`, by direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) serialize: Rule,
    pub(crate) deserialize: Rule,
}

impl Rules {
    fn of(all: &Directions) -> Self {
        let rule = |texts: &[String]| texts.first().map_or(Rule::AsWritten, |text| Rule::named(text));
        Self { serialize: rule(&all.serialize), deserialize: rule(&all.deserialize) }
    }
}

/// How `rename_all` makes a name of a variant's, whose words begin with capitals.
fn variant_name(variant: &str, rule: Option<&str>) -> String {
    let snake = || {
        let mut name = String::new();
        for (at, letter) in variant.char_indices() {
            if at > 0 && letter.is_uppercase() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    };
    match rule {
        Some("lowercase") => variant.to_ascii_lowercase(),
        Some("UPPERCASE") => variant.to_ascii_uppercase(),
        Some("camelCase") => {
            let mut letters = variant.chars();
            letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
        }
        Some("snake_case") => snake(),
        Some("SCREAMING_SNAKE_CASE") => snake().to_ascii_uppercase(),
        Some("kebab-case") => snake().replace('_', "-"),
        Some("SCREAMING-KEBAB-CASE") => snake().to_ascii_uppercase().replace('_', "-"),
        _ => variant.to_owned(),
    }
}

/// How `rename_all` makes a member's name of a field's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// No rule, or `lowercase`, or `snake_case`: serde takes a field's name to be lower case already.
    AsWritten,
    Upper,
    Pascal,
    Camel,
    Kebab,
    UpperKebab,
}

impl Rule {
    fn named(name: &str) -> Self {
        match name {
            "UPPERCASE" | "SCREAMING_SNAKE_CASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::UpperKebab,
            _ => Self::AsWritten,
        }
    }

    fn apply(self, field: &str) -> String {
        match self {
            Self::AsWritten => field.to_owned(),
            Self::Upper => field.to_ascii_uppercase(),
            Self::Kebab => field.replace('_', "-"),
            Self::UpperKebab => field.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal => joined(field, true),
            Self::Camel => joined(field, false),
        }
    }
}

/// The words between the underscores in one, each with a capital; the first letter of all as asked.
fn joined(field: &str, first: bool) -> String {
    let mut name = String::new();
    let mut capital = true;
    for letter in field.chars() {
        match letter {
            '_' => capital = true,
            letter if name.is_empty() && !first => {
                name.push(letter.to_ascii_lowercase());
                capital = false;
            }
            letter if capital => {
                name.push(letter.to_ascii_uppercase());
                capital = false;
            }
            letter => name.push(letter),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn names(container: &[Attribute], field: &str, attrs: &[Attribute]) -> (String, String, Vec<String>) {
        let rules = Serde::read(container).rules();
        let field: Ident = syn::parse_str(field).expect("an identifier");
        let names = Serde::read(attrs).names(&field, rules);
        (names.serialize, names.deserialize, names.aliases)
    }

    #[test]
    fn rules_make_the_names_that_serde_makes() {
        for (rule, name) in [
            ("lowercase", "first_name2"),
            ("UPPERCASE", "FIRST_NAME2"),
            ("PascalCase", "FirstName2"),
            ("camelCase", "firstName2"),
            ("snake_case", "first_name2"),
            ("SCREAMING_SNAKE_CASE", "FIRST_NAME2"),
            ("kebab-case", "first-name2"),
            ("SCREAMING-KEBAB-CASE", "FIRST-NAME2"),
        ] {
            let container = [parse_quote!(#[serde(rename_all = #rule)])];
            let (write, read, aliases) = names(&container, "first_name2", &[]);
            assert_eq!((write.as_str(), read.as_str(), aliases), (name, name, vec![]), "{rule}");
        }
        let camel = [parse_quote!(#[serde(rename_all = "camelCase")])];
        assert_eq!(names(&camel, "_leading", &[]).0, "leading");
        assert_eq!(names(&camel, "r#type", &[]).0, "type");
    }

    #[test]
    fn rules_make_the_names_of_variants_that_serde_makes() {
        for (rule, name) in [
            ("lowercase", "bymail2"),
            ("UPPERCASE", "BYMAIL2"),
            ("PascalCase", "ByMail2"),
            ("camelCase", "byMail2"),
            ("snake_case", "by_mail2"),
            ("SCREAMING_SNAKE_CASE", "BY_MAIL2"),
            ("kebab-case", "by-mail2"),
            ("SCREAMING-KEBAB-CASE", "BY-MAIL2"),
        ] {
            assert_eq!(variant_name("ByMail2", Some(rule)), name, "{rule}");
        }
        assert_eq!(variant_name("ByMail2", None), "ByMail2");
        let attrs = [parse_quote!(#[serde(rename = "mail", alias = "post")])];
        let names = Serde::read(&attrs).variant_names(&parse_quote!(ByMail), Some("lowercase"));
        assert_eq!(names, ("mail".to_owned(), vec!["post".to_owned()]));
    }

    #[test]
    fn a_field_overrules_its_struct() {
        let camel = [parse_quote!(#[serde(rename_all = "camelCase")])];
        let cases: [(Attribute, &str, &str, &[&str]); 5] = [
            (parse_quote!(#[serde(rename = "x")]), "x", "x", &[]),
            (parse_quote!(#[serde(rename(serialize = "w", deserialize = "r"))]), "w", "r", &[]),
            (parse_quote!(#[serde(rename(serialize = "w"))]), "w", "aB", &[]),
            (parse_quote!(#[serde(rename(deserialize = "r", deserialize = "s"))]), "aB", "r", &["s"]),
            (
                parse_quote!(#[serde(alias = "b", default, alias = "c", alias = "aB", alias = "b")]),
                "aB",
                "aB",
                &["b", "c"],
            ),
        ];
        for (attr, write, read, aliases) in cases {
            let aliases = aliases.iter().map(ToString::to_string).collect();
            assert_eq!(names(&camel, "a_b", &[attr]), (write.to_owned(), read.to_owned(), aliases));
        }
    }

    #[test]
    fn functions_are_found_in_their_module() {
        let path = |path: Option<ExprPath>| path.map(|path| quote::quote!(#path).to_string().replace(' ', ""));
        let both = Serde::read(&[parse_quote!(#[serde(with = "a::b")])]);
        assert_eq!(path(both.reader()).as_deref(), Some("a::b::deserialize"));
        assert_eq!(path(both.writer()).as_deref(), Some("a::b::serialize"));
        let one = Serde::read(&[parse_quote!(#[serde(serialize_with = "a::<u8>::w")])]);
        assert_eq!(path(one.reader()), None);
        assert_eq!(path(one.writer()).as_deref(), Some("a::<u8>::w"));
    }

    #[test]
    fn what_serde_does_not_know_is_left_to_it() {
        let serde = Serde::read(&[parse_quote!(#[serde(default, new_word(of = 1), other::path = "x")])]);
        assert!(serde.has("default"));
        let broken = Serde::read(&[parse_quote!(#[serde(default = )]), parse_quote!(#[serde(flatten)])]);
        assert!(!broken.has("default") && broken.has("flatten"));
    }
}
