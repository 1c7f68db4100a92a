//! Reads `#[put(..)]`: words with their values, as written. A wrong word is reported and the next one is read.
//!
//! One file, because what is accepted and what is said of the rest are two sides of one grammar.

use proc_macro2::{Ident, Span, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::token::{Brace, Bracket, Paren};
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, MacroDelimiter, Meta, Token};

use crate::ctxt::Ctxt;
use crate::symbol::{ENDPOINT_SWITCHES, Form, Place, SERDE_WORDS, Word, nearest};

/// The words on one struct or field, each once, with the place where it stands.
#[derive(Default)]
pub(crate) struct Words {
    said: Vec<(Word, Span)>,
    /// Those that the user misspelt: they count as said, but not twice.
    guessed: Vec<Word>,
}

impl Words {
    pub(crate) fn has(&self, word: Word) -> bool {
        self.at(word).is_some()
    }

    pub(crate) fn at(&self, word: Word) -> Option<Span> {
        self.said.iter().find(|(other, _)| *other == word).map(|(_, at)| *at)
    }

    /// In the order in which they are written.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Word, Span)> {
        self.said.iter().copied()
    }

    /// Whether the word is the first of its kind here.
    fn insert(&mut self, ctxt: &Ctxt, word: Word, at: Span, guessed: bool) -> bool {
        if self.has(word) {
            if !guessed && !self.guessed.contains(&word) {
                ctxt.error_at(at, format_args!("duplicate `put` attribute {word}; keep one"));
            }
            return false;
        }
        self.said.push((word, at));
        if guessed {
            self.guessed.push(word);
        }
        true
    }
}

/// `#[put(..)]` on the struct.
#[derive(Default)]
pub(crate) struct StructAttrs {
    pub(crate) words: Words,
    pub(crate) path: Option<LitStr>,
    /// `crate = "::path"`
    pub(crate) root: Option<syn::Path>,
    /// Words that belong on a field.
    pub(crate) misplaced: Vec<Word>,
}

impl StructAttrs {
    pub(crate) fn read(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut this = Self::default();
        each_item(ctxt, attrs, Place::Struct, &mut |item| match item {
            Item::Misplaced(word) => this.misplaced.push(word),
            Item::Here { word, at, guessed, value } => {
                if !this.words.insert(ctxt, word, at, guessed) {
                    return;
                }
                match (word, value) {
                    (Word::Path, Some(Value::Text(text))) => this.path = Some(text),
                    (Word::Crate, Some(Value::Text(text))) => this.root = root(ctxt, &text),
                    _ => {}
                }
            }
        });
        this
    }
}

/// The path that the expansion starts all its paths with.
fn root(ctxt: &Ctxt, text: &LitStr) -> Option<syn::Path> {
    let is_absolute =
        |path: &syn::Path| path.leading_colon.is_some() || path.segments.first().is_some_and(|s| s.ident == "crate");
    match text.parse_with(syn::Path::parse_mod_style) {
        Ok(path) if is_absolute(&path) => Some(path),
        _ => {
            ctxt.error(
                text,
                "`crate` must be an absolute path, so that it means the same in every module: `\"::put_core\"`",
            );
            None
        }
    }
}

/// `#[put(..)]` on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) words: Words,
    pub(crate) pattern: Option<LitStr>,
    pub(crate) echo: Option<&'static str>,
    pub(crate) on_create: Option<Expr>,
    pub(crate) on_replace: Option<Expr>,
    pub(crate) absent: Option<&'static str>,
    pub(crate) store_with: Option<Expr>,
    pub(crate) column: Option<LitStr>,
    pub(crate) column_type: Option<LitStr>,
    /// Words that belong on the struct.
    pub(crate) misplaced: Vec<Word>,
}

impl FieldAttrs {
    pub(crate) fn read(ctxt: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut this = Self::default();
        each_item(ctxt, attrs, Place::Field, &mut |item| match item {
            Item::Misplaced(word) => this.misplaced.push(word),
            Item::Here { word, at, guessed, value } => {
                if !this.words.insert(ctxt, word, at, guessed) {
                    return;
                }
                match (word, value) {
                    (Word::Pattern, Some(Value::Text(text))) => this.pattern = Some(text),
                    (Word::Echo, Some(Value::Choice(text))) => this.echo = Some(text),
                    (Word::OnCreate, Some(Value::Expression(value))) => this.on_create = Some(value),
                    (Word::OnReplace, Some(Value::Expression(value))) => this.on_replace = Some(value),
                    (Word::Absent, Some(Value::Choice(text))) => this.absent = Some(text),
                    (Word::StoreWith, Some(Value::Expression(value))) => this.store_with = Some(value),
                    (Word::Column, Some(Value::Text(text))) => this.column = Some(text),
                    (Word::ColumnType, Some(Value::Text(text))) => this.column_type = Some(text),
                    _ => {}
                }
            }
        });
        this
    }
}

enum Item {
    /// A word that may stand here. It has a value when its form asks for one and the user wrote it.
    Here {
        word: Word,
        at: Span,
        guessed: bool,
        value: Option<Value>,
    },
    Misplaced(Word),
}

enum Value {
    Text(LitStr),
    /// One of the texts of a [`Form::Choice`].
    Choice(&'static str),
    Expression(Expr),
}

fn each_item(ctxt: &Ctxt, attrs: &[Attribute], place: Place, take: &mut dyn FnMut(Item)) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("put")) {
        match &attr.meta {
            Meta::List(list) if matches!(list.delimiter, MacroDelimiter::Paren(_)) => {
                let read = list.parse_args_with(|input: ParseStream<'_>| {
                    items(ctxt, input, place, take);
                    Ok(())
                });
                if let Err(error) = read {
                    ctxt.note(error);
                }
            }
            _ => {
                let list = Word::list(place);
                ctxt.error(attr, format_args!("expected `#[put(..)]` with one or more of {list}"));
            }
        }
    }
}

fn items(ctxt: &Ctxt, input: ParseStream<'_>, place: Place, take: &mut dyn FnMut(Item)) {
    while !input.is_empty() {
        if let Some(item) = item(ctxt, input, place) {
            take(item);
        }
        if input.is_empty() || input.parse::<Token![,]>().is_ok() {
            continue;
        }
        ctxt.error_at(input.span(), "expected a comma between two `put` attributes");
        // A word is read as if the comma were there.
        if !input.peek(Ident::peek_any) {
            skip_to_comma(input);
        }
    }
}

fn item(ctxt: &Ctxt, input: ParseStream<'_>, place: Place) -> Option<Item> {
    let Ok(name) = Ident::parse_any(input) else {
        let list = Word::list(place);
        ctxt.error_at(input.span(), format_args!("expected one of {list}"));
        skip_to_comma(input);
        return None;
    };
    let text = name.unraw().to_string();
    if let Some(word) = Word::named(&text) {
        if word.place() == place {
            let value = value(ctxt, input, word, &name);
            return Some(Item::Here { word, at: name.span(), guessed: false, value });
        }
        skip_value(input);
        ctxt.error(&name, misplaced(word));
        return Some(Item::Misplaced(word));
    }
    let nearest = Word::nearest(&text);
    ctxt.error(&name, unknown(&text, nearest, place));
    // The word that was meant is taken as written, so that nothing is reported as missing besides.
    match nearest {
        Some(word) if word.place() == place => {
            let value = value(&Ctxt::default(), input, word, &name);
            Some(Item::Here { word, at: name.span(), guessed: true, value })
        }
        nearest => {
            skip_value(input);
            nearest.map(Item::Misplaced)
        }
    }
}

fn misplaced(word: Word) -> String {
    let name = word.name();
    let value = if word.form() == Form::Flag { "" } else { " = .." };
    match word.place() {
        Place::Struct => format!("`#[put({name}{value})]` belongs on the struct, not on a field"),
        Place::Field => format!("`#[put({name}{value})]` belongs on a field, not on the struct"),
    }
}

fn unknown(text: &str, nearest: Option<Word>, place: Place) -> String {
    if SERDE_WORDS.contains(&text) {
        return format!("`{text}` is serde's word, and PUT follows it; write `#[serde({text})]`");
    }
    if ENDPOINT_SWITCHES.contains(&text) {
        return format!(
            "`{text}` is a switch of the endpoint, not a fact of the struct; write `endpoint(store).{text}(..)`"
        );
    }
    let list = Word::list(place);
    match nearest {
        Some(word) => format!("unknown `put` attribute `{text}`; did you mean {word}? expected one of {list}"),
        None => format!("unknown `put` attribute `{text}`; expected one of {list}"),
    }
}

/// Reads what follows the word.
fn value(ctxt: &Ctxt, input: ParseStream<'_>, word: Word, name: &Ident) -> Option<Value> {
    let name_of_word = word.name();
    let message = match word.form() {
        Form::Flag => {
            if input.peek(Token![=]) || input.peek(Paren) || input.peek(Bracket) || input.peek(Brace) {
                ctxt.error(name, format_args!("{word} takes no value; write `#[put({})]`", word.name()));
                skip_value(input);
            }
            return None;
        }
        Form::Text { example } => format!("{word} needs a text: `{name_of_word} = {example}`"),
        Form::Choice { texts } => format!("{word} needs a text: {}", choices(word, texts)),
        Form::Expression { example } => format!("{word} needs an expression: `{name_of_word} = {example}`"),
    };
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        ctxt.error(name, message);
        skip_value(input);
        return None;
    }
    let equals: Token![=] = input.parse().ok()?;
    if input.is_empty() || input.peek(Token![,]) {
        ctxt.error(equals, message);
        return None;
    }
    let expression = match parse_expression(input) {
        Ok(expression) => expression,
        Err(error) => {
            ctxt.note(error);
            skip_to_comma(input);
            return None;
        }
    };
    if let Form::Expression { .. } = word.form() {
        return Some(Value::Expression(expression));
    }
    let Some(text) = text(&expression) else {
        ctxt.error(&expression, message);
        return None;
    };
    match word.form() {
        Form::Choice { texts } => choice(ctxt, word, texts, &text),
        _ => Some(Value::Text(text)),
    }
}

/// The one of the texts that was written.
fn choice(ctxt: &Ctxt, word: Word, texts: &[&'static str], written: &LitStr) -> Option<Value> {
    let typed = written.value();
    if let Some(text) = texts.iter().find(|text| **text == typed) {
        return Some(Value::Choice(text));
    }
    let list = choices(word, texts);
    match nearest(&typed, texts.iter().map(|text| (*text, *text))) {
        Some(text) => ctxt.error(
            written,
            format_args!("{word} cannot be {typed:?}; did you mean `{} = {text:?}`? write {list}", word.name()),
        ),
        None => ctxt.error(written, format_args!("{word} cannot be {typed:?}; write {list}")),
    };
    None
}

fn choices(word: Word, texts: &[&str]) -> String {
    let choices: Vec<String> = texts.iter().map(|text| format!("`{} = {text:?}`", word.name())).collect();
    match &choices[..] {
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
        [] => String::new(),
    }
}

/// The text of a literal; a macro by example passes it on inside an invisible group.
pub(crate) fn text(expression: &Expr) -> Option<LitStr> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        Expr::Group(group) => text(&group.expr),
        _ => None,
    }
}

/// Reads an expression, or nothing: an expression that is wrong in the middle leaves the input where it was.
fn parse_expression(input: ParseStream<'_>) -> syn::Result<Expr> {
    let ahead = input.fork();
    ahead.parse::<Expr>()?;
    input.parse()
}

fn skip_value(input: ParseStream<'_>) {
    if input.peek(Token![=]) && !input.peek(Token![==]) && input.parse::<Token![=]>().is_ok() {
        // An expression may have commas of its own, between type arguments.
        let _ = parse_expression(input);
    }
    skip_to_comma(input);
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) && input.parse::<TokenTree>().is_ok() {}
}
