/** Builds what the server loads at start. Steps are added by the rooms that need them. */
export {};
