use crate::Limits;

/// How the service behaves.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// How much one request may ask for.
    pub limits: Limits,
    /// Whether clients may load and unload models.
    pub repository_control: bool,
    /// A path that tells whether the default model answers, as Vertex AI's
    /// `AIP_HEALTH_ROUTE`. The API's own paths come before it.
    pub health_route: Option<String>,
    /// A path that takes rows in the forms of platforms, as Vertex AI's
    /// `AIP_PREDICT_ROUTE`. The API's own paths come before it.
    pub predict_route: Option<String>,
}
