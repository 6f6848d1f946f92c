// Visits the pages of a running server in Chromium: with and without JavaScript, at 1200 and 320 pixels, in print.
// Each must answer 200, ask nothing of the outside, log no error, not scroll sideways, and break no rule of axe
// (WCAG 2.2 AA and good practice). The pages are found by following links from the start page and the list.
//
// Usage: npm ci && node pages.mjs [http://127.0.0.1:8080] [FOLDER]   FOLDER takes screenshots
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const base = (process.argv[2] ?? process.env.CASELEDGER_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const folder = process.argv[3];
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

const browser = await chromium.launch({ executablePath, args: quiet });
const faults = [];
let visits = 0;

async function open(path, { width = 1200, script = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, javaScriptEnabled: script });
  const page = await context.newPage();
  const where = `${path} at ${width} px${script ? "" : " without JavaScript"}`;
  page.on("console", (message) => message.type() === "error" && faults.push(`${where}: ${message.text()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) faults.push(`${where}: asks ${request.url()}`);
  });
  const response = await page.goto(base + path);
  if (response.status() !== 200) faults.push(`${where}: status ${response.status()}`);
  visits += 1;
  return { page, where, close: () => context.close() };
}

async function check(name, path, options) {
  const { page, where, close } = await open(path, options);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  if (wide) faults.push(`${where}: scrolls sideways`);
  if (folder) await page.screenshot({ path: `${folder}/${name}-${options.width}.png`, fullPage: true });
  // The tool runs through the debugging protocol, which the content security policy does not touch.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const run = `axe.run(document, { runOnly: ${JSON.stringify(tags)} }).then((found) => JSON.stringify(found.violations))`;
  const { result } = await session.send("Runtime.evaluate", { expression: run, awaitPromise: true });
  for (const broken of JSON.parse(result.value)) {
    faults.push(`${where}: ${broken.id}: ${broken.help}: ${broken.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  }
  await close();
}

/** The first link of a page whose address matches. */
async function link(path, pattern) {
  const { page, close } = await open(path, { script: false });
  const addresses = await page.locator("a[href]").evaluateAll((links) => links.map((each) => each.getAttribute("href")));
  await close();
  return addresses.find((address) => pattern.test(address));
}

const child = await link("/children?record=late", /^\/children\/[0-9a-f-]{36}/) ?? await link("/children", /^\/children\/[0-9a-f-]{36}/);
if (!child) throw new Error("the ledger holds no child");
const plain = child.split("?")[0];
const pages = {
  start: "/",
  children: "/children",
  nobody: "/children?q=nobody",
  journey: plain,
  "journey-past": `${plain}?known-at=2020-01-31`,
  "journey-source": `${plain}?basis=source&order=oldest&show=problems`,
  "journey-problem": `${plain}?known-at=yesterday`,
  clock: await link(plain, /\/clocks\//),
  event: await link(plain, /\/events\//),
  explorer: "/explorer?query=%7Bledger%7Bhead%7D%7D",
};
for (const [name, path] of Object.entries(pages)) {
  if (!path) { faults.push(`${name}: no link leads there from ${plain}`); continue; }
  for (const width of [1200, 320]) await check(name, path, { width });
  const { page, where, close } = await open(path, { script: false });
  if (!(await page.locator("main h1").isVisible())) faults.push(`${where}: shows no heading`);
  await page.emulateMedia({ media: "print" });
  if (!(await page.locator("main h1").isVisible())) faults.push(`${where}: prints no heading`);
  await close();
}
await browser.close();
for (const fault of faults) console.log(fault);
console.log(`${visits} visits, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
