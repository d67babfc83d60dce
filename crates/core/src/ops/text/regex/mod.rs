//! Regular expressions, as far as tokenizers need them: RE2's syntax without
//! flags, lazy repetition, Unicode classes and captures. Of the matches that
//! begin first, the longest one is found. The time is linear in the text.

mod class;
mod parse;
mod program;
mod run;
mod search;

use std::ops::Range;

use class::Class;
use parse::{Look, Term, parse};
use program::Program;
use run::Run;
use search::Search;

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// It is not an expression at all.
    Invalid(&'static str),
    /// It is one, but not one of these here.
    Unsupported(&'static str),
}

/// A regular expression.
pub(super) struct Regex(Form);

enum Form {
    Run(Run),
    Program(Program),
}

impl Regex {
    pub(super) fn new(expression: &str) -> Result<Self, Fault> {
        let term = parse(expression)?;
        Ok(Self(match Run::of(&term) {
            Some(run) => Form::Run(run),
            None => Form::Program(Program::of(&term)?),
        }))
    }

    /// A place for searches to keep what they need.
    pub(super) fn searches(&self) -> Searches<'_> {
        Searches(match &self.0 {
            Form::Run(run) => Engine::Run(run),
            Form::Program(program) => Engine::Program(Search::new(program)),
        })
    }
}

/// Searches for one expression in any number of texts.
pub(super) struct Searches<'a>(Engine<'a>);

enum Engine<'a> {
    Run(&'a Run),
    Program(Search<'a>),
}

impl Searches<'_> {
    /// The first match in `text` that begins at byte `from` or after it.
    pub(super) fn find(&mut self, text: &str, from: usize) -> Option<Range<usize>> {
        match &mut self.0 {
            Engine::Run(run) => run.find(text, from),
            Engine::Program(search) => search.find(text, from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(expression: &str, text: &str) -> Vec<String> {
        let regex = Regex::new(expression).unwrap();
        let mut searches = regex.searches();
        let (mut from, mut found) = (0, Vec::new());
        while let Some(range) = searches.find(text, from) {
            from = range.end + usize::from(range.is_empty());
            found.push(text[range].to_owned());
        }
        found
    }

    #[test]
    fn finds_runs_of_a_class() {
        assert_eq!(all("[a-zA-Z0-9_]+", "the cat, sat_1"), ["the", "cat", "sat_1"]);
        assert_eq!(all("a{2,}", "a aa b aaa"), ["aa", "aaa"]);
        assert_eq!(all(r"\w+", "été naïve"), ["t", "na", "ve"]);
        assert_eq!(all(r"\S+", "a,b  c\td\u{a0}e"), ["a,b", "c", "d\u{a0}e"]);
        assert_eq!(all(r"[^ ]+", "a\nb c"), ["a\nb", "c"]);
        assert_eq!(all(".+", "a\nb c"), ["a", "b c"]);
    }

    #[test]
    fn of_matches_that_begin_first_the_longest_is_found() {
        assert_eq!(all("a|ab|abc", "abcd"), ["abc"]);
        assert_eq!(all("(a|ab)(c|bcd)?", "xaby"), ["ab"]);
        assert_eq!(all("(a|ab)(c|bcd)", "abcd"), ["abcd"]);
        assert_eq!(all("(aa|a)*b?", "aaab")[0], "aaab");
        assert_eq!(all("ba*", "baab"), ["baa", "b"]);
    }

    #[test]
    fn repeats_as_often_as_told() {
        assert_eq!(all("a{2,3}", "a aa aaa aaaa aaaaa"), ["aa", "aaa", "aaa", "aaa", "aa"]);
        assert_eq!(all("a{2}", "a aa aaa"), ["aa", "aa"]);
        assert_eq!(all("colou?r", "color colour"), ["color", "colour"]);
        assert_eq!(all("(?:ab)+", "abab c"), ["abab"]);
        assert_eq!(all("a{,2}", "a{,2} aa"), ["a{,2}"]);
        assert_eq!(all("(a?)*b", "aab"), ["aab"]);
        assert_eq!(all("a*", "baab"), ["", "aa", "", ""]);
        assert_eq!(all("a{0}b", "ab"), ["b"]);
    }

    #[test]
    fn looks_at_the_bounds_of_words_and_of_the_text() {
        assert_eq!(all(r"\b\w\w+\b", "foo-bar baz1 a"), ["foo", "bar", "baz1"]);
        assert_eq!(all(r"b\B.", "abc ab"), ["bc"]);
        assert_eq!(all("^ab", "ab ab"), ["ab"]);
        assert_eq!(all("ab$", "ab\nab"), ["ab"]);
        assert_eq!(all(r"\Aab|ab\z", "abc ab"), ["ab", "ab"]);
        assert_eq!(all("^ab", "xab"), Vec::<String>::new());
    }

    #[test]
    fn bounds_are_those_of_the_whole_text_wherever_the_search_begins() {
        let regex = Regex::new(r"\bb|^a").unwrap();
        assert_eq!(regex.searches().find("ab b a", 1), Some(3..4));
        assert_eq!(regex.searches().find("aa", 1), None);
        assert_eq!(regex.searches().find("aa", 9), None);
    }

    #[test]
    fn classes_have_ranges_escapes_and_negation() {
        assert_eq!(all(r"[\w.\-]+", "a.b-c"), ["a.b-c"]);
        assert_eq!(all("[a-z-]+", "a.b-c"), ["a", "b-c"]);
        assert_eq!(all("[-a-z]+", "a.b-c"), ["a", "b-c"]);
        assert_eq!(all("[]a]+", "a]b"), ["a]"]);
        assert_eq!(all("[^]a]+", "a]b"), ["b"]);
        assert_eq!(all(r"[\Wa]+", "a b,c"), ["a ", ","]);
        assert_eq!(all(r"[^\W]+", "a b,c"), ["a", "b", "c"]);
        assert_eq!(all("[à-ÿa-z]+", "été 12"), ["été"]);
        assert_eq!(all(r"\s", "a\x0bb c"), [" "]);
        assert_eq!(all(r"[\d\s]+", "a1 2b"), ["1 2"]);
    }

    #[test]
    fn characters_that_mean_nothing_are_themselves() {
        assert_eq!(all(r"\!|\?", "a!b?"), ["!", "?"]);
        assert_eq!(all("[a-z]}|]", "a}b]"), ["a}", "]"]);
        assert_eq!(all(r"\x41|\n", "aA\n"), ["A", "\n"]);
        assert_eq!(all("a()b", "aab"), ["ab"]);
        assert_eq!(all("a|", "ab"), ["a", "", ""]);
    }

    #[test]
    fn refuses_what_is_no_expression() {
        let fault = |expression| Regex::new(expression).err();
        let invalid = |what| Some(Fault::Invalid(what));
        assert_eq!(fault("[ab"), invalid("a class without ]"));
        assert_eq!(fault("[z-a]"), invalid("a range from a larger to a smaller character"));
        assert_eq!(fault("(ab"), invalid("a group without )"));
        assert_eq!(fault("ab)"), invalid(") without ("));
        assert_eq!(fault("*a"), invalid("nothing to repeat"));
        assert_eq!(fault("a{3,2}"), invalid("a repetition that cannot be"));
        assert_eq!(fault("a{1001}"), invalid("a repetition that cannot be"));
        assert_eq!(fault("a\\"), invalid("an escape without a character"));
        assert_eq!(fault(r"\y"), invalid("an unknown escape"));
        assert_eq!(fault(r"(a)\1"), invalid("an unknown escape"));
        assert_eq!(fault("a**"), invalid("a repetition of a repetition"));
    }

    #[test]
    fn refuses_what_it_does_not_have() {
        let fault = |expression: &str| Regex::new(expression).err();
        let unsupported = |what| Some(Fault::Unsupported(what));
        assert_eq!(fault(r"(?u)\w+"), unsupported("flags and looking around"));
        assert_eq!(fault("(?=a)"), unsupported("flags and looking around"));
        assert_eq!(fault("a+?"), unsupported("lazy repetition"));
        assert_eq!(fault(r"\p{L}+"), unsupported("Unicode classes"));
        assert_eq!(fault("[[:alpha:]]"), unsupported("named classes"));
        assert_eq!(fault(&"(".repeat(1000)), unsupported("groups that are nested this deep"));
        assert_eq!(fault("((a{1000}){1000}){1000}"), unsupported("an expression of this size"));
        assert_eq!(fault("((){1000}){1000}"), unsupported("an expression of this size"));
    }

    #[test]
    fn the_time_is_linear_where_nothing_is_found() {
        let text = "a".repeat(100_000);
        assert_eq!(all("a*b", &text), Vec::<String>::new());
        assert_eq!(all("(a|aa)*c", &text), Vec::<String>::new());
    }
}
