//! Tokens to trees.

mod number;
mod scope;
mod unquote;

use std::collections::BTreeMap;
use std::fmt;

use super::ast::{Arg, At, Branch, Called, Command, Node, Pipe, Term, Variable};
use super::error::{Error, ErrorKind};
use super::functions::Functions;
use super::lex::{Delims, Keyword, Kind, Token, lex};
use crate::go::strconv;
use scope::Scope;

/// How deep actions and parentheses may nest.
pub const MAX_NESTING: usize = 200;

/// How a template is read and run.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// Delimiters instead of `{{` and `}}`; empty means those.
    pub delims: (&'a str, &'a str),
    /// The option `missingkey`.
    pub missing_key: MissingKey,
}

/// What a missing map key gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// `default`, `invalid`: no value.
    #[default]
    Invalid,
    /// `zero`: the zero value of the element type.
    Zero,
    /// `error`: an error.
    Error,
}

/// A parsed template with all that it defines.
pub struct Template {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) trees: BTreeMap<String, Vec<Node>>,
    pub(super) missing_key: MissingKey,
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").field("name", &self.name).field("defines", &self.trees.len()).finish()
    }
}

impl Template {
    /// Parses `text`; functions must be known now.
    ///
    /// Errors: Go's text with name and line.
    pub fn parse(name: &str, text: &str, functions: &Functions) -> Result<Template, Error> {
        Template::parse_with(name, text, functions, &Options::default())
    }

    /// [`Template::parse`] with options.
    pub fn parse_with(name: &str, text: &str, functions: &Functions, options: &Options<'_>) -> Result<Template, Error> {
        let or = |given: &str, default: &str| if given.is_empty() { default.to_owned() } else { given.to_owned() };
        let delims = Delims { left: or(options.delims.0, "{{"), right: or(options.delims.1, "}}") };
        let (tokens, lex_error) = lex(text, &delims);
        let mut parser = Parser {
            name,
            functions,
            tokens,
            lex_error,
            at: 0,
            seen: 0,
            least_seen: 0,
            variables: vec!["$"],
            scope: Scope::new(),
            trees: BTreeMap::new(),
            ranges: 0,
            action_line: 0,
            depth: 0,
        };
        let root = parser.root()?;
        parser.add(name.to_owned(), root)?;
        Ok(Template {
            name: name.to_owned(),
            text: text.to_owned(),
            trees: parser.trees,
            missing_key: options.missing_key,
        })
    }

    /// The templates defined in this one, itself included.
    pub fn defined(&self) -> impl Iterator<Item = &str> {
        self.trees.keys().map(String::as_str)
    }
}

/// True when nothing but blank text is there.
fn is_empty(list: &[Node]) -> bool {
    list.iter().all(|node| matches!(node, Node::Text(text) if text.trim().is_empty()))
}

struct Parser<'a> {
    name: &'a str,
    functions: &'a Functions,
    tokens: Vec<Token<'a>>,
    /// The message of the last token, where that is an error.
    lex_error: String,
    at: usize,
    /// The last token that was looked at: errors name its line.
    seen: usize,
    /// Tokens up to here were looked at already.
    least_seen: usize,
    /// The names that may be used here, as Go checks them.
    variables: Vec<&'a str>,
    /// The variables that there will be here when the template runs.
    scope: Scope,
    trees: BTreeMap<String, Vec<Node>>,
    ranges: usize,
    action_line: usize,
    depth: usize,
}

/// What ends a list of nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    End,
    Else,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == End::End { "{{end}}" } else { "{{else}}" })
    }
}

/// A node, or what ends the list that is being read.
enum Piece {
    Node(Node),
    End(End),
}

type Parsed<T> = Result<T, Error>;

impl<'a> Parser<'a> {
    fn token(&self, i: usize) -> Token<'a> {
        self.tokens[i.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.token(self.at);
        self.seen = self.at;
        self.at += 1;
        token
    }

    fn peek(&mut self) -> Kind {
        self.seen = self.at;
        self.token(self.at).kind
    }

    fn next_non_space(&mut self) -> Token<'a> {
        while self.peek() == Kind::Space {
            self.at += 1;
        }
        self.next()
    }

    fn peek_non_space(&mut self) -> Token<'a> {
        let token = self.next_non_space();
        self.at -= 1;
        token
    }

    fn error<T>(&self, message: impl fmt::Display) -> Parsed<T> {
        let line = self.token(self.seen.max(self.least_seen)).line;
        let message = format!("template: {}:{line}: {message}", self.name);
        Err(Error { kind: ErrorKind::Parse, message, line: Some(line), partial: String::new() })
    }

    fn unexpected<T>(&self, token: &Token<'_>, context: &str) -> Parsed<T> {
        if token.kind != Kind::Error {
            return self.error(format!("unexpected {} in {context}", token.show()));
        }
        let mut extra = String::new();
        if self.action_line != 0 && self.action_line != token.line {
            extra = format!(" in action started at {}:{}", self.name, self.action_line);
            if self.lex_error.ends_with(" action") {
                extra = extra[" in action".len()..].to_owned();
            }
        }
        self.error(format!("{}{extra}", self.lex_error))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Token<'a>> {
        let token = self.next_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn add(&mut self, name: String, list: Vec<Node>) -> Parsed<()> {
        match self.trees.get(&name) {
            Some(old) if !is_empty(old) => {
                if is_empty(&list) {
                    Ok(())
                } else {
                    self.error(format!("template: multiple definition of template {}", strconv::quote(&name)))
                }
            }
            _ => {
                self.trees.insert(name, list);
                Ok(())
            }
        }
    }

    fn root(&mut self) -> Parsed<Vec<Node>> {
        let mut list = Vec::new();
        while self.peek() != Kind::Eof {
            if self.peek() == Kind::LeftDelim {
                let start = self.at;
                self.next();
                if self.next_non_space().kind == Kind::Keyword(Keyword::Define) {
                    self.definition()?;
                    continue;
                }
                self.at = start;
            }
            match self.text_or_action()? {
                Piece::Node(node) => list.push(node),
                Piece::End(end) => return self.error(format!("unexpected {end}")),
            }
        }
        Ok(list)
    }

    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        self.expect(Kind::RightDelim, CONTEXT)?;
        let list = self.own_scope(CONTEXT)?;
        self.add(name, list)
    }

    /// A list with variables of its own, up to its end.
    fn own_scope(&mut self, context: &str) -> Parsed<Vec<Node>> {
        let outer = (std::mem::replace(&mut self.variables, vec!["$"]), std::mem::take(&mut self.ranges));
        let outer_scope = std::mem::replace(&mut self.scope, Scope::new());
        let (list, end) = self.list()?;
        if end != End::End {
            return self.error(format!("unexpected {end} in {context}"));
        }
        (self.variables, self.ranges) = outer;
        self.scope = outer_scope;
        Ok(list)
    }

    fn list(&mut self) -> Parsed<(Vec<Node>, End)> {
        let mut list = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Piece::Node(node) => list.push(node),
                Piece::End(end) => return Ok((list, end)),
            }
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parsed<Piece> {
        let token = self.next_non_space();
        match token.kind {
            Kind::Text => Ok(Piece::Node(Node::Text(token.text.to_owned()))),
            Kind::LeftDelim => {
                self.action_line = token.line;
                let piece = self.action();
                self.action_line = 0;
                piece
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Piece> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Keyword(Keyword::Block) => self.block()?,
            Kind::Keyword(Keyword::Break) => self.jump(Node::Break, "{{break}}")?,
            Kind::Keyword(Keyword::Continue) => self.jump(Node::Continue, "{{continue}}")?,
            Kind::Keyword(Keyword::Else) => {
                let next = self.peek_non_space();
                if !matches!(next.kind, Kind::Keyword(Keyword::If | Keyword::With)) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Piece::End(End::Else));
            }
            Kind::Keyword(Keyword::End) => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Piece::End(End::End));
            }
            Kind::Keyword(Keyword::If) => self.control(Keyword::If)?,
            Kind::Keyword(Keyword::Range) => self.control(Keyword::Range)?,
            Kind::Keyword(Keyword::With) => self.control(Keyword::With)?,
            Kind::Keyword(Keyword::Template) => {
                const CONTEXT: &str = "template clause";
                let name_token = self.next_non_space();
                let name = self.template_name(&name_token, CONTEXT)?;
                let mut pipe = None;
                if self.next_non_space().kind != Kind::RightDelim {
                    self.at -= 1;
                    pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
                }
                Node::Template { pos: name_token.pos, name, pipe }
            }
            _ => {
                self.at -= 1;
                Node::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        Ok(Piece::Node(node))
    }

    fn jump(&mut self, node: Node, name: &str) -> Parsed<Node> {
        let token = self.next_non_space();
        if token.kind != Kind::RightDelim {
            return self.unexpected(&token, name);
        }
        if self.ranges == 0 {
            return self.error(format!("{name} outside {{{{range}}}}"));
        }
        Ok(node)
    }

    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let list = self.own_scope(CONTEXT)?;
        self.add(name.clone(), list)?;
        Ok(Node::Template { pos: token.pos, name, pipe: Some(pipe) })
    }

    fn template_name(&mut self, token: &Token<'_>, context: &str) -> Parsed<String> {
        match token.kind {
            Kind::String | Kind::RawString => self.unquote(token.text),
            _ => self.unexpected(token, context),
        }
    }

    fn unquote(&self, quoted: &str) -> Parsed<String> {
        match unquote::string(quoted) {
            Some(text) => Ok(text),
            None => self.error("invalid syntax"),
        }
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return self.error("max expression depth exceeded");
        }
        let parsed = read(self);
        self.depth -= 1;
        parsed
    }

    fn control(&mut self, keyword: Keyword) -> Parsed<Node> {
        self.nested(|p| p.branch(keyword))
    }

    fn branch(&mut self, keyword: Keyword) -> Parsed<Node> {
        let (context, make): (_, fn(Branch) -> Node) = match keyword {
            Keyword::If => ("if", Node::If),
            Keyword::With => ("with", Node::With),
            _ => ("range", Node::Range),
        };
        let (variables, outer) = (self.variables.len(), self.scope.mark());
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let inner = self.scope.mark();
        let in_range = usize::from(keyword == Keyword::Range);
        self.ranges += in_range;
        let (then, end) = self.list()?;
        self.ranges -= in_range;
        self.scope.leave(inner);
        let mut otherwise = None;
        if end == End::Else {
            let chained = matches!(
                (keyword, self.peek()),
                (Keyword::If, Kind::Keyword(Keyword::If)) | (Keyword::With, Kind::Keyword(Keyword::With))
            );
            if chained {
                self.next();
                otherwise = Some(vec![self.control(keyword)?]);
            } else {
                let (list, end) = self.list()?;
                if end != End::End {
                    return self.error(format!("expected end; found {end}"));
                }
                otherwise = Some(list);
            }
        }
        self.variables.truncate(variables);
        self.scope.leave(outer);
        Ok(make(Branch { pipe, then, otherwise }))
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let mut pipe =
            Pipe { pos: self.peek_non_space().pos, assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.next_non_space();
            match token.kind {
                kind if kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Keyword(Keyword::Nil)
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.at -= 1;
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => return self.unexpected(&token, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (i, command) in pipe.commands.iter().enumerate().skip(1) {
            let first = command.args.first().map(|a| &a.node);
            if matches!(first, Some(Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::String { .. })) {
                return self.error(format!("non executable command in pipeline stage {}", i + 1));
            }
        }
        self.scope.run(&mut pipe, end == Kind::RightParen);
        Ok(pipe)
    }

    /// `$x :=`, `$x =`, and in a range `$i, $x :=`.
    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Parsed<()> {
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                return Ok(());
            }
            self.next();
            let back = self.at - 1;
            let next = self.peek_non_space();
            match next.kind {
                Kind::Assign | Kind::Declare => {
                    self.next_non_space();
                    pipe.assigns = next.kind == Kind::Assign;
                    pipe.variables.push(Variable { name: variable.text.to_owned(), slot: None });
                    self.variables.push(variable.text);
                    return Ok(());
                }
                Kind::Char if next.text == "," => {
                    self.next_non_space();
                    pipe.variables.push(Variable { name: variable.text.to_owned(), slot: None });
                    self.variables.push(variable.text);
                    if context == "range" && pipe.variables.len() < 2 {
                        match self.peek_non_space().kind {
                            Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                            _ => return self.error("range can only initialize variables"),
                        }
                    }
                    return self.error(format!("too many declarations in {context}"));
                }
                _ => {
                    // Errors go on naming the line of what was looked at beyond the variable.
                    (self.at, self.least_seen) = (back, self.seen);
                    return Ok(());
                }
            }
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        let mut command = Command { pos: self.peek_non_space().pos, args: Vec::new() };
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                command.args.push(operand);
            }
            let token = self.next();
            match token.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.at -= 1,
                Kind::Pipe => {}
                _ => return self.unexpected(&token, "operand"),
            }
            break;
        }
        if command.args.is_empty() { self.error("empty command") } else { Ok(command) }
    }

    fn operand(&mut self) -> Parsed<Option<Arg>> {
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek() != Kind::Field {
            return Ok(Some(term));
        }
        let pos = self.token(self.at).pos;
        let mut names = Vec::new();
        while self.peek() == Kind::Field {
            names.push(self.next().text[1..].to_owned());
        }
        let node = match term.node {
            Term::Field(mut first) => {
                first.extend(names);
                Term::Field(first)
            }
            Term::Variable(variable, _) => Term::Variable(variable, names),
            Term::Bool(_) | Term::String { .. } | Term::Number(_) | Term::Nil | Term::Dot => {
                return self.error(format!("unexpected . after term {}", strconv::quote(&term.node.to_string())));
            }
            _ => Term::Chain(Box::new(term), names),
        };
        Ok(Some(At { pos, node }))
    }

    fn term(&mut self) -> Parsed<Option<Arg>> {
        let token = self.next_non_space();
        let node = match token.kind {
            Kind::Identifier => match self.functions.get(token.text) {
                Some(function) => Term::Identifier(token.text.to_owned(), Called(function)),
                None => return self.error(format!("function {} not defined", strconv::quote(token.text))),
            },
            Kind::Dot => Term::Dot,
            Kind::Keyword(Keyword::Nil) => Term::Nil,
            Kind::Variable => {
                if !self.variables.contains(&token.text) {
                    return self.error(format!("undefined variable {}", strconv::quote(token.text)));
                }
                Term::Variable(self.scope.read(token.text), Vec::new())
            }
            Kind::Field => Term::Field(vec![token.text[1..].to_owned()]),
            Kind::Bool => Term::Bool(token.text == "true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => match number::parse(&token) {
                Ok(number) => Term::Number(number),
                Err(message) => return self.error(message),
            },
            Kind::LeftParen => {
                let pipe = self.nested(|p| p.pipeline("parenthesized pipeline", Kind::RightParen))?;
                return Ok(Some(At { pos: pipe.pos, node: Term::Pipe(Box::new(pipe)) }));
            }
            Kind::String | Kind::RawString => {
                let text = self.unquote(token.text)?;
                Term::String { quoted: token.text.to_owned(), text }
            }
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(At { pos: token.pos, node }))
    }
}
