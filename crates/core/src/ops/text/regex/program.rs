use super::{Class, Fault, Look, Term};

/// Programs have no more steps than this, and are made of no more terms.
const LONGEST: usize = 4096;
const TOO_LONG: Fault = Fault::Unsupported("an expression of this size");

/// An expression as steps, which a search follows all at once.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    /// The number of terms that the steps are made of; repeated ones count each
    /// time, even those without a step.
    terms: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Takes a character of the class, and goes on with the next step.
    Class(Class),
    /// Goes on with the next step where the text is like that.
    Look(Look),
    /// Goes on with both.
    Split(usize, usize),
    Jump(usize),
    /// A match ends here.
    Match,
}

impl Program {
    pub(super) fn of(term: &Term) -> Result<Self, Fault> {
        let mut program = Self::default();
        program.add(term)?;
        program.push(Step::Match)?;
        Ok(program)
    }

    fn push(&mut self, step: Step) -> Result<usize, Fault> {
        if self.steps.len() >= LONGEST {
            return Err(TOO_LONG);
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn set(&mut self, place: usize, step: Step) {
        if let Some(place) = self.steps.get_mut(place) {
            *place = step;
        }
    }

    fn add(&mut self, term: &Term) -> Result<(), Fault> {
        self.terms += 1;
        if self.terms > LONGEST {
            return Err(TOO_LONG);
        }
        match term {
            Term::Class(class) => self.push(Step::Class(class.clone())).map(drop),
            Term::Look(look) => self.push(Step::Look(*look)).map(drop),
            Term::All(terms) => terms.iter().try_for_each(|term| self.add(term)),
            Term::Any(terms) => self.any(terms),
            Term::Repeat { term, least, most } => self.repeat(term, *least, *most),
        }
    }

    fn any(&mut self, terms: &[Term]) -> Result<(), Fault> {
        let Some((last, terms)) = terms.split_last() else { return Ok(()) };
        let mut ends = Vec::new();
        for term in terms {
            let split = self.push(Step::Match)?;
            self.add(term)?;
            ends.push(self.push(Step::Match)?);
            self.set(split, Step::Split(split + 1, self.steps.len()));
        }
        self.add(last)?;
        let end = self.steps.len();
        ends.into_iter().for_each(|jump| self.set(jump, Step::Jump(end)));
        Ok(())
    }

    fn repeat(&mut self, term: &Term, least: usize, most: Option<usize>) -> Result<(), Fault> {
        for _ in 0..least {
            self.add(term)?;
        }
        let Some(most) = most else {
            let split = self.push(Step::Match)?;
            self.add(term)?;
            self.push(Step::Jump(split))?;
            self.set(split, Step::Split(split + 1, self.steps.len()));
            return Ok(());
        };
        let mut splits = Vec::new();
        for _ in least..most {
            splits.push(self.push(Step::Match)?);
            self.add(term)?;
        }
        let end = self.steps.len();
        splits.into_iter().for_each(|split| self.set(split, Step::Split(split + 1, end)));
        Ok(())
    }
}
