import { readFile } from 'node:fs/promises';
import type { ChaosVerdicts } from '../checkers/check-all.ts';
import { readHistory } from '../history/read-history.ts';
