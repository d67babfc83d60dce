use crate::Limits;

/// How the service behaves.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// How much one request may ask for.
    pub limits: Limits,
    /// Whether clients may load and unload models.
    pub repository_control: bool,
}
