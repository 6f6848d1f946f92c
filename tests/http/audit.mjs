// The GraphQL-over-HTTP audit against a running server: prints what fails and exits 1 on any error or warning.
//
// Usage: npm ci && node audit.mjs [http://127.0.0.1:8080/graphql]
import { auditServer } from "graphql-http";

const url = process.argv[2] ?? process.env.CASELEDGER_GRAPHQL_URL ?? "http://127.0.0.1:8080/graphql";
const results = await auditServer({ url });
const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const result of results) {
  counts[result.status] += 1;
  if (result.status !== "ok") console.log(`${result.status}: ${result.id} ${result.name}: ${result.reason}`);
}
const { ok, notice, warn, error } = counts;
console.log(`${results.length} checks: ${ok} ok, ${notice} notices, ${warn} warnings, ${error} errors`);
process.exit(warn + error > 0 ? 1 : 0);
