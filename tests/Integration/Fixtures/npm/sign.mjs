// Signs the requests given as JSON on standard input with AWS's own signer, and prints their Authorization fields.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(process.argv[2]);
const { SignatureV4 } = require('@smithy/signature-v4');
const { Sha256 } = require('@aws-crypto/sha256-js');

const results = [];
for (const { service, region, accessKeyId, secretAccessKey, date, request } of JSON.parse(readFileSync(0, 'utf8'))) {
  const signer = new SignatureV4({
    service, region, credentials: { accessKeyId, secretAccessKey }, sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: service === 's3',
  });
  const signed = await signer.sign(request, { signingDate: new Date(date) });
  results.push(signed.headers.authorization ?? signed.headers.Authorization);
}
console.log(JSON.stringify(results));
