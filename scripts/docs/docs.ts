/** npm run docs: brings the tables of the documentation up to date with the code. */
import { writeTables } from './tables.ts';

writeTables();
