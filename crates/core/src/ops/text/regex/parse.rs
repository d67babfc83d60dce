use std::iter::Peekable;
use std::str::Chars;

use super::Fault;
use super::class::{Class, DIGIT, SPACE, WORD, others};

/// Groups nest no deeper than this.
const DEEPEST: usize = 50;
/// RE2's limit.
const MOST_TIMES: usize = 1000;

/// An expression as a tree.
#[derive(Debug)]
pub(super) enum Term {
    Class(Class),
    Look(Look),
    /// One after the other.
    All(Vec<Term>),
    /// One of them.
    Any(Vec<Term>),
    Repeat {
        term: Box<Term>,
        least: usize,
        most: Option<usize>,
    },
}

/// What has to be at a place between two characters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Start,
    End,
    WordBound,
    NoWordBound,
}

pub(super) fn parse(expression: &str) -> Result<Term, Fault> {
    let mut parser = Parser { chars: expression.chars().peekable(), depth: 0 };
    let term = parser.alternatives()?;
    if parser.chars.next().is_some() { Err(Fault::Invalid(") without (")) } else { Ok(term) }
}

struct Parser<'a> {
    chars: Peekable<Chars<'a>>,
    depth: usize,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<Term, Fault> {
        let mut terms = vec![self.sequence()?];
        while self.chars.next_if_eq(&'|').is_some() {
            terms.push(self.sequence()?);
        }
        Ok(single(terms, Term::Any))
    }

    fn sequence(&mut self) -> Result<Term, Fault> {
        let mut terms = Vec::new();
        while let Some(&c) = self.chars.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let term = self.atom()?;
            terms.push(self.repeated(term)?);
        }
        Ok(single(terms, Term::All))
    }

    fn atom(&mut self) -> Result<Term, Fault> {
        Ok(match self.chars.next() {
            Some('(') => self.group()?,
            Some('[') => Term::Class(self.class()?),
            Some('.') => Term::Class(Class::new(vec!['\n'..='\n'], true)),
            Some('^') => Term::Look(Look::Start),
            Some('$') => Term::Look(Look::End),
            Some('*' | '+' | '?') => return Err(Fault::Invalid("nothing to repeat")),
            Some('\\') => self.escape()?,
            Some(c) => character(c),
            None => Term::All(Vec::new()),
        })
    }

    fn group(&mut self) -> Result<Term, Fault> {
        if self.depth == DEEPEST {
            return Err(Fault::Unsupported("groups that are nested this deep"));
        }
        if self.chars.next_if_eq(&'?').is_some() && self.chars.next() != Some(':') {
            return Err(Fault::Unsupported("flags and looking around"));
        }
        self.depth += 1;
        let term = self.alternatives()?;
        self.depth -= 1;
        match self.chars.next() {
            Some(_) => Ok(term),
            None => Err(Fault::Invalid("a group without )")),
        }
    }

    fn escape(&mut self) -> Result<Term, Fault> {
        let look = match self.chars.peek() {
            Some('b') => Look::WordBound,
            Some('B') => Look::NoWordBound,
            Some('A') => Look::Start,
            Some('z') => Look::End,
            _ => return self.escaped().map(|ranges| Term::Class(Class::new(ranges, false))),
        };
        self.chars.next();
        Ok(Term::Look(look))
    }

    /// What an escape stands for, in a class or outside of one.
    fn escaped(&mut self) -> Result<Vec<std::ops::RangeInclusive<char>>, Fault> {
        let Some(c) = self.chars.next() else {
            return Err(Fault::Invalid("an escape without a character"));
        };
        let character = match c {
            'w' => return Ok(WORD.to_vec()),
            'W' => return Ok(others(&WORD)),
            'd' => return Ok(DIGIT.to_vec()),
            'D' => return Ok(others(&DIGIT)),
            's' => return Ok(SPACE.to_vec()),
            'S' => return Ok(others(&SPACE)),
            'p' | 'P' => return Err(Fault::Unsupported("Unicode classes")),
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => self.hexadecimal()?,
            c if c.is_ascii_alphanumeric() => return Err(Fault::Invalid("an unknown escape")),
            c => c,
        };
        Ok(vec![character..=character])
    }

    /// The character of two hexadecimal digits.
    fn hexadecimal(&mut self) -> Result<char, Fault> {
        let mut digit = || self.chars.next().and_then(|c| c.to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => Ok(char::from_u32(high * 16 + low).unwrap_or_default()),
            _ => Err(Fault::Unsupported("a character by other than two hexadecimal digits")),
        }
    }

    fn class(&mut self) -> Result<Class, Fault> {
        let negated = self.chars.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        // ] right at the start is a character like others.
        let mut first = true;
        loop {
            let mut part = match self.chars.next() {
                None => return Err(Fault::Invalid("a class without ]")),
                Some(']') if !first => return Ok(Class::new(ranges, negated)),
                Some('[') if self.chars.peek() == Some(&':') => {
                    return Err(Fault::Unsupported("named classes"));
                }
                Some('\\') => self.escaped()?,
                Some(c) => vec![c..=c],
            };
            first = false;
            if let [from] = part.as_slice()
                && let Some(to) = self.range_end()?
            {
                let from = *from.start();
                if from > to {
                    return Err(Fault::Invalid("a range from a larger to a smaller character"));
                }
                part = vec![from..=to];
            }
            ranges.append(&mut part);
        }
    }

    /// The last character of a range, where a `-` and a character follow.
    fn range_end(&mut self) -> Result<Option<char>, Fault> {
        let mut ahead = self.chars.clone();
        if ahead.next() != Some('-') || matches!(ahead.next(), Some(']') | None) {
            return Ok(None);
        }
        self.chars.next();
        match self.chars.next() {
            Some('\\') => match self.escaped()?.as_slice() {
                [range] if range.start() == range.end() => Ok(Some(*range.start())),
                _ => Err(Fault::Invalid("a range to a class")),
            },
            end => Ok(end),
        }
    }

    fn repeated(&mut self, term: Term) -> Result<Term, Fault> {
        let Some((least, most)) = self.times()? else { return Ok(term) };
        match self.chars.peek() {
            Some('?') => return Err(Fault::Unsupported("lazy repetition")),
            Some('*' | '+') => return Err(Fault::Invalid("a repetition of a repetition")),
            _ => {}
        }
        if self.times()?.is_some() {
            return Err(Fault::Invalid("a repetition of a repetition"));
        }
        Ok(Term::Repeat { term: Box::new(term), least, most })
    }

    /// How often the term before is there, where that is said.
    fn times(&mut self) -> Result<Option<(usize, Option<usize>)>, Fault> {
        let times = match self.chars.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted(),
            _ => return Ok(None),
        };
        self.chars.next();
        Ok(Some(times))
    }

    /// `{2}`, `{2,}` or `{2,3}`; anything else is characters like others.
    fn counted(&mut self) -> Result<Option<(usize, Option<usize>)>, Fault> {
        let mut ahead = self.chars.clone();
        ahead.next();
        let Some(least) = number(&mut ahead) else { return Ok(None) };
        let comma = ahead.next_if_eq(&',').is_some();
        let most = if comma { number(&mut ahead) } else { Some(least) };
        if ahead.next() != Some('}') {
            return Ok(None);
        }
        if least > MOST_TIMES || most.is_some_and(|most| most > MOST_TIMES || most < least) {
            return Err(Fault::Invalid("a repetition that cannot be"));
        }
        self.chars = ahead;
        Ok(Some((least, most)))
    }
}

fn number(chars: &mut Peekable<Chars<'_>>) -> Option<usize> {
    let mut number = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        chars.next();
        let tens = number.unwrap_or(0usize).saturating_mul(10);
        number = Some(tens.saturating_add(digit as usize));
    }
    number
}

fn character(c: char) -> Term {
    Term::Class(Class::new(vec![c..=c], false))
}

fn single(mut terms: Vec<Term>, many: fn(Vec<Term>) -> Term) -> Term {
    match terms.pop() {
        Some(term) if terms.is_empty() => term,
        last => {
            terms.extend(last);
            many(terms)
        }
    }
}
