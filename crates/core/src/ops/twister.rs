//! The Mersenne Twister as NumPy's `RandomState` has it: ONNX leaves open what
//! random numbers a seed gives, and its reference implementation gives these.
//! <http://www.math.sci.hiroshima-u.ac.jp/m-mat/MT/emt.html>

/// How many numbers are made at a time.
const LENGTH: usize = 624;
/// How far apart two numbers are of which a new one is made.
const DISTANCE: usize = 397;

/// A stream of random numbers.
pub(crate) struct Twister {
    state: [u32; LENGTH],
    next: usize,
}

impl Twister {
    pub(crate) fn new(seed: u32) -> Self {
        let mut state = [0; LENGTH];
        let mut word = seed;
        for (place, index) in state.iter_mut().zip(1u32..) {
            *place = word;
            word = (word ^ (word >> 30)).wrapping_mul(1_812_433_253).wrapping_add(index);
        }
        Self { state, next: LENGTH }
    }

    /// The next number from 0 to 1, without 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    fn word(&mut self) -> u32 {
        if self.next >= LENGTH {
            self.twist();
            self.next = 0;
        }
        let mut word = self.at(self.next);
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for index in 0..LENGTH {
            let joined = (self.at(index) & 0x8000_0000) | (self.at(index + 1) & 0x7fff_ffff);
            let odd = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            let made = self.at(index + DISTANCE) ^ (joined >> 1) ^ odd;
            if let Some(place) = self.state.get_mut(index) {
                *place = made;
            }
        }
    }

    /// The word at `index`, which goes around.
    fn at(&self, index: usize) -> u32 {
        self.state.get(index % LENGTH).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Twister;

    #[test]
    fn gives_the_numbers_of_numpy() {
        let mut twister = Twister::new(0);
        let first = [0.548_813_503_927_324_7, 0.715_189_366_372_419_5, 0.602_763_376_071_643_9];
        assert_eq!([(); 3].map(|()| twister.uniform()), first);
        // Past the numbers that are made at a time.
        let last = (3..1000).fold(0.0, |_, _| twister.uniform());
        assert_eq!(last, 0.677_141_144_111_424_1);
    }
}
