// Copies GOV.UK Frontend's stylesheet to static-built/, without the typeface that only GOV.UK may use.
//
// The licence of the Transport typeface does not cover services outside GOV.UK, and the crest is the Crown's:
// the typeface's @font-face rules, its name and the crest are taken out here, before a browser could ask for them.
//
// The compressed copy beside it is what a browser gets that can read it: an eighth of the bytes, on every first visit.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "node_modules", "govuk-frontend", "dist", "govuk", "govuk-frontend.min.css");
const target = join(here, "..", "static-built");

const css = readFileSync(source, "utf8")
  .replace(/@font-face\{[^}]*\}/g, "")
  .replace(/\/\*! Copyright \(c\) 2011[^*]*\*\//g, "")
  .replace(/font-family:GDS Transport,\s*arial,\s*sans-serif/g, "font-family:inherit")
  .replace(/url\(\/assets\/images\/govuk-crest\.svg\)/g, "none")
  .replace(/\/\*# sourceMappingURL=[^*]*\*\//g, "");
if (/GDS Transport|@font-face|crest\.svg|crown\.svg/.test(css)) {
  throw new Error("The Transport typeface or a royal emblem is still in the stylesheet: look at the new release's CSS.");
}
mkdirSync(target, { recursive: true });
const compressed = gzipSync(css, { level: 9 });
writeFileSync(join(target, "govuk-frontend.css"), css);
writeFileSync(join(target, "govuk-frontend.css.gz"), compressed);
console.log(`govuk-frontend.css: ${css.length} characters, ${compressed.length} bytes compressed`);
