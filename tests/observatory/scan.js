// Prints grade, score and results of the HTTP Observatory for one host: node scan.js localhost:8443
import { writeFileSync } from 'node:fs';

// The list of hosts that browsers ship with HSTS. The package fetches it when it is installed; ours is not on it.
const list = new URL('node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json', import.meta.url);
writeFileSync(list, '{}');

const { scan } = await import('@mdn/mdn-http-observatory');
const found = await scan(process.argv[2]);
const results = Object.entries(found.tests).map(([name, test]) => [name, test.result]);
console.log(JSON.stringify({ grade: found.scan.grade, score: found.scan.score, results: Object.fromEntries(results) }));
