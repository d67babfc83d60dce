/** Starts the page, and says so when that fails: a missing package would else leave it blank. */
import("./main.js").catch((error) => {
  const notice = document.getElementById("startup-error");
  notice.querySelector("[data-part=code]").textContent = error.code ?? error.name;
  notice.querySelector("[data-part=message]").textContent = error.message;
  notice.querySelector("button").addEventListener("click", () => location.reload());
  notice.hidden = false;
  document.getElementById("app").hidden = true;
});
