//! Static files.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode};
use tower_http::services::ServeDir;

/// A folder of files to serve, `index.html` for a folder's path.
#[derive(Clone)]
pub(crate) struct Site(ServeDir);

impl Site {
    /// Serves the files under `folder` as they are when asked for.
    ///
    /// # Errors
    ///
    /// There is no such folder.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(folder)
            .with_context(|| format!("cannot read the folder {}", folder.display()))?;
        ensure!(
            metadata.is_dir(),
            "expected a folder of static files, but {} is no folder",
            folder.display()
        );
        Ok(Self(ServeDir::new(folder)))
    }

    /// The file that `request` asks for; `None` if there is none, or if the
    /// method is neither GET nor HEAD.
    pub(crate) async fn get(&self, request: &Parts) -> Option<Response> {
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return None;
        }
        let request = Request::from_parts(request.clone(), Body::empty());
        // An error means that the path names nothing that can be read.
        let mut response = self.0.clone().try_call(request).await.ok()?;
        if response.status() == StatusCode::NOT_FOUND {
            return None;
        }
        // Files change while someone works on them: browsers shall ask.
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Some(response.into_response())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    async fn get(site: &Site, method: Method, path: &str) -> Result<Option<Response>> {
        let request = Request::builder().method(method).uri(path).body(())?;
        Ok(site.get(&request.into_parts().0).await)
    }

    #[tokio::test]
    async fn finds_files_with_their_types() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let site = Site::open(folder.path())?;
        for (name, path, expected) in [
            ("index.html", "/", "text/html"),
            ("page.js", "/page.js", "text/javascript"),
            ("core.wasm", "/core.wasm", "application/wasm"),
        ] {
            fs::write(folder.path().join(name), name)?;
            for method in [Method::GET, Method::HEAD] {
                let response = get(&site, method, path).await?.context(path)?;
                assert_eq!(response.status(), StatusCode::OK);
                assert_eq!(response.headers()["content-type"], expected);
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn leaves_everything_else_to_the_component() -> Result<()> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("index.html"), "")?;
        fs::create_dir(folder.path().join("inner"))?;
        let site = Site::open(&folder.path().join("inner"))?;
        let long = format!("/{}", "a".repeat(5000));
        for path in ["/predict", "/", "/../index.html", "/%2e%2e/index.html", "/%ff%00", &long] {
            assert!(get(&site, Method::GET, path).await?.is_none(), "{path}");
        }
        let site = Site::open(folder.path())?;
        assert!(get(&site, Method::POST, "/").await?.is_none());
        Ok(())
    }
}
