/**
 * Who carries out a short search when many arrive at once: the serving thread and the reading thread share one queue,
 * so that two cores answer, whatever a search costs and whatever else the serving thread has to do. One that comes
 * alone is carried out at once where it came, where it is answered soonest.
 */

/**
 * Short searches that may be underway on the reading thread: enough that it does not run dry while the serving thread
 * reads requests and writes answers, and few enough that a long search after them finds no queue.
 */
const SHORT_THERE_MAX = 6;

/** The two ways to carry out a short search. */
export interface Short<Result> {
  here(): Promise<Result>;
  there(): Promise<Result>;
}

export interface Sharing {
  /** Carries it out here or there, in turn. */
  short<Result>(work: Short<Result>): Promise<Result>;
  /** Counts a long search on the reading thread while it lasts: nothing short is sent after it. */
  long<Result>(work: Promise<Result>): Promise<Result>;
}

interface Waiting {
  begin(where: 'here' | 'there'): void;
}

/** `nextTurn` calls back once the requests that have arrived by now are under way. */
export function createSharing(nextTurn: (work: () => void) => void = setImmediate): Sharing {
  const underWay = { short: 0, long: 0 };
  const queue: Waiting[] = [];
  let isBusyHere = false;
  let isTurnAsked = false;

  const mayGoThere = (): boolean => underWay.long === 0 && underWay.short < SHORT_THERE_MAX;
  const sendThere = (): void => {
    while (queue.length > 0 && mayGoThere()) queue.shift()?.begin('there');
  };
  const askForTurn = (): void => {
    if (isTurnAsked) return;
    isTurnAsked = true;
    nextTurn(() => {
      isTurnAsked = false;
      isBusyHere = false;
      sendThere();
      // one a turn: in between, requests are read and answers written, and the other thread gets its next ones
      queue.shift()?.begin('here');
      if (queue.length > 0) askForTurn();
    });
  };
  const there = async <Result>(kind: 'short' | 'long', work: Promise<Result>): Promise<Result> => {
    underWay[kind]++;
    try {
      return await work;
    } finally {
      underWay[kind]--;
      sendThere();
    }
  };
  const here = <Result>(work: Short<Result>): Promise<Result> => {
    isBusyHere = true;
    askForTurn();
    return work.here();
  };
  return {
    short(work) {
      if (!isBusyHere && underWay.short === 0 && queue.length === 0) return here(work);
      if (queue.length === 0 && mayGoThere()) return there('short', work.there());
      return new Promise((resolve) => {
        queue.push({
          begin: (where) => resolve(where === 'here' ? here(work) : there('short', work.there())),
        });
        askForTurn();
      });
    },
    long: (work) => there('long', work),
  };
}
