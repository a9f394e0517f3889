/**
 * npm run demo: plays two scenarios against a running server, as an IOM clinic, a receiving clinician and an
 * integrator would. Exits 1 when a step differs from what must happen, 2 when no server answers.
 */
import { playScenario1 } from './scenario-1.ts';
import { playScenario7 } from './scenario-7.ts';
import { openStage } from './stage.ts';

const HELP = `Usage: npm run demo

Plays the journeys of a refugee (Thailand to USA) and of a medical evacuation (South Sudan) against a running
server, and prints what was asked and what came back. Start one with: npm start

PASSERELLE_URL   base of the server (default http://127.0.0.1:8080/fhir)`;

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const url = process.env.PASSERELLE_URL ?? 'http://127.0.0.1:8080/fhir';
  const stage = openStage(url, (line) => process.stdout.write(`${line}\n`));
  // Makes the identifiers of this play its own, so that it can be repeated on one server.
  const run = Date.now().toString().slice(-9);
  try {
    await playScenario1(stage, run);
    await playScenario7(stage, run);
  } catch (error) {
    const reason = (error as { cause?: Error }).cause?.message ?? (error as Error).message;
    process.stderr.write(
      `\nThe play stopped: ${reason}\nIs a server running at ${url}? Start one with: npm start\n`,
    );
    return 2;
  }
  process.stdout.write(`\n${stage.steps} steps, ${stage.failures} differ.\n`);
  return stage.failures === 0 ? 0 : 1;
}

process.exitCode = await main();
