// Takes the compiled styles of govuk-frontend and @ministryofjustice/frontend out of their npm packages and
// makes them fit for a service that is not on GOV.UK and asks nothing of the outside:
// no web font (GDS Transport is licensed for GOV.UK only), no royal arms, only icons that stand beside them.
//
// Usage: node api/assets/vendor.mjs FOLDER   (FOLDER holds node_modules with the versions of NOTICE.md)
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const from = process.argv[2];
if (!from) throw new Error("name the folder that holds node_modules");
const here = dirname(fileURLToPath(import.meta.url));
const govuk = join(from, "node_modules/govuk-frontend/dist/govuk");
const moj = join(from, "node_modules/@ministryofjustice/frontend/moj");
const systemFonts = "system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif";

function withoutWebFont(css) {
  return css
    .replaceAll(/@font-face\{[^}]*\}/g, "")
    .replaceAll("GDS Transport,arial,sans-serif", systemFonts)
    .replaceAll(/\/\*# sourceMappingURL=[^*]*\*\//g, "");
}

function withoutRoyalArms(css) {
  return css.replaceAll("url(/assets/images/govuk-crest.svg)", "none");
}

mkdirSync(join(here, "served/vendor"), { recursive: true });
mkdirSync(join(here, "served/images"), { recursive: true });
const govukCss = withoutRoyalArms(withoutWebFont(readFileSync(join(govuk, "govuk-frontend.min.css"), "utf8")));
const mojCss = withoutWebFont(readFileSync(join(moj, "moj-frontend.min.css"), "utf8"));
for (const css of [govukCss, mojCss]) {
  if (css.includes("GDS Transport") || /url\((?!\/assets\/images\/icon-)/.test(css)) {
    throw new Error("a font or a picture of the outside is left; look at the new version's CSS");
  }
}
writeFileSync(join(here, "served/vendor/govuk-frontend.css"), govukCss);
writeFileSync(join(here, "served/vendor/moj-frontend.css"), mojCss);
for (const [, icon] of mojCss.matchAll(/url\(\/assets\/images\/(icon-[a-z-]+\.svg)\)/g)) {
  copyFileSync(join(moj, "assets/images", icon), join(here, "served/images", icon));
}
