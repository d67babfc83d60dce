use std::ops::Range;

use super::Look;
use super::class::is_word;
use super::program::{Program, Step};

/// Follows all ways through a program at once, character by character.
pub(super) struct Search<'a> {
    program: &'a Program,
    /// Steps that take the next character, those of earlier starts first.
    ready: Vec<Thread>,
    /// Where the threads go on after the character.
    waiting: Vec<Thread>,
    /// For each step, the round in which a thread came there last.
    visited: Vec<u64>,
    round: u64,
    stack: Vec<usize>,
    found: Option<Range<usize>>,
}

#[derive(Clone, Copy)]
struct Thread {
    step: usize,
    start: usize,
}

/// A place in a text, and the characters around it.
#[derive(Clone, Copy)]
struct Place {
    position: usize,
    before: Option<char>,
    after: Option<char>,
}

impl<'a> Search<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Self {
            program,
            ready: Vec::new(),
            waiting: Vec::new(),
            visited: vec![0; program.steps.len()],
            round: 0,
            stack: Vec::new(),
            found: None,
        }
    }

    pub(super) fn find(&mut self, text: &str, from: usize) -> Option<Range<usize>> {
        let mut chars = text.get(from..)?.chars();
        let before = text.get(..from)?.chars().next_back();
        let mut place = Place { position: from, before, after: chars.next() };
        (self.found, self.round) = (None, self.round + 1);
        self.waiting.clear();
        loop {
            self.follow(place);
            if self.ready.is_empty() && self.found.is_some() {
                break;
            }
            let Some(c) = place.after else { break };
            self.take(c);
            let position = place.position + c.len_utf8();
            place = Place { position, before: Some(c), after: chars.next() };
        }
        self.found.take()
    }

    /// Brings all threads to steps that take a character, and begins a new one
    /// where there is no match yet.
    fn follow(&mut self, place: Place) {
        self.round += 1;
        self.ready.clear();
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.drain(..).for_each(|thread| self.enter(thread, place));
        self.waiting = waiting;
        if self.found.is_none() {
            self.enter(Thread { step: 0, start: place.position }, place);
        }
    }

    /// Follows a thread up to the steps that take a character. Whoever comes to a
    /// step first has the earliest start there.
    fn enter(&mut self, Thread { step, start }: Thread, place: Place) {
        if self.found.as_ref().is_some_and(|found| found.start < start) {
            return;
        }
        self.stack.push(step);
        while let Some(step) = self.stack.pop() {
            match self.visited.get_mut(step) {
                Some(round) if *round != self.round => *round = self.round,
                _ => continue,
            }
            match self.program.steps.get(step) {
                Some(Step::Class(_)) => self.ready.push(Thread { step, start }),
                Some(Step::Look(look)) if look.holds(place) => self.stack.push(step + 1),
                Some(Step::Split(one, other)) => self.stack.extend([*other, *one]),
                Some(Step::Jump(to)) => self.stack.push(*to),
                Some(Step::Match) => self.found = Some(start..place.position),
                Some(Step::Look(_)) | None => {}
            }
        }
    }

    /// Lets every thread that began no later than the match take a character.
    fn take(&mut self, c: char) {
        let latest = self.found.as_ref().map_or(usize::MAX, |found| found.start);
        for thread in self.ready.iter().filter(|thread| thread.start <= latest) {
            if let Some(Step::Class(class)) = self.program.steps.get(thread.step)
                && class.contains(c)
            {
                self.waiting.push(Thread { step: thread.step + 1, start: thread.start });
            }
        }
    }
}

impl Look {
    fn holds(self, place: Place) -> bool {
        match self {
            Self::Start => place.position == 0,
            Self::End => place.after.is_none(),
            Self::WordBound => is_word(place.before) != is_word(place.after),
            Self::NoWordBound => is_word(place.before) == is_word(place.after),
        }
    }
}
