import { measureThroughput } from "../load/jobs.ts";
import { cpuUsedBy } from "../process-figures.ts";
import { startPlainStack, startUpstream } from "../plain-stack.ts";

export interface Throughputs {
  one: number;
  two: number;
  /** What one process spends on a job on the thread that runs JavaScript, the host's part included. Milliseconds. */
  mainMsPerJob: number;
}

/** Jobs by the second of one process, and of two on one hub. */
export async function measureTwoProcesses(size: {
  clients: number;
  warmUpMs: number;
  measureMs: number;
}): Promise<Throughputs> {
  const upstream = await startUpstream();
  const measure = async (instances: number) => {
    const stack = await startPlainStack(String(upstream.ready["url"]), {}, instances);
    try {
      const addresses = stack.darkroom.instances.map(({ url }) => url);
      const pid = stack.darkroom.hostPid();
      const before = cpuUsedBy(pid).main;
      const { jobs, jobsPerSecond } = await measureThroughput(stack, size, addresses);
      return { jobsPerSecond, mainMsPerJob: (cpuUsedBy(pid).main - before) / jobs };
    } finally {
      await stack.stop();
    }
  };
  try {
    const { jobsPerSecond: one, mainMsPerJob } = await measure(1);
    const { jobsPerSecond: two } = await measure(2);
    return { one, two, mainMsPerJob };
  } finally {
    await upstream.stop();
  }
}
