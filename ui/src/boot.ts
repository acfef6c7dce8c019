/**
 * Imported before anything else. WebKitGTK answers `"C"` to `navigator.language` under `LANG=C.UTF-8` (containers, minimal
 * installs), and `Intl` throws on that tag, in libraries as early as at their import.
 */
function languageIsValid(tag: string): boolean {
  try {
    Intl.getCanonicalLocales(tag);
    return true;
  } catch {
    return false;
  }
}

if (!languageIsValid(navigator.language)) {
  Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
  Object.defineProperty(navigator, "languages", { value: ["en-US"], configurable: true });
}
