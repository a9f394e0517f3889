/** What `passerelle COMMAND --help` prints. */

export type CommandName = 'serve' | 'validate' | 'seed' | 'backup' | 'verify';

interface CommandHelp {
  /** The command line, and what it does in one line. */
  readonly usage: string;
  readonly summary: string;
  readonly details: string;
}

export const COMMANDS: Readonly<Record<CommandName, CommandHelp>> = {
  serve: {
    usage: 'passerelle [serve] [--workers N]',
    summary: 'serve FHIR at http://127.0.0.1:8080/fhir; on MongoDB with N processes',
    details: `Settings are environment variables, listed by passerelle --help. The data is kept in PASSERELLE_DATA (./data),
or in MongoDB when MONGODB_URL is set.

  --workers N   so many processes on one port (1 to 64), for MongoDB on a machine with several cores

  PASSERELLE_PORT=8081 passerelle serve
  PASSERELLE_DATA=/var/lib/passerelle passerelle serve

Stop it with Ctrl+C: requests under way are answered first. After a power cut or a kill nothing that was answered
is lost, and the database is checked when the server starts again.`,
  },
  validate: {
    usage: 'passerelle validate [--json] [--errors] [--profile URL] [--package PATH] PATH...',
    summary: 'check resources against R4 and the profiles they claim',
    details: `  PATH              a resource in JSON or XML, a .ndjson file, a folder of such files, or - for standard input
  --profile URL     hold every resource to this profile too; may be repeated
  --package PATH    a FHIR package (.tgz) or folder whose definitions apply too; may be repeated
  --errors          leave out warnings and information
  --json            one line of JSON for each resource: source, valid, issues

  passerelle validate patient.json
  passerelle validate --errors --json export/ > report.ndjson

Exit code: 0 without errors, 1 with errors, 2 when something could not be read or nothing was checked.`,
  },
  seed: {
    usage: 'passerelle seed --patients N [--seed S] [--to store|URL|FILE.ndjson]',
    summary: 'made-up migrant families, the same for the same seed',
    details: `Families of refugees before resettlement, labour migrants, returnees, people in camps and evacuees, each with
its case, encounters, observations, immunizations, referrals and consents: about 18 resources a patient, valid against
the IOM profiles. Names in several scripts, birth dates as precise as known, gaps as in life.

  --patients N    how many (default 100), in whole families; 1,000 make about 18,000 resources
  --seed S        another number makes other families (default 1)
  --to store      into the configured store, validated, a transaction a family (default); the server must not be
                  running on it, except on MongoDB
  --to URL        to a FHIR server as transactions, such as http://127.0.0.1:8080/fhir
  --to FILE       a new file that ends in .ndjson

  passerelle seed --patients 1000
  passerelle seed --patients 50 --seed 7 --to http://127.0.0.1:8080/fhir

Ctrl+C ends it after the families under way; what was written stays, in whole families. The same command again goes
on from there: families that are there unchanged are left alone, others are written under the same ids.`,
  },
  backup: {
    usage: 'passerelle backup FILE',
    summary: 'copy the SQLite database, also while a server runs',
    details: `  FILE   a new file; a copy in the making has the ending .partial

  passerelle backup /mnt/usb/passerelle-2026-11-26.sqlite

The copy is complete as of one moment and checked onto the disk. To use it, put it into a folder as
passerelle.sqlite and start a server with PASSERELLE_DATA set to that folder. MongoDB has its own tools for
this, such as mongodump: docs/mongodb.md.`,
  },
  verify: {
    usage: 'passerelle verify [--mend]',
    summary: 'hold the search index against every resource',
    details: `Reads every resource, works out again what searches should find it by, and compares that with the index. The
server must not be running on the same SQLite file.

  --mend   writes the index of what differs again

Exit code 0: everything agrees, or was mended; 1: something differs.`,
  },
};

/** The whole of one command. */
export function describeCommand(name: CommandName): string {
  const { usage, summary, details } = COMMANDS[name];
  return `${usage}\n\n${summary[0]?.toUpperCase()}${summary.slice(1)}.\n\n${details}`;
}

const USAGE_WIDTH = 34;

/** A line or two for each command. */
export function listCommands(): string {
  const lines = Object.values(COMMANDS).map(({ usage, summary }) =>
    usage.length < USAGE_WIDTH
      ? `  ${usage.padEnd(USAGE_WIDTH)}${summary}`
      : `  ${usage}\n${' '.repeat(USAGE_WIDTH + 2)}${summary}`,
  );
  return lines.join('\n');
}

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

export function wantsHelp(args: readonly string[]): boolean {
  return args.some((one) => one === '--help' || one === '-h');
}
