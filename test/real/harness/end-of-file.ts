import { cleanUp } from './program';

// In every test file of the real parts: nothing outlives it.
afterAll(cleanUp, 60_000);
