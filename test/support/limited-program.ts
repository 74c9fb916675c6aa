/** Takes `count` places of a shared quota as fast as it lets it, and prints when it had each. */
import { systemClock } from '../../src/clock.ts';
import { fileQuotaStore } from '../../src/tiktok/quota-store.ts';
import { createRateLimiter } from '../../src/tiktok/rate-limit.ts';

const [directory = '', perSecond = '1', count = '1'] = process.argv.slice(2);
const quota = { perSecond: Number(perSecond), perMinute: 100_000, perDay: 1_000_000 };
const limiter = createRateLimiter(quota, fileQuotaStore(directory, 'app'), systemClock);
const signal = new AbortController().signal;
for (let sent = 0; sent < Number(count); sent += 1) {
  await limiter.acquire(signal);
  process.stdout.write(`${Date.now()}\n`);
}
